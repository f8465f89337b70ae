package release

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entrepot/pipeline/config"
)

// changedParameters compares parameters by the names and words of today, whichever
// versions made the releases.
func changedParameters(old, now *Manifest) []ValueChange {
	all := []ValueChange{}
	if old.Version != now.Version {
		all = append(all, ValueChange{"version", old.Version, now.Version})
	}
	before, after := canonical(old.Parameters), canonical(now.Parameters)
	names := slices.Collect(maps.Keys(after))
	for name := range before {
		if _, kept := after[name]; !kept {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(slices.Values(names)) {
		if from, to := before[name], after[name]; name != "reference" && fmt.Sprint(from) != fmt.Sprint(to) {
			all = append(all, ValueChange{name, from, to})
		}
	}
	return all
}

func canonical(parameters map[string]any) map[string]any {
	all := map[string]any{}
	for name, value := range parameters {
		name, value = config.Canonical(name, value)
		all[name] = value
	}
	return all
}

// SameGround fails when the inputs of a release that was computed anew are not those of
// the release, or, unless another version made it, the reference tables.
func SameGround(was, now *Manifest) error {
	var differ []string
	for _, in := range changedInputs(was, now) {
		differ = append(differ, fmt.Sprintf("%s is %s", in.Name, in.Change))
	}
	if was.Version == now.Version {
		for _, table := range changedReference(was, now) {
			differ = append(differ, fmt.Sprintf("reference table %s changed", table))
		}
	}
	if len(differ) > 0 {
		return errors.New("it was made of other inputs: " + strings.Join(differ, ", "))
	}
	return nil
}

func changedReference(old, now *Manifest) []string {
	all := []string{}
	for _, table := range slices.Sorted(maps.Keys(now.Reference)) {
		if old.Reference[table] != now.Reference[table] {
			all = append(all, table)
		}
	}
	return all
}

func changedInputs(old, now *Manifest) []InputChange {
	all := []InputChange{}
	before := map[string]string{}
	for _, in := range old.Inputs {
		before[in.Name] = in.SHA256
	}
	for _, in := range now.Inputs {
		sum, known := before[in.Name]
		delete(before, in.Name)
		switch {
		case !known:
			all = append(all, InputChange{in.Name, "new"})
		case sum != in.SHA256:
			all = append(all, InputChange{in.Name, "changed"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		all = append(all, InputChange{name, "gone"})
	}
	return all
}
