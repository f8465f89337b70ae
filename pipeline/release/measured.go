package release

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/phrase"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
)

// Several tells whether the release measures the trade of more than one reporter.
func (r *Release) Several() bool { return len(r.Manifest.Measured) > 1 }

// seen is an output as the release's readers see it: the key of a release of one reporter
// does not name it.
func (r *Release) seen(o schemas.Output) schemas.Output {
	if r.Several() {
		return o
	}
	return o.OfOne()
}

// Reporter finds one of the reporters whose trade is measured, by its M49 code, its ISO-3
// code or its name; the first for "". One that is not there is a *usage.Error.
func (r *Release) Reporter(text string) (MeasuredEntry, error) {
	all := r.Manifest.Measured
	if len(all) == 0 { // of a version that measured one
		code, err := strconv.ParseInt(r.Parameter("reporter"), 10, 16)
		if err != nil {
			return MeasuredEntry{}, fmt.Errorf("release %s does not say whose trade it measures", r.ID)
		}
		all = []MeasuredEntry{{Code: int16(code)}}
	}
	i := slices.IndexFunc(all, func(m MeasuredEntry) bool {
		return text == "" || text == strconv.Itoa(int(m.Code)) || m.ISO3 != "" && strings.EqualFold(text, m.ISO3) || strings.EqualFold(text, m.Name)
	})
	if i < 0 {
		return MeasuredEntry{}, usage.Errorf("release %s does not measure the trade of %q; it does that of %s", r.ID, text, reportersText(all))
	}
	return all[i], nil
}

// reportersText names reporters, for messages.
func reportersText(all []MeasuredEntry) string {
	var names []string
	for _, m := range all {
		name := m.Name
		if m.ISO3 != "" {
			name += " (" + m.ISO3 + ")"
		}
		names = append(names, name)
	}
	return few(names)
}

// MeasuredText says in a few words whose trade the release measures.
func (m *Manifest) MeasuredText() string {
	const most = 3
	var names []string
	for _, e := range m.Measured {
		names = append(names, e.Name)
	}
	switch {
	case len(names) == 0:
		return "the reporter"
	case len(names) <= most:
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %s", names[0], phrase.Count(len(names)-1, "other reporter"))
}
