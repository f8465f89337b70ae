package docs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"entrepot/schemas"

	"go.yaml.in/yaml/v3"
)

// examplesOf lists the files of an example, of which there must be some.
func examplesOf(t *testing.T, patterns ...string) (all []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join("examples", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("there are no examples %s: %v", pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

// The examples in Python and shell have no error of syntax. 'just examples' runs them.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	run := func(name string, arguments ...string) {
		program, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is missing", name)
		}
		if said, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", arguments, err, said)
		}
	}
	for _, file := range examplesOf(t, "*.sh") {
		run("sh", "-n", file)
	}
	run("python3", append([]string{"-c", "import ast, sys\nfor f in sys.argv[1:]: ast.parse(open(f).read(), f)"}, examplesOf(t, "*.py")...)...)
}

// The models of the dbt example read columns that are published, and every file of it is
// YAML of which a key stands once.
func TestExampleOfDBT(t *testing.T) {
	t.Parallel()
	for _, file := range examplesOf(t, "dbt/*.yml", "dbt/models/*.yml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content map[string]any
		if err := yaml.Unmarshal(text, &content); err != nil || len(content) == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	source := regexp.MustCompile(`source\('entrepot', '(\w+)'\) }} AS (\w+)`)
	column := regexp.MustCompile(`\b(\w+)\.(\w+)\b`)
	for _, file := range examplesOf(t, "dbt/models/*.sql") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tables := map[string]schemas.Output{}
		for _, m := range source.FindAllStringSubmatch(string(text), -1) {
			if tables[m[2]], err = schemas.Outputs().Lookup(m[1]); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		columns := column.FindAllStringSubmatch(string(text), -1)
		if len(tables) == 0 || len(columns) == 0 {
			t.Errorf("%s reads nothing", file)
		}
		for _, m := range columns {
			if o, known := tables[m[1]]; !known || !hasColumn(o, m[2]) {
				t.Errorf("%s: %s is no column of %s", file, m[0], o.Name)
			}
		}
	}
}

func hasColumn(o schemas.Output, name string) bool {
	for _, c := range o.Columns {
		if c.Name == name {
			return true
		}
	}
	return false
}

// What the examples for schedulers take for exit codes and variables is what the page says.
func TestExamplesOfSchedulers(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("operating.md")
	if err != nil {
		t.Fatal(err)
	}
	dagster, err := os.ReadFile("examples/dagster_assets.py")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^DONE, USAGE, INCOMPLETE, CHECKS, LOCKED = (.*)$`).FindStringSubmatch(string(dagster))
	if names == nil {
		t.Fatal("the example for Dagster names no exit codes")
	}
	var codes []int
	if err := json.Unmarshal([]byte("["+names[1]+"]"), &codes); err != nil {
		t.Fatal(err)
	}
	for i, says := range []string{"done", "a wrong flag", "published, although", "a quality check", "another run"} {
		row := regexp.MustCompile(`(?m)^\| ` + strings.TrimSpace(strings.Split(names[1], ",")[i]) + ` \| ` + says)
		if !row.Match(page) {
			t.Errorf("the page does not say that exit code %d means %q", codes[i], says)
		}
	}
}
