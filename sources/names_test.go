package sources

import (
	"regexp"
	"testing"

	"entrepot/sources/decode/decodetest"
)

func TestAreaNamed(t *testing.T) {
	for name, want := range map[string]int16{
		"World": 0, "world": 0, "All": 0, "China": 156, "INDONESIA": 360, " Korea,  Republic of ": 410, "Taipei, Chinese": 490, "Chinese Taipei": 490, "Other Asia, nes": 490,
		"Hong Kong, China": 344, "Macao, China": 446, "Viet Nam": 704, "Area Nes": 899, "Türkiye": 792, "Turkey": 792, "United States of America": 842, "USA": 842, "United States": 842,
		"European Union Nes": 492, "Europe Othr. Nes": 568, "European Union": 97, "France": 251, "Switzerland": 757, "Norway": 579, "India": 699, "Italy": 380, "Côte d\u2019Ivoire": 384, "Cote d'Ivoire": 384,
		"Sudan (before 2012)": 736, "Ship stores and bunkers": 837, "Free Zones": 838, "Special categories": 839, "Neutral Zone": 536, "Netherlands Antilles": 530,
		"Bolivia (Plurinational State of)": 68, "Bolivia, Plurinational State of": 68, "Korea, Rep.": 410, "Serbia, FR(Serbia/Montenegro)": 688, "Lao PDR": 418,
	} {
		if got, ok := areaNamed(name); !ok || got != want {
			t.Errorf("%q: %d %v, want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "Chin", "Asia", "Rubber"} {
		if got, ok := areaNamed(name); ok {
			t.Errorf("%q: %d, want none", name, got)
		}
	}
}

// Every place that the real downloads name is known.
func TestAreaNamedReal(t *testing.T) {
	pattern := regexp.MustCompile(`^(?:List of products (?:im|ex)ported by|(.+)'s (?:imports|exports) (?:from|to)) (.+)$`)
	found := 0
	for _, file := range []string{"bilateral_china_indonesia_monthly.xls", "china_imports_chapter40_monthly.xls", "products_exported_by_indonesia_quantity.xls"} {
		for _, row := range htmlFixture(t, decodetest.RealFile(t, "itc", file)) {
			for _, cell := range row.Cells {
				m := pattern.FindStringSubmatch(cell)
				if m == nil {
					continue
				}
				for _, name := range m[1:] {
					if _, ok := areaNamed(name); name != "" && !ok {
						t.Errorf("%s: %q is not known", file, name)
					}
					found++
				}
			}
		}
	}
	if found == 0 {
		t.Error("no names found")
	}
}
