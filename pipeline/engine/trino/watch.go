package trino

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Progress is how far the running query is.
type Progress struct {
	Step              string // such as "table partner_sums"
	Query             string // its id
	State             string // QUEUED, PLANNING, RUNNING, FINISHING, FINISHED, FAILED
	StagesDone        int
	Stages            int
	SplitsDone        int // pieces of work
	Splits            int
	Rows              int64         // read so far
	Bytes             int64         // read so far
	Elapsed           time.Duration // whole seconds
	Nodes             int
	Attempt, Attempts int // 1 of 3
}

// Query is what a finished query cost.
type Query struct {
	ID      string
	Rows    int64         // written
	CPU     time.Duration // of all nodes
	Wall    time.Duration // from being sent to its end, of the last attempt
	Read    int64         // bytes scanned in the lake
	Written int64         // bytes
	Peak    int64         // bytes of memory, of all nodes together
	Tries   int           // 1, or more when it was tried again
}

// page is one answer of the server about a statement.
type page struct {
	ID          string
	NextURI     string
	UpdateCount int64
	Error       *struct{ ErrorName string }
	Stats       struct {
		State                               string
		Nodes, CompletedSplits, TotalSplits int
		CPUTimeMillis, ElapsedTimeMillis    int64
		ProcessedRows, ProcessedBytes       int64
		PhysicalInputBytes                  int64
		PhysicalWrittenBytes                int64
		PeakMemoryBytes                     int64
		RootStage                           stage
	}
}

// stage is a part of a query's plan, with those that it reads from.
type stage struct {
	StageID   string
	Done      bool
	SubStages []stage
}

// count is how many stages there are, and how many are done.
func (s stage) count() (done, all int) {
	if s.StageID == "" {
		return 0, 0
	}
	all = 1
	if s.Done {
		done = 1
	}
	for _, sub := range s.SubStages {
		d, a := sub.count()
		done, all = done+d, all+a
	}
	return done, all
}

// watch follows one statement through its answers.
type watch struct {
	tell func(Progress)
	base Progress // step and attempt

	lock sync.Mutex
	last page
	told Progress

	body string // of an answer that was asked for without the client
}

type watchKey struct{}

// under is a context whose statement is followed.
func (w *watch) under(ctx context.Context) context.Context {
	return context.WithValue(ctx, watchKey{}, w)
}

// saw takes an answer, and tells what is new in it.
func (w *watch) saw(p page) {
	now := w.base
	now.Query, now.State, now.Nodes = p.ID, p.Stats.State, p.Stats.Nodes
	now.StagesDone, now.Stages = p.Stats.RootStage.count()
	now.SplitsDone, now.Splits = p.Stats.CompletedSplits, p.Stats.TotalSplits
	now.Rows, now.Bytes = p.Stats.ProcessedRows, p.Stats.ProcessedBytes
	now.Elapsed = (time.Duration(p.Stats.ElapsedTimeMillis) * time.Millisecond).Truncate(time.Second)
	w.lock.Lock()
	w.last = p
	changed := now != w.told
	w.told = now
	w.lock.Unlock()
	if w.tell != nil && changed {
		w.tell(now)
	}
}

func (w *watch) page() page {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.last
}

// ended tells whether an answer with this status says that the query has ended.
func (w *watch) ended(status int) bool {
	p := w.page()
	return p.Error != nil || p.ID != "" && p.NextURI == "" || status == http.StatusNotFound || status == http.StatusGone ||
		strings.Contains(w.body, "next token is not present") // Trino's words for a cancelled query whose end was told
}

// cost is what the statement cost, as its last answer said.
func (w *watch) cost() Query {
	p := w.page()
	return Query{ID: p.ID, Rows: p.UpdateCount, Tries: w.base.Attempt,
		CPU:  time.Duration(p.Stats.CPUTimeMillis) * time.Millisecond,
		Wall: time.Duration(p.Stats.ElapsedTimeMillis) * time.Millisecond,
		Read: p.Stats.PhysicalInputBytes, Written: p.Stats.PhysicalWrittenBytes, Peak: p.Stats.PeakMemoryBytes}
}

// watcher shows each answer about a statement to the watch in the request's context. The
// client tells neither the id of a query that fails nor, reliably, what it cost.
type watcher struct{ next http.RoundTripper }

func (t watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	w, followed := r.Context().Value(watchKey{}).(*watch)
	if err != nil || !followed || response.StatusCode != http.StatusOK || !strings.HasPrefix(r.URL.Path, "/v1/statement") {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if closed := response.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	var p page
	if json.Unmarshal(body, &p) == nil && p.ID != "" {
		w.saw(p)
	}
	return response, nil
}
