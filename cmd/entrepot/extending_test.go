package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"entrepot/fixtures/sample"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

// codeBlock is a block of code, with its language, the file that it is meant for or
// "", and its text.
var codeBlock = regexp.MustCompile("(?ms)^```([a-z]+)(?: (\\S+))?\n(.*?)^```$")

// TestExtending does what docs/extending.md says, one block after the other: it
// writes the tables and the user's measures and checks, runs the commands, builds entrepot
// with a measure's SQL file and its entry beside the code as it is, and compares what comes
// out.
func TestExtending(t *testing.T) {
	const page = "../../docs/extending.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := sample.Write(filepath.Join(dir, "downloads")); err != nil {
		t.Fatal(err)
	}
	e := extension{dir: dir}
	made := codeBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		m := codeBlock.FindStringSubmatch(block)
		language, name, body := m[1], m[2], m[3]
		switch {
		case language == "csv", language == "yaml", strings.HasPrefix(name, "measures/"), strings.HasPrefix(name, "checks/"):
			e.write(t, filepath.Join(dir, name), body)
		case language == "console":
			return "```console\n" + runConsole(t, dir, body) + "```"
		case name == "query":
			e.query = body
		case language == "sql" || language == "go":
			e.add(t, name, body)
		case language == "text":
			return "```text\n" + e.result(t) + "```"
		}
		return block
	})
	if e.asked != 2 {
		t.Errorf("the page asks for the rows of %d measures, want one of the user's and one of the program", e.asked)
	}
	if *update {
		e.write(t, page, made)
		return
	}
	without := func(text string) string { return differing.ReplaceAllString(text, "…") }
	if diff := cmp.Diff(without(string(text)), without(made)); diff != "" {
		t.Errorf("the page shows what does not come out (-page +made); 'just fixtures' mends it:\n%s", diff)
	}
}

// extension is the code of a measure that is not part of entrepot.
type extension struct {
	dir     string
	overlay map[string]string // of go build: files of the module, and what stands for them
	query   string
	asked   int
}

func (e *extension) write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// add takes a new file, or an entry for the table of measures.
func (e *extension) add(t *testing.T, name, text string) {
	t.Helper()
	original, err := filepath.Abs(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	const list = "\treturn []Output{\n"
	if content, err := os.ReadFile(original); err == nil {
		before, after, ok := strings.Cut(string(content), list)
		if !ok {
			t.Fatalf("%s has no table of outputs", name)
		}
		text = before + list + text + after
	}
	if e.overlay == nil {
		e.overlay = map[string]string{}
	}
	e.overlay[original] = filepath.Join(e.dir, filepath.Base(name))
	e.write(t, e.overlay[original], text)
}

// result answers the query, with the extension if there is one by now.
func (e *extension) result(t *testing.T) string {
	t.Helper()
	e.asked++
	if e.overlay != nil {
		e.build(t)
	}
	return ask(t, strings.ReplaceAll(e.query, "'results/", "'"+e.dir+"/results/"))
}

// build builds and runs entrepot with the extension.
func (e *extension) build(t *testing.T) {
	t.Helper()
	overlay, err := json.Marshal(map[string]any{"Replace": e.overlay})
	if err != nil {
		t.Fatal(err)
	}
	e.write(t, filepath.Join(e.dir, "overlay.json"), string(overlay))
	binary := filepath.Join(e.dir, "extended", "entrepot")
	build := exec.Command("go", "build", "-buildvcs=false", "-overlay", filepath.Join(e.dir, "overlay.json"), "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build with the measure: %v\n%s", err, out)
	}
	run := exec.Command(binary, "run", "--quiet", "--data", "downloads", "--out", "results")
	run.Dir = e.dir
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("run with the measure: %v\n%s", err, out)
	}
	// What follows on the page is said to the program with the measure.
	t.Setenv("PATH", filepath.Dir(binary)+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// ask gives the answer of DuckDB to a query as lines of text.
func ask(t *testing.T, query string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{strings.Join(columns, " ")}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n") + "\n"
}
