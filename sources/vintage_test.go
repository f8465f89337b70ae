package sources

import "testing"

// A version is what the publisher says in the name, or whoever saved the file.
func TestVintage(t *testing.T) {
	for name, want := range map[string]string{
		"BACI_HS12_Y2019_V202501.csv":                                 "2025-01",
		"old_V202401/BACI_HS12_Y2019_V202501.csv":                     "2025-01",
		"2026-04-17/BACI_HS12_Y2019_V202401b.csv.gz":                  "2024-01b",
		"new 2026-01-02.zip!BACI_HS12_Y2019_V202401.csv":              "2024-01",
		"BACI_HS12_V202501.zip!china.csv":                             "2025-01",
		"baci china v202501 extract.csv":                              "2025-01",
		"BACI_HS12_Y2019.csv":                                         "",
		"V202513.csv":                                                 "",
		"TradeData_4_17_2026_11_54_35.csv":                            "2026-04-17T11:54:35",
		"TradeData_13_40_2026_11_54_35.csv":                           "",
		"COMTRADE-FINAL-CM504200003H1[2023-01-03].gz":                 "2023-01-03T00:00:00",
		"COMBINED-COMTRADE-FINAL-CAHS-ALL-2022-[20251203_114500].txt": "2025-12-03T11:45:00",
		"china 2024-05-06 17h30.csv":                                  "2024-05-06T17:30:00",
		"china_2024_05_06.csv":                                        "2024-05-06T00:00:00",
		"china.2024.05.06.csv":                                        "2024-05-06T00:00:00",
		"china-20240506.csv":                                          "2024-05-06T00:00:00",
		"20091010.csv":                                                "", // a code
		"20132014.csv":                                                "", // two years
		"2024-05-06/china.csv":                                        "2024-05-06T00:00:00",
		"2024-05-06/china 2023-01-01.csv":                             "2023-01-01T00:00:00",
		"china 2023-02-30.csv":                                        "",
		"full_v2_202352.dat":                                          "",
		"china.csv":                                                   "",
	} {
		if got := vintage(name); got != want {
			t.Errorf("%s is of %q, expected %q", name, got, want)
		}
	}
}

func TestNotHS(t *testing.T) {
	for text, want := range map[string]string{
		"S4": "SITC (S4)", "ss": "SITC (SS)", "SITC Rev. 4": "SITC REV. 4", "B5": "BEC (B5)", "BEC": "BEC", "EB02": "EBOPS (EB02)", "CN8": "CN8", "H9": "", "": "",
	} {
		if got := NotHS(text); got != want {
			t.Errorf("%q is %q, expected %q", text, got, want)
		}
	}
}
