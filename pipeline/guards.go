package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// checkBudget fails when more rows were set aside than max_rejects allows: then
// something is wrong with the files, and figures without those rows would be, too.
func (r *runner) checkBudget(ctx context.Context) error {
	known, err := r.work.files(ctx)
	if err != nil {
		return err
	}
	var read, rejected int64
	var worst []file
	for _, f := range known {
		read, rejected = read+f.read, rejected+f.rejects
		if f.rejects > 0 {
			worst = append(worst, f)
		}
	}
	if within(r.config.MaxRejects, rejected, read) {
		return nil
	}
	slices.SortFunc(worst, func(a, b file) int {
		if a.rejects != b.rejects {
			return int(b.rejects - a.rejects)
		}
		return strings.Compare(a.name, b.name)
	})
	var b strings.Builder
	for _, f := range worst[:min(5, len(worst))] {
		example, err := r.exampleReject(ctx, f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n  %s: %d of %d rows, such as %s", f.name, f.rejects, f.read, example)
	}
	if more := len(worst) - 5; more > 0 {
		fmt.Fprintf(&b, "\n  and %d files more", more)
	}
	return fmt.Errorf("%d of %d rows can't be used, more than max_rejects (%s) allows, so nothing was published; mend or remove the files, or raise max_rejects:%s",
		rejected, read, r.config.MaxRejects, b.String())
}

// within tells whether rejected of read rows are allowed by "1%" or "200".
func within(budget string, rejected, read int64) bool {
	if share, ok := strings.CutSuffix(budget, "%"); ok {
		limit, ok := new(big.Rat).SetString(share)
		return ok && new(big.Rat).SetInt64(rejected*100).Cmp(limit.Mul(limit, new(big.Rat).SetInt64(read))) <= 0
	}
	limit, err := strconv.ParseInt(budget, 10, 64)
	return err == nil && rejected <= limit
}

// rejectText is the SQL that shows a row of the table rejects.
const rejectText = `format('line {}: {} {} in column {}', line, reason, coalesce('"' || left(value, 60) || '"', 'nothing'), column_name)`

// exampleReject shows one row of the most frequent reason of a file.
func (r *runner) exampleReject(ctx context.Context, f file) (text string, err error) {
	err = r.work.db.QueryRowContext(ctx, `
		SELECT `+rejectText+`
		FROM rejects
		WHERE file_id = $file
		ORDER BY count(*) OVER (PARTITION BY reason) DESC, reason, line LIMIT 1`, sql.Named("file", f.id)).Scan(&text)
	if err != nil {
		return "", fmt.Errorf("find a row that was set aside: %w", err)
	}
	return text, nil
}

// reporterYears lists who has annual HS-6 rows with World, by year. Parameters do
// not change it, only files do.
func (r *runner) reporterYears(ctx context.Context) (map[string][]int16, error) {
	type found struct {
		year     string
		reporter int16
	}
	all, err := QueryAll(ctx, r.work.db, func(rows *sql.Rows) (f found, err error) {
		err = rows.Scan(&f.year, &f.reporter)
		return f, err
	}, "SELECT DISTINCT year::VARCHAR, reporter FROM measured_facts WHERE partner = 0 ORDER BY ALL")
	if err != nil {
		return nil, fmt.Errorf("list the reporters of each year: %w", err)
	}
	years := map[string][]int16{}
	for _, f := range all {
		years[f.year] = append(years[f.year], f.reporter)
	}
	return years, nil
}

// missingReporters says which reporters the current release has in which years
// and this run has not: "2021: Germany, France". A first release misses nobody.
func (r *runner) missingReporters(ctx context.Context) ([]string, error) {
	current, err := openManifest(filepath.Join(r.config.Out, "current"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now, err := r.reporterYears(ctx)
	if err != nil {
		return nil, err
	}
	var missing []string
	for year, reporters := range current.Reporters {
		var names []string
		for _, code := range reporters {
			if !slices.Contains(now[year], code) {
				names = append(names, r.areaName(code))
			}
		}
		if len(names) > 10 {
			names = append(names[:10], fmt.Sprintf("and %d more", len(names)-10))
		}
		if len(names) > 0 {
			missing = append(missing, year+": "+strings.Join(names, ", "))
		}
	}
	slices.Sort(missing)
	return missing, nil
}

func (r *runner) areaName(code int16) string {
	for _, a := range r.reference.Areas {
		if a.Code == code {
			return a.Name
		}
	}
	return strconv.Itoa(int(code))
}

// checkReporters fails when reporters are gone, unless that is allowed; then it
// returns who is.
func (r *runner) checkReporters(ctx context.Context) ([]string, error) {
	missing, err := r.missingReporters(ctx)
	if err != nil || len(missing) == 0 || r.config.AllowFewerReporters {
		return missing, err
	}
	return nil, fmt.Errorf("reporters of the current release are missing, so nothing was published; bring their files back, or allow it with --allow-fewer-reporters:\n  %s",
		strings.Join(missing, "\n  "))
}

// shortfalls says what keeps a new release from being whole.
func shortfalls(s *Summary, missing []string) []string {
	var all []string
	var rejected int64
	var refused []string
	for _, f := range s.Files {
		rejected += f.Rejected
		if f.Refusal != "" {
			refused = append(refused, f.Name)
		}
	}
	if rejected > 0 {
		all = append(all, fmt.Sprintf("%d rows were set aside", rejected))
	}
	if len(refused) > 0 {
		all = append(all, fmt.Sprintf("%d files were not used (%s)", len(refused), strings.Join(refused[:min(5, len(refused))], ", ")))
	}
	if len(missing) > 0 {
		all = append(all, "reporters of the release before are missing ("+strings.Join(missing, "; ")+")")
	}
	return all
}
