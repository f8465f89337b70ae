package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/engine"

	"github.com/google/licensecheck"
)

// allowed are the licences that a program under Apache-2.0 may be linked with and
// handed on under.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "FTL", "ISC", "MIT", "OFL-1.1", "CC-BY-3.0", "Zlib", "GooglePatentsFile",
	"BSL-1.0", "ICU"}

// told are the licences of modules whose files licensecheck can't tell, with the reason.
var told = map[string][]string{
	"github.com/golang/freetype": {"FTL"},        // "the FreeType License or the GPL, at your option": we take the first
	"github.com/ajstarks/svgo":   {"CC-BY-3.0"},  // its LICENSE gives the name and the address
	"mbedtls":                    {"Apache-2.0"}, // "Apache-2.0 or GPL-2.0-or-later": we take the first
	"ska_sort":                   {"BSL-1.0"},    // its LICENSE gives the name and the address
	"tdigest-notices":            {"Apache-2.0"}, // says who wrote what is under tdigest's
}

// inDuckDB are the extensions that are linked into the program with DuckDB. Its library
// also holds the generators of TPC's benchmarks, which are under terms that Apache-2.0 does
// not go with; the linker takes nothing of them.
var inDuckDB = []string{"autocomplete", "core_functions", "icu", "json", "parquet"}

// ofTheirFiles are modules under the Mozilla Public License 2.0, which holds for their own
// files and for no others. They are linked unchanged, and NOTICE says where they are from.
var ofTheirFiles = []string{
	"github.com/hashicorp/golang-lru/v2", // of the reader of 7z archives
	"github.com/hashicorp/go-uuid",       // of Kerberos in the client of Trino
}

// module is one that is linked into the program.
type module struct{ Path, Version, Dir string }

// Every module that is linked into the program has a licence that lets it be, and the
// program hands on the text of each. With -update, licenses.txt is written anew.
func TestLicenses(t *testing.T) {
	texts := notices{}
	for _, m := range linked(t) {
		found := slices.Clone(told[m.Path])
		for _, name := range licenseFiles(t, m.Dir) {
			content := texts.add(t, m.Path+" "+m.Version, filepath.Join(m.Dir, name))
			if told[m.Path] == nil && !strings.HasPrefix(strings.ToUpper(name), "NOTICE") {
				for _, match := range licensecheck.Scan(content).Match {
					found = append(found, match.ID)
				}
			}
		}
		checkLicenses(t, m, found)
	}
	addDuckDB(t, &texts)
	texts.add(t, "The Go standard library and runtime", filepath.Join(goroot(t), "LICENSE"))
	for _, library := range [][3]string{{"Observable Plot", "plot", "LICENSE-plot"}, {"D3", "plot", "LICENSE-d3"},
		{"topojson-client", "map", "LICENSE-topojson-client"}, {"world-atlas", "map", "LICENSE-world-atlas"}, {"Arimo", "font", "LICENSE-arimo"}} {
		texts.add(t, library[0]+" (the report's page)", filepath.Join("..", "..", "pipeline", "report", "page", library[1], library[2]))
	}
	golden(t, "licenses.txt", texts.String())
}

// addDuckDB adds the terms of DuckDB and of the C++ libraries that are part of it. Their
// texts are copied from its source, as its Go module does not have them.
func addDuckDB(t *testing.T, texts *notices) {
	t.Helper()
	db, err := engine.Open(t.Context(), "", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it has nothing
	var version, extensions string
	if err := db.QueryRow(`SELECT version()[2:], (SELECT string_agg(extension_name, ' ' ORDER BY extension_name)
		FROM duckdb_extensions() WHERE install_mode = 'STATICALLY_LINKED')`).Scan(&version, &extensions); err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(extensions); !slices.Equal(got, inDuckDB) {
		t.Errorf("DuckDB has the extensions %v, expected %v", got, inDuckDB)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "duckdb-licenses", version, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the licences of what is in DuckDB %s are not in testdata/duckdb-licenses: copy them from its source", version)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		content := texts.add(t, name+" (in DuckDB "+version+")", file)
		found := told[name]
		if found == nil {
			for _, match := range licensecheck.Scan(content).Match {
				found = append(found, match.ID)
			}
		}
		checkLicenses(t, module{Path: name, Version: "of DuckDB " + version}, found)
	}
}

func checkLicenses(t *testing.T, m module, found []string) {
	t.Helper()
	if len(found) == 0 {
		t.Errorf("%s %s has no licence that can be told", m.Path, m.Version)
	}
	for _, id := range found {
		if !slices.Contains(allowed, id) && !(id == "MPL-2.0" && slices.Contains(ofTheirFiles, m.Path)) {
			t.Errorf("%s %s is under %s, which this program can't be handed on with", m.Path, m.Version, id)
		}
	}
}

// notices are the texts of licences, with the names of what each is of. Many are the
// same but for their holder, and those that are the same stand there once.
type notices struct {
	texts []string
	of    map[string][]string
}

func (n *notices) add(t *testing.T, name, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
	if n.of == nil {
		n.of = map[string][]string{}
	}
	if n.of[text] == nil {
		n.texts = append(n.texts, text)
	}
	n.of[text] = append(n.of[text], name+", "+filepath.Base(file))
	return content
}

func (n *notices) String() string {
	var b strings.Builder
	rule := strings.Repeat("=", 80)
	for _, text := range n.texts {
		fmt.Fprintf(&b, "%s\n%s\n%s\n\n%s\n\n", rule, strings.Join(n.of[text], "\n"), rule, text)
	}
	return b.String()
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// linked lists the modules of the program's packages, this one aside.
func linked(t *testing.T) (all []module) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}", ".")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		const perPlatform = "github.com/duckdb/duckdb-go-bindings/lib/" // a module for each, under the terms of that above it
		if len(fields) == 3 && fields[1] != "" && !strings.HasPrefix(fields[0], perPlatform) {
			all = append(all, module{fields[0], fields[1], fields[2]})
		}
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(all)
}

// licenseFiles are the names of the files that say a module's terms.
func licenseFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		for _, prefix := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"} {
			if strings.HasPrefix(upper, prefix) && !e.IsDir() {
				names = append(names, e.Name())
				break
			}
		}
	}
	ftl := filepath.Join("licenses", "ftl.txt") // of freetype
	if _, err := os.Stat(filepath.Join(dir, ftl)); err == nil {
		names = append(names, ftl)
	}
	return names
}
