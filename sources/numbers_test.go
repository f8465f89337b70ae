package sources_test

import (
	"strings"
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// Numbers as people and spreadsheets write them. What could mean two things is
// refused, and one slip among many rows is a reject.
func TestNumbers(t *testing.T) {
	many := strings.Repeat("1234.5|", 30)
	for _, test := range []struct {
		name    string
		values  string // with | between
		decimal string
		want    string // the distinct values in dollars, or a part of the refusal
		rejects string
	}{
		{"plain", "600|0.5|1e3", "", "600.000 0.500 1000.000", ""},
		{"groups and points", "1,234,567|12.5", "", "1234567.000 12.500", ""},
		{"groups and a point", "1,234.50|600", "", "1234.500 600.000", ""},
		{"points as groups", "1.234.567|12,5", "", "1234567.000 12.500", ""},
		{"points as groups and a comma", "1.234,50|600", "", "1234.500 600.000", ""},
		{"decimal commas", "0,5|1234,567", "", "0.500 1234.567", ""},
		{"three decimals are no groups", "1.234|600", "", "1.234 600.000", ""},
		{"one comma could be either", "1,234|600", "", "nothing tells whether the comma", ""},
		{"one comma, said to be decimal", "1,234|600", ",", "1.234 600.000", ""},
		{"one comma, said to group", "1,234|600", ".", "1234.000 600.000", ""},
		{"blanks", "1 234 567|12", "", "1234567.000 12.000", ""},
		{"no-break blanks and a comma", "1\u00a0234,5|1\u202f234\u202f567,25", "", "1234.500 1234567.250", ""},
		{"apostrophes", "1'234'567.5|1’234", "", "1234567.500 1234.000", ""},
		{"lakhs", "1,23,45,678.5|600", "", "12345678.500 600.000", ""},
		{"exponents with commas", "1,5E+03|0,25", "", "1500.000 0.250", ""},
		{"half and half", "0,5|0.5", "", "in two ways", ""},
		{"one slip among points", many + "600,5", "", "1234.500", "600,5"},
		{"commas that group nothing", many + "1,234,567|60,05", "", "1234.500 1234567.000", "60,05"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "code;value\n"
			for v := range strings.SplitSeq(test.values, "|") {
				text += "880240;" + v + "\n"
			}
			o := take(t, "a.csv", []byte(text), sources.Settings{Reporter: "156", Partner: "0", Flow: "M", Year: "2019", Unit: "USD", Revision: "H5", Decimal: test.decimal,
				Columns: map[string]string{"code": "code", "value": "value"}})
			if o.refusal != "" {
				if !strings.Contains(o.refusal, test.want) {
					t.Errorf("refused for %q, expected %q", o.refusal, test.want)
				}
				return
			}
			var values, rejects []string
			for _, row := range o.staged {
				if v := row[strings.LastIndexByte(row, ' ')+1:]; len(values) == 0 || values[len(values)-1] != v {
					values = append(values, v)
				}
			}
			for _, row := range o.rejects {
				rejects = append(rejects, strings.Fields(row)[2])
			}
			if diff := cmp.Diff(test.want, strings.Join(values, " ")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.rejects, strings.Join(rejects, " ")); diff != "" {
				t.Errorf("rejects: %s", diff)
			}
		})
	}
}

// Thousands and millions are exact up to what a value may be, whatever stands in
// other rows, and what is too large is a reject.
func TestUnits(t *testing.T) {
	for _, test := range []struct{ unit, value, want string }{
		{"thousand USD", "0.000001", "0.001"},
		{"thousand USD", "0.0000005", "0.001"}, // rounded, as everywhere
		{"thousand USD", "999999999.999999", "999999999999.999"},
		{"thousand USD", "1000000000", "1000000000000.000"},
		{"thousand USD", "999999999999.999999", "999999999999999.999"},
		{"thousand USD", "1000000000000", "value_too_large"},
		{"thousand USD", "1e40", "value_too_large"},
		{"million USD", "0.000000001", "0.001"},
		{"million USD", "999.999999999", "999999999.999"},
		{"million USD", "1000", "1000000000.000"},
		{"million USD", "999999999.999999999", "999999999999999.999"},
		{"million USD", "1e9", "value_too_large"},
		{"million USD", "many", "bad_value"},
		{"thousand EUR", "1.5", "1733.850"},
		{"thousand EUR", "800000000000", "924720000000000.000"},
		{"thousand EUR", "900000000000", "value_too_large"},
		{"million EUR", "9999999999999999", "value_too_large"},
		{"EUR", "99999999999999.9999", "115590000000000.000"}, // 115589999999999.99988…
		{"EUR", "100000000000000", "115590000000000.000"},
		{"EUR", "1e30", "value_too_large"},
	} {
		s := sources.Settings{Reporter: "156", Partner: "0", Flow: "M", Year: "2019", Unit: test.unit, Revision: "H5", Columns: map[string]string{"code": "code", "value": "value"}}
		if strings.Contains(test.unit, "EUR") {
			s.Rates = map[string]string{"2019": "1.1559"}
		}
		o := take(t, "a.csv", []byte("code,value\n880240,1\n880240,"+test.value+"\n880240,2\n"), s)
		got := o.refusal
		switch {
		case len(o.staged) == 3:
			got = strings.Fields(o.staged[1])[7]
		case len(o.rejects) == 1:
			got = strings.Fields(o.rejects[0])[3]
		}
		if got != test.want {
			t.Errorf("%s %s: %s, expected %s", test.value, test.unit, got, test.want)
		}
	}
	// Weights in tons that no ship has carried are missing, and end nothing.
	o := take(t, "BACI_HS17_Y2019_V202601.csv", []byte("t,i,j,k,v,q\n2019,156,842,854231,1,5e9\n2019,156,392,854231,1,999999999999999\n2019,156,410,854231,1,2\n"), sources.Settings{})
	if diff := cmp.Diff([]string{"2 5000000000000.000 - - fob true - -", "3 - - - fob true - -", "4 2000.000 - - fob true - -"}, o.weights[max(len(o.weights)-3, 0):]); diff != "" {
		t.Errorf("%s (refused %q)", diff, o.refusal)
	}
}
