package sources_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

// Every format's file in its real layout, cell by cell. The values were worked out
// by hand from the fixtures.
func TestFormats(t *testing.T) {
	for _, test := range []struct {
		file     string
		name     string // of the input, if not the fixture's
		settings sources.Settings
		format   string
		unit     string
		staged   []string
		weights  []string // net weight, quantity, its unit, valuation, original, weight estimated, quantity estimated
		rejects  []string
		leftOut  []string
		note     string // a part of it
	}{
		{
			file: "comtrade_api.json", format: "comtrade-json", unit: "USD",
			staged: []string{
				"1 156 0 M 2019 H5 010121 91316697.125",
				"2 156 490 M 2019 H5 010121 91316697.000",
				"4 156 0 X 2019 H5 TOTAL 2590607686.500",
			},
			weights: []string{"1 6033.587 12.000 5 cif true true false", "2 - - -1 cif true false false", "4 - - -1 fob false false false"},
			leftOut: []string{"part_of_flow 1"},
		},
		{
			file: "comtrade_api_legacy.json", format: "comtrade-legacy-json", unit: "USD",
			staged:  []string{"1 381 0 M 2014 H4 010121 5229972.000", "2 381 0 X 201405 H4 010121 2430723.000"},
			weights: []string{"1 19000.000 40.000 5 - true - -", "2 - - 5 - true - -"},
			leftOut: []string{"part_of_flow 1"},
		},
		{
			// A spreadsheet in German wrote it: semicolons, decimal commas, FALSCH, lost zeros.
			file: "comtrade_excel.csv", format: "comtrade-csv", unit: "USD",
			staged: []string{
				"2 276 0 M 2019 H5 010121 1234567.891",
				"3 276 792 M 2019 H5 010121 1000.000",
				"4 276 842 M 2019 H5 854231 0.500",
			},
			weights: []string{"2 12.500 - -1 cif true false false", "3 - - -1 cif false false false", "4 1200.000 - -1 cif true false false"},
		},
		{
			file: "comtrade_legacy.csv", format: "comtrade-legacy-csv", unit: "USD",
			staged:  []string{"2 12 0 M 2017 H5 848620 3830588.000", "3 12 251 X 201705 H5 010121 90000.000"},
			weights: []string{"2 50951.000 - 1 - true - -", "3 1200.000 3.000 5 - true - -"},
			leftOut: []string{"confidential_code 1", "part_of_flow 2", "reporter_is_a_group 1"},
			rejects: []string{"8 Classification S3 not_hs"},
		},
		{
			// The header of before 2023 with the content of after: C00, flows by letters.
			file: "comtrade_legacy_transitional.csv", format: "comtrade-legacy-csv", unit: "USD",
			staged:  []string{"2 180 0 M 2016 H5 260500 100.000", "6 180 0 X 2016 H5 260500 900.500"},
			weights: []string{"2 1500.000 - -1 cif true - -", "6 1500.000 - -1 fob true - -"},
			leftOut: []string{"customs_procedure 1", "mode_of_transport 1", "part_of_flow 4", "second_partner 1"},
		},
		{
			file: "comtrade_legacy_bulk.csv", format: "comtrade-legacy-bulk-csv", unit: "USD",
			staged:  []string{"2 699 156 X 2010 H3 010619 109.000", "3 699 0 M 2010 H3 TOTAL 5000.000"},
			weights: []string{"2 2.000 - 1 - true - -", "3 - - 1 - true - -"},
			leftOut: []string{"part_of_flow 2"},
		},
		{
			file: "BACI_HS17_Y2019_V202601.csv", format: "baci-csv", unit: "thousand USD",
			staged: []string{
				"2 156 842 X 2019 H5 854231 1234567.000",
				"3 156 490 X 2019 H5 854231 1.000",
				"4 842 156 X 2019 H5 854231 5000000.000",
				"5 156 842 X 2019 H5 010121 15250.000",
				"6 516 757 X 2019 H5 030617 2000.000",
			},
		},
		{file: "country_codes_V202601.csv", format: "baci-countries", unit: "USD", leftOut: []string{"code_list 3"}},
		{file: "country_codes_V202001.csv", format: "baci-countries", unit: "USD", leftOut: []string{"code_list 1"}},
		{file: "product_codes_HS17_V202601.csv", format: "baci-products", unit: "USD", leftOut: []string{"code_list 2"}},
		{
			file: "wits.csv", format: "wits-csv", unit: "thousand USD",
			staged: []string{
				"2 757 0 X 2014 H4 0101 2768597.000",
				"3 757 0 X 2014 H4 010121 2768597.000",
				"4 757 642 M 2014 H4 010121 42.000",
				"5 757 180 M 2014 H4 010121 1500.000",
				"6 757 626 M 2014 H4 010121 2500.000",
				"7 757 688 M 2014 H4 010121 3500.000",
			},
			leftOut: []string{"part_of_flow 1", "reporter_is_a_group 1"},
			rejects: []string{"10 PartnerISO3 QQQ unknown_partner"},
		},
		{
			file: "wits_lower_case.csv", format: "wits-csv", unit: "thousand USD",
			staged: []string{"2 384 792 X 2014 H4 010121 12500.000", "3 384 0 X 2014 H4 0101 12500.000"},
		},
		{
			file: "comext_full202001.dat", settings: sources.Settings{Rates: map[string]string{"2020": "1.1422", "2020-01": "1.1100"}},
			format: "comext-csv", unit: "EUR",
			staged: []string{
				"2 251 156 M 202001 H5 854231 2863.800", // 2580 × 1.11
				"3 251 156 M 202001 H5 854231 22.200",   // the other regime is another part
				"4 251 156 M 202001 H5 854231 1110.611", // 1000.55 × 1.11 = 1110.6105
				"5 276 516 X 202001 H5 010121 111.000",  // NA is Namibia
				"6 300 688 X 202001 H5 010121 222.000",  // XS is Serbia
				"8 251 156 M 202001 H5 TOTAL 7770.000",  // 7000 × 1.11
				"9 251 156 M 2020 H5 854231 35408.200",  // 31000 × 1.1422: month 52 is the year
			},
			leftOut: []string{"confidential_code 1"},
		},
		{
			file: "comext_sdmx.csv", settings: sources.Settings{Rates: map[string]string{"2020": "1.1422"}},
			format: "comext-csv", unit: "EUR",
			staged: []string{
				"2 251 156 M 2020 H5 8542 5711000.000",
				"3 251 156 M 2020 H5 854231 4568800.000",
				"7 300 0 X 2020 H5 010121 571.100",
				"10 251 826 M 202005 H5 854231 79.954",
				"11 251 826 M 202005 H5 854231 7.995", // Northern Ireland; 7 × 1.1422 = 7.9954
			},
			leftOut: []string{"not_a_value 1", "part_of_code 2", "partner_is_a_group 1", "reporter_is_a_group 1"},
		},
		{
			file: "comext.tsv", settings: sources.Settings{Rates: map[string]string{"2019": "1.1195", "2020": "1.1422", "2021": "1.1827"}},
			format: "comext-tsv", unit: "EUR",
			staged: []string{
				"2 251 156 M 2019 H5 854231 1119.500",
				"2 251 156 M 2021 H5 854231 3548.100",
				"3 251 156 M 2020 H5 854231 23.415", // 20.5 × 1.1422 = 23.4151
			},
			leftOut: []string{"no_value 1", "not_a_value 3"},
		},
		{
			file: "gacc_hs8.csv", settings: gacc, format: "mapping-csv", unit: "USD",
			staged: []string{
				"2 156 344 M 2023 H6 010129 19121826.000",
				"3 156 344 M 2023 H6 010129 1000000.000", // parts of one cell, with one value
				"4 156 344 M 2023 H6 010129 1000000.000",
				"5 156 251 M 2023 H6 010121 489.000",
				"6 156 842 M 2023 H6 854231 1693.000", // two eight-digit codes of one six-digit code
				"7 156 842 M 2023 H6 854231 1693.000",
				"8 156 842 M 2023 H6 854231 1693.000", // the same line again; see fixtures/cases/parts-count-once
			},
			rejects: []string{"9 Trading partner code 999 unknown_partner"},
		},
		{
			file: "gacc_chinese.csv",
			settings: sources.Settings{Source: "gacc", Reporter: "156", Flow: "X", Year: "2023-05", Unit: "USD", Revision: "H6", CodeWidth: 8, Decimal: ".",
				Columns: map[string]string{"code": "商品编码", "partner": "贸易伙伴名称", "value": "美元"}, Areas: map[string]string{"法国": "FRA", "日本": "392"}},
			format: "mapping-csv", unit: "USD",
			staged: []string{"2 156 251 X 202305 H6 010129 1008489.000", "4 156 392 X 202305 H6 010121 18832.000"},
		},
		{
			file: "tariff_hs10.csv",
			settings: sources.Settings{Source: "tariff", Reporter: "842", Unit: "thousand USD", Revision: "H6", CodeWidth: 10, AreasAs: "name",
				Columns: map[string]string{"period": "Month", "partner": "Country", "code": "HTS Number", "flow": "Direction", "value": "Amount"},
				Flows:   map[string]string{"General Imports": "M", "Total Exports": "X"}},
			format: "mapping-csv", unit: "thousand USD",
			staged: []string{
				"2 842 276 M 202305 H6 854231 1234567500.000",
				"3 842 276 M 202305 H6 854231 500.000",
				"4 842 276 M 202305 H6 010121 7250.000",
				"5 842 276 X 202305 H6 010121 8000.000",
			},
			rejects: []string{"6 Country Atlantis unknown_partner", "7 Direction Transit unknown_flow"},
		},
		{
			file: "seafood_standardized.csv",
			settings: sources.Settings{Source: "seafood", Flow: "X", Unit: "thousand USD", Revision: "H4", AreasAs: "iso3",
				Columns: map[string]string{"reporter": "exporter_iso3c", "partner": "importer_iso3c", "code": "hs6", "year": "year", "value": "total_v"}},
			format: "mapping-csv", unit: "thousand USD",
			staged: []string{"2 4 124 X 2018 H4 030617 2281.000", "3 516 724 X 2018 H4 030617 2638200.000"},
		},
		{
			file: "oec_hs4.csv",
			settings: sources.Settings{Source: "oec", Flow: "X", Unit: "USD", Revision: "H0", Reporter: "156", Partner: "643",
				Columns: map[string]string{"code": "HS4 ID", "year": "Year", "value": "China's Exports"}},
			format: "mapping-csv", unit: "USD",
			staged: []string{"2 156 643 X 2018 H0 2710 115619413.000", "3 156 643 X 2018 H0 0101 12028959.000"},
		},
	} {
		t.Run(test.file, func(t *testing.T) {
			o := take(t, test.file, fixture(t, test.file), test.settings)
			if o.refusal != "" {
				t.Fatalf("refused: %s", o.refusal)
			}
			if o.format != test.format || o.unit != test.unit {
				t.Errorf("format %s in %s, expected %s in %s", o.format, o.unit, test.format, test.unit)
			}
			if diff := cmp.Diff(test.staged, o.staged); diff != "" {
				t.Errorf("staged: %s", diff)
			}
			if test.weights != nil {
				if diff := cmp.Diff(test.weights, o.weights); diff != "" {
					t.Errorf("weights: %s", diff)
				}
			}
			if diff := cmp.Diff(test.rejects, o.rejects); diff != "" {
				t.Errorf("rejects: %s", diff)
			}
			if diff := cmp.Diff(test.leftOut, o.leftOut); diff != "" {
				t.Errorf("left out: %s", diff)
			}
			if !strings.Contains(o.notes, test.note) {
				t.Errorf("notes %q, expected %q in them", o.notes, test.note)
			}
		})
	}
}

// gacc maps a download of China's customs, which says neither flow nor year.
var gacc = sources.Settings{Source: "gacc", Reporter: "156", Flow: "M", Year: "2023", Unit: "USD", Revision: "H6", CodeWidth: 8,
	Columns: map[string]string{"code": "Commodity code", "partner": "Trading partner code", "value": "US dollar"},
	Areas:   map[string]string{"110": "HKG", "305": "FRA", "502": "842"}}

// The other side of each row of BACI is what the partner imported.
func TestBACISides(t *testing.T) {
	o := take(t, "BACI_HS17_Y2019_V202601.csv", fixture(t, "BACI_HS17_Y2019_V202601.csv"), sources.Settings{})
	if diff := cmp.Diff([]string{
		"2 842 156 M 2019 H5 854231 1234567.000",
		"3 490 156 M 2019 H5 854231 1.000",
		"4 156 842 M 2019 H5 854231 5000000.000",
		"5 842 156 M 2019 H5 010121 15250.000",
		"6 757 516 M 2019 H5 030617 2000.000",
	}, o.sides); diff != "" {
		t.Error(diff)
	}
}

// BACI as people hand it on: other separators, marks, lost zeros, other names.
func TestBACISpellings(t *testing.T) {
	plain := fixture(t, "BACI_HS17_Y2019_V202601.csv")
	rows := []string{
		"2 156 842 X 2019 H5 854231 1234567.000", "3 156 490 X 2019 H5 854231 1.000", "4 842 156 X 2019 H5 854231 5000000.000",
		"5 156 842 X 2019 H5 010121 15250.000", "6 516 757 X 2019 H5 030617 2000.000",
	}
	weights := []string{"2 26000.000 - - fob true - -", "3 - - - fob true - -", "4 1500.000 - - fob true - -", "5 7000.000 - - fob true - -", "6 - - - fob true - -"}
	for _, test := range []struct {
		name     string
		content  []byte
		settings sources.Settings
		noted    bool // that nothing tells of World
	}{
		{"BACI_HS17_Y2019_V202601.csv", plain, sources.Settings{}, false},
		{"BACI_HS17_Y2019_V202601b.csv", append([]byte("\xef\xbb\xbf"), bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n"))...), sources.Settings{}, false},
		{"semicolons BACI_HS17_Y2019_V202601.csv", bytes.ReplaceAll(plain, []byte(","), []byte(";")), sources.Settings{}, false},
		{"decimal commas BACI_HS17_Y2019_V202601.csv", bytes.ReplaceAll(bytes.ReplaceAll(plain, []byte(","), []byte(";")), []byte("."), []byte(",")), sources.Settings{}, false},
		{"BACI_HS17_Y2019_V202601 zeros lost.csv", bytes.ReplaceAll(plain, []byte(",0"), []byte(",")), sources.Settings{}, false},
		{"mine.csv", plain, sources.Settings{Revision: "H5"}, true},
		{"mine too.csv", plain, sources.Settings{Revision: "H5", World: "sum"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := take(t, test.name, test.content, test.settings)
			if diff := cmp.Diff(rows, o.staged); diff != "" {
				t.Errorf("rows: %s", diff)
			}
			if diff := cmp.Diff(weights, o.weights); diff != "" {
				t.Errorf("weights: %s", diff)
			}
			if strings.Contains(o.notes, "no World") != test.noted {
				t.Errorf("refused %q, notes %q; that World is missing: expected %t", o.refusal, o.notes, test.noted)
			}
		})
	}
}

// The same rows in each encoding and archive give the same facts.
func TestEncodings(t *testing.T) {
	csv := []byte("refYear,period,reporterCode,reporterDesc,flowCode,partnerCode,partnerDesc,classificationCode,cmdCode,primaryValue\n" +
		"2019,2019,156,China,M,792,Türkiye,H5,010121,600\n2019,2019,156,China,X,384,\"Côte d'Ivoire\nWest Africa\",H5,880240,300.5\n")
	want := []string{"2 156 792 M 2019 H5 010121 600.000", "3 156 384 X 2019 H5 880240 300.500"}
	json := []byte(`{"elapsedTime":"0 secs","count":2,"data":[{"refYear":2019,"period":"2019","reporterCode":156,"flowCode":"M","partnerCode":792,"partnerDesc":"Türkiye","classificationCode":"H5","cmdCode":"010121","primaryValue":600.0},` +
		`{"refYear":2019,"period":"2019","reporterCode":156,"flowCode":"X","partnerCode":384,"classificationCode":"H5","cmdCode":"880240","primaryValue":300.5}],"error":""}`)
	numbered := []string{"1 156 792 M 2019 H5 010121 600.000", "2 156 384 X 2019 H5 880240 300.500"}
	utf16 := func(content []byte, order unicode.Endianness, mark unicode.BOMPolicy) []byte {
		out, err := unicode.UTF16(order, mark).NewEncoder().Bytes(content)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	latin := bytes.ReplaceAll(bytes.ReplaceAll(csv, []byte("ü"), []byte("\xfc")), []byte("ô"), []byte("\xf4"))
	for _, test := range []struct {
		name    string
		content []byte
		want    []string
	}{
		{"utf-8.csv", csv, want},
		{"utf-8 with a mark.csv", append([]byte("\xef\xbb\xbf"), csv...), want},
		{"windows-1252.csv", latin, want},
		{"utf-16 little.csv", utf16(csv, unicode.LittleEndian, unicode.UseBOM), want},
		{"utf-16 big.csv", utf16(csv, unicode.BigEndian, unicode.UseBOM), want},
		{"utf-16 little, no mark.csv", utf16(csv, unicode.LittleEndian, unicode.IgnoreBOM), want},
		{"utf-16 big, no mark.csv", utf16(csv, unicode.BigEndian, unicode.IgnoreBOM), want},
		{"csv.gz", gzipped(t, csv), want},
		{"csv.zst", zstandard(t, csv), want},
		{"utf-16 in gz.gz", gzipped(t, utf16(csv, unicode.LittleEndian, unicode.UseBOM)), want},
		{"answer.json", json, numbered},
		{"answer with a mark.json", append([]byte("\xef\xbb\xbf"), json...), numbered},
		{"answer in utf-16.json", utf16(json, unicode.LittleEndian, unicode.UseBOM), numbered},
		{"answer.json.gz", gzipped(t, json), numbered},
		{"answer.json.zst", zstandard(t, json), numbered},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := take(t, test.name, test.content, sources.Settings{})
			if diff := cmp.Diff(test.want, o.staged); diff != "" {
				t.Errorf("%s (refused: %q)", diff, o.refusal)
			}
		})
	}
}

// An archive's members are inputs of their own, whatever they are.
func TestArchives(t *testing.T) {
	csv := []byte("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n2019,2019,156,M,792,H5,010121,600\n")
	json := []byte(`[{"refYear":2019,"period":"2019","reporterCode":156,"flowCode":"M","partnerCode":792,"classificationCode":"H5","cmdCode":"010121","primaryValue":600}]`)
	row, numbered := "2 156 792 M 2019 H5 010121 600.000", "1 156 792 M 2019 H5 010121 600.000"
	book := workbook(t, sheet("Sheet1", strings.Split("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue", ","), strings.Split("2019,2019,156,M,792,H5,010121,600", ",")))
	archive := zipOf(t, "a.csv", csv, "folder/b.csv.gz", gzipped(t, csv), "c.csv.zst", zstandard(t, csv), "d.json", json, "e.xlsx", book,
		"f.zip", zipOf(t, "x.csv", csv), "__MACOSX/a.csv", []byte("junk"), "g.txt", []byte("no data"))
	var got []string
	for _, o := range takeFile(t, "all.zip", archive, sources.Settings{}) {
		got = append(got, fmt.Sprint(o.staged, o.refusal))
	}
	want := []string{
		"[" + row + "]", "[" + row + "]", "[" + numbered + "]", "[" + row + "]", // a, c, d, e
		"[]is an archive or an empty workbook inside an archive; unpack it",
		"[" + row + "]", // folder/b
		"[]is in no known format: the header begins with \"no data\"; 'columns:' under files: in entrepot.yaml says which column is what",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
