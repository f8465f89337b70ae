package schemas_test

import (
	"slices"
	"strings"
	"testing"

	"entrepot/schemas"
)

// What an entry says of its columns and of other entries is there.
func TestOutputs(t *testing.T) {
	for _, o := range schemas.Outputs() {
		has := func(output schemas.Output, of string, columns ...string) {
			t.Helper()
			for _, column := range columns {
				if _, ok := output.Column(column); !ok {
					t.Errorf("%s: %s names column %q, which %s has not", o.Name, of, column, output.Name)
				}
			}
		}
		has(o, "SortBy", o.SortBy...)
		if o.Ratio != (schemas.Ratio{}) {
			has(o, "Ratio", o.Ratio.Share, o.Ratio.Part, o.Ratio.Of)
		}
		if o.Terminal != (schemas.Pivot{}) {
			has(o, "Terminal", o.Terminal.Rows, o.Terminal.Columns)
			if o.Ratio.Part == "" || !slices.Equal(slices.Sorted(slices.Values(o.OfOne().SortBy)), slices.Sorted(slices.Values([]string{o.Terminal.Rows, o.Terminal.Columns}))) {
				t.Errorf("%s: the terminal shows a Ratio by the two columns of a key", o.Name)
			}
		}
		for _, e := range o.Behind {
			of, err := schemas.Outputs().Lookup(e.Output)
			if err != nil {
				t.Errorf("%s: behind it: %v", o.Name, err)
				continue
			}
			has(o, "On", e.On...)
			has(of, "On", e.On...)
			has(of, "Columns", e.Columns...)
			if e.Idle != "" && !slices.Contains(e.Columns, e.Idle) {
				t.Errorf("%s: Idle is %s, which is not among the columns of %s", o.Name, e.Idle, of.Name)
			}
			if (e.Part == "") != (e.Of == "") || e.Part != "" && o.Ratio.Part == "" {
				t.Errorf("%s: %s adds to a part and a whole that it has not", o.Name, of.Name)
			}
			if e.Lines != "" && of.Lines == "" {
				t.Errorf("%s: no lines stand behind %s", o.Name, of.Name)
			}
		}
	}
}

// A table is found by its name and by each of its figures, however these are written.
func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"dominance":          "dominance",
		"figure14":           "import_dependence import_dependence_hs6 import_dependence_sensitivity",
		"Figure 14":          "import_dependence import_dependence_hs6 import_dependence_sensitivity",
		"FIGURE-27":          "dominance dominance_hs6 dominance_sensitivity",
		"figure17":           "market_share",
		"Figure 18":          "market_share",
		"Figures 17 and 18":  "market_share",
		"figures17and18":     "market_share",
		"After Figure 17":    "market_share",
		"after figure 7":     "partner_trend",
		"table5":             "ratings",
		"table10":            "ratings",
		"Tables 5 and 10":    "ratings",
		"table7":             "partner_group_share partner_group_share_hs6 vulnerabilities",
		"figure1":            "",
		"figure":             "",
		"import_dependence_": "",
		"":                   "",
	} {
		var names []string
		for _, o := range schemas.Outputs().Find(name) {
			names = append(names, o.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q finds %q, want %q", name, got, want)
		}
	}
	for _, o := range schemas.Outputs() {
		if o.Figure != "" && !slices.ContainsFunc(schemas.Outputs().Find(o.Figure), func(found schemas.Output) bool { return found.Name == o.Name }) {
			t.Errorf("%s is not found by %s", o.Name, o.Figure)
		}
		if found := schemas.Outputs().Find(o.Name); len(found) != 1 || found[0].Name != o.Name {
			t.Errorf("%s is not found by its name", o.Name)
		}
		if !strings.Contains(schemas.Outputs().Known(), o.Name) {
			t.Errorf("a message with all tables leaves %s out", o.Name)
		}
	}
}
