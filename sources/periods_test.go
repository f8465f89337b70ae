package sources_test

import (
	"strings"
	"testing"

	"entrepot/sources"
)

// Years and months as files write them. Months never become years, and quarters
// nothing.
func TestPeriods(t *testing.T) {
	mapping := func(columns ...string) sources.Settings {
		s := sources.Settings{Reporter: "156", Partner: "0", Flow: "M", Unit: "USD", Revision: "H5", Columns: map[string]string{"code": "code", "value": "value"}}
		for _, c := range columns {
			s.Columns[c] = c
		}
		return s
	}
	comtrade := "reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue,"
	row := "156,M,0,H5,880240,600,"
	for _, test := range []struct {
		header, row string
		settings    sources.Settings
		want        string // the period, or the reject
	}{
		{"code,value,period", "880240,600,2023", mapping("period"), "2023"},
		{"code,value,period", "880240,600,2023.0", mapping("period"), "2023"},
		{"code,value,period", "880240,600,202305", mapping("period"), "202305"},
		{"code,value,period", "880240,600,202305.0", mapping("period"), "202305"},
		{"code,value,period", "880240,600,2023-05", mapping("period"), "202305"},
		{"code,value,period", "880240,600,2023/5", mapping("period"), "202305"},
		{"code,value,period", "880240,600,2023M11", mapping("period"), "202311"},
		{"code,value,period", "880240,600,2023.10", mapping("period"), "202310"},
		{"code,value,period", "880240,600,2023年5月", mapping("period"), "202305"},
		{"code,value,period", "880240,600,2023年", mapping("period"), "2023"},
		{"code,value,period", "880240,600,2023-05-17", mapping("period"), "202305"},
		{"code,value,period", "880240,600,20230517", mapping("period"), "202305"},
		{"code,value,period", "880240,600,2023-05-17T00:00:00", mapping("period"), "202305"},
		{"code,value,period", "880240,600,2023.1", mapping("period"), "period 2023.1 bad_month"},
		{"code,value,period", "880240,600,2023-Q1", mapping("period"), "period 2023-Q1 bad_month"},
		{"code,value,period", "880240,600,2023-13", mapping("period"), "period 202313 bad_month"},
		{"code,value,period", "880240,600,202300", mapping("period"), "period 202300 bad_month"},
		{"code,value,period", "880240,600,05/2023", mapping("period"), "period 05/2023 bad_year"},
		{"code,value,period", "880240,600,20155", mapping("period"), "period 20155 bad_month"},
		{"code,value,year,month", "880240,600,2023,5", mapping("year", "month"), "202305"},
		{"code,value,year,month", "880240,600,2023,", mapping("year", "month"), "2023"},
		{"code,value,year,month", "880240,600,2023,13", mapping("year", "month"), "month 13 bad_month"},
		{"code,value,year,month", "880240,600,2023,0", mapping("year", "month"), "month 0 bad_month"},
		{"code,value,year", "880240,600,20155", mapping("year"), "year 20155 bad_year"},
		{comtrade + "refYear,refMonth", row + "2019,52", sources.Settings{}, "2019"},
		{comtrade + "refYear,refMonth", row + "2019,5", sources.Settings{}, "201905"},
		{comtrade + "period", row + "2019", sources.Settings{}, "2019"},
		{comtrade + "period", row + "2019.0", sources.Settings{}, "2019"},
		{comtrade + "period", row + "201905", sources.Settings{}, "201905"},
		{comtrade + "period,freqCode", row + "201905,M", sources.Settings{}, "201905"},
		{comtrade + "period,refMonth", row + "201905,5", sources.Settings{}, "201905"},
		{comtrade + "period,refMonth", row + "2019,52", sources.Settings{}, "2019"},
	} {
		o := take(t, "a.csv", []byte(test.header+"\n"+test.row+"\n"), test.settings)
		got := o.refusal
		switch {
		case len(o.staged) == 1:
			got = strings.Fields(o.staged[0])[4]
		case len(o.rejects) == 1:
			_, got, _ = strings.Cut(o.rejects[0], " ")
		}
		if got != test.want {
			t.Errorf("%s of %s: %q, expected %q", test.row, test.header, got, test.want)
		}
	}
}
