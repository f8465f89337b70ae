// Package notebooks_test runs the notebooks against results that it makes anew, so
// that they go with the outputs that they read.
package notebooks_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures/sample"

	_ "github.com/duckdb/duckdb-go/v2"
)

// interpreter names the Python that has the packages of requirements.txt.
const interpreter = "ENTREPOT_PYTHON"

func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv(interpreter)
	if name == "" {
		t.Skip(interpreter + " names no Python interpreter; to make one: python3 -m venv .venv && " +
			".venv/bin/pip install -r notebooks/requirements.txt && export " + interpreter + "=$PWD/.venv/bin/python")
	}
	return name
}

// Each notebook runs on each of the results folders: none of its assertions fails,
// and the figures are drawn. On results that are wrong it fails, and the message
// names the cell.
func TestNotebooks(t *testing.T) {
	python := python(t)
	entrepot := build(t)
	cutoffs, files := anotherCutoff(t, entrepot), anotherFile(t, entrepot)
	for name, results := range map[string]string{"another cut-off": cutoffs, "another file": files} {
		t.Run(name, func(t *testing.T) {
			folder, message, ok := runNotebooks(t, python, entrepot, results, committed(t)...)
			if !ok {
				t.Fatal(message)
			}
			if n := pictures(t, filepath.Join(folder, "1-read-the-figures.ipynb")); n != 2 {
				t.Errorf("the first notebook draws %d pictures, want Figures 14 and 27", n)
			}
			valid(t, python, filepath.Join(results, "current"))
		})
	}
	for _, c := range []struct{ notebook, table, wrong, want string }{
		{"1-read-the-figures.ipynb", "import_dependence", "*", "(columns) fails"}, // without what the columns mean
		{"1-read-the-figures.ipynb", "dominance", "* REPLACE (codes_dominated + 1::INT AS codes_dominated)", "(shares) fails"},
		{"1-read-the-figures.ipynb", "dominance", "* REPLACE (false AS reporter_reported)", "(missing) fails"},
		{"2-why-is-it-so.ipynb", "import_dependence_hs6", "* REPLACE (NOT dependent AS dependent)", "(codes-count) fails"},
		{"2-why-is-it-so.ipynb", "lines", "* REPLACE (used_usd + 1 AS used_usd)", "(lines-add-up) fails"},
		{"3-compare-releases.ipynb", "import_dependence", "* REPLACE (codes_dependent + 1::INT AS codes_dependent)", "(counts-add-up) fails"},
	} {
		t.Run("wrong "+c.table+" in "+c.notebook, func(t *testing.T) {
			rewrite(t, filepath.Join(cutoffs, "current"), c.table, c.wrong)
			_, message, ok := runNotebooks(t, python, entrepot, cutoffs, c.notebook)
			if ok || !strings.Contains(message, c.want) || !strings.Contains(message, "AssertionError") {
				t.Errorf("all cells ran: %v; it says\n%s\nwant %q", ok, message, c.want)
			}
		})
	}
}

// What is committed has no outputs: they would hold a machine's paths and clock.
func TestNotebooksAreCommittedWithoutOutputs(t *testing.T) {
	for _, name := range committed(t) {
		for _, cell := range read(t, name).Cells {
			if len(cell.Outputs) > 0 || cell.Count != nil {
				t.Errorf("%s: cell %s has outputs or a count; clear all outputs before you commit it", name, cell.ID)
			}
		}
	}
}

func committed(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.ipynb")
	if err != nil || len(names) != 3 {
		t.Fatalf("found the notebooks %v (%v), want three", names, err)
	}
	return names
}

// document is what the tests look at in a notebook.
type document struct {
	Cells []struct {
		ID      string
		Count   *int `json:"execution_count"`
		Outputs []struct{ Data map[string]any }
	}
}

func read(t *testing.T, name string) (d document) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatalf("read notebook %s: %v", name, err)
	}
	return d
}

func pictures(t *testing.T, name string) (n int) {
	t.Helper()
	for _, cell := range read(t, name).Cells {
		for _, output := range cell.Outputs {
			if output.Data["image/png"] != nil {
				n++
			}
		}
	}
	return n
}

// runNotebooks runs notebooks in a new folder and returns it, what is said of
// failures, and whether there were none.
func runNotebooks(t *testing.T, python, entrepot, results string, notebooks ...string) (folder, message string, ok bool) {
	t.Helper()
	folder = t.TempDir()
	command := exec.CommandContext(t.Context(), python, append([]string{"run.py", folder}, notebooks...)...)
	command.Env = append(os.Environ(), "ENTREPOT_RESULTS="+results, "PATH="+filepath.Dir(entrepot)+string(filepath.ListSeparator)+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1")
	out, err := command.CombinedOutput()
	return folder, string(out), err == nil
}

// valid asks Frictionless whether a release is what its data package says.
func valid(t *testing.T, python, release string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), python, "-m", "frictionless", "validate", "datapackage.json")
	command.Dir = release
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("frictionless validate: %v\n%s", err, out)
	}
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "entrepot")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "entrepot/cmd/entrepot").CombinedOutput(); err != nil {
		t.Fatalf("build entrepot: %v\n%s", err, out)
	}
	return binary
}

// anotherCutoff makes results of two releases that differ by a setting: of the real
// sample, which 'entrepot run' shows first.
func anotherCutoff(t *testing.T, entrepot string) string {
	_, results := folders(t)
	entrepotRun(t, entrepot, "", results, 0, "--dependence-ratio", "3")
	entrepotRun(t, entrepot, "", results, 0)
	return results
}

// anotherFile makes results of two releases that differ by a file, which lost a year
// and has a revised value in another. Codes are converted forwards, so that some
// are split, and a year that was asked for is in no file.
func anotherFile(t *testing.T, entrepot string) string {
	data, results := folders(t)
	settings := []string{"--harmonize", "H6", "--years", "2019-2021,2023"}
	entrepotRun(t, entrepot, data, results, 0, settings...)
	reviseAmerica(t, filepath.Join(data, "COMTRADE-FINAL-CA842HS[2026-04-20].gz"))
	entrepotRun(t, entrepot, data, results, 3, append(settings, "--allow-fewer-reporters")...)
	return results
}

func folders(t *testing.T) (data, results string) {
	t.Helper()
	dir := t.TempDir()
	data, results = filepath.Join(dir, "it's data"), filepath.Join(dir, "it's results")
	if err := sample.Write(data); err != nil {
		t.Fatal(err)
	}
	return data, results
}

// entrepotRun runs entrepot and wants the exit code.
func entrepotRun(t *testing.T, entrepot, data, results string, code int, settings ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), entrepot, append([]string{"run", "--quiet", "--out", results}, settings...)...)
	if data != "" {
		command.Args = append(command.Args, "--data", data)
	}
	if out, err := command.CombinedOutput(); command.ProcessState.ExitCode() != code {
		t.Fatalf("entrepot run %v: %v\n%s", settings, err, out)
	}
}

// reviseAmerica takes 2023 out of the file of American exports, and makes those of
// 841112 in 2021 a tenth of what they were.
func reviseAmerica(t *testing.T, file string) {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.SplitAfter(string(text), "\n")
	header := strings.Split(strings.TrimSpace(rows[0]), "\t")
	year, code, value := slices.Index(header, "refYear"), slices.Index(header, "cmdCode"), slices.Index(header, "primaryValue")
	var kept bytes.Buffer
	revised := 0
	w := gzip.NewWriter(&kept)
	for _, row := range rows {
		fields := strings.Split(row, "\t")
		if len(fields) == len(header) && fields[year] == "2023" {
			continue
		}
		if len(fields) == len(header) && fields[year] == "2021" && fields[code] == "841112" {
			fields[value] = "10000000"
			revised++
		}
		fmt.Fprint(w, strings.Join(fields, "\t"))
	}
	if err := w.Close(); err != nil || revised != 1 {
		t.Fatalf("revised %d rows of %s (%v), want 1", revised, file, err)
	}
	if err := os.WriteFile(file, kept.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// rewrite replaces a table of a release by what a query selects from it, and says its
// new size in the manifest, as a wrong program would: a file that is not what its
// manifest says is refused before any notebook sees it. What was there comes back when
// the test ends.
func rewrite(t *testing.T, release, table, selection string) {
	t.Helper()
	file, manifest := filepath.Join(release, table+".parquet"), filepath.Join(release, "manifest.json")
	before := restored(t, file)
	quoted := "'" + strings.ReplaceAll(file, "'", "''") + "'"
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf("CREATE TABLE t AS SELECT %s FROM %s; COPY t TO %s (FORMAT parquet)", selection, quoted, quoted)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	said := string(restored(t, manifest))
	replaced := strings.Replace(said, fmt.Sprintf(`"bytes": %d`, len(before)), fmt.Sprintf(`"bytes": %d`, after.Size()), 1)
	if replaced == said && int64(len(before)) != after.Size() {
		t.Fatalf("the manifest has no file of %d bytes", len(before))
	}
	if err := os.WriteFile(manifest, []byte(replaced), 0o644); err != nil {
		t.Fatal(err)
	}
}

// restored reads a file, and writes it back as it was when the test ends.
func restored(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Error(err)
		}
	})
	return content
}
