package schemas

import (
	"testing"
)

// Each key is unique, names an area of the area table, and is not that area's
// own name unless two areas have it or another code reports.
func TestAreaKeys(t *testing.T) {
	keys, err := AreaKeys()
	if err != nil {
		t.Fatal(err)
	}
	reference, err := Load(Files{})
	if err != nil {
		t.Fatal(err)
	}
	areas, named := map[int16]Area{}, map[string]int{}
	iso3 := map[string]bool{}
	for _, a := range reference.Areas {
		areas[a.Code] = a
		named[FoldName(a.Name)]++
		iso3[a.ISO3] = true
	}
	codes := map[string]int16{}
	for _, k := range keys {
		area, known := areas[k.Code]
		if !known {
			t.Errorf("%s %q: no area has the code %d", k.Scheme, k.Key, k.Code)
		}
		if k.Scheme == "name" && FoldName(k.Key) == FoldName(area.Name) && named[FoldName(k.Key)] == 1 {
			t.Errorf("%q is the name of %d in the area table already", k.Key, k.Code)
		}
		if k.Scheme == "iso3" && iso3[k.Key] {
			t.Errorf("%s is in the area table already", k.Key)
		}
		codes[k.Scheme+" "+FoldName(k.Key)] = k.Code
	}
	for key, want := range map[string]int16{
		"name taipei, chinese": 490, "name chinese taipei": 490, "name korea, republic of": 410, "name hong kong, china": 344, "name area nes": 899, "name turkey": 792,
		"name united states of america": 842, "name switzerland": 757, "name european union nes": 492, "name all": 0, "name sudan (before 2012)": 736, "name ship stores and bunkers": 837,
		"iso2 us": 842, "iso2 fr": 251, "iso2 ch": 757, "iso2 no": 579, "iso2 in": 699, "iso2 tw": 490, "iso2 it": 380, "iso2 na": 516,
		"iso3 rom": 642, "iso3 zar": 180, "iso3 tmp": 626, "iso3 wld": 0,
	} {
		if got, ok := codes[key]; !ok || got != want {
			t.Errorf("%s: %d, want %d", key, got, want)
		}
	}
	// Each area that reports today has an ISO-2 code.
	has := map[int16]bool{}
	for _, k := range keys {
		if k.Scheme == "iso2" {
			has[k.Code] = true
		}
	}
	for _, a := range reference.Areas {
		if a.Reporter && a.To == 0 && a.Kind == "country" && !has[a.Code] {
			t.Errorf("%s (%d) has no ISO-2 code", a.Name, a.Code)
		}
	}
}
