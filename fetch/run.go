package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"entrepot/pipeline/usage"
)

// Result is what a fetch did.
type Result struct {
	Plan     *Plan         `json:"plan"`
	Calls    int           `json:"calls"`         // with the key, those that failed among them
	Keyless  int           `json:"keyless_calls"` // without it
	Cells    int           `json:"files"`         // that came
	Rows     int64         `json:"rows"`
	Bytes    int64         `json:"bytes"` // as they were sent
	Failed   []Failure     `json:"failed"`
	Waiting  []string      `json:"waiting_periods"` // whose world exports are not whole yet
	Next     string        `json:"next,omitempty"`  // when the key has calls again
	Used     int           `json:"calls_used"`
	PerDay   int           `json:"calls_per_day"`
	Took     time.Duration `json:"-"`
	Seconds  float64       `json:"seconds"`
	Success  time.Time     `json:"last_success,omitzero"` // when all that was listed was here last
	quotaErr *QuotaError
}

// Failure is something that was not brought, and why.
type Failure struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Quota is the error of a quota that was used up, or nil.
func (r *Result) Quota() error {
	if r.quotaErr == nil {
		return nil
	}
	return r.quotaErr
}

// Run brings what is missing. What it could not bring is in the result; an error means
// that it could not go on. What came before it stays.
func Run(ctx context.Context, o Options) (result *Result, err error) {
	f, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = f.folder.closeWith(err) }()
	if err := f.folder.sweep(f.state); err != nil {
		return nil, err
	}
	started := f.Clock.Now()
	r := &runner{fetcher: f, started: started, result: &Result{Failed: []Failure{}, Waiting: []string{}}}
	err = r.run(ctx)
	r.result.Calls, r.result.Keyless = f.wire.calls, f.wire.keyless
	r.result.Used, r.result.PerDay = f.wire.ledger.used(), f.CallsPerDay
	r.result.Took = f.Clock.Now().Sub(started)
	r.result.Seconds = r.result.Took.Seconds()
	r.result.Success = f.state.Success
	var quota *QuotaError
	if errors.As(err, &quota) {
		r.result.quotaErr, r.result.Next, err = quota, quota.Until.UTC().Format("2006-01-02T15:04Z"), nil
	}
	if failed := o.writeMetrics(r.result, f.Clock.Now(), err); failed != nil {
		f.Log.Warn("metrics_file can't be written", "error", failed)
	}
	return r.result, err
}

// runner is one run of a fetch.
type runner struct {
	*fetcher
	result  *Result
	plan    *Plan
	started time.Time
	capped  int // answers of exactly 500 rows, one after another
	failed  map[string]bool
}

// run brings what the plan says, and once more what was released meanwhile.
func (r *runner) run(ctx context.Context) error {
	r.failed = map[string]bool{}
	for pass := range 2 {
		plan, err := r.fetcher.plan(ctx)
		if err != nil {
			return err
		}
		if pass == 0 {
			r.result.Plan = plan
		}
		r.plan = plan
		r.state.Listed, r.state.Years = len(plan.listed), r.Years
		if pass == 0 && (len(plan.Revised) > 0 || len(r.state.Revised) > 0) { // for the status, should this fetch not get to its end
			r.state.Revised = plan.Revised
			if err := r.folder.writeState(r.state); err != nil {
				return err
			}
		}
		plan.Calls = slices.DeleteFunc(plan.Calls, func(c Call) bool {
			return !slices.ContainsFunc(c.cells(), func(c Cell) bool { return !r.failed[c.String()] })
		})
		if len(plan.Calls) == 0 {
			break
		}
		if !r.Key.Given() {
			return usage.Errorf("there is no key: register for a free one at https://comtradedeveloper.un.org (product Free APIs) and set %s, "+
				"or write it into a file that fetch_key_file names; 'entrepot fetch baci' needs none", KeyVariable)
		}
		r.meter.CallsTotal += len(plan.Calls)
		if err := r.calls(ctx, plan.Calls); err != nil {
			return err
		}
	}
	if err := r.enter(); err != nil {
		return err
	}
	r.waiting()
	if len(r.result.Failed) == 0 {
		r.state.Success = r.Clock.Now().UTC().Truncate(time.Second)
	}
	return r.folder.writeState(r.state)
}

// calls makes the calls of a plan, those for the parts of one cell together.
func (r *runner) calls(ctx context.Context, calls []Call) error {
	for len(calls) > 0 {
		n := 1
		for calls[0].Some != nil && n < len(calls) && calls[n].Some != nil && slices.Equal(calls[n].cells(), calls[0].cells()) {
			n++
		}
		if err := r.bring(ctx, calls[:n]); err != nil {
			r.waiting()
			return err
		}
		calls = calls[n:]
		if err := r.enter(); err != nil {
			return err
		}
	}
	return nil
}

// bring makes calls that together ask for whole cells, and stores what they bring. A call
// that fails for good is noted; the error is one after which no other makes sense.
func (r *runner) bring(ctx context.Context, parts []Call) error {
	a, err := r.ask(ctx, parts)
	if errors.Is(err, errCut) {
		if halves := parts[0].split(); halves != nil {
			r.Log.Info("an answer was as long as one may be; asking for less at a time", "call", parts[0].describe())
			for _, half := range halves {
				if err := r.bring(ctx, []Call{half}); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if err == nil {
		err = r.store(ctx, parts, a)
	}
	return r.note(ctx, parts[0], err)
}

// note writes down that a call failed, and decides whether to go on.
func (r *runner) note(ctx context.Context, c Call, err error) error {
	var quota *QuotaError
	var wrong *usage.Error
	var full *storeError
	switch {
	case err == nil:
		r.fetcher.failed = 0
		return nil
	case ctx.Err() != nil, errors.As(err, &quota), errors.As(err, &wrong), errors.As(err, &full):
		return err
	}
	r.fail(c, err)
	var answer *answerError
	if errors.As(err, &answer) && answer.kind == permanent {
		return nil // the server is well; it does not take this call
	}
	if r.fetcher.failed++; r.fetcher.failed >= 3 {
		return fmt.Errorf("three calls one after another failed, so that %s seems to be down; the last one: %w", server, err)
	}
	return nil
}

func (r *runner) fail(c Call, err error) {
	why := r.Key.redact(err.Error())
	r.Log.Warn("not fetched", "call", c.describe(), "error", why)
	r.result.Failed = append(r.result.Failed, Failure{c.describe(), why})
	for _, cell := range c.cells() {
		r.failed[cell.String()] = true
	}
}

// ask makes calls and puts their rows together.
func (r *runner) ask(ctx context.Context, parts []Call) (*answer, error) {
	var whole *answer
	for _, part := range parts {
		a, err := r.part(ctx, part)
		if errors.Is(err, errCut) && part.split() == nil {
			if halves := part.divided(r.Reports.Partners, 2); halves != nil {
				r.Log.Info("an answer was as long as one may be; asking for half of the partners", "call", part.describe())
				a, err = r.ask(ctx, halves)
			}
		}
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole = a
		} else if err := whole.add(a); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// one makes a call; one that brings no rows it makes twice.
func (r *runner) one(ctx context.Context, c Call) (*answer, error) { return r.once(ctx, c, false) }

func (r *runner) once(ctx context.Context, c Call, again bool) (a *answer, err error) {
	started := r.Clock.Now()
	path, query := "/data/v1/get/C/A/HS", c.query(r.Codes, r.RecordsPerCall)
	sent := int64(0)
	err = r.wire.get(ctx, path, query, true, func(s *spool) error {
		sent = s.bytes
		a, err = c.read(s, r.RecordsPerCall)
		return err
	})
	if err = r.tier(err); err != nil {
		return nil, err
	}
	if a.rows == 0 && !again {
		return r.once(ctx, c, true)
	}
	r.result.Rows += int64(a.rows)
	r.result.Bytes += sent
	took := r.Clock.Now().Sub(started)
	r.progress()
	r.Log.Info("fetched", "call", c.describe(), "rows", a.rows, "bytes", sent, "took", took.Round(time.Millisecond),
		"calls", fmt.Sprintf("%d of %d", r.meter.Calls, r.meter.CallsTotal), "quota", fmt.Sprintf("%d of %d", r.meter.Used, r.meter.PerDay), "left", r.meter.Left)
	return a, nil
}

// tier finds out that answers stop at the 500 rows of those without a key.
func (r *runner) tier(err error) error {
	var cut *cutError
	if !errors.As(err, &cut) {
		if err == nil {
			r.capped = 0
		}
		return err
	}
	if cut.rows != limits[0] {
		return err
	}
	if r.capped++; r.capped >= 3 && r.RecordsPerCall > limits[0] {
		return usage.Errorf("%s stops at 500 rows, as it does without a key: the key is not one of the product Free APIs or Premium, "+
			"or fetch_records_per_call (%d) is too much for it", server, r.RecordsPerCall)
	}
	return err
}

func (r *runner) progress() {
	r.meter.Calls = r.wire.calls
	r.meter.Rows = r.result.Rows
	r.meter.Used, r.meter.PerDay = r.wire.ledger.used(), r.CallsPerDay
	if left := r.meter.CallsTotal - r.meter.Calls; left >= 0 && r.meter.Calls > 0 {
		r.meter.Left = (r.Clock.Now().Sub(r.started) / time.Duration(r.meter.Calls) * time.Duration(left)).Round(time.Second)
	}
	if r.Watch != nil {
		r.Watch(r.meter)
	}
}

// storeError is a fault of the disk.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

// store keeps the cells of an answer. One that the listing has and the answer has not is
// asked for alone; then it is empty.
func (r *runner) store(ctx context.Context, parts []Call, a *answer) error {
	cells := slices.DeleteFunc(parts[0].cells(), func(c Cell) bool { _, listed := r.plan.listed[c.dataset()]; return !listed })
	if err := r.enough(parts, a); err != nil {
		return err
	}
	var ready []*Entry
	for _, c := range cells {
		d := r.plan.listed[c.dataset()]
		found := a.cells[c.String()]
		if found == nil && len(parts[0].cells()) > 1 && a.rows > 0 {
			alone := parts[0]
			alone.Reporters, alone.Periods = []int{c.Reporter}, []string{c.Period}
			if err := r.bring(ctx, []Call{alone}); err != nil {
				return err
			}
			continue
		}
		if found == nil {
			if err := r.empty(ctx, c); err != nil {
				return err
			}
		}
		e, err := r.entry(c, d, found, parts)
		var full *storeError
		if errors.As(err, &full) {
			return err
		}
		if err != nil {
			r.fail(Call{Reporters: []int{c.Reporter}, Periods: []string{c.Period}, Flow: c.Flow, Partners: c.Partners}, err)
			continue
		}
		e.Wire = a.bytes
		ready = append(ready, e)
	}
	if err := r.keep(ready); err != nil {
		return err
	}
	for _, c := range cells {
		r.dropParts(c)
	}
	return nil
}

// empty asks the server's count, without a key, whether a cell without rows has none.
func (r *runner) empty(ctx context.Context, c Cell) error {
	alone := Call{Reporters: []int{c.Reporter}, Periods: []string{c.Period}, Flow: c.Flow, Partners: c.Partners}
	n, err := r.count(ctx, alone)
	if err == nil && n > 0 {
		err = refuse("no rows came, and %s counts %d", server, n)
	}
	return err
}

// enough checks the rows that came in parts against what the server counted.
func (r *runner) enough(parts []Call, a *answer) error {
	cells := parts[0].cells()
	n := r.plan.counted[cells[0].String()]
	if len(cells) > 1 || n == 0 || a.rows >= n || slices.Contains(r.Refetch, cells[0].dataset()) {
		return nil
	}
	return fmt.Errorf("%d rows came and %s counted %d; --refetch %s takes them as they are", a.rows, server, n, cells[0].dataset())
}

// entry stores the rows of a cell, if they can be those of its dataset.
func (r *runner) entry(c Cell, d Dataset, found *rows, parts []Call) (*Entry, error) {
	before := r.state.Cells[c.String()]
	accepted := slices.Contains(r.Refetch, d.name())
	if found == nil {
		if before != nil && before.Rows > 0 && !accepted {
			return nil, fmt.Errorf("no rows came, and %d are here; --refetch %s accepts that", before.Rows, d.name())
		}
		return &Entry{Cell: c, Dataset: d, Empty: true, Fetched: r.Clock.Now().UTC().Truncate(time.Second), Query: parts[0].query(r.Codes, r.RecordsPerCall)}, nil
	}
	if found.revision != d.Revision {
		return nil, fmt.Errorf("the rows are in %s and the listing says %s: it was released anew meanwhile", found.revision, d.Revision)
	}
	if before != nil && !before.Empty && before.Rows > 2*len(found.lines) && !accepted {
		return nil, fmt.Errorf("%d rows came, and %d are here: less than half; --refetch %s accepts that", len(found.lines), before.Rows, d.name())
	}
	e, err := r.folder.stage(c, d, found)
	if err != nil {
		return nil, &storeError{err}
	}
	if at := slices.IndexFunc(r.plan.Revised, func(c Change) bool { return c.name() == d.name() }); at >= 0 {
		e.Why = r.plan.Revised[at].Why
	}
	e.Fetched, e.Query = r.Clock.Now().UTC().Truncate(time.Second), parts[0].query(r.Codes, r.RecordsPerCall)
	return e, nil
}

// keep lets entries enter, or wait for the rest of their period's world exports.
func (r *runner) keep(ready []*Entry) error {
	var now []*Entry
	for _, e := range ready {
		r.state.refetched[e.Cell.String()] = true
		r.result.Cells++
		if r.holds(e.Cell) {
			e.Waiting = true
			r.state.Cells[e.Cell.String()] = e
			continue
		}
		now = append(now, e)
	}
	if len(now) < len(ready) {
		if err := r.folder.writeState(r.state); err != nil {
			return &storeError{err}
		}
		r.folder.step("waiting")
	}
	if len(now) == 0 {
		return nil
	}
	if err := r.folder.swap(r.state, now, ""); err != nil {
		return &storeError{err}
	}
	return nil
}

// holds tells whether a cell waits for others: half of a year's exporters would make the
// shares of the others too large.
func (r *runner) holds(c Cell) bool {
	return c.Flow == "X" && c.Partners == withWorld && slices.Contains(r.Measures, "dominance") && !r.state.entered(c.Period)
}

// enter lets the world exports of each period enter that is whole.
func (r *runner) enter() error {
	for period, entries := range r.heldByPeriod() {
		if r.lacking(period) > 0 && !slices.Contains(r.Accept, period) || slices.Contains(r.Accept, period) && r.unasked(period) {
			continue
		}
		if err := r.folder.swap(r.state, entries, period); err != nil {
			return &storeError{err}
		}
		r.Log.Info("the world's exports are whole", "year", period, "reporters", len(entries))
	}
	return nil
}

// heldByPeriod are the entries that wait.
func (r *runner) heldByPeriod() map[string][]*Entry {
	held := map[string][]*Entry{}
	for _, c := range slices.Sorted(maps.Keys(r.state.Cells)) {
		if e := r.state.Cells[c]; e.Waiting {
			held[e.Cell.Period] = append(held[e.Cell.Period], e)
		}
	}
	return held
}

// lacking counts the reporters of a period whose exports are listed and not here.
func (r *runner) lacking(period string) int {
	n := 0
	for _, d := range r.plan.listed {
		c := Cell{d.Reporter, d.Period, "X", withWorld}
		if d.Period == period && !r.Reports.Groups[d.Reporter] && r.standing(c, d) == standsNot {
			n++
		}
	}
	return n
}

// unasked tells whether reporters of a period were not asked for yet.
func (r *runner) unasked(period string) bool {
	for _, d := range r.plan.listed {
		c := Cell{d.Reporter, d.Period, "X", withWorld}
		if d.Period == period && !r.Reports.Groups[d.Reporter] && r.standing(c, d) == standsNot && !r.failed[c.String()] {
			return true
		}
	}
	return false
}

// waiting notes which periods wait.
func (r *runner) waiting() {
	r.result.Waiting = append([]string{}, slices.SortedFunc(maps.Keys(r.heldByPeriod()), func(a, b string) int { return cmp.Compare(b, a) })...)
}
