package sources_test

import (
	"testing"

	"entrepot/schemas"
	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// SQL and Go compare names in the same way.
func TestAreaKeyIsFoldName(t *testing.T) {
	conn, err := referenceWorkspace(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, name := range []string{" Hong Kong，China", "Macao,China", "Côte d’Ivoire", "Czechia（Czech Republic）", "Korea,\u00a0Rep. of", "Lao \t PDR ", "ÅLAND", "a , b", ""} {
		var got string
		if err := conn.QueryRowContext(t.Context(), "SELECT area_key(?)", name).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := schemas.FoldName(name); got != want {
			t.Errorf("%q: %q in SQL, %q in Go", name, got, want)
		}
	}
}

// What the settings say of a name goes before what is known of it.
func TestAreasOfSettings(t *testing.T) {
	text := "code,partner,value\n880240,\"Hong Kong，China\",1\n880240,Lao,2\n880240,Georgia,3\n880240,Nowhere,4\n880240,268,5\n"
	s := sources.Settings{Reporter: "156", Flow: "M", Year: "2019", Unit: "USD", Revision: "H5", Columns: map[string]string{"code": "code", "partner": "partner", "value": "value"}}
	for _, test := range []struct {
		as   string
		own  map[string]string
		want []string
	}{
		{"name", nil, []string{"2 156 344 M 2019 H5 880240 1.000", "4 156 268 M 2019 H5 880240 3.000"}},
		{"name", map[string]string{"Lao": "LAO", "Georgia": "842"}, []string{"2 156 344 M 2019 H5 880240 1.000", "3 156 418 M 2019 H5 880240 2.000", "4 156 842 M 2019 H5 880240 3.000"}},
		{"", map[string]string{"Lao": "LAO"}, []string{"3 156 418 M 2019 H5 880240 2.000"}},
		{"m49", map[string]string{"Lao": "LAO"}, []string{"3 156 418 M 2019 H5 880240 2.000", "6 156 268 M 2019 H5 880240 5.000"}},
		{"m49", nil, []string{"6 156 268 M 2019 H5 880240 5.000"}},
	} {
		s.AreasAs, s.Areas = test.as, test.own
		o := take(t, "a.csv", []byte(text), s)
		if diff := cmp.Diff(test.want, o.staged); diff != "" {
			t.Errorf("%s %v: %s (refused %q)", test.as, test.own, diff, o.refusal)
		}
	}
}
