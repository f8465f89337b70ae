package fetch

import (
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"
)

// TestLive asks the real site what is not known for sure, in at most five calls without a
// key, and says what it answers: ENTREPOT_LIVE=1 go test ./fetch -run TestLive -v
func TestLive(t *testing.T) {
	if os.Getenv("ENTREPOT_LIVE") == "" {
		t.Skip("set ENTREPOT_LIVE=1 to ask the real site")
	}
	base, err := url.Parse("https://comtradeapi.un.org")
	if err != nil {
		t.Fatal(err)
	}
	f, err := openFolder(t.Context(), t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Clock: systemClock{}, CallsPerSecond: 0.5, Timeout: time.Minute, Agent: "entrepot/live-test", Log: quiet()}
	l, err := openLedger(f.path("quota.json"), o)
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(base, o, l, f)
	ask := func(what, path, query string, read func(*spool) error) {
		if err := w.once(t.Context(), path, query, false, func(s *spool) error {
			t.Logf("%s: %d bytes, %v", what, s.bytes, headersOf(s.header))
			return read(s)
		}); err != nil {
			t.Logf("%s: %v", what, err)
		}
	}
	found := map[string]Dataset{}
	ask("the listing of one year", "/public/v1/getDA/C/A/HS", "period=2022", listed([]string{"2022"}, found))
	t.Logf("it has %d datasets; China is %+v", len(found), found["156/2022"])
	call := Call{Reporters: []int{156}, Periods: []string{"2022"}, Flow: "X", Partners: withWorld}
	for _, codes := range []string{"TOTAL,AG6", "84????"} {
		ask("countOnly of "+codes, "/public/v1/preview/C/A/HS", call.query(codes, 500)+"&countOnly=true", func(s *spool) error {
			n, err := counted(s)
			t.Logf("it counts %d", n)
			return err
		})
	}
	ask("a code of a reporter that is none", "/public/v1/preview/C/A/HS", "reporterCode=all&period=2022", func(*spool) error { return nil })
	call.Reporters = []int{438} // small enough for 500 rows, or without any
	ask("an answer of few rows", "/public/v1/preview/C/A/HS", call.query("TOTAL", 500), func(s *spool) error {
		a, err := call.read(s, 500)
		if err == nil {
			t.Logf("it has %d rows", a.rows)
		}
		return err
	})
	if w.keyless > 5 || w.calls > 0 {
		t.Errorf("%d calls were made, and %d with a key", w.keyless, w.calls)
	}
}

// headersOf are the headers that would tell of a quota, a version or a limit.
func headersOf(h http.Header) http.Header {
	shown := http.Header{}
	for name, values := range h {
		switch name {
		case "Date", "Set-Cookie", "Content-Security-Policy", "Permissions-Policy", "Strict-Transport-Security":
		default:
			shown[name] = values
		}
	}
	return shown
}
