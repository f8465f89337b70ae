package fetch

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/usage"
)

// recordings are responses of the real site, which lie beside the project and not in it.
const recordings = "../../shared/data/comtrade_api"

func recorded(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(recordings, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("there are no recordings in %s", recordings)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// spooled is a body as an answer that arrived.
func spooled(t *testing.T, body string) *spool {
	t.Helper()
	f := &folder{data: t.TempDir()}
	if err := os.MkdirAll(f.path("incoming"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := f.spool(strings.NewReader(body), http.Header{"Content-Type": {"application/json; charset=utf-8"}}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	return s
}

// A recorded answer is read to the last digit, whatever the order of its rows.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	call := Call{Reporters: []int{156}, Periods: []string{"2010"}, Flow: "M", Partners: withPartners}
	for _, name := range []string{"data/get_C_A_HS_156_2010_TOTAL.json", "data/get_C_A_HS_156_2010_4rows.json"} {
		body := recorded(t, name)
		_, err := call.read(spooled(t, body), 100_000)
		if err == nil || !strings.Contains(err.Error(), "156/2010/X") {
			t.Errorf("%s: error %v, want that its exports were not asked for", name, err)
		}
		// Of both flows, as the recording asked: each row is taken by the call that asks for it.
		var envelope struct{ Data []json.RawMessage }
		if err := json.Unmarshal([]byte(body), &envelope); err != nil {
			t.Fatal(err)
		}
		read := 0
		for _, flow := range []string{"M", "X"} {
			r := &reader{call: Call{Reporters: []int{156}, Periods: []string{"2010"}, Flow: flow, Partners: withPartners}, most: 100_000,
				answer: &answer{cells: map[string]*rows{}}}
			for _, text := range envelope.Data {
				r.record.reset()
				if err := json.Unmarshal(text, &r.record); err != nil {
					t.Fatal(err)
				}
				if string(r.record.FlowCode) != `"`+flow+`"` {
					continue
				}
				if err := r.row(); err != nil {
					t.Fatal(err)
				}
				read++
			}
			for _, found := range r.answer.cells {
				if found.revision != "H3" {
					t.Errorf("revision %q", found.revision)
				}
			}
		}
		if read != 4 {
			t.Errorf("%s: %d rows, want 4", name, read)
		}
	}
}

// An empty answer has no cell, and is no error of form.
func TestRecordedEmpty(t *testing.T) {
	t.Parallel()
	a, err := (Call{Reporters: []int{156}, Periods: []string{"2010"}, Flow: "M", Partners: withWorld}).read(spooled(t, recorded(t, "data/get_S_A_EB_empty.json")), 100_000)
	if err != nil || a.rows != 0 || len(a.cells) != 0 {
		t.Errorf("answer %+v, %v", a, err)
	}
	if n, err := counted(spooled(t, recorded(t, "data/get_S_A_EB_empty.json"))); err != nil || n != 0 {
		t.Errorf("count %d, %v", n, err)
	}
}

// The rows of a rendered listing are read as the datasets that they are.
func TestRecordedListing(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(recorded(t, "rendered/getDa_C_A_HS_2021.tsv")), "\n")
	names := strings.Split(lines[1], "\t")
	var records []string
	for _, line := range lines[2:] {
		var fields []string
		for i, value := range strings.Split(line, "\t") {
			switch name := names[i]; {
			case value == "True" || value == "False":
				value = strings.ToLower(value)
			case !strings.Contains("datasetCode period reporterCode totalRecords datasetChecksum", name):
				value = `"` + value + `"`
			}
			fields = append(fields, `"`+names[i]+`":`+value)
		}
		records = append(records, "{"+strings.Join(fields, ",")+"}")
	}
	body := `{"elapsedTime":"0.1 secs","count":` + strconv.Itoa(len(records)) + `,"data":[` + strings.Join(records, ",") + `],"error":""}`
	found := map[string]Dataset{}
	if err := listed([]string{"2021"}, found)(spooled(t, body)); err != nil {
		t.Fatal(err)
	}
	d := found["31/2021"]
	if d.Code != "20031202101182100" || d.Released != "2022-05-03T19:12:39.8333333" || d.First != "2022-03-29T22:50:18.8066667" || d.Checksum != "1375342973" ||
		d.Revision != "H5" || d.Records != "1631459" || len(found) != len(records) {
		t.Errorf("dataset %+v of %d", d, len(found))
	}
	if name := fileName(Cell{31, "2021", "X", withWorld}, d, "0123456789abcdef"); name != "C-A-HS_31_2021_X_W_2022-05-03T191239_0123456789ab.csv.gz" {
		t.Errorf("its file is %s", name)
	}
}

// Each recorded error is told apart from the others.
func TestRecordedErrors(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		kind failure
		wait time.Duration
		text string
	}{
		"400_reporterCode_all.http":     {permanent, 0, "The field reporterCode is invalid"},
		"404_unknown_path.http":         {permanent, 0, "Resource not found"},
		"404_url_too_long_iis.http":     {permanent, 0, "has been removed"},
		"414_url_too_long.http":         {permanent, 0, "Request URL Too Long"},
		"401_invalid_key.http":          {keyRefused, 0, "invalid subscription key"},
		"401_missing_key.http":          {keyRefused, 0, "missing subscription key"},
		"403_rejected_by_policy.http":   {keyRefused, 0, "rejected by policy"},
		"403_call_quota.http":           {quotaUsed, 3*time.Hour + 14*time.Minute + 17*time.Second, "Out of call volume quota"},
		"403_bandwidth_quota.http":      {quotaUsed, 5*time.Hour + 41*time.Minute + 2*time.Second, "Out of bandwidth quota"},
		"429_rate_limit.http":           {tooFast, time.Second, "Rate limit is exceeded"},
		"500_something_went_wrong.http": {unwell, 0, "Something went wrong"},
	} {
		response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(recorded(t, "errors/"+name))), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		content, err := io.ReadAll(response.Body)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		w := &wire{clock: systemClock{}}
		got := w.problem(response, spooled(t, string(content)), false)
		var answer *answerError
		var quota *QuotaError
		var wrong *usage.Error
		switch {
		case errors.As(got, &quota):
			left := time.Until(quota.Until)
			if want.kind != quotaUsed || left < want.wait-time.Minute || left > want.wait+time.Minute {
				t.Errorf("%s: free again in %s", name, left)
			}
		case errors.As(got, &answer):
			if answer.kind != want.kind || answer.wait != want.wait {
				t.Errorf("%s: kind %d, wait %s", name, answer.kind, answer.wait)
			}
		case errors.As(got, &wrong):
			t.Errorf("%s: %v", name, got)
		}
		if !strings.Contains(got.Error(), want.text) {
			t.Errorf("%s: error %q, want %q", name, got, want.text)
		}
	}
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
