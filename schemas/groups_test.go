package schemas

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The built-in groups have as many members as they had at the end of a year.
func TestBuiltInGroups(t *testing.T) {
	r, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[int]int{
		"OECD":  {2015: 34, 2025: 38},
		"EU":    {2015: 28, 2025: 27},
		"G7":    {1975: 6, 1976: 7, 2025: 7},
		"G20":   {1998: 0, 1999: 19, 2025: 19},
		"ASEAN": {1967: 5, 1984: 6, 1995: 7, 1997: 9, 2015: 10, 2024: 10, 2025: 11},
		"BRICS": {2009: 4, 2015: 5, 2023: 5, 2024: 9, 2025: 10},
		"CPTPP": {2017: 0, 2018: 6, 2019: 7, 2021: 8, 2022: 9, 2023: 11, 2024: 12},
		"RCEP":  {2021: 0, 2022: 12, 2023: 14},
		"USMCA": {2019: 0, 2020: 3},
		"NATO":  {1949: 12, 1952: 14, 1955: 15, 1982: 16, 1999: 19, 2004: 26, 2009: 28, 2017: 29, 2020: 30, 2023: 31, 2024: 32},
	} {
		for year, members := range want {
			if got := isoCodes(r, name, year); len(got) != members {
				t.Errorf("%s of %d has %d members, want %d: %v", name, year, len(got), members, got)
			}
		}
	}
	for _, m := range r.Groups {
		if area, known := r.areaOf(m.Area); !known || area.Kind != "country" {
			t.Errorf("%s: area %d is no country", m.Group, m.Area)
		}
	}
	rows := strings.Count(string(mustRead(t, "reference/groups.csv")), "\n") - 1
	if rows != len(r.Groups) {
		t.Errorf("%d rows of groups.csv became %d members", rows, len(r.Groups))
	}
}

// isoCodes lists the countries that were in a group at the end of a year.
func isoCodes(r *Reference, group string, year int) []string {
	var codes []string
	end := time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, m := range r.Groups {
		if m.Group == group && !m.Joined.After(end) && (m.Left.IsZero() || m.Left.After(end)) {
			area, _ := r.areaOf(m.Area)
			codes = append(codes, area.ISO3)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A user's groups come beside the built-in ones, by whatever a country is called, with
// dates or without.
func TestGroupsOfUser(t *testing.T) {
	r, err := Load(Files{Groups: groupFile(t, "area,group\nUSA,Quad\n36,Quad\nIndia,Quad\njp,Quad\n490,chips\nUSA,nato\nUSA,Quad\n")})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Quad": "AUS IND JPN USA", "chips": "TWN", "nato": "USA", "NATO": "", "USMCA": "CAN MEX USA"} {
		if got := strings.Join(isoCodes(r, name, 1950), " "); name != "USMCA" && got != want {
			t.Errorf("%s has %q, want %q", name, got, want)
		}
	}
	if got := isoCodes(r, "USMCA", 2025); len(got) != 3 {
		t.Errorf("USMCA has %v beside the user's groups", got)
	}
	if got := r.GroupNamed("NATO"); got != "nato" {
		t.Errorf("NATO is %q, want the user's", got)
	}
	var codes []int16
	for _, m := range r.Groups {
		if m.Group == "Quad" {
			codes = append(codes, m.Area)
		}
	}
	slices.Sort(codes)
	if want := []int16{36, 356, 392, 699, 840, 841, 842}; !slices.Equal(codes, want) {
		t.Errorf("Quad has the codes %v, want %v", codes, want)
	}
}

func groupFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "groups.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestGroupsOfUserRefused(t *testing.T) {
	for text, want := range map[string]string{
		"name,area\nA,USA\n":                `:1: the header is "name,area": it must be "group,area,joined,left"; joined and left may be missing`,
		"group,area,area\nA,USA,USA\n":      `:1: the header is`,
		"group\nA\n":                        `:1: the header is`,
		"group,area\nA,Germny\n":            `:2: area "Germny": there is no area "Germny"; did you mean Germany (DEU, 276)?`,
		"group,area\nA,USA\n,USA\n":         `:3: group is empty`,
		"group,area\nA,97\n":                `:2: area "97": European Union adds up others; name its members`,
		"group,area\nA,0\n":                 `:2: area "0": World adds up others`,
		"group,area\nA+B,USA\n":             `:2: group "A+B": commas and plus signs stand between`,
		"group,area,joined\nA,USA,2016\n":   `:2: joined "2016": it must be a date such as 2016-07-01`,
		"group,area,left\nA,USA,tomorrow\n": `:2: left "tomorrow": it must be a date`,
	} {
		if _, err := Load(Files{Groups: groupFile(t, text)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}

// A list is a group, too, whatever its order and the words of its countries.
func TestGroupOfList(t *testing.T) {
	for text, want := range map[string]string{
		"oecd":             "OECD: 38",
		"USA,JPN,DEU":      "DEU+JPN+USA: DEU JPN USA",
		"germany, 840 ,jp": "DEU+JPN+USA: DEU JPN USA",
		"DEU+JPN+USA":      "DEU+JPN+USA: DEU JPN USA",
		"Korea, Rep., JPN": "JPN+KOR: JPN KOR",
		"Japan":            "JPN: JPN",
		"USMCA, JPN, USA":  "JPN+USA+USMCA: CAN JPN MEX USA",
		"490":              "TWN: TWN",
	} {
		r, err := Load(Files{})
		if err != nil {
			t.Fatal(err)
		}
		name, err := r.Group(text)
		got := isoCodes(r, name, 2025)
		members := strings.Join(got, " ")
		if name == "OECD" && len(got) == 38 {
			members = "38"
		}
		if err != nil || name+": "+members != want {
			t.Errorf("%q: %s: %s, %v, want %s", text, name, members, err, want)
		}
	}
	r, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"NAT0": "did you mean NATO?", "TPP": "did you mean CPTPP?", "BRIC": "did you mean BRICS?", "EU27": "did you mean EU?",
		"OECD countries": "did you mean OECD?", "Atlantis": `there is no area "Atlantis"; the groups are ASEAN`,
		"USA,,DEU": `there is no area ""`, "World": "adds up others", "USA, Germny": "did you mean Germany (DEU, 276)?",
	} {
		if _, err := r.Group(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}
