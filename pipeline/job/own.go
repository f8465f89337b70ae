package job

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"entrepot/pipeline/config"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/transforms"
	"entrepot/transforms/own"
)

// prepareOwn reads the user's measures and checks, and finds what is made and what may be
// published with them. What is wrong with them is a *usage.Error with file and line.
func (j *Job) prepareOwn() error {
	measures, err := j.Config.OwnFolder(j.Config.MeasuresFolder, "measures")
	if err != nil {
		return err
	}
	checksFolder, err := j.Config.OwnFolder(j.Config.ChecksFolder, "checks")
	if err != nil {
		return err
	}
	if j.Own, err = own.Read(measures, checksFolder); err != nil {
		return asUsage(err)
	}
	if j.own, err = j.Own.Parse(); err != nil {
		return asUsage(err)
	}
	j.Checks, j.Catalogue, j.Tables = j.own.AllChecks(), schemas.Outputs(), transforms.All()
	if err := j.Config.CheckNames(j.Checks); err != nil {
		return err
	}
	if err := j.prepareParameters(); err != nil || j.Own.None() {
		return err
	}
	ground := own.Ground{Workspace: j.Config.Base.Workspace(), Published: j.Catalogue, Values: j.Parameters()}
	if j.Tables, err = j.own.Tables(context.Background(), ground); err != nil {
		return asUsage(err)
	}
	j.Catalogue = j.Catalogue.With(j.own.Outputs()...)
	return nil
}

// prepareParameters finds the values of the user's parameters.
func (j *Job) prepareParameters() error {
	values, taken := map[string]any{}, j.Parameters()
	maps.Copy(taken, j.Described())
	var names []string
	for _, p := range j.own.Parameters {
		if _, _, isSetting := config.Lookup(p.Name); isSetting || taken[p.Name] != nil {
			return asUsage(p.Errorf("entrepot has a setting %s itself: give the parameter another name", p.Name))
		}
		text := p.Default
		if said, set := j.Config.Parameters[p.Name]; set {
			text = said
		}
		value, err := p.Value(text)
		if err != nil {
			return usage.Errorf("%s: parameter %s: %w", j.Config.WhereParameter(p.Name), p.Name, err)
		}
		values[p.Name] = value
		names = append(names, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(j.Config.Parameters)) {
		if slices.Contains(names, name) {
			continue
		}
		where := j.Config.WhereParameter(name)
		if nearest := schemas.NearestOf(name, names); nearest != "" {
			return usage.Errorf("%s: no measure and no check declares a parameter %s; did you mean %s?", where, name, nearest)
		}
		if len(names) == 0 {
			return usage.Errorf("%s: no measure and no check declares a parameter %s, or any other", where, name)
		}
		return usage.Errorf("%s: no measure and no check declares a parameter %s; there are %s", where, name, strings.Join(names, ", "))
	}
	j.ownValue = values
	return nil
}

// asUsage is the error of somebody's file as one that the user can mend.
func asUsage(err error) error {
	var wrong *own.Error
	if errors.As(err, &wrong) {
		return usage.Errorf("%w", err)
	}
	return err
}

// OwnFile names the file with the SELECT that makes a table; "" when it is none of the
// user's.
func (j *Job) OwnFile(table string) string { return j.own.Where(table) }

// OwnMeasure is the user's measure that makes a table; nil when none does.
func (j *Job) OwnMeasure(table string) *own.Measure {
	for i := range j.own.Measures {
		if j.own.Measures[i].Name == table {
			return &j.own.Measures[i]
		}
	}
	return nil
}
