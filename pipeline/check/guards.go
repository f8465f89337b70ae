package check

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/workspace"
)

// Budget fails when more rows were rejected than max_rejects allows: then
// something is wrong with the files, and figures without those rows would be, too.
func (c *Stage) Budget(ctx context.Context, known map[string]workspace.File) error {
	var read, rejected int64
	var worst []workspace.File
	for _, f := range known {
		if f.Refusal != "" {
			continue // it is not used, and a shortfall of the release says so
		}
		read, rejected = read+f.Read, rejected+f.Rejected
		if f.Rejected > 0 {
			worst = append(worst, f)
		}
	}
	if Within(c.Job.Config.MaxRejects, rejected, read) {
		return nil
	}
	slices.SortFunc(worst, func(a, b workspace.File) int {
		if a.Rejected != b.Rejected {
			return int(b.Rejected - a.Rejected)
		}
		return strings.Compare(a.Name, b.Name)
	})
	var b strings.Builder
	for _, f := range worst[:min(5, len(worst))] {
		examples, err := c.FirstRejects(ctx, f.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n  %s: %d of %s, such as %s", f.Name, f.Rejected, phrase.Count(f.Read, "row"), strings.Join(examples[:min(3, len(examples))], "; "))
		names, err := UnknownTexts(ctx, c.Work.DB, f.ID)
		if err != nil {
			return err
		}
		for _, name := range names {
			b.WriteString("\n    " + name)
		}
	}
	if more := len(worst) - 5; more > 0 {
		fmt.Fprintf(&b, "\n  and %s more", phrase.Count(more, "file"))
	}
	return fmt.Errorf("%d of %s can't be used, more than max_rejects (%s) allows, so nothing was published; correct or remove the files, or raise max_rejects:%s\n  'entrepot rejects' lists the rows",
		rejected, phrase.Count(read, "row"), c.Job.Config.MaxRejects, b.String())
}

// Within tells whether rejected of read rows are allowed by "1%" or "200".
func Within(budget string, rejected, read int64) bool {
	if share, ok := strings.CutSuffix(budget, "%"); ok {
		limit, ok := new(big.Rat).SetString(share)
		return ok && new(big.Rat).SetInt64(rejected*100).Cmp(limit.Mul(limit, new(big.Rat).SetInt64(read))) <= 0
	}
	limit, err := strconv.ParseInt(budget, 10, 64)
	return err == nil && rejected <= limit
}

//go:embed first_rejects.sql
var firstRejectsSQL string

// FirstRejects shows the first rejected row of a file for each reason, the most frequent
// reasons first.
func (c *Stage) FirstRejects(ctx context.Context, file int64) ([]string, error) {
	texts, err := engine.Query(ctx, c.Work.DB, engine.Scan[string], firstRejectsSQL, sql.Named("file", file))
	if err != nil {
		return nil, fmt.Errorf("look for the first rows that were rejected: %w", err)
	}
	return texts, nil
}

// Ambiguous is the number of cells without a value, because rows of one file differ and
// no column tells them apart.
func (c *Stage) Ambiguous(ctx context.Context) (cells int64, err error) {
	if err := c.Work.DB.QueryRowContext(ctx, "SELECT count(*) FROM ambiguous_cells").Scan(&cells); err != nil {
		return 0, fmt.Errorf("count the cells without a value: %w", err)
	}
	return cells, nil
}

// ReporterYears lists who has annual HS-6 rows with World, by year. Parameters do
// not change it, only files do.
func (c *Stage) ReporterYears(ctx context.Context) (map[string][]int16, error) {
	type found struct {
		year     string
		reporter int16
	}
	all, err := engine.Query(ctx, c.Work.DB, func(rows *sql.Rows) (f found, err error) {
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

// MissingReporters says which reporters an earlier release has in which years and this
// run has not: "2021: Germany, France".
func (c *Stage) MissingReporters(ctx context.Context, before map[string][]int16) ([]string, error) {
	now, err := c.ReporterYears(ctx)
	if err != nil {
		return nil, err
	}
	var missing []string
	for year, reporters := range before {
		var names []string
		for _, code := range reporters {
			if !slices.Contains(now[year], code) {
				names = append(names, c.areaName(code))
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

func (c *Stage) areaName(code int16) string {
	for _, a := range c.Job.Reference.Areas {
		if a.Code == code {
			return a.Name
		}
	}
	return strconv.Itoa(int(code))
}

// Reporters fails when reporters of the release before are gone, unless that is
// allowed; then it returns who is.
func (c *Stage) Reporters(ctx context.Context, before map[string][]int16) ([]string, error) {
	missing, err := c.MissingReporters(ctx, before)
	if err != nil || len(missing) == 0 || c.Job.Config.AllowFewerReporters {
		return missing, err
	}
	return nil, fmt.Errorf("reporters of the current release are missing, so nothing was published; bring their files back, or allow it with --allow-fewer-reporters:\n  %s",
		strings.Join(missing, "\n  "))
}
