package fetch

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"
)

// Status is what is here, and which calls are left.
type Status struct {
	Years   []YearStatus `json:"years"` // the newest first
	Used    int          `json:"calls_used"`
	PerDay  int          `json:"calls_per_day"`
	Next    string       `json:"next,omitempty"`
	Success time.Time    `json:"last_success,omitzero"`
	Entries []*Entry     `json:"entries"`
	Files   []*Download  `json:"files"`   // that came as they are
	Revised []Change     `json:"revised"` // that were released anew and are not here yet, as the last fetch saw
}

// YearStatus is what is here of a year.
type YearStatus struct {
	Year      string    `json:"year"`
	Reporters int       `json:"reporters"`
	Files     int       `json:"files"`
	Rows      int       `json:"rows"`
	Waiting   int       `json:"waiting"` // files that wait for the rest of the year
	Newest    string    `json:"newest_release"`
	Fetched   time.Time `json:"fetched_at"`
}

// look reads what is noted of a folder. It locks nothing, for each note is replaced as a
// whole, and makes nothing.
func look(o Options) (*fetcher, *ledger, error) {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	f := &fetcher{Options: o, folder: &folder{data: o.Data}}
	var err error
	if f.state, err = f.folder.readState(); err != nil {
		return nil, nil, err
	}
	ledger, err := openLedger(f.folder.path("quota.json"), o)
	return f, ledger, err
}

// ReadStatus says what is here, while a fetch is at work, too. It makes no call.
func ReadStatus(o Options) (*Status, error) {
	f, ledger, err := look(o)
	if err != nil {
		return nil, err
	}
	ledger.only()
	s := &Status{Years: []YearStatus{}, Entries: []*Entry{}, Files: []*Download{}, Revised: []Change{}, Used: ledger.used(), PerDay: o.CallsPerDay, Success: f.state.Success}
	if ledger.mine != nil {
		var quota *QuotaError
		if errors.As(ledger.free(), &quota) {
			s.Next = quota.Until.UTC().Format("2006-01-02T15:04Z")
		}
	}
	years := map[string]*YearStatus{}
	reporters := map[string]bool{}
	for _, e := range f.state.Cells {
		s.Entries = append(s.Entries, e)
		y := years[e.Cell.Period]
		if y == nil {
			y = &YearStatus{Year: e.Cell.Period}
			years[e.Cell.Period] = y
		}
		y.Reporters += first(reporters, e.Cell.dataset())
		if !e.Empty {
			y.Files++
		}
		if e.Waiting {
			y.Waiting++
		}
		y.Rows += e.Rows
		y.Newest = max(y.Newest, e.Dataset.Released)
		if e.Fetched.After(y.Fetched) {
			y.Fetched = e.Fetched
		}
	}
	for _, c := range f.state.Revised {
		if slices.ContainsFunc(s.Entries, func(e *Entry) bool { return e.Dataset.name() == c.name() && !e.Dataset.sameAs(c.Dataset) }) {
			s.Revised = append(s.Revised, c)
		}
	}
	for _, y := range years {
		s.Years = append(s.Years, *y)
	}
	slices.SortFunc(s.Years, func(a, b YearStatus) int { return cmp.Compare(b.Year, a.Year) })
	for _, d := range f.state.Downloads {
		s.Files = append(s.Files, d)
	}
	slices.SortFunc(s.Files, func(a, b *Download) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(s.Entries, func(a, b *Entry) int { return cmp.Compare(a.Cell.String(), b.Cell.String()) })
	return s, nil
}

// Verified is what a comparison of all files found.
type Verified struct {
	Files  int         `json:"files"`
	Noted  int         `json:"noted"` // anew, in a state that was rebuilt
	Differ []Different `json:"differ"`
}

// Different is a file that is not what was fetched.
type Different struct {
	File string `json:"file"`
	Why  string `json:"why"`
}

// Verify compares each file with what was fetched. It makes no call.
func Verify(ctx context.Context, o Options) (v *Verified, err error) {
	release, err := Reading(ctx, o.Data, o.Wait)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	f, _, err := look(o)
	if err != nil {
		return nil, err
	}
	v = &Verified{Differ: []Different{}}
	for _, e := range f.state.Cells {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if e.Empty {
			continue
		}
		v.Files++
		switch sum, err := hashFile(f.folder.onDisk(e)); {
		case !f.folder.has(e):
			v.Differ = append(v.Differ, Different{e.File, "is missing; the next fetch brings it again"})
		case err != nil:
			v.Differ = append(v.Differ, Different{e.File, err.Error()})
		case sum != e.SHA256:
			v.Differ = append(v.Differ, Different{e.File, "was changed after it was fetched; remove it to have it fetched again"})
		}
	}
	for _, d := range f.state.Downloads {
		v.Files++
		switch sum, err := hashFile(filepath.Join(f.folder.data, filepath.FromSlash(d.File))); {
		case !f.folder.hasFile(d.File):
			v.Differ = append(v.Differ, Different{d.File, "is missing; the next fetch brings it again"})
		case err != nil:
			v.Differ = append(v.Differ, Different{d.File, err.Error()})
		case sum != d.SHA256:
			v.Differ = append(v.Differ, Different{d.File, "was changed after it was fetched; remove it to have it fetched again"})
		}
	}
	slices.SortFunc(v.Differ, func(a, b Different) int { return cmp.Compare(a.File, b.File) })
	return v, nil
}
