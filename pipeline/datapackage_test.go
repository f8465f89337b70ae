package pipeline_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/release"
	"entrepot/schemas"

	"github.com/google/go-cmp/cmp"
)

// descriptor is what the test expects of a data package, written apart from the
// pipeline's own types.
type descriptor struct {
	Profile   string
	Release   string
	Title     string
	Sources   []struct{ Title, Hash string }
	Resources []struct {
		Name, Path, Format, Profile, Title, Hash string
		Rows                                     int
		Schema                                   struct {
			Fields []struct {
				Name, Type, Description, Unit string
				Constraints                   struct{ Required bool }
			}
			PrimaryKey []string
		}
	}
}

// The data package of a release describes every table as its schema and its file do,
// and two runs in other folders give the same bytes.
func TestDataPackage(t *testing.T) {
	t.Parallel()
	c, s := publishedSample(t)
	current := filepath.Join(c.Out, "current")
	text, err := os.ReadFile(filepath.Join(current, "datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d descriptor
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Profile, " ", d.Release, " ", d.Title); got != "tabular-data-package "+s.Release+" Measures of the trade of China" {
		t.Errorf("the package is %q", got)
	}
	if len(d.Sources) != 8 || d.Sources[6].Title != "exporters.zip!japan.csv" {
		t.Errorf("sources: %v, want the sample's eight files", d.Sources)
	}
	types := map[schemas.Type]string{schemas.SmallInt: "integer", schemas.Integer: "integer", schemas.Double: "number", schemas.Boolean: "boolean", schemas.Text: "string"}
	outputs := schemas.Always()
	if len(d.Resources) != len(outputs) {
		t.Fatalf("%d resources, want %d", len(d.Resources), len(outputs))
	}
	for i, r := range d.Resources {
		o := outputs[i]
		file := filepath.Join(current, r.Path)
		rows := published(t, c, fmt.Sprintf("SELECT count(*) FROM '%%s/%s.parquet'", o.Name))[0]
		want := []any{o.Name, o.Name + ".parquet", "parquet", "tabular-data-resource", o.Title, "sha256:" + sha256Of(t, file), rows, strings.Join(o.SortBy, " ")}
		got := []any{r.Name, r.Path, r.Format, r.Profile, r.Title, r.Hash, fmt.Sprint(r.Rows), strings.Join(r.Schema.PrimaryKey, " ")}
		for j, f := range r.Schema.Fields {
			column := o.Columns[j]
			want = append(want, column.Name, types[column.Type], column.Description, column.Unit, !column.Nullable)
			got = append(got, f.Name, f.Type, f.Description, f.Unit, f.Constraints.Required)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-schema and file +package):\n%s", o.Name, diff)
		}
	}
	elsewhere := configure(t, sampleData(t))
	run(t, elsewhere)
	again, err := os.ReadFile(filepath.Join(elsewhere.Out, "current", "datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("the same inputs in another folder:\n%s", diff)
	}
	for _, part := range []string{c.Data, c.Out, filepath.Dir(c.Out)} {
		if strings.Contains(string(text), part) {
			t.Errorf("the package names the folder %s", part)
		}
	}
}

func sha256Of(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// A release says how to cite it, in the same bytes wherever it was made, and the manifest
// knows the file.
func TestCitationFile(t *testing.T) {
	t.Parallel()
	c, s := publishedSample(t)
	path := filepath.Join(c.Out, "current", release.CitationName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := release.Find(c.Out, "")
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Manifest.File(release.CitationName); f == nil || f.SHA256 != sha256Of(t, path) || f.Rows != 0 {
		t.Errorf("the manifest has %+v", f)
	}
	if want := r.Manifest.Citation("China").String(); string(text) != want || !strings.Contains(want, "release "+s.Release) || !strings.Contains(want, "UN Comtrade (downloads to 2026-05-02)") {
		t.Errorf("%s\nwant\n%s", text, want)
	}
}

// A verification looks at the data package, too.
func TestVerifyFindsADamagedDataPackage(t *testing.T) {
	t.Parallel()
	c, _ := publishedSample(t)
	file := filepath.Join(c.Out, "current", "datapackage.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "US dollars", "euros", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	v, err := pipeline.Verify(t.Context(), c, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Files {
		if damaged := f.Name == "datapackage.json"; f.Intact == damaged || !f.Reproduced {
			t.Errorf("%s: intact %v, reproduced %v", f.Name, f.Intact, f.Reproduced)
		}
	}
	if len(v.Files) != len(schemas.Always())+2 { // and how to cite it
		t.Errorf("%d files were verified", len(v.Files))
	}
}

// Frictionless itself finds the release valid: descriptor, types, required values,
// keys and numbers of rows of every table; and finds a table wrong that lost a row.
//
// ENTREPOT_PYTHON names a Python interpreter that has the package; see
// notebooks/requirements.txt.
func TestFrictionlessValidates(t *testing.T) {
	t.Parallel()
	python := os.Getenv("ENTREPOT_PYTHON")
	if python == "" {
		t.Skip("ENTREPOT_PYTHON names no Python interpreter with the package frictionless (notebooks/requirements.txt)")
	}
	c, _ := publishedSample(t)
	const script = `
import sys
from frictionless import validate
report = validate(sys.argv[1])
for task in report.tasks:
    for error in task.errors:
        print(task.name, error.message)
for error in report.errors:
    print(error.message)
print(report.valid, len(report.tasks))
`
	check := func() string {
		command := exec.Command(python, "-c", script, "datapackage.json")
		command.Dir = filepath.Join(c.Out, "current")
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", python, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got, want := check(), fmt.Sprint("True ", len(schemas.Always())); got != want {
		t.Errorf("frictionless says\n%s\nwant %s", got, want)
	}
	file := filepath.Join(c.Out, "current", "dominance.parquet")
	ask(t, "", fmt.Sprintf("COPY (FROM read_parquet('%s') LIMIT 5) TO '%s.less' (FORMAT parquet)", file, file))
	if err := os.Rename(file+".less", file); err != nil {
		t.Fatal(err)
	}
	if got := check(); !strings.Contains(got, `dominance The data source does not match the expected row count: expected is "27" and actual is "5"`) {
		t.Errorf("of a table that lost rows, frictionless says\n%s", got)
	}
}
