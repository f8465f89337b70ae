// Package fetch brings trade data from their publishers into a data folder: what is new
// and what was revised, whole, within the publishers' limits, and so that it can be killed
// at any time.
//
// UN Comtrade is asked in calls (plan.go) of many cells, a cell being what one file holds.
// An answer counts when it is whole (answer.go). Files enter the folder by a journal
// (folder.go), and the state says what is there (state.go). How many calls a key has left
// stands in a ledger (ledger.go) that is written before each of them.
//
// The package decides nothing about figures: what it brings is read as any other file of
// the folder.
package fetch

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Options say what to bring, from where, and within which limits.
type Options struct {
	Data  string // the data folder
	URL   string // of UN Comtrade's API
	Key   Key
	Agent string // User-Agent

	Own      []int // the reporters that are measured, whose imports are brought
	AllOwn   bool  // every country is measured, which is for BACI and not for Run
	Years    []int
	Measures []string  // whose needs are brought; see Measures
	Refetch  []string  // datasets to bring anew and to accept as they come: "156/2024"
	Accept   []string  // periods that enter without the reporters that failed
	Reports  Reporting // what is known of areas and codes

	CallsPerDay, RecordsPerCall, KeepSuperseded, MaxCalls int // MaxCalls: in this run; 0 is no limit
	CallsPerSecond                                        float64
	Fill                                                  float64 // how full a call is planned, from 0 to 1
	BytesPerDay                                           int64   // 0 is no limit
	Timeout, Wait                                         time.Duration
	Codes                                                 string // cmdCode

	BACI, BACIURL string // which HS, such as HS12, and where CEPII has it
	ComextURL     string
	Months        bool // months of Comext in the place of years
	WatchBytes    func(done, total int64)

	MetricsFile string // of a run; that of a fetch is beside it; "" writes none

	Log   *slog.Logger
	Clock Clock             // nil: the system's
	Watch func(Progress)    // nil when nobody watches
	At    func(step string) // told each step of a swap, for tests that stop there; nil
}

// Reporting is what is known of the world that reports.
type Reporting struct {
	Codes    map[string]int // six-digit codes of each HS revision
	Partners []int          // areas that can be a partner, without World
	Groups   map[int]bool   // areas that are groups of others, and no reporters of their own
}

// Progress is how far a fetch has come.
type Progress struct {
	Calls, CallsTotal int
	Rows              int64
	Used, PerDay      int // of the quota
	Left              time.Duration
}

// Measures are what data are brought for, and which they need.
func Measures() []string { return []string{"import_dependence", "dominance", "partner_group_share"} }

// fetcher does one fetch.
type fetcher struct {
	Options
	folder *folder
	state  *state
	wire   *wire
	failed int // calls in a row that failed for good
	meter  Progress
}

// open locks the data folder, mends what a kill left, and reads the state.
func open(ctx context.Context, o Options) (*fetcher, error) {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	base, err := url.Parse(strings.TrimSuffix(o.URL, "/"))
	if err != nil {
		return nil, fmt.Errorf("fetch_url %q: %w", o.URL, err)
	}
	f := &fetcher{Options: o}
	if f.folder, err = openFolder(ctx, o.Data, o.Wait); err != nil {
		return nil, err
	}
	f.folder.at, f.folder.keep = o.At, o.KeepSuperseded
	if f.state, err = f.folder.readState(); err != nil {
		return nil, f.folder.closeWith(err)
	}
	ledger, err := openLedger(f.folder.path("quota.json"), o)
	if err != nil {
		return nil, f.folder.closeWith(err)
	}
	f.wire = newWire(base, o, ledger, f.folder)
	return f, nil
}
