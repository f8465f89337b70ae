package pipeline

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/usage"
)

// Tables of the user say of each row whose it is where more than one reporter is measured;
// of one, they need not.
func TestTablesByReporter(t *testing.T) {
	t.Parallel()
	rows := []fixtures.Row{
		usd(2019, 156, "M", 0, "880240", 100), usd(2019, 156, "X", 0, "880240", 90), usd(2019, 156, "M", 842, "880240", 60),
		usd(2019, 842, "M", 0, "880240", 50), usd(2019, 842, "X", 0, "880240", 10),
		usd(2019, 276, "M", 0, "880240", 7), usd(2019, 276, "X", 0, "880240", 1),
	}
	const markets, firms, sales = "sector,year,market_usd,source", "sector,firms", "year,sales_usd,source"
	several := []string{"reporter=CHN,USA",
		"markets=" + table(t, "reporter,"+markets, "CHN,aerospace,2019,200,a", "USA,aerospace,2019,500,b", "DEU,aerospace,2019,9,c"),
		"firms=" + table(t, "reporter,"+firms, "CHN,aerospace,2", "842,aerospace,5"),
		"affiliate_sales=" + table(t, "reporter,"+sales, "China,2019,77,d")}
	db := tablesOn(t, rows, several...)
	if got, want := ask(t, db, "SELECT reporter, imports_usd, market_usd, import_share, source FROM market_share ORDER BY ALL"), "156 100 200 0.5 a\n842 50 500 0.1 b"; got != want {
		t.Errorf("market_share is\n%s\nwant\n%s", got, want)
	}
	if got, want := ask(t, db, "SELECT reporter, top_ten_firms FROM ratings WHERE sector = 'aerospace' ORDER BY ALL"), "156 2\n842 5"; got != want {
		t.Errorf("ratings have\n%s\nwant\n%s", got, want)
	}
	if got, want := ask(t, db, "SELECT reporter, affiliate_sales_usd FROM partner_trend WHERE sector = 'all_codes' ORDER BY ALL"), "156 77\n842 <nil>"; got != want {
		t.Errorf("partner_trend has\n%s\nwant\n%s", got, want)
	}
	db = tablesOn(t, rows, "reporter=USA", "markets="+table(t, markets, "aerospace,2019,500,b"))
	if got, want := ask(t, db, "SELECT reporter, import_share FROM market_share"), "842 0.1"; got != want {
		t.Errorf("a table without reporters: %s, want %s, whose trade is measured", got, want)
	}
	for _, test := range []struct{ setting, header, line, want string }{
		{"markets", markets, "aerospace,2019,5,x", "with more than one reporter, each row must say whose it is: add a column reporter"},
		{"firms", firms, "rail,1", "each row must say whose it is"},
		{"affiliate_sales", sales, "2019,5,x", "each row must say whose it is"},
		{"markets", "reporter," + markets, "Atlantis,aerospace,2019,5,x", `:2: reporter "Atlantis": there is no area "Atlantis"`},
		{"markets", "reporter," + markets, "CHN,aerospace,2019,5,x\n156,aerospace,2019,6,x", ":3: sector aerospace and year 2019 stand twice"},
		{"markets", "land," + markets, "CHN,aerospace,2019,5,x", `it must be "sector,year,market_usd,source", or "reporter,sector,year,market_usd,source"`},
	} {
		c := configured(t, []string{"reporter=all", test.setting + "=" + table(t, test.header, test.line)})
		_, err := Run(t.Context(), c, slog.New(slog.DiscardHandler))
		var wrong *usage.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %q: %v, want an error of usage with %q", test.setting, test.line, err, test.want)
		}
	}
}

// What is wrong with a list of reporters is said before anything is begun.
func TestWrongReporters(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"CHN, 156":  "it has China twice",
		"all, all":  "it has all twice",
		"CHN, EU":   "name countries",
		"CHN, Mars": `there is no area "Mars"`,
	} {
		_, err := Run(t.Context(), configured(t, []string{"reporter=" + setting}), slog.New(slog.DiscardHandler))
		var wrong *usage.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("reporter %s: %v, want an error of usage with %q", setting, err, want)
		}
	}
}
