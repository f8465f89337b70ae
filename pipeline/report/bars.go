package report

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
)

// cell is a sector and year of an output.
type cell struct {
	sector   string
	year     int
	share    *float64
	part, of *float64
	low      bool
	partial  bool // the files have a part of the data
}

// ratios reads what an output measures, by sector and year.
func (s *source) ratios(ctx context.Context, o schemas.Output) ([]cell, error) {
	return s.cells(ctx, o.Name, o.Ratio, "")
}

// cells reads a ratio of a table. Its names may be any SQL of the table's columns.
func (s *source) cells(ctx context.Context, table string, ratio schemas.Ratio, where string, args ...any) ([]cell, error) {
	if where != "" {
		where = "WHERE " + where
	}
	partial, err := s.partialOf(ctx, table)
	if err != nil {
		return nil, err
	}
	cells, err := engine.Query(ctx, s.db, func(r *sql.Rows) (c cell, err error) {
		err = r.Scan(&c.sector, &c.year, &c.share, &c.part, &c.of, &c.low, &c.partial)
		return c, err
	}, fmt.Sprintf("SELECT sector, year, %s::DOUBLE, %s::DOUBLE, %s::DOUBLE, %s, %s FROM %s %s ORDER BY sector, year",
		ratio.Share, ratio.Part, ratio.Of, cmp.Or(ratio.Low, "false"), partial, table, where), args...)
	if err != nil {
		return nil, fmt.Errorf("read %s of release %s: %w", table, s.ID, err)
	}
	return cells, nil
}

// groupBars puts the cells of the years shown into groups by sector, those with
// the largest share in the last year first.
func (s *source) groupBars(cells []cell, years []int, text func(cell) string) *Bars {
	by := map[string]map[int]cell{}
	for _, c := range cells {
		if by[c.sector] == nil {
			by[c.sector] = map[int]cell{}
		}
		by[c.sector][c.year] = c
	}
	b := &Bars{}
	for sector, of := range by {
		g := Group{Key: sector, Name: s.sectorName(sector)}
		for _, year := range years {
			c := of[year]
			bar := Bar{Year: year, Share: c.share, Text: noData, Low: c.low}
			if c.share != nil {
				bar.Text, bar.Part = text(c), c.partial
			}
			if bar.Part {
				bar.Text += partWord
			}
			g.Bars = append(g.Bars, bar)
		}
		b.Groups = append(b.Groups, g)
	}
	slices.SortFunc(b.Groups, func(x, y Group) int {
		return cmp.Or(cmp.Compare(last(y), last(x)), strings.Compare(x.Name, y.Name), strings.Compare(x.Key, y.Key))
	})
	return b
}

// last is the share of the last year that has one.
func last(g Group) float64 {
	for _, b := range slices.Backward(g.Bars) {
		if b.Share != nil {
			return *b.Share
		}
	}
	return -1
}

// inOrderOf puts the groups in the order that another figure has them.
func (b *Bars) inOrderOf(other *Bars) {
	at := map[string]int{}
	for i, g := range other.Groups {
		at[g.Key] = i + 1
	}
	slices.SortStableFunc(b.Groups, func(x, y Group) int {
		return cmp.Compare(cmp.Or(at[x.Key], len(at)+1), cmp.Or(at[y.Key], len(at)+1))
	})
}

// append adds the groups of other under a name.
func (b *Bars) append(other *Bars, name string) {
	for _, g := range other.Groups {
		g.Name = name
		b.Groups = append(b.Groups, g)
	}
}

func countText(c cell) string {
	return fmt.Sprintf("%s (%.0f/%.0f)", percent(*c.share, 0), *c.part, *c.of)
}

func valueText(c cell) string { return percent(*c.share, 1) }

// known tells whether any bar has data.
func (b *Bars) known() bool {
	return slices.ContainsFunc(b.Groups, func(g Group) bool {
		return slices.ContainsFunc(g.Bars, func(b Bar) bool { return b.Share != nil })
	})
}

func (b *Bars) low() bool {
	return slices.ContainsFunc(b.Groups, func(g Group) bool {
		return slices.ContainsFunc(g.Bars, func(b Bar) bool { return b.Low })
	})
}
