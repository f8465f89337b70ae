package pipeline

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"entrepot/pipeline/check"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/release"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/transform"
	"entrepot/pipeline/workspace"
)

// load publishes the tables as they are, if they are up to date, and says what they
// hold.
func (r *run) load(ctx context.Context, checks *check.Stage, s *Summary) error {
	known, err := r.knows(ctx)
	if err != nil {
		return err
	}
	if err := transform.UpToDate(ctx, r.job, r.work, known); err != nil {
		return err
	}
	if s.Files == nil {
		for _, f := range known.Sorted() {
			s.Files = append(s.Files, extract.Report{File: f})
		}
		if err := r.rejects(ctx, s); err != nil {
			return err
		}
	}
	missing, another, err := r.publish(ctx, checks, s, known)
	if err != nil {
		return err
	}
	if another {
		ambiguous, err := checks.Ambiguous(ctx)
		if err != nil {
			return err
		}
		s.Shortfalls = shortfalls(s, missing, ambiguous)
	}
	if !s.Fresh && r.loadSummary(s) {
		return nil
	}
	if err := r.summarize(ctx, checks, s); err != nil {
		return err
	}
	return r.saveSummary(s)
}

// publish writes the release of the tables, unless it is there and whole, and then
// points current at it in one step, so that a reader sees the old set or the new one,
// whole. While current is pinned, the release stands beside it. It tells which reporters
// of the release before are missing, and whether it is another than that.
func (r *run) publish(ctx context.Context, checks *check.Stage, s *Summary, known *extract.Known) (
	missing []string, another bool, err error) {
	out := r.job.Config.Out
	folder := store.Folder{Out: out}
	states, err := r.work.Steps(ctx)
	if err != nil {
		return nil, false, err
	}
	id, err := releaseID(r.job, states)
	if err != nil {
		return nil, false, err
	}
	before, err := folder.Newest()
	if err != nil {
		return nil, false, err
	}
	if another = before != id; another && before != "" {
		if missing, err = r.missingReporters(ctx, checks, before); err != nil {
			return nil, false, err
		}
	}
	if err := errors.Join(folder.Sweep(), sweepVerifications(out)); err != nil {
		return nil, false, err
	}
	whole, err := r.isWhole(ctx, out, id)
	if err != nil {
		return nil, false, err
	}
	if !whole {
		r.published = nil
		draft, err := r.draft(ctx, checks, id, known)
		if err != nil {
			return nil, false, err
		}
		if err := release.Write(ctx, out, draft); err != nil {
			return nil, false, err
		}
		s.Fresh = true
	} else if err := r.updateInputs(ctx, checks, id, known); err != nil {
		return nil, false, err
	}
	s.Release = id
	if err := r.switchCurrent(folder, s); err != nil {
		return nil, false, err
	}
	return missing, another, r.retire(out, id, s.Pinned)
}

// AfterPublishing is that a run failed when it had published its release.
type AfterPublishing struct {
	Release string
	Current string // the link, if it points to the release now
	err     error
}

func (e *AfterPublishing) Error() string {
	if e.Current == "" {
		return fmt.Sprintf("release %s was written, but then the run failed: %v", e.Release, e.err)
	}
	return fmt.Sprintf("release %s was published and %s points to it, but then the run failed: %v", e.Release, e.Current, e.err)
}

// Unwrap returns what failed.
func (e *AfterPublishing) Unwrap() error { return e.err }

// afterPublishing is the error of a run that did what the summary says.
func (s *Summary) afterPublishing(out string, err error) error {
	switch {
	case err == nil || s == nil || s.Release == "" || !s.Fresh && !s.Switched:
		return err
	case s.Switched:
		return &AfterPublishing{s.Release, filepath.Join(out, "current"), err}
	}
	return &AfterPublishing{s.Release, "", err}
}

// switchCurrent points current to the release of the run, unless it is pinned.
func (r *run) switchCurrent(folder store.Folder, s *Summary) error {
	was, err := folder.Current()
	if err != nil {
		return err
	}
	pin, err := folder.Publish(s.Release)
	if err != nil {
		return err
	}
	if pin != nil {
		s.Pinned = pin.Release
	}
	if s.Held() {
		r.job.Log.Warn("current is pinned: the release of the input files stands beside it; 'entrepot unpin' lets the next run switch",
			"pinned", pin.Release, "since", pin.Since, "release", s.Release)
		return nil
	}
	if was == s.Release {
		return nil
	}
	s.Switched, s.Was = true, was
	if was != "" && !s.Fresh {
		r.job.Log.Warn("current pointed to another release; it points to that of the input files again", "was", was, "release", s.Release)
	} else {
		r.job.Log.Info("switched current", "release", s.Release, "was", was)
	}
	return nil
}

// isWhole tells whether a release is there with every file that its manifest lists;
// with --force, whether their content is what it says, too.
func (r *run) isWhole(ctx context.Context, out, id string) (bool, error) {
	published, err := release.Find(out, id)
	if err != nil {
		return false, nil // it is not there, or damaged
	}
	r.published = published
	if !r.job.Selection.Force {
		return true, nil
	}
	damaged, err := published.Damaged(ctx)
	if len(damaged) > 0 {
		r.job.Log.Warn("the release is damaged; it is written anew", "release", id, "files", damaged)
	}
	return len(damaged) == 0, err
}

// missingReporters fails when reporters of the release before are gone, unless that
// is allowed; then it returns who is. A damaged release misses nobody.
func (r *run) missingReporters(ctx context.Context, checks *check.Stage, before string) ([]string, error) {
	was, err := release.Find(r.job.Config.Out, before)
	if err != nil {
		r.job.Log.Warn("the release before can't be read, so nothing tells which reporters it had", "error", err)
		return nil, nil
	}
	return checks.Reporters(ctx, was.Manifest.Reporters)
}

// retire removes the oldest releases beyond the number that is kept, never the one of
// the run or the pinned one.
func (r *run) retire(out, newest, pinned string) error {
	keep := r.job.Config.KeepReleases
	if keep == 0 {
		return nil
	}
	folder := store.Folder{Out: out}
	ids, err := folder.IDs()
	if err != nil || len(ids) <= keep {
		return err
	}
	all, err := release.List(out)
	if err != nil {
		return err
	}
	kept := 1 // the newest
	if pinned != "" && pinned != newest {
		kept++
	}
	for _, old := range all {
		if old.ID == newest || old.ID == pinned {
			continue
		}
		if kept++; kept <= keep {
			continue
		}
		if err := folder.Retire(old.ID); err != nil {
			return err
		}
		r.job.Log.Info("removed old release", "release", old.ID)
	}
	return nil
}

// releaseID is a hash of what is published, short enough to type: of the rows of every
// table, what their columns mean, the texts of the user's measures and checks, the settings
// and the version. How a run came there,
// when and from which files, is no part of it.
func releaseID(j *job.Job, states map[string]workspace.StepState) (string, error) {
	parameters, err := json.Marshal(j.Described())
	if err != nil {
		return "", fmt.Errorf("describe parameters: %w", err)
	}
	parts := []string{job.Version, string(parameters)}
	for _, o := range j.Outputs() {
		parts = append(parts, o.Name, fmt.Sprintf("%+v", o.Described()), states[workspace.TransformStep(o.Name)].Content)
	}
	if !j.Own.None() {
		texts, err := json.Marshal(j.Own)
		if err != nil {
			return "", fmt.Errorf("describe the user's measures and checks: %w", err)
		}
		parts = append(parts, string(texts))
	}
	return workspace.Hash(parts...)[:12], nil
}

// updateInputs brings the list of inputs in the release's manifest up to date: a file
// that no table has anything of may come, go or be renamed without changing its id.
func (r *run) updateInputs(ctx context.Context, checks *check.Stage, id string, known *extract.Known) error {
	published := r.published
	if slices.Equal(published.Manifest.Inputs, inputsOf(known)) {
		return nil
	}
	r.published = nil // its manifest becomes another
	draft, err := r.draft(ctx, checks, id, known)
	if err != nil {
		return err
	}
	return published.Redescribe(ctx, draft)
}

func inputsOf(known *extract.Known) []release.InputEntry {
	var inputs []release.InputEntry
	for _, f := range known.Sorted() {
		inputs = append(inputs, release.InputEntry{Name: f.Name, SHA256: f.SHA256, Format: f.Format, Vintage: f.Vintage,
			Read: f.Read, Staged: f.Staged, Rejected: f.Rejected, LeftOut: f.LeftOut, Refusal: f.Refusal})
	}
	return inputs
}

// draft is the release of the tables as they are.
func (r *run) draft(ctx context.Context, checks *check.Stage, id string, known *extract.Known) (d release.Draft, err error) {
	m := release.Manifest{Release: id, Version: job.Version, Parameters: r.job.Described(), Reference: r.job.Reference.Hashes(), Own: r.job.Own,
		Run: release.RunEntry{Finished: r.job.Now().UTC().Format(time.RFC3339Nano), Platform: runtime.GOOS + "/" + runtime.GOARCH}}
	if objects.IsURL(r.job.Config.Data) {
		m.Run.Data = r.job.Config.DataShown()
	}
	if m.Run.Engine, err = r.enginesOf(ctx); err != nil {
		return d, err
	}
	m.Inputs = inputsOf(known)
	if m.Reporters, err = checks.ReporterYears(ctx); err != nil {
		return d, err
	}
	m.Coverage, err = engine.Query(ctx, r.work.DB, func(rows *sql.Rows) (c release.CoverageEntry, err error) {
		return c, rows.Scan(&c.Year, &c.Reporters, &c.ReportersMost, &c.ValueCoverage, &c.LowCoverage)
	}, "SELECT year, reporters, reporters_most, value_coverage, low_coverage FROM coverage ORDER BY year")
	if err != nil {
		return d, fmt.Errorf("read the coverage: %w", err)
	}
	m.Checks, err = engine.Query(ctx, r.work.DB, func(rows *sql.Rows) (c release.CheckEntry, err error) {
		return c, rows.Scan(&c.Name, &c.Severity, &c.Examined, &c.Findings)
	}, "SELECT check_name, severity, examined, findings FROM checks ORDER BY check_name")
	if err != nil {
		return d, fmt.Errorf("read the results of the checks: %w", err)
	}
	if m.Measured, err = r.measured(ctx); err != nil {
		return d, err
	}
	names, err := r.job.Reference.Naming()
	if err != nil {
		return d, err
	}
	return release.Draft{Manifest: m, Outputs: r.job.Outputs(), DB: r.work.DB, Names: names}, nil
}
