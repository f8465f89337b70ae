package trino

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a server that speaks Trino's protocol and knows no SQL.
type fake struct {
	*httptest.Server
	// answer says how a statement goes on; number counts the statements that begin as this one does.
	answer func(text string, number int) answer

	lock      sync.Mutex
	asked     []request
	answers   map[string]answer
	cancelled map[string]bool
}

// request is a statement that the server was sent.
type request struct {
	text   string
	header http.Header
}

// answer is how a statement goes on, after it was taken.
type answer struct {
	status  int // of the answer to the statement itself; 0: 200
	body    string
	rows    [][]any // of text
	written int64
	failure map[string]any
	lost    bool // the server knows nothing of the query any more
	hangs   bool // runs until it is cancelled
	deaf    bool // and does not let itself be cancelled
	told    bool // or says of its end only that it has told of it
}

// fails is a failure with its name, type and message.
func fails(name, kind, message string, causes ...string) answer {
	info := map[string]any{"message": message}
	for i := len(causes) - 1; i >= 0; i-- {
		info = map[string]any{"message": causes[i], "cause": info}
	}
	return answer{failure: map[string]any{"errorName": name, "errorType": kind, "message": message, "failureInfo": info}}
}

// catalogs is what the server says of its catalogs.
var catalogs = answer{rows: [][]any{{"lake hive"}, {"ice iceberg"}, {"system system"}}}

// serve starts a server.
func serve(t *testing.T, answers func(text string, number int) answer) *fake {
	t.Helper()
	f := newFake(answers)
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func newFake(answers func(text string, number int) answer) *fake {
	return &fake{answers: map[string]answer{}, cancelled: map[string]bool{}, answer: func(text string, number int) answer {
		if strings.Contains(text, "system.metadata.catalogs") {
			return catalogs
		}
		if answers == nil {
			return answer{}
		}
		return answers(text, number)
	}}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/v1/info":
		fmt.Fprint(w, `{"nodeVersion":{"version":"476"},"coordinator":true,"starting":false}`)
	case r.Method == http.MethodPost:
		f.take(w, r)
	case r.Method == http.MethodDelete:
		f.cancel(w, r)
	default:
		f.goOn(w, r)
	}
}

func (f *fake) take(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	text := string(content)
	f.lock.Lock()
	number := 0
	for _, earlier := range f.asked {
		if earlier.text[:min(12, len(earlier.text))] == text[:min(12, len(text))] {
			number++
		}
	}
	f.asked = append(f.asked, request{text, r.Header.Clone()})
	id := "q" + strconv.Itoa(len(f.asked))
	a := f.answer(text, number)
	f.answers[id] = a
	f.lock.Unlock()
	if a.status != 0 {
		http.Error(w, a.body, a.status)
		return
	}
	f.say(w, id, "QUEUED", map[string]any{"nextUri": f.URL + "/v1/statement/executing/" + id + "/1"})
}

// goOn is the second answer, and the last but for queries that hang.
func (f *fake) goOn(w http.ResponseWriter, r *http.Request) {
	id := strings.Split(r.URL.Path, "/")[4]
	f.lock.Lock()
	a, cancelled := f.answers[id], f.cancelled[id] && !f.answers[id].deaf
	f.lock.Unlock()
	switch {
	case cancelled && a.told:
		http.Error(w, "com.google.common.base.VerifyException: Cannot generate next result when next token is not present", http.StatusInternalServerError)
	case cancelled:
		f.say(w, id, "FAILED", fails("USER_CANCELED", "USER_ERROR", "Query was canceled").fields())
	case a.lost:
		http.Error(w, "Query not found", http.StatusNotFound)
	case a.hangs:
		time.Sleep(5 * time.Millisecond)
		f.say(w, id, "RUNNING", map[string]any{"nextUri": f.URL + r.URL.Path})
	case a.failure != nil:
		f.say(w, id, "FAILED", a.fields())
	default:
		f.say(w, id, "FINISHED", a.fields())
	}
}

func (f *fake) cancel(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	id := parts[len(parts)-1]
	if strings.HasPrefix(r.URL.Path, "/v1/statement") {
		id = parts[4]
	}
	f.lock.Lock()
	f.cancelled[id] = true
	f.lock.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

func (a answer) fields() map[string]any {
	fields := map[string]any{"updateCount": a.written}
	if a.failure != nil {
		fields["error"] = a.failure
	}
	if a.rows != nil {
		fields["columns"] = []any{map[string]any{"name": "x", "type": "varchar",
			"typeSignature": map[string]any{"rawType": "varchar", "arguments": []any{map[string]any{"kind": "LONG", "value": 2147483647}}}}}
		fields["data"] = a.rows
	}
	return fields
}

func (f *fake) say(w http.ResponseWriter, id, state string, fields map[string]any) {
	fields["id"] = id
	fields["stats"] = map[string]any{"state": state, "nodes": 2, "completedSplits": 3, "totalSplits": 4, "cpuTimeMillis": 1500,
		"elapsedTimeMillis": 2500, "processedRows": 10, "processedBytes": 1000, "physicalInputBytes": 4096, "physicalWrittenBytes": 512,
		"peakMemoryBytes": 1 << 20, "rootStage": map[string]any{"stageId": "0", "done": false, "subStages": []any{
			map[string]any{"stageId": "1", "done": true, "subStages": []any{map[string]any{"stageId": "2", "done": true}}}}}}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(fields); err != nil {
		panic(err)
	}
}

// statements lists what the server was sent, from the first line of each, without what
// every connection asks.
func (f *fake) statements() []string {
	f.lock.Lock()
	defer f.lock.Unlock()
	var all []string
	for _, r := range f.asked {
		if !strings.Contains(r.text, "system.metadata.catalogs") {
			all = append(all, r.text)
		}
	}
	return all
}

// header is that of the last statement.
func (f *fake) header() http.Header {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.asked[len(f.asked)-1].header
}

// isCancelled tells whether the server was told to end a query.
func (f *fake) isCancelled(id string) bool {
	f.lock.Lock()
	defer f.lock.Unlock()
	return f.cancelled[id]
}
