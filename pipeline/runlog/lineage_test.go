package runlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/release"

	"github.com/google/uuid"
)

const runOfParent = "01989a3b-1b55-7f3a-8d5f-0a8c6c2f2a11"

func lineageBook(t *testing.T, l Lineage) *Book {
	t.Helper()
	return &Book{Out: "/srv/out", Data: "s3://raw/trade/2026?region=eu", Lineage: l, Version: "1.2.3",
		Log: slog.New(slog.DiscardHandler), Now: time.Now, RunID: uuid.NewString()}
}

func lineageRelease() *release.Release {
	return &release.Release{ID: "0123456789ab", Manifest: &release.Manifest{Release: "0123456789ab", Files: []release.FileEntry{
		{Name: "dominance.parquet", Rows: 9, Bytes: 1234}, {Name: release.PackageName}}}}
}

// facets of the specification: what each must have, and what it may.
var facetFields = map[string]struct{ must, may []string }{
	"errorMessage":     {[]string{"message", "programmingLanguage"}, []string{"stackTrace"}},
	"parent":           {[]string{"run", "job"}, []string{"root"}},
	"jobType":          {[]string{"processingType", "integration"}, []string{"jobType"}},
	"version":          {[]string{"datasetVersion"}, nil},
	"schema":           {nil, []string{"fields"}},
	"symlinks":         {nil, []string{"identifiers"}},
	"inputStatistics":  {nil, []string{"rowCount", "size", "fileCount"}},
	"outputStatistics": {nil, []string{"rowCount", "size", "fileCount"}},
}

func checkFacets(t *testing.T, facets map[string]any) {
	t.Helper()
	for name, facet := range facets {
		fields, known := facetFields[name]
		if !known {
			t.Errorf("there is no facet %s", name)
		}
		content := facet.(map[string]any)
		may := append(slices.Concat(fields.must, fields.may), "_producer", "_schemaURL")
		for _, field := range append(fields.must, "_producer", "_schemaURL") {
			if content[field] == nil {
				t.Errorf("facet %s has no %s", name, field)
			}
		}
		for field := range content {
			if !slices.Contains(may, field) {
				t.Errorf("facet %s has %s, which the specification does not know", name, field)
			}
		}
		if url := content["_schemaURL"].(string); !strings.HasPrefix(url, "https://openlineage.io/spec/facets/") {
			t.Errorf("facet %s is of %s", name, url)
		}
	}
}

func parsed(t *testing.T, text []byte) lineageEvent {
	t.Helper()
	var e lineageEvent
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&e); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.RFC3339Nano, e.Time); err != nil {
		t.Error(err)
	}
	if _, err := uuid.Parse(e.Run.ID); err != nil {
		t.Error(err)
	}
	checkFacets(t, e.Run.Facets)
	checkFacets(t, e.Job.Facets)
	for _, d := range slices.Concat(e.Inputs, e.Outputs) {
		checkFacets(t, d.Facets)
		checkFacets(t, d.InputFacets)
		checkFacets(t, d.OutputFacets)
	}
	return e
}

// An event names what it is of by names that stay, and says which version it was.
func TestLineageEvent(t *testing.T) {
	t.Setenv("OPENLINEAGE_PARENT_ID", "airflow/eu/daily.refresh/"+runOfParent)
	t.Setenv("OPENLINEAGE_ROOT_PARENT_ID", "airflow/eu/daily/"+runOfParent)
	t.Setenv("OPENLINEAGE_NAMESPACE", "figures")
	b := lineageBook(t, Lineage{File: "x", Copy: "s3://figures/trade?endpoint=http://localhost:9000"})
	text, wrong, err := b.event("FAIL", []Input{{Name: "a.zip!b.csv", Rows: 5, Bytes: 60, SHA256: "abc"}}, lineageRelease(), errors.New("no"))
	if err != nil || wrong != nil {
		t.Fatal(wrong, err)
	}
	e := parsed(t, text)
	for _, want := range []string{
		`"eventType":"FAIL"`, `"job":{"namespace":"figures","name":"/srv/out"`,
		`"parent":{"_producer":"urn:entrepot:1.2.3","_schemaURL":"https://openlineage.io/spec/facets/1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet",` +
			`"job":{"name":"daily.refresh","namespace":"airflow/eu"},"root":{"job":{"name":"daily","namespace":"airflow/eu"},"run":{"runId":"` + runOfParent + `"}},"run":{"runId":"` + runOfParent + `"}}`,
		`{"namespace":"s3://raw","name":"trade/2026/a.zip!b.csv"`, `"datasetVersion":"abc"`, `"message":"no"`,
		`{"namespace":"file","name":"/srv/out/current/dominance.parquet"`, `"datasetVersion":"0123456789ab"`,
		`{"name":"/srv/out/releases/0123456789ab/dominance.parquet","namespace":"file","type":"FILE"}`,
		`{"name":"trade/releases/0123456789ab/dominance.parquet","namespace":"s3://figures","type":"FILE"}`,
		`"name":"sector","type":"VARCHAR"`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the event lacks %s:\n%s", want, text)
		}
	}
	if len(e.Outputs) != 1 {
		t.Errorf("%d outputs", len(e.Outputs))
	}
}

// What the environment says wrongly of the parent is said, and the event goes without.
func TestLineageParent(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a/b/" + runOfParent: "", "a/b/7": "not namespace/job/run-id", "b/" + runOfParent: "not namespace/job/run-id", runOfParent: "not namespace/job/run-id",
	} {
		t.Setenv("OPENLINEAGE_PARENT_ID", text)
		event, wrong, err := lineageBook(t, Lineage{File: "x"}).event("START", nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && wrong != nil || want != "" && (wrong == nil || !strings.Contains(wrong.Error(), want)) {
			t.Errorf("%q: %v", text, wrong)
		}
		if has := parsed(t, event).Run.Facets["parent"] != nil; has != (want == "" && text != "") {
			t.Errorf("%q: the event has a parent: %t", text, has)
		}
	}
}

// Files are named by their paths, objects by their bucket and key.
func TestPlaceOf(t *testing.T) {
	for base, want := range map[string][2]string{
		"/srv/data": {"file", "/srv/data/x/y.csv"}, "file:///mnt/share/": {"file", "/mnt/share/x/y.csv"},
		"s3://bucket": {"s3://bucket", "x/y.csv"}, "s3://bucket/a/b/?endpoint=http://h": {"s3://bucket", "a/b/x/y.csv"},
	} {
		if namespace, name, err := placeOf(base, "x/y.csv"); namespace != want[0] || name != want[1] || err != nil {
			t.Errorf("%s: %s, %s, %v", base, namespace, name, err)
		}
	}
}

// Events go to a server with its key, which stays with it; one that fails, hangs or sends
// elsewhere is an error that holds up nothing for long, and the file has the event.
func TestLineageServer(t *testing.T) {
	const key = "hunter2"
	t.Setenv("OPENLINEAGE_API_KEY", key)
	stop := make(chan struct{})
	for name, trial := range map[string]struct {
		kind   string
		answer http.HandlerFunc
		says   string
		sent   int
	}{
		"takes it":        {"COMPLETE", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }, "", 1},
		"fails":           {"FAIL", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "full", http.StatusInternalServerError) }, `500 Internal Server Error: "full`, 2},
		"refuses a START": {"START", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who?", http.StatusUnauthorized) }, `401 Unauthorized: "who?`, 1},
		"hangs":           {"ABORT", func(http.ResponseWriter, *http.Request) { <-stop }, "Timeout", 1},
		"sends elsewhere": {"START", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/x", http.StatusTemporaryRedirect)
		}, "307", 1},
	} {
		got := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got++
			body, _ := io.ReadAll(r.Body)
			if r.URL.Path != "/api/v1/lineage" || r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %s %v", name, r.URL, r.Header)
			}
			if e := parsed(t, body); e.Type != trial.kind {
				t.Errorf("%s: an event of type %s", name, e.Type)
			}
			trial.answer(w, r)
		}))
		file := filepath.Join(t.TempDir(), "l.ndjson")
		began := time.Now()
		var log bytes.Buffer
		b := lineageBook(t, Lineage{File: file, URL: server.URL})
		b.Log = slog.New(slog.NewJSONHandler(&log, nil))
		b.lineage(trial.kind, nil, nil, nil)
		said := strings.ReplaceAll(log.String(), `\"`, `"`)
		if trial.says == "" && said != "" || trial.says != "" && (!strings.Contains(said, `"place":"openlineage_url"`) ||
			!strings.Contains(said, trial.says) || strings.Contains(said, key)) {
			t.Errorf("%s: %s", name, said)
		}
		if took := time.Since(began); took > 2*time.Second || got != trial.sent {
			t.Errorf("%s: it took %s, and %d events came", name, took, got)
		}
		if text, err := os.ReadFile(file); err != nil || parsed(t, bytes.TrimSpace(text)).Type != trial.kind {
			t.Errorf("%s: the file has %s, %v", name, text, err)
		}
		if name == "hangs" {
			close(stop)
		}
		server.Close()
	}
	_, err := lineageURL("https://h/custom/path?x=1")
	if address, _ := lineageURL("https://h/custom/path?x=1"); err != nil || address != "https://h/custom/path?x=1" {
		t.Error(address, err)
	}
}
