package sources_test

import (
	"strings"
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

const apiNames = "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc," +
	"partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,classificationSearchCode," +
	"isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,mosCode,motCode,motDesc," +
	"qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated," +
	"netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate"

// UN Comtrade's workbook as the site makes it, and after people worked on it:
// codes as numbers, numbers as texts, a title above, a second sheet.
func TestComtradeWorkbook(t *testing.T) {
	header := strings.Split(apiNames, ",")
	row := func(flow, partner, code, value string) []string {
		return strings.Split("C,A,=20190101,=2019,=52,2019,=156,CHN,China,"+flow+",Import,="+partner+",W00,,=0,W00,World,H5,HS,true,"+code+",,=6,true,C00,TOTAL CPC,0 ,=0,TOTAL MOT,"+
			"=-1,N/A,=0,false,=-1,N/A,=0,false,=7.5,false,=0,false,"+value+",,"+value+",=0,false,true", ",")
	}
	rows := [][]string{header, row("M", "0", "010121", "=9680795326"), row("M", "842", "=10121", "=1.0857900000000001E+7"), row("M", "392", "010121", "60938.25"), row("RM", "0", "010121", "=1")}
	want := []string{"2 156 0 M 2019 H5 010121 9680795326.000", "3 156 842 M 2019 H5 010121 10857900.000", "4 156 392 M 2019 H5 010121 60938.250"}
	o := take(t, "TradeData.xlsx", workbook(t, sheet("Sheet1", rows...), sheet("Sheet2")), sources.Settings{})
	if diff := cmp.Diff(want, o.staged); diff != "" {
		t.Errorf("as it comes: %s (refused: %q)", diff, o.refusal)
	}
	if diff := cmp.Diff([]string{"part_of_flow 1"}, o.leftOut); diff != "" {
		t.Error(diff)
	}
	if o.format != "comtrade-xlsx" {
		t.Errorf("format %s", o.format)
	}
	titled := append([][]string{{"My download of today"}, {}}, rows...)
	o = take(t, "titled.xlsx", workbook(t, sheet("Data", titled...)), sources.Settings{})
	if diff := cmp.Diff([]string{"4 156 0 M 2019 H5 010121 9680795326.000", "5 156 842 M 2019 H5 010121 10857900.000", "6 156 392 M 2019 H5 010121 60938.250"}, o.staged); diff != "" {
		t.Errorf("below a title: %s (refused: %q)", diff, o.refusal)
	}
	both := takeFile(t, "two.xlsx", workbook(t, sheet("Imports", rows[:2]...), sheet("Notes", []string{"Read me"}), sheet("More", rows[0], rows[3])), sources.Settings{})
	if len(both) != 3 || len(both[0].staged) != 1 || len(both[1].staged) != 1 || both[2].refusal == "" {
		t.Errorf("two sheets with data and one of prose: %+v", both) // in the order of the names
	}
}

// What the maker of a workbook hid is none of its data, and is named.
func TestHiddenSheets(t *testing.T) {
	header := strings.Split("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue", ",")
	row := strings.Split("2019,2019,156,M,0,H5,854231,=100", ",")
	data, old := sheet("Data", header, row), sheet("Withdrawn", header, row)
	for _, test := range []struct {
		name   string
		sheets []bookSheet
		want   string // of each input: what was staged, or why it was refused, and the notes
	}{
		{"one is hidden", []bookSheet{hidden("hidden", old), data}, "2 156 0 M 2019 H5 854231 100.000|hidden sheets (\"Withdrawn\") is not read"},
		{"two are", []bookSheet{data, hidden("veryHidden", old), hidden("hidden", sheet("Lists", []string{"a"}))},
			"2 156 0 M 2019 H5 854231 100.000|hidden sheets (\"Withdrawn\", \"Lists\") is not read"},
		{"an empty one is", []bookSheet{data, hidden("hidden", sheet("Withdrawn"))}, "2 156 0 M 2019 H5 854231 100.000|"},
		{"one is shown again", []bookSheet{hidden("visible", data)}, "2 156 0 M 2019 H5 854231 100.000|"},
		{"all are hidden", []bookSheet{hidden("veryHidden", old)}, "is a workbook that has data in hidden sheets only (\"Withdrawn\"): show the sheet that you mean and save the workbook|"},
		{"two are shown", []bookSheet{data, sheet("More", header, row), hidden("hidden", old)},
			"2 156 0 M 2019 H5 854231 100.000|hidden sheets (\"Withdrawn\") is not read\n2 156 0 M 2019 H5 854231 100.000|"},
	} {
		var got []string
		for _, o := range takeFile(t, "book.xlsx", workbook(t, test.sheets...), sources.Settings{}) {
			_, notes, _ := strings.Cut(o.notes, "what stands in ")
			got = append(got, o.refusal+strings.Join(o.staged, " ")+"|"+notes)
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// WITS's workbook has numbers as padded texts, some with exponents, and areas by
// name; it says no revision, which its codes tell.
func TestWITSWorkbook(t *testing.T) {
	header := strings.Split("Reporter|TradeFlow|ProductCode|Product Description|Year|Partner|Trade Value 1000USD|Quantity|Quantity Unit", "|")
	book := workbook(t, sheet("Sheet1"), sheet("By-HS6Product", header,
		strings.Split("Switzerland|Import|010121|Horses|2023|Korea, Rep.|          19204.85|    7|Item", "|"),
		strings.Split("Switzerland|Import|854231|Circuits|=2023|Hong Kong, China|1.08579e+007||", "|"),
		strings.Split("Switzerland|Import|=10121|Horses|2023|World|=0.5||", "|"),
		strings.Split("Switzerland|Import|880622|Drones|2023|European Union|=5||", "|"),
		strings.Split("Switzerland|Import|880622|Drones|2023|Erewhon|=5||", "|"),
		strings.Split("Switzerland|Import|880622|Drones|2023|Macao|=5||", "|")))
	o := take(t, "wits.xlsx", book, sources.Settings{})
	if diff := cmp.Diff([]string{"2 757 410 M 2023 H6 010121 19204850.000", "3 757 344 M 2023 H6 854231 10857900000.000", "4 757 0 M 2023 H6 010121 500.000", "7 757 446 M 2023 H6 880622 5000.000"}, o.staged); diff != "" {
		t.Errorf("%s (refused: %q)", diff, o.refusal)
	}
	if diff := cmp.Diff([]string{"6 Partner Erewhon unknown_partner"}, o.rejects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"partner_is_a_group 1"}, o.leftOut); diff != "" {
		t.Error(diff)
	}
	if o.format != "wits-xlsx" || !strings.Contains(o.notes, "H6, the only HS revision that has all of them") {
		t.Errorf("format %s, notes %q", o.format, o.notes)
	}
	o = take(t, "wits.xlsx", book, sources.Settings{Revision: "H5"})
	if diff := cmp.Diff([]string{"6 Partner Erewhon unknown_partner", "7 ProductCode 880622 unknown_code"}, o.rejects); diff != "" {
		t.Errorf("in a revision that lacks a code: %s", diff)
	}
}
