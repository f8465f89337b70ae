package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"entrepot/pipeline/usage"
)

// Plan is what a fetch would do.
type Plan struct {
	New       []Dataset `json:"new"`
	Revised   []Change  `json:"revised"`
	Unchanged int       `json:"unchanged"`
	Gone      []string  `json:"gone"` // upstream; they are kept here
	Calls     []Call    `json:"-"`
	Edited    []string  `json:"edited"` // files of ours that somebody changed; they are left alone

	CallsPlanned int           `json:"calls"`
	Keyless      int           `json:"keyless_calls"`
	Rows         int           `json:"rows"`
	Bytes        int64         `json:"bytes"`
	Took         time.Duration `json:"-"`
	Seconds      float64       `json:"seconds"`
	Used         int           `json:"calls_used"`
	PerDay       int           `json:"calls_per_day"`
	Next         string        `json:"next,omitempty"` // when keyed calls may be made again

	listed  map[string]Dataset
	counted map[string]int // rows of cells that the server counted
}

// bytesOfRow is what a row takes on its way, packed, as measured of real answers.
const bytesOfRow = 30

// secondsOfCall is how long a full call takes beside the pace, as others measured.
const secondsOfCall = 10

// Look plans a fetch and changes nothing. It makes calls without a key only, unless these
// are refused.
func Look(ctx context.Context, o Options) (plan *Plan, err error) {
	err = looking(&o, func() error {
		f, err := open(ctx, o)
		if err != nil {
			return err
		}
		plan, err = f.plan(ctx)
		return f.folder.closeWith(err)
	})
	return plan, err
}

// looking lets look work in a folder of its own where nothing was fetched yet, so that the
// data folder stays as it is.
func looking(o *Options, look func() error) (err error) {
	if _, err := os.Stat(filepath.Join(o.Data, ownFolder)); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return look()
	}
	if o.Data, err = os.MkdirTemp("", "entrepot-fetch-*"); err != nil {
		return fmt.Errorf("make a folder to plan in: %w", err)
	}
	return errors.Join(look(), os.RemoveAll(o.Data))
}

// plan lists, compares with what is here, and packs what is missing into calls.
func (f *fetcher) plan(ctx context.Context) (*Plan, error) {
	if len(f.Years) == 0 {
		return nil, usage.Errorf("fetch needs years: --years 2001-2024")
	}
	listed, err := f.list(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{New: []Dataset{}, Revised: []Change{}, Gone: []string{}, Edited: []string{}, listed: listed,
		counted: map[string]int{}, PerDay: f.CallsPerDay, Used: f.wire.ledger.used()}
	want := f.wanted(listed)
	var missing []Cell
	seen := map[string]bool{}
	for _, c := range want {
		d := listed[c.dataset()]
		here, state := f.state.Cells[c.String()], f.standing(c, d)
		if state == standsEdited {
			p.Edited = append(p.Edited, here.File)
		}
		if state == standsHere && here != nil && here.Dataset.Rebuilt {
			here.Dataset = d
		}
		if state == standsHere && here != nil && f.unsure(here) && !f.stillSo(ctx, c, here) {
			state = standsNot
		}
		if state == standsHere || state == standsEdited {
			p.Unchanged += first(seen, d.name())
			continue
		}
		missing = append(missing, c)
		if first(seen, d.name()+"!") == 0 {
			continue
		}
		if here != nil && !here.Dataset.sameAs(d) && here.Dataset.Released != "" {
			p.Revised = append(p.Revised, change(d, here.Dataset))
		} else {
			p.New = append(p.New, d)
		}
	}
	p.Gone = f.gone(listed)
	f.reasons(ctx, p.Revised)
	if err := f.pack(ctx, p, missing); err != nil {
		return nil, err
	}
	p.sum(f)
	return p, nil
}

// first is 1 when a name comes for the first time.
func first(seen map[string]bool, name string) int {
	if seen[name] {
		return 0
	}
	seen[name] = true
	return 1
}

// sum works out what the calls cost.
func (p *Plan) sum(f *fetcher) {
	for _, c := range p.Calls {
		p.Rows += c.Rows
	}
	p.CallsPlanned = len(p.Calls)
	p.Keyless = f.wire.keyless
	p.Bytes = int64(p.Rows) * bytesOfRow
	p.Seconds = float64(p.CallsPlanned)/f.CallsPerSecond + math.Round(float64(p.Rows)/float64(f.RecordsPerCall)*secondsOfCall)
	p.Took = time.Duration(p.Seconds * float64(time.Second)).Round(time.Second)
	if f.wire.ledger.mine != nil {
		if err, used := f.wire.ledger.free().(*QuotaError); used {
			p.Next = err.Until.UTC().Format("2006-01-02T15:04Z")
		}
	}
}

// wanted are the cells that the measures need of what there is, newest first.
func (f *fetcher) wanted(listed map[string]Dataset) []Cell {
	var cells []Cell
	for _, d := range listed {
		if f.Reports.Groups[d.Reporter] {
			continue // it adds up others
		}
		own := slices.Contains(f.Own, d.Reporter)
		group := slices.Contains(f.Measures, "partner_group_share")
		if own && group {
			cells = append(cells, Cell{d.Reporter, d.Period, "M", withPartners})
		}
		if own && !group && slices.Contains(f.Measures, "import_dependence") {
			cells = append(cells, Cell{d.Reporter, d.Period, "M", withWorld})
		}
		if slices.Contains(f.Measures, "dominance") || own && slices.Contains(f.Measures, "import_dependence") {
			cells = append(cells, Cell{d.Reporter, d.Period, "X", withWorld})
		}
	}
	slices.SortFunc(cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(b.Period, a.Period), cmp.Compare(a.Flow, b.Flow), cmp.Compare(a.Reporter, b.Reporter), cmp.Compare(a.Partners, b.Partners))
	})
	return cells
}

// standing is how a cell is here.
type standing int

const (
	standsNot    standing = iota // it is to be brought
	standsHere                   // as it was released last
	standsEdited                 // somebody changed our file
)

func (f *fetcher) standing(c Cell, d Dataset) standing {
	here := f.state.Cells[c.String()]
	switch {
	case here == nil:
		if all := (Cell{c.Reporter, c.Period, c.Flow, withPartners}); c.Partners == withWorld && f.state.Cells[all.String()] != nil {
			return f.standing(all, d) // World stands among the partners
		}
		return standsNot
	case slices.Contains(f.Refetch, d.name()) && !f.state.refetched[c.String()]:
		return standsNot
	case !here.Empty && !f.folder.has(here):
		return standsNot
	case here.Dataset.sameAs(d):
		return standsHere
	case !here.Empty && !here.Waiting && f.folder.edited(here):
		return standsEdited
	}
	return standsNot
}

// settles is how long after a release its data may still change: nobody knows whether the
// listing and the data change at once.
const settles = 48 * time.Hour

// unsure tells whether a cell was brought so soon after its release that it is to be
// counted once more.
func (f *fetcher) unsure(here *Entry) bool {
	released, err := time.Parse("2006-01-02T15:04:05", strings.SplitN(here.Dataset.Released, ".", 2)[0])
	return err == nil && !here.Counted && !here.Empty && here.Fetched.Before(released.Add(settles)) && f.Clock.Now().Sub(here.Fetched) > time.Hour
}

// stillSo counts a cell at the server, without a key. One that can't be counted now is
// counted the next time.
func (f *fetcher) stillSo(ctx context.Context, c Cell, here *Entry) bool {
	n, err := f.count(ctx, Call{Reporters: []int{c.Reporter}, Periods: []string{c.Period}, Flow: c.Flow, Partners: c.Partners})
	if err != nil {
		f.Log.Warn("rows of a new release can't be counted again", "dataset", here.Dataset.name(), "error", err)
		return true
	}
	here.Counted = n == here.Rows
	return here.Counted
}

// gone are the datasets that are here and no longer listed.
func (f *fetcher) gone(listed map[string]Dataset) []string {
	gone := []string{}
	for _, c := range f.state.Cells {
		year, err := strconv.Atoi(c.Dataset.Period)
		if _, there := listed[c.Dataset.name()]; err == nil && !there && slices.Contains(f.Years, year) && !slices.Contains(gone, c.Dataset.name()) {
			gone = append(gone, c.Dataset.name())
		}
	}
	slices.Sort(gone)
	return gone
}

// full is how many rows a call is planned to have at most.
func (f *fetcher) full() int { return int(f.Fill * float64(f.RecordsPerCall)) }

// expected is how many rows a cell will have: as many as it has, or as the years beside it
// have, and a little more; else as many as there are codes.
func (f *fetcher) expected(p *Plan, c Cell) int {
	if n := p.counted[c.String()]; n > 0 {
		return n
	}
	if here := f.state.Cells[c.String()]; here != nil && here.Rows > 0 {
		return here.Rows * 105 / 100
	}
	year, err := strconv.Atoi(c.Period)
	for _, beside := range []int{year + 1, year - 1} {
		other := Cell{c.Reporter, strconv.Itoa(beside), c.Flow, c.Partners}
		if there := f.state.Cells[other.String()]; err == nil && there != nil && there.Rows > 0 {
			return there.Rows * 110 / 100
		}
	}
	return f.bound(p.listed[c.dataset()].Revision)
}

// bound is how many rows a flow with World can have in an HS revision.
func (f *fetcher) bound(revision string) int {
	if n := f.Reports.Codes[revision]; n > 0 {
		return n + 1
	}
	return slices.Max(slices.Collect(maps.Values(f.Reports.Codes))) + 1
}

// pack makes calls of the cells that are missing.
func (f *fetcher) pack(ctx context.Context, p *Plan, missing []Cell) error {
	for _, group := range groups(missing) {
		if group[0].Partners == withPartners {
			for _, c := range group {
				if err := f.packPartners(ctx, p, c); err != nil {
					return err
				}
			}
			continue
		}
		p.Calls = append(p.Calls, f.packWorld(p, group)...)
	}
	p.Calls = f.overPeriods(p.Calls)
	return nil
}

// groups puts cells together that may share a call: those of a period, flow and kind.
func groups(cells []Cell) [][]Cell {
	var groups [][]Cell
	for _, c := range cells {
		last := len(groups) - 1
		if last >= 0 {
			if g := groups[last][0]; g.Period == c.Period && g.Flow == c.Flow && g.Partners == c.Partners {
				groups[last] = append(groups[last], c)
				continue
			}
		}
		groups = append(groups, []Cell{c})
	}
	return groups
}

// packWorld fills calls with the reporters of one period.
func (f *fetcher) packWorld(p *Plan, group []Cell) []Call {
	var calls []Call
	for _, c := range group {
		rows := f.expected(p, c)
		if last := len(calls) - 1; last >= 0 && calls[last].Rows+rows <= f.full() && len(calls[last].Reporters) < mostReporters {
			calls[last].Reporters = append(calls[last].Reporters, c.Reporter)
			calls[last].Rows += rows
			continue
		}
		calls = append(calls, Call{Reporters: []int{c.Reporter}, Periods: []string{c.Period}, Flow: c.Flow, Partners: c.Partners, Rows: rows})
	}
	return calls
}

// mostReporters keeps the URL below the length that the server takes.
const mostReporters = 300

// overPeriods lets calls for the same reporters in several periods become one, where
// they are small.
func (f *fetcher) overPeriods(calls []Call) []Call {
	var merged []Call
	for _, c := range calls {
		i := slices.IndexFunc(merged, func(m Call) bool {
			return m.Flow == c.Flow && m.Partners == c.Partners && m.Some == nil && c.Some == nil && slices.Equal(m.Reporters, c.Reporters) &&
				m.Rows+c.Rows <= f.full() && len(m.Periods) < mostPeriods
		})
		if i < 0 {
			merged = append(merged, c)
			continue
		}
		merged[i].Periods = append(merged[i].Periods, c.Periods...)
		merged[i].Rows += c.Rows
	}
	return merged
}

// packPartners asks how many rows a cell with all partners has, without a key, and divides
// it by partners where they are too many for a call.
func (f *fetcher) packPartners(ctx context.Context, p *Plan, c Cell) error {
	call := Call{Reporters: []int{c.Reporter}, Periods: []string{c.Period}, Flow: c.Flow, Partners: c.Partners}
	n, err := f.count(ctx, call)
	if err != nil {
		return err
	}
	p.counted[c.String()], call.Rows = n, n
	if n <= f.full() {
		p.Calls = append(p.Calls, call)
		return nil
	}
	// The parts are never equal, so that they are planned with some room.
	parts := call.divided(f.Reports.Partners, int(math.Ceil(float64(n)/(0.9*float64(f.full())))))
	if parts == nil {
		return fmt.Errorf("internal error: %s can't be divided; please report it", call.describe())
	}
	p.Calls = append(p.Calls, parts...)
	return nil
}

// count asks for the number of rows of a call, without a key.
func (f *fetcher) count(ctx context.Context, c Call) (n int, err error) {
	query := c.query(f.Codes, 500) + "&countOnly=true"
	err = f.wire.get(ctx, "/public/v1/preview/C/A/HS", query, false, func(s *spool) error {
		n, err = counted(s)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", c.describe(), err)
	}
	return n, nil
}
