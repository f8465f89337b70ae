package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "entrepot/"

// page is what ARCHITECTURE.md says may be imported, by package.
func page(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```arrows\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("the page has no block of arrows")
	}
	allowed := map[string][]string{}
	for line := range strings.Lines(string(block[1])) {
		from, to, found := strings.Cut(strings.TrimSpace(line), " →")
		if !found {
			t.Fatalf("line %q has no arrow", line)
		}
		for _, other := range strings.Fields(to) {
			if _, above := allowed[other]; !above {
				t.Errorf("%s → %s: a package stands below those that it imports", from, other)
			}
		}
		allowed[from] = strings.Fields(to)
	}
	return allowed
}

// testOnly are packages that only tests use.
var testOnly = []string{"sources/decode/decodetest", "pipeline/objects/objectstest"}

// sourceFiles lists the packages of the module with their files, tests and generators for
// tests left out.
func sourceFiles(t *testing.T) map[string][]*ast.File {
	t.Helper()
	files := token.NewFileSet()
	found := map[string][]*ast.File{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, "../"))
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != ".."):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		if strings.HasPrefix(dir, "fixtures") && dir != "fixtures/sample" || slices.Contains(testOnly, dir) {
			return nil // for tests and benchmarks only
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		found[dir] = append(found[dir], file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Imports go one way: along the arrows of the page, each of which is used.
func TestImports(t *testing.T) {
	allowed := page(t)
	for name, files := range sourceFiles(t) {
		may, known := allowed[name]
		if !known {
			t.Errorf("the page does not have package %s", name)
			continue
		}
		for _, file := range files {
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				other, ours := strings.CutPrefix(path, module)
				if ours && !slices.Contains(may, other) {
					t.Errorf("%s imports %s, which has no arrow", name, other)
				}
			}
		}
	}
	for name := range allowed {
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("the page has package %s, which is not there", name)
		}
	}
}

// No package of more than three files is one cycle of all its files.
func TestFilesAreNoCycle(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{Dir: "..", Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
		packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded) < 20 {
		t.Fatalf("%d packages were found", len(loaded))
	}
	for _, p := range loaded {
		for _, failed := range p.Errors {
			t.Fatal(failed)
		}
		if largest := largestCycle(p); len(p.Syntax) > 3 && largest == len(p.Syntax) {
			t.Errorf("all %d files of %s refer to each other", len(p.Syntax), p.PkgPath)
		}
	}
}

// largestCycle is the number of files in the largest group of files that refer to each
// other.
func largestCycle(p *packages.Package) int {
	number := map[string]int{}
	for i, file := range p.Syntax {
		number[p.Fset.Position(file.Package).Filename] = i
	}
	reach := make([][]bool, len(p.Syntax))
	for i := range reach {
		reach[i] = make([]bool, len(p.Syntax))
	}
	for id, object := range p.TypesInfo.Uses {
		from, known := number[p.Fset.Position(id.Pos()).Filename]
		to, declared := number[p.Fset.Position(object.Pos()).Filename]
		if known && declared && object.Pkg() == p.Types {
			reach[from][to] = true
		}
	}
	for k := range reach {
		for i := range reach {
			for j := range reach {
				reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
			}
		}
	}
	largest := 0
	for i := range reach {
		size := 0
		for j := range reach {
			if i == j || reach[i][j] && reach[j][i] {
				size++
			}
		}
		largest = max(largest, size)
	}
	return largest
}

// The files that the page names are there.
func TestNamedFilesAreThere(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`([a-z_/]+/[a-z_./]*)`").FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(m[1], "out/") {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", m[1])); err != nil {
			t.Errorf("the page names %s, which is not there", m[1])
		}
	}
}
