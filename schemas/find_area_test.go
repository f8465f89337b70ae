package schemas

import (
	"strings"
	"testing"
)

// A country is found by whatever it is called, and the code that reports today is meant.
func TestArea(t *testing.T) {
	r, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int16{
		"156": 156, "CHN": 156, "chn": 156, "cn": 156, "China": 156, "CHINA": 156,
		"DEU": 276, "de": 276, "germany": 276, "Fed. Rep. of Germany (...1990)": 280,
		"US": 842, "usa": 842, "United States of America": 842, "united states": 842, "840": 840,
		"France": 251, "FR": 251, "Switzerland": 757, "India": 699, "norway": 579, "Taiwan": 490, "TWN": 490,
		"Korea, Rep.": 410, "South  Korea": 410, "Viet Nam": 704, "Vietnam": 704, "Türkiye": 792, "turkiye": 792,
		"Côte d'Ivoire": 384, "ivory coast": 384, "Liechtenstein": 438, "ROM": 642, "World": 0, "EU": 97,
	} {
		if got, err := r.Area(text); err != nil || got.Code != want {
			t.Errorf("%q: %d, %v, want %d", text, got.Code, err, want)
		}
	}
	for _, a := range r.Areas { // each by its own name, but for the second codes of one country
		got, err := r.Area(a.Name)
		if a.Name == "United States of America" || a.Name == "Switzerland" {
			continue
		}
		if err != nil || got.Code != a.Code {
			t.Errorf("%q: %v, %v, want %d", a.Name, got, err, a.Code)
		}
	}
}

func TestAreaSuggested(t *testing.T) {
	r, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Germny":       `there is no area "Germny"; did you mean Germany (DEU, 276)?`,
		"Phillippines": `there is no area "Phillippines"; did you mean Philippines (PHL, 608)?`,
		"brasil":       `there is no area "brasil"; did you mean Brazil (BRA, 76)?`,
		"korea":        `there is no area "korea"; did you mean Dem. People's Rep. of Korea (PRK, 408) or Rep. of Korea (KOR, 410)?`,
		"XYZ":          `there is no area "XYZ"`,
		"Atlantis":     `there is no area "Atlantis"`,
		"998":          `no area has the M49 code 998`,
		"99999":        `there is no area "99999"`,
		"":             `there is no area ""`,
	} {
		if _, err := r.Area(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := r.ReportingArea("LIE"); err == nil || !strings.Contains(err.Error(), "Liechtenstein (LIE, 438) does not report") {
		t.Errorf("LIE: %v", err)
	}
	for text, want := range map[string]int16{"438": 438, "Japan": 392, "TWN": 490} {
		if a, err := r.ReportingArea(text); err != nil || a.Code != want {
			t.Errorf("%s: %v, %v", text, a, err)
		}
	}
}

// A comma in a name is no end of it, and two countries are never taken for one.
func TestFirstArea(t *testing.T) {
	r, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"USA,JPN, Germany":                  "USA JPN DEU",
		"Korea, Rep., US":                   "KOR USA",
		"Hong Kong, China":                  "HKG CHN",
		"Tanzania, United Republic of, ken": "TZA KEN",
		"China, Hong Kong SAR, Gambia, The": "HKG GMB",
	} {
		areas, err := areasOf(r, strings.Split(text, ","))
		var got []string
		for _, a := range areas {
			got = append(got, a.ISO3)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
	if _, err := areasOf(r, []string{"USA", " Japn", "DEU"}); err == nil || !strings.Contains(err.Error(), `there is no area "Japn"; did you mean Japan`) {
		t.Errorf("a name that is nearly one: %v", err)
	}
}

// areasOf takes one area after the other from a list.
func areasOf(r *Reference, list []string) (areas []Area, err error) {
	for len(list) > 0 {
		area, used, err := r.FirstArea(list)
		if err != nil {
			return nil, err
		}
		areas, list = append(areas, area), list[used:]
	}
	return areas, nil
}
