package docs_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"entrepot/pipeline/job"

	"go.yaml.in/yaml/v3"
)

// CITATION.cff has what its form asks for, and names the version and licence of the program.
func TestCitation(t *testing.T) {
	text, err := os.ReadFile("../CITATION.cff")
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Form    string `yaml:"cff-version"`
		Message string
		Title   string
		Version string
		License string
		Authors []struct{ Name string }
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if c.Form != "1.2.0" || c.Message == "" || c.Title == "" || len(c.Authors) == 0 || c.Authors[0].Name == "" {
		t.Errorf("it lacks what the form asks for: %+v", c)
	}
	if c.Version != job.Version || c.License != "Apache-2.0" {
		t.Errorf("it is of version %s under %s, the program is %s", c.Version, c.License, job.Version)
	}
	python := os.Getenv("ENTREPOT_PYTHON")
	if python == "" {
		t.Skip("ENTREPOT_PYTHON names no Python interpreter with cffconvert")
	}
	if exec.CommandContext(t.Context(), python, "-c", "import cffconvert").Run() != nil {
		t.Skip(python + " has no cffconvert; it needs an older jsonschema than the notebooks, and so an environment of its own")
	}
	command := exec.CommandContext(t.Context(), python, "-c", "from cffconvert.cli.cli import cli; cli()", "--validate")
	command.Dir = ".."
	if said, err := command.CombinedOutput(); err != nil || !strings.Contains(string(said), "valid") {
		t.Errorf("cffconvert: %v\n%s", err, said)
	}
}
