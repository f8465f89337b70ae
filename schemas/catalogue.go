package schemas

import (
	"fmt"
	"slices"
	"strings"
)

// Catalogue is a list of outputs, in the order in which they are shown: those that the
// program has, and those that a run or a release has beside them.
type Catalogue []Output

// Outputs lists the published tables that the program has, in the order in which the docs
// describe them, with the names beside the codes.
func Outputs() Catalogue {
	return Catalogue{}.With(slices.Concat(Measures(), indicators(), trade(), quality())...)
}

// Always lists the outputs that every release has, whatever its settings.
func Always() Catalogue {
	return slices.DeleteFunc(Outputs(), func(o Output) bool { return o.Setting != "" })
}

// With is the catalogue and further outputs behind it, with the names beside their codes.
// One that has the name of another takes its place: a release may have a table by a name
// that the program uses for another one now.
func (c Catalogue) With(more ...Output) Catalogue {
	all := slices.Clone(c)
	for _, o := range more {
		o = named(o)
		if at := slices.IndexFunc(all, func(other Output) bool { return other.Name == o.Name }); at >= 0 {
			all[at] = o
			continue
		}
		all = append(all, o)
	}
	return all
}

// Lookup returns the output of that name.
func (c Catalogue) Lookup(name string) (Output, error) {
	for _, o := range c {
		if o.Name == name {
			return o, nil
		}
	}
	return Output{}, fmt.Errorf("no output is called %q", name)
}

// Find lists the outputs of that name or of that figure, the main one first. A figure
// is found however it is written: figure17, "Figure 17" and "Figures 17 and 18".
func (c Catalogue) Find(name string) []Output {
	if after := strings.ToLower(follows); strings.HasPrefix(strings.ToLower(name), after) {
		name = name[len(after):]
	}
	var found []Output
	for _, o := range c {
		if o.Name == name {
			return []Output{o}
		}
		if slices.Contains(o.figures(), figureKey(name)) {
			found = append(found, o)
		}
	}
	return found
}

// Names lists the names of the outputs.
func (c Catalogue) Names() []string {
	var names []string
	for _, o := range c {
		names = append(names, o.Name)
	}
	return names
}

// Known lists the names by which Find knows outputs, for messages.
func (c Catalogue) Known() string {
	var names []string
	for _, o := range c {
		name := o.Name
		if numbers := o.figures(); len(numbers) > 0 {
			name += " (" + strings.Join(numbers[:max(1, len(numbers)-1)], ", ") + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// Nearest is the table or figure whose name is most like a text; "" when none is near.
func (c Catalogue) Nearest(text string) string {
	var names []string
	for _, o := range c {
		names = append(names, o.Name)
		names = append(names, o.figures()...)
	}
	return NearestOf(text, names)
}
