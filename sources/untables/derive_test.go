package untables

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"entrepot/schemas"
)

// small has a workbook for each two neighbours in which every code keeps its number, and
// lists of a few codes. A test changes what it is about, between H5 and H6.
func small(newer, older map[string]string) (map[string]*schemas.Table, map[string]map[string]string) {
	tables, lists := map[string]*schemas.Table{}, map[string]map[string]string{}
	for _, r := range schemas.HS() {
		lists[r.ID] = map[string]string{"01": "Animals", "0101": "Horses"}
		codes := older
		if r.ID == "H6" {
			codes = newer
		}
		for code, name := range codes {
			lists[r.ID][code] = name
		}
		if before := schemas.HS().Step(r.ID, -1); before != "" {
			tables[r.ID] = &schemas.Table{From: r.ID, To: before, Conversion: map[string]string{}}
			for code := range codes {
				tables[r.ID].Conversion[code] = code
			}
		}
	}
	return tables, lists
}

func TestDerive(t *testing.T) {
	tables, lists := small(
		map[string]string{"010101": "a", "010102": "b", "010103": "c", "010199": "waste"},
		map[string]string{"010101": "a", "010150": "old", "010160": "scrap", "010199": "other", "010170": "part **LEGACY NON-WCO CODE**"})
	h6 := tables["H6"]
	h6.Conversion = map[string]string{"010101": "010101", "010102": "010101", "010103": "010101", "010199": "010101"}
	h6.Correlation = [][2]string{{"010102", "010150"}, {"010103", "010150"}, {"010199", "010199"}, {"010199", "010160"}}
	for i := range schemas.Hub { // waste is tied to so much that it says nothing
		h6.Correlation = append(h6.Correlation, [2]string{"010199", fmt.Sprintf("02%04d", i)})
	}
	made := map[schemas.Code]bool{}
	for code, is := range map[string]bool{"010101": true, "010102": true, "010103": false, "010199": false} {
		made[schemas.Code{Revision: "H6", HS6: code}] = is
	}
	derived, err := Derive(tables, lists, made)
	if err != nil {
		t.Fatal(err)
	}
	var changed, successors, codes, names []string
	for _, c := range derived.Changes {
		changed = append(changed, c.From+c.FromCode+c.To+c.ToCode)
	}
	for _, c := range derived.Successors {
		successors = append(successors, c.From+c.FromCode+c.To+c.ToCode)
	}
	for _, c := range derived.Codes {
		if c.Revision == "H5" || c.Revision == "H0" && c.HS6 == "010101" {
			codes = append(codes, fmt.Sprint(c.Revision, c.HS6, c.Manufactured))
		}
	}
	for _, n := range derived.Names {
		names = append(names, n.Code+" "+n.Text+" "+strings.Join(n.Revisions, ""))
	}
	for what, both := range map[string][2]string{
		"changes": {fmt.Sprint(changed), "[H6010102H5010101 H6010103H5010101 H6010199H5010101]"},
		// 010150 is what overlaps, 010160 has waste alone, 010199 keeps its number, and
		// 010170 is beside the HS: it goes where its heading goes.
		"successors": {fmt.Sprint(successors), "[H5010150H6010102 H5010150H6010103 H5010170H6010101 H5010170H6010102 H5010170H6010103 H5010170H6010199 H5010199H6010199]"},
		// Even: 010101 decides by its number, 010150 by what overlaps, the others by their heading.
		"codes": {fmt.Sprint(codes), "[H0010101true H5010101true H5010150false H5010160false H5010170false H5010199false]"},
	} {
		if both[0] != both[1] {
			t.Errorf("%s:\n%s\nwant\n%s", what, both[0], both[1])
		}
	}
	for _, want := range []string{"0101 Horses H0H1H2H3H4H5H6", "010199 other H0H1H2H3H4H5", "010199 waste H6"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q is not in the names %q", want, names)
		}
	}
}

func TestDeriveErrors(t *testing.T) {
	codes := map[string]string{"010101": "a"}
	tables, lists := small(codes, codes)
	for what, test := range map[string]struct {
		lists map[string]map[string]string
		made  map[schemas.Code]bool
		want  string
	}{
		"no list":         {map[string]map[string]string{}, nil, "no list of the codes of H0"},
		"no manufactured": {lists, map[schemas.Code]bool{}, "nothing tells whether 010101 of H6 is a manufactured good"},
	} {
		if _, err := Derive(tables, test.lists, test.made); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %s", what, err, test.want)
		}
	}
}

func TestReadList(t *testing.T) {
	names, err := ReadList([]byte(`{"results":[{"id":"TOTAL","text":"Total"},{"id":"01","text":"01 - Animals;  live"},{"id":"9999AA","text":"x"},{"id":"010110","text":"010110 - Horses"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 2 || names["01"] != "Animals; live" || names["010110"] != "Horses" {
		t.Errorf("names %v", names)
	}
	for _, bad := range []string{`{"results":[{"id":"01","text":"Animals"}]}`, `[`} {
		if _, err := ReadList([]byte(bad)); err == nil {
			t.Errorf("%s is no error", bad)
		}
	}
}
