// Package notebooks_test runs the notebooks against results that it makes anew, so
// that they go with the outputs that they read.
package notebooks_test

import (
	_ "embed"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
// names the cell or the condition.
func TestNotebooks(t *testing.T) {
	if os.Getenv(interpreter) == "" && rscript() == "" {
		t.Skip("neither Python (" + interpreter + ") nor R (apt-get install r-base-core) is there to run the notebooks with")
	}
	entrepot := build(t)
	cutoffs, files := results(t, entrepot)
	t.Run("Python", func(t *testing.T) { testPython(t, python(t), entrepot, cutoffs, files) })
	t.Run("R", func(t *testing.T) { testR(t, entrepot, cutoffs, files) })
}

func testPython(t *testing.T, python, entrepot, cutoffs, files string) {
	for name, results := range map[string]string{"another cut-off": cutoffs, "another file": files} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, message, ok := runNotebooks(t, python, entrepot, results, committed(t)...)
			if !ok {
				t.Fatal(message)
			}
			for i, want := range []int{2, 1, 1} { // Figures 14 and 27; suppliers; what changed
				if n := pictures(t, filepath.Join(folder, committed(t)[i])); n != want {
					t.Errorf("%s draws %d pictures, want %d", committed(t)[i], n, want)
				}
			}
			keysHold(t, filepath.Join(results, "current"))
		})
		t.Run("data package of "+name, func(t *testing.T) {
			t.Parallel()
			valid(t, python, filepath.Join(results, "current"))
		})
	}
	for _, c := range []struct{ notebook, table, wrong, want string }{
		{first, "import_dependence", "*", "(columns) fails"}, // without what the columns mean
		{first, "dominance", "* REPLACE (codes_dominated + 1::INT AS codes_dominated)", "(shares) fails"},
		{first, "dominance", "* REPLACE (false AS reporter_reported)", "(missing) fails"},
		{first, "import_dependence_hs6", "* REPLACE (dependent OR hs6 = '250410' AS dependent)", "(largest) fails"},
		{second, "import_dependence_hs6", "* REPLACE (NOT dependent AS dependent)", "(codes-count) fails"},
		{second, "suppliers", "* REPLACE (partner_share / 2 AS partner_share)", "(suppliers) fails"},
		{second, "exporters", "* REPLACE (export_share / 2 AS export_share)", "(shares-of-world) fails"},
		{second, "lines", "* REPLACE (used_usd + 1 AS used_usd)", "(lines-add-up) fails"},
		{third, "import_dependence", "* REPLACE (codes_dependent + 1::INT AS codes_dependent)", "(counts-add-up) fails"},
	} {
		t.Run("wrong "+c.table+" in "+c.notebook, func(t *testing.T) {
			t.Parallel()
			_, message, ok := runNotebooks(t, python, entrepot, wrong(t, cutoffs, c.table, c.wrong), c.notebook)
			if ok || !strings.Contains(message, c.want) || !strings.Contains(message, "AssertionError") {
				t.Errorf("all cells ran: %v; it says\n%s\nwant %q", ok, message, c.want)
			}
		})
	}
}

const (
	first  = "1-what-does-china-depend-on.ipynb"
	second = "2-from-whom-and-how-sure.ipynb"
	third  = "3-what-changed-and-why.ipynb"
)

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

//go:embed validate.py
var validate string

// wholePackage asks Frictionless about every row of every table; it reads some thousands in a second.
var wholePackage = flag.Bool("frictionless.all", false, "let Frictionless read tables of more than 800 rows, too")

// valid asks Frictionless whether a release is what its data package says. What it would look at in long tables
// keysHold does.
func valid(t *testing.T, python, release string) {
	t.Helper()
	limit := "800"
	if *wholePackage {
		limit = "inf"
	}
	command := exec.CommandContext(t.Context(), python, "-c", validate, limit)
	command.Dir = release
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("frictionless: %v\n%s", err, out)
	}
}
