package job

import (
	"path/filepath"
	"slices"
	"strings"

	"entrepot/pipeline/usage"
	"entrepot/sources"
)

// Stage is a part of a run.
type Stage string

// The stages, in their order.
const (
	StageExtract   Stage = "extract"   // files into the staged rows
	StageTransform Stage = "transform" // staged rows into the measures
	StageCheck     Stage = "check"     // the measures and what stands behind them
	StageLoad      Stage = "load"      // the measures into a release
)

// stages lists them in their order.
var stages = []Stage{StageExtract, StageTransform, StageCheck, StageLoad}

// StageNames lists the stages' names in their order.
func StageNames() []string {
	var names []string
	for _, s := range stages {
		names = append(names, string(s))
	}
	return names
}

// Selection says which part of a run to do. The zero value is all of it.
type Selection struct {
	From  Stage    // leave out what comes before it
	Only  Stage    // leave out all others
	Steps []string // with Only: input files to extract, tables to transform (with what they need), or published tables
	Force bool     // do again what is up to date
}

// Check returns a *usage.Error for a selection of what does not exist.
func (s Selection) Check() error {
	for _, stage := range []Stage{s.From, s.Only} {
		if stage != "" && !slices.Contains(stages, stage) {
			return usage.Errorf("there is no stage %q; there are %s", stage, strings.Join(StageNames(), ", "))
		}
	}
	if s.From != "" && s.Only != "" {
		return usage.Errorf("--from and --only exclude each other")
	}
	return nil
}

// Has tells whether the selection does a stage.
func (s Selection) Has(stage Stage) bool {
	if s.Only != "" {
		return stage == s.Only
	}
	return slices.Index(stages, stage) >= slices.Index(stages, s.From)
}

// Stages lists the stages that the selection does, in their order.
func (s Selection) Stages() []string {
	var names []string
	for _, stage := range stages {
		if s.Has(stage) {
			names = append(names, string(stage))
		}
	}
	return names
}

// Inputs keeps the inputs that were asked for. A step is a path or a name as
// entrepot shows it; a zip archive stands for its members.
func (s Selection) Inputs(all []sources.Input, data string) ([]sources.Input, error) {
	if s.Only != StageExtract || len(s.Steps) == 0 {
		return all, nil
	}
	var chosen []sources.Input
	for _, step := range s.Steps {
		found := false
		for _, in := range all {
			archive, _, _ := strings.Cut(in.Name, "!")
			if in.Name == step || archive == step || filepath.Clean(step) == filepath.Clean(in.Path) {
				found = true
				chosen = append(chosen, in)
			}
		}
		if !found {
			return nil, usage.Errorf("%s is no file below the data folder %s", step, data)
		}
	}
	return chosen, nil
}
