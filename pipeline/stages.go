package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/schemas"
	"entrepot/sources"
	"entrepot/transforms"
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

// Stages lists them in their order.
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

// Check returns a *UsageError for a selection of what does not exist.
func (s Selection) Check() error {
	for _, stage := range []Stage{s.From, s.Only} {
		if stage != "" && !slices.Contains(stages, stage) {
			return usage("there is no stage %q; there are %s", stage, strings.Join(StageNames(), ", "))
		}
	}
	if s.From != "" && s.Only != "" {
		return usage("--from and --only exclude each other")
	}
	return nil
}

func (s Selection) has(stage Stage) bool {
	if s.Only != "" {
		return stage == s.Only
	}
	return slices.Index(stages, stage) >= slices.Index(stages, s.From)
}

// checkSteps returns a *UsageError for steps that do not exist, before anything
// is begun.
func (r *runner) checkSteps(ctx context.Context) error {
	if len(r.selection.Steps) == 0 {
		return nil
	}
	if _, err := r.selection.transforms(); err != nil {
		return err
	}
	if r.selection.Only == StageLoad {
		return checkOutputs(r.selection.Steps)
	}
	inputs, err := sources.Find(ctx, r.config.Data, append(r.config.skip, r.config.Out)...)
	if err == nil {
		_, err = r.selection.inputs(inputs, r.config.Data)
	}
	return err
}

// checkOutputs returns a *UsageError for a step that is published nowhere.
func checkOutputs(steps []string) error {
	var names []string
	for _, o := range schemas.Outputs() {
		names = append(names, o.Name)
	}
	for _, step := range steps {
		if !slices.ContainsFunc(tablesOf(step), func(name string) bool { return slices.Contains(names, name) }) {
			return usage("there is no published table or figure %q; there are %s", step, strings.Join(names, ", "))
		}
	}
	return nil
}

// inputs keeps the inputs that were asked for. A step is a path or a name as
// entrepot shows it; a zip archive stands for its members.
func (s Selection) inputs(all []sources.Input, data string) ([]sources.Input, error) {
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
			return nil, usage("%s is no file below the data folder %s", step, data)
		}
	}
	return chosen, nil
}

// transforms lists the transforms that were asked for and those that they need.
func (s Selection) transforms() ([]transforms.Transform, error) {
	all := transforms.All()
	if s.Only != StageTransform || len(s.Steps) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for _, step := range s.Steps {
		names := tablesOf(step)
		if len(names) == 0 {
			return nil, usage("there is no table %q; there are %s", step, strings.Join(tableNames(), ", "))
		}
		for _, name := range names {
			wanted[name] = true
		}
	}
	// Every transform stands behind those that it needs.
	for _, t := range slices.Backward(all) {
		if wanted[t.Name] {
			for _, need := range t.Needs {
				wanted[need] = true
			}
		}
	}
	return slices.DeleteFunc(all, func(t transforms.Transform) bool { return !wanted[t.Name] }), nil
}

func tableNames() []string {
	var names []string
	for _, t := range transforms.All() {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return names
}

// tablesOf finds tables by a table's name or by a figure: "figure14", "Figure 14".
func tablesOf(step string) []string {
	if slices.Contains(tableNames(), step) {
		return []string{step}
	}
	var names []string
	for _, o := range schemas.Outputs() {
		if o.Figure != "" && figureKey(o.Figure) == figureKey(step) {
			names = append(names, o.Name)
		}
	}
	return names
}

// figureKey is how figures are written on the command line.
func figureKey(figure string) string {
	return strings.ToLower(strings.Join(strings.Fields(figure), ""))
}

// fresh fails when the tables of the transforms are not up to date.
func (r *runner) fresh(states map[string]stepState, now map[string]fingerprint) error {
	var stale []string
	for _, t := range transforms.All() {
		if states[transformStep(t.Name)].fingerprint != now[t.Name].sum() {
			stale = append(stale, t.Name)
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("tables are not up to date: %s; run 'entrepot transform' first, or 'entrepot run'", strings.Join(stale, ", "))
	}
	return nil
}
