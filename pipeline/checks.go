package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Severity says what a quality check's finding leads to.
type Severity string

// The severities. Fail keeps a release from being published.
const (
	Off  Severity = "off"
	Warn Severity = "warn"
	Fail Severity = "fail"
)

// QualityCheck is a check between the stages. Its SQL is in package transforms,
// in a file whose name starts with check_.
type QualityCheck struct {
	Name    string
	Default Severity
	Help    string
}

// QualityChecks lists the checks, in the order in which they are shown.
func QualityChecks() []QualityCheck {
	return []QualityCheck{
		{"rows", Fail, "every row that was read is staged, rejected or left out"},
		{"unknown_codes", Warn, "codes exist in their HS revision"},
		{"duplicates", Warn, "no two rows contradict each other without a date to tell the newer"},
		{"levels", Warn, "HS-6 rows add up to no more than the HS-4, HS-2 and TOTAL rows"},
		{"levels_short", Warn, "HS-6 rows add up to at least 95 % of their heading"},
		{"partners", Warn, "partners add up to no more than World"},
		{"partners_short", Warn, "partners add up to at least 95 % of World"},
		{"year_on_year", Warn, "a reporter's flow is between half and twice that of its year before"},
		{"mirror", Warn, "imports from a partner are between half and twice its exports to the reporter"},
		{"unconverted", Warn, "codes have a counterpart in the set in which they are counted"},
		{"coverage", Warn, "years have at least min_coverage of the reporters and of the exports"},
	}
}

func checkNames() []string {
	var names []string
	for _, c := range QualityChecks() {
		names = append(names, c.Name)
	}
	return names
}

func setChecks(c *Config, value string) error {
	chosen := map[string]Severity{}
	for item := range strings.SplitSeq(value, ",") {
		name, severity, _ := strings.Cut(item, "=")
		name, severity = strings.TrimSpace(name), strings.TrimSpace(severity)
		if !slices.Contains(checkNames(), name) || !slices.Contains([]Severity{Off, Warn, Fail}, Severity(severity)) {
			return errors.New("no check or no severity")
		}
		chosen[name] = Severity(severity)
	}
	c.Checks = chosen
	return nil
}

// severities writes down all checks: "rows=fail,levels=warn,…".
func (c *Config) severities() string {
	var all []string
	for _, check := range QualityChecks() {
		severity := check.Default
		if chosen, ok := c.Checks[check.Name]; ok {
			severity = chosen
		}
		all = append(all, check.Name+"="+string(severity))
	}
	return strings.Join(all, ",")
}

// CheckResult is what a check found.
type CheckResult struct {
	QualityCheck
	Severity           Severity
	Examined, Findings int64
	Examples           []string // of the findings with the largest differences
}

// A CheckError means that checks of severity fail found fault, and that nothing
// was published.
type CheckError struct{ Failed []CheckResult }

func (e *CheckError) Error() string {
	var b strings.Builder
	b.WriteString("nothing was published, because quality checks failed:")
	for _, f := range e.Failed {
		fmt.Fprintf(&b, "\n  %s: %d of %d fail: %s", f.Name, f.Findings, f.Examined, f.Help)
		for _, example := range f.Examples {
			fmt.Fprintf(&b, "\n    %s", example)
		}
	}
	b.WriteString("\n  mend the files, or set checks: " + e.Failed[0].Name + "=warn to publish nonetheless")
	return b.String()
}

// Check runs the stages up to the quality checks and publishes nothing. It
// returns the results of the checks that are on, and a *CheckError when one of
// severity fail found fault.
func Check(ctx context.Context, c *Config, log *slog.Logger) (results []CheckResult, err error) {
	r := &runner{config: c, version: Version, log: log, now: time.Now}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if r.work, err = openWorkspace(ctx, c); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.work.close()) }()
	if err := r.loadReference(ctx); err != nil {
		return nil, err
	}
	files, err := r.extract(ctx)
	if err != nil {
		return nil, err
	}
	if err := usable(files); err != nil {
		return nil, err
	}
	if err := r.transform(ctx); err != nil {
		return nil, err
	}
	if results, err = r.checkResults(ctx); err != nil {
		return nil, err
	}
	return results, failed(results)
}

// failedChecks returns a *CheckError when a check of severity fail found fault.
func (r *runner) failedChecks(ctx context.Context) error {
	results, err := r.checkResults(ctx)
	if err != nil {
		return err
	}
	return failed(results)
}

func failed(results []CheckResult) error {
	var e CheckError
	for _, result := range results {
		if result.Severity == Fail && result.Findings > 0 {
			e.Failed = append(e.Failed, result)
		}
	}
	if len(e.Failed) == 0 {
		return nil
	}
	return &e
}

func (r *runner) checkResults(ctx context.Context) ([]CheckResult, error) {
	found, err := QueryAll(ctx, r.work.db, func(rows *sql.Rows) (CheckResult, error) {
		var c CheckResult
		err := rows.Scan(&c.Name, &c.Severity, &c.Examined, &c.Findings)
		return c, err
	}, "SELECT check_name, severity, examined, findings FROM checks")
	if err != nil {
		return nil, fmt.Errorf("read the results of the checks: %w", err)
	}
	var results []CheckResult
	for _, check := range QualityChecks() {
		i := slices.IndexFunc(found, func(c CheckResult) bool { return c.Name == check.Name })
		if i < 0 {
			continue // off
		}
		result := found[i]
		result.QualityCheck = check
		result.Examples, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (string, error) {
			var text string
			err := rows.Scan(&text)
			return text, err
		}, `SELECT concat_ws(' ', f.file || CASE WHEN f.line IS NOT NULL THEN ':' || f.line ELSE '' END || ':', f.year, r.name,
				CASE f.flow WHEN 'M' THEN 'imports' WHEN 'X' THEN 'exports' END,
				CASE WHEN f.partner <> 0 THEN 'with ' || p.name END, f.hs_revision, f.code || ':',
				CASE WHEN f.value_usd IS NOT NULL THEN format('{:.0f} US dollars', f.value_usd::DOUBLE) END,
				CASE WHEN f.compared_usd IS NOT NULL THEN format('against {:.0f}', f.compared_usd::DOUBLE) END,
				'– ' || f.note)
			FROM check_findings f LEFT JOIN areas r ON r.code = f.reporter LEFT JOIN areas p ON p.code = f.partner
			WHERE check_name = $check AND finding <= 3 ORDER BY finding`, sql.Named("check", check.Name))
		if err != nil {
			return nil, fmt.Errorf("read the findings of %s: %w", check.Name, err)
		}
		results = append(results, result)
	}
	return results, nil
}
