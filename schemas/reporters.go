package schemas

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// AllReporters is the word for every country that the files have rows of.
const AllReporters = "all"

// Reporters are the countries whose trade is measured.
type Reporters struct {
	Named []Area // in the order in which they were named; the first is what is shown first
	All   bool   // and every other country that the files have rows of
}

// Reporters reads a list of countries, such as "CHN", "CHN, USA", "all" or "CHN, all".
func (r *Reference) Reporters(text string) (found Reporters, err error) {
	for rest := strings.Split(text, ","); len(rest) > 0; {
		if strings.EqualFold(strings.TrimSpace(rest[0]), AllReporters) {
			if found.All {
				return Reporters{}, fmt.Errorf("it has %s twice", AllReporters)
			}
			found.All, rest = true, rest[1:]
			continue
		}
		_, used, err := r.FirstArea(rest)
		if err != nil {
			return Reporters{}, err
		}
		area, err := r.ReportingArea(strings.TrimSpace(strings.Join(rest[:used], ",")))
		if err != nil {
			return Reporters{}, err
		}
		if area.Kind != "country" {
			return Reporters{}, fmt.Errorf("%s adds up others; name countries", area.Name)
		}
		if slices.ContainsFunc(found.Named, func(a Area) bool { return a.Code == area.Code }) {
			return Reporters{}, fmt.Errorf("it has %s twice", area.Name)
		}
		found.Named, rest = append(found.Named, area), rest[used:]
	}
	return found, nil
}

// One is the reporter when there is just one.
func (r Reporters) One() (Area, bool) {
	if r.All || len(r.Named) != 1 {
		return Area{}, false
	}
	return r.Named[0], true
}

// Text lists the codes, as the SQL reads them: "156", "156,842", "156,all".
func (r Reporters) Text() string {
	var all []string
	for _, a := range r.Named {
		all = append(all, strconv.Itoa(int(a.Code)))
	}
	if r.All {
		all = append(all, AllReporters)
	}
	return strings.Join(all, ",")
}

// String names them, as messages do: one with its codes.
func (r Reporters) String() string {
	if one, ok := r.One(); ok {
		return one.String()
	}
	var all []string
	for _, a := range r.Named {
		all = append(all, a.Name)
	}
	switch {
	case !r.All:
		return strings.Join(all, ", ")
	case len(all) == 0:
		return "all reporters"
	}
	return strings.Join(all, ", ") + " and all other reporters"
}
