package report

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"entrepot/pipeline/engine"
	"entrepot/sources"
)

// codesNote says in what codes figures are counted.
func (s *source) codesNote() string {
	how := s.parameter("conversion")
	mode := s.parameter("harmonize")
	note := "Counted in " + codesIn(mode)
	switch {
	case mode == "as-reported":
	case how == "official":
		note += ", converted by the UN's official tables"
	default:
		note += ", converted by the UN's tables with the better targets that entrepot proposes"
	}
	return note + "."
}

// coverageNote says how whole the world exports of the years shown are.
func (s *source) coverageNote(ctx context.Context, years []int) (string, error) {
	type coverage struct {
		year, reporters, most, mirrored int
		value                           float64
		low                             bool
	}
	all, err := engine.Query(ctx, s.db, func(r *sql.Rows) (c coverage, err error) {
		err = r.Scan(&c.year, &c.reporters, &c.most, &c.value, &c.low, &c.mirrored)
		return c, err
	}, "SELECT year, reporters, reporters_most, value_coverage, low_coverage, reporters_mirrored FROM coverage WHERE "+oneOf("year", years)+" ORDER BY year")
	if err != nil {
		return "", fmt.Errorf("read the coverage of release %s: %w", s.ID, err)
	}
	var parts []string
	low := false
	for _, c := range all {
		part := fmt.Sprintf("%d in %d", c.reporters, c.year)
		if c.low {
			low = true
			part = fmt.Sprintf("%d in %d* (%s of exports by value)", c.reporters, c.year, percent(c.value, 0))
		}
		if c.mirrored > 0 {
			part += fmt.Sprintf(", with %d filled in from their partners' imports", c.mirrored)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "", nil
	}
	note := "World exports add up those of all reporters in the files: " + list(parts) + "."
	if low {
		note += " * Low coverage: not comparable with other years."
	}
	return note, nil
}

// sourceLine names where the values are from and what computed them.
func (s *source) sourceLine() string {
	vintage := ""
	var names []string
	for _, in := range s.Manifest.Inputs {
		if in.Staged == 0 {
			continue
		}
		if day, download := sources.DownloadDay(in.Vintage); download { // else a version that somebody published
			vintage = max(vintage, day)
		}
		name := sources.Publisher(in.Format)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	line := "Source: " + list(names)
	if vintage != "" {
		line += ", downloads to " + vintage
	}
	return fmt.Sprintf("%s; computed by entrepot %s, release %s.", line, s.Manifest.Version, s.ID)
}
