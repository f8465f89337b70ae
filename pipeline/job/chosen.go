package job

import (
	"slices"
	"strings"

	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/transforms"
)

// Selected lists the transforms that were asked for and those that they need.
func (j *Job) Selected() ([]transforms.Transform, error) {
	s, all := j.Selection, slices.Clone(j.Tables)
	if s.Only != StageTransform || len(s.Steps) == 0 {
		return all, nil
	}
	wanted := map[string]bool{}
	for _, step := range s.Steps {
		names := j.tablesOf(step)
		if len(names) == 0 {
			return nil, usage.Errorf("there is no table %q; there are %s", step, strings.Join(j.tableNames(), ", "))
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

func (j *Job) tableNames() []string {
	var names []string
	for _, t := range j.Tables {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return names
}

// tablesOf finds tables by a table's name or by a figure: "figure14", "Figure 17".
func (j *Job) tablesOf(step string) []string {
	if slices.Contains(j.tableNames(), step) {
		return []string{step}
	}
	return schemas.Catalogue(j.Catalogue.Find(step)).Names()
}

// CheckOutputs returns a *usage.Error for a step that is published nowhere.
func (j *Job) CheckOutputs(steps []string) error {
	names := j.Catalogue.Names()
	for _, step := range steps {
		if !slices.ContainsFunc(j.tablesOf(step), func(name string) bool { return slices.Contains(names, name) }) {
			return usage.Errorf("there is no published table or figure %q; there are %s", step, strings.Join(names, ", "))
		}
	}
	return nil
}
