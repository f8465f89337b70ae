package sources_test

import (
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// Dimensions tell rows of one cell apart; amounts and the number of the row do not.
func TestTellsApart(t *testing.T) {
	l := sources.Layout{
		Table: sources.Table{Header: []string{"", "Unnamed: 0", "Month", "Country", "HS code", "Customs regime", "FOB", "Value of goods", "Net weight (kg)", "First quantity",
			"Unit of quantity", "quantity_unit", "Unit value", "单价", "第一数量", "第一计量单位", "QTY", "Port", "Value group"}},
		At: map[sources.Column]int{sources.ColPeriod: 2, sources.ColPartner: 3, sources.ColCode: 4, sources.ColValue: 6, sources.ColType: 18},
	}
	got := map[string]bool{}
	for i, name := range l.Header {
		got[name] = l.TellsApart(i)
	}
	want := map[string]bool{"": false, "Unnamed: 0": false, "Month": true, "Country": true, "HS code": true, "Customs regime": true, "FOB": false, "Value of goods": false,
		"Net weight (kg)": false, "First quantity": false, "Unit of quantity": true, "quantity_unit": true, "Unit value": false, "单价": false, "第一数量": false,
		"第一计量单位": true, "QTY": false, "Port": true, "Value group": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !l.TellsApart(len(l.Header)) {
		t.Error("a field without a name tells nothing apart")
	}
	wide := sources.Layout{Table: sources.Table{Numbered: true, Header: []string{"row", "code", "label", "2019", "2020"}}, At: map[sources.Column]int{sources.ColCode: 1},
		Wide: []sources.WideColumn{{Index: 3, Year: 2019}, {Index: 4, Year: 2020}}}
	for i, want := range []bool{false, true, true, false, false} {
		if got := wide.TellsApart(i); got != want {
			t.Errorf("%s tells rows apart: %v, expected %v", wide.Header[i], got, want)
		}
	}
}
