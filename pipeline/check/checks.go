// Package check stands between the measures and their publication: the quality checks,
// whose SQL is in package transforms, and the guards that keep a release from getting
// worse in silence (guards.go, warnings.go).
package check

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/transforms/checks"
)

// Stage is the stage of one run.
type Stage struct {
	Job   *job.Job
	Work  *workspace.Workspace
	Kinds string // a query for RowKinds, where the staged rows are not here; "" where they are
}

// Result is what a check found.
type Result struct {
	checks.Check
	Severity           checks.Severity
	Examined, Findings int64
	Examples           []string // of the findings with the largest differences
}

// An Error means that checks of severity fail have findings, and that nothing
// was published.
type Error struct{ Failed []Result }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("nothing was published, because quality checks failed:")
	for _, f := range e.Failed {
		fmt.Fprintf(&b, "\n  %s: %d of %d fail: %s", f.Name, f.Findings, f.Examined, f.Help)
		for _, example := range f.Examples {
			fmt.Fprintf(&b, "\n    %s", example)
		}
	}
	b.WriteString("\n  correct the files, or set checks: " + e.Failed[0].Name + "=warn to publish nonetheless")
	return b.String()
}

// Failed returns an *Error when a check of severity fail has findings.
func (c *Stage) Failed(ctx context.Context) error {
	results, err := c.results(ctx, Result.failed)
	if err != nil {
		return err
	}
	return Failed(results)
}

// Failed returns an *Error when a check of severity fail has findings.
func Failed(results []Result) error {
	var e Error
	for _, result := range results {
		if result.failed() {
			e.Failed = append(e.Failed, result)
		}
	}
	if len(e.Failed) == 0 {
		return nil
	}
	return &e
}

func (r Result) failed() bool { return r.Severity == checks.Fail && r.Findings > 0 }

//go:embed examples.sql
var examplesSQL string

// Results lists what the checks that are on found, in the order of
// the job.
func (c *Stage) Results(ctx context.Context) ([]Result, error) {
	return c.results(ctx, func(Result) bool { return true })
}

// results is Results, with examples of the findings of those that are to be shown.
func (c *Stage) results(ctx context.Context, shown func(Result) bool) ([]Result, error) {
	found, err := engine.Query(ctx, c.Work.DB, func(rows *sql.Rows) (Result, error) {
		var found Result
		err := rows.Scan(&found.Name, &found.Severity, &found.Examined, &found.Findings)
		return found, err
	}, "SELECT check_name, severity, examined, findings FROM checks")
	if err != nil {
		return nil, fmt.Errorf("read the results of the checks: %w", err)
	}
	var results []Result
	for _, check := range c.Job.Checks {
		i := slices.IndexFunc(found, func(one Result) bool { return one.Name == check.Name })
		if i < 0 {
			continue // off
		}
		result := found[i]
		result.Check = check
		if shown(result) {
			if result.Examples, err = engine.Query(ctx, c.Work.DB, engine.Scan[string], examplesSQL, sql.Named("check", check.Name)); err != nil {
				return nil, fmt.Errorf("read the findings of %s: %w", check.Name, err)
			}
		}
		results = append(results, result)
	}
	return results, nil
}
