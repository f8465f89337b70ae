package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

// downloadable is an output as the page offers it.
type downloadable struct {
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Part        string          `json:"part"` // which of its rows are here, or "" for all
	Columns     []columnMeaning `json:"columns"`
}

// download is the rows that a country has of an output.
type download struct {
	Name  string `json:"name"`
	Count int    `json:"count"` // of its rows
	Key   string `json:"key"`   // of the parts that have them
	// What columns of names have, by column; in rows stands the place in it, for names repeat.
	Names map[string][]string `json:"names"`
}

type columnMeaning struct {
	Name        string `json:"name"`
	Unit        string `json:"unit"`
	Description string `json:"description"`
	isName      bool
}

// columnsOf lists the columns of a table. A release of an older version may lack some.
func (s *source) columnsOf(ctx context.Context, table string) ([]string, error) {
	if known, ok := s.columns[table]; ok {
		return known, nil
	}
	columns, err := engine.Query(ctx, s.db, engine.Scan[string], "SELECT column_name FROM (DESCRIBE "+sqltext.Name(table)+")")
	if err == nil {
		s.columns[table] = columns
	}
	return columns, err
}

// downloadable says what the page has of an output. Of tables by code it has the codes
// that a sector lists and somebody trades; the others would make the page large.
func (b *book) downloadable(ctx context.Context, o schemas.Output) (downloadable, error) {
	d := downloadable{Name: o.Name, Title: o.Title, Description: o.Description, Columns: []columnMeaning{}}
	there, err := b.columnsOf(ctx, o.Name)
	if err != nil {
		return d, fmt.Errorf("read %s of release %s: %w", o.Name, b.ID, err)
	}
	for _, c := range o.Columns {
		if slices.Contains(there, c.Name) { // a release of an older version may lack some
			d.Columns = append(d.Columns, columnMeaning{c.Name, c.Unit, c.Description, c.NameOf != ""})
		}
	}
	if largeTables[o.Name] != "" {
		d.Part = "Codes that a sector lists and that are traded; " + o.Name + ".parquet of the release has all."
	}
	return d, nil
}

// download reads the rows of the books' reporter.
func (b *book) download(ctx context.Context, d downloadable) (download, [][]any, error) {
	o, where := b.outputs[d.Name], ""
	if rows := largeTables[d.Name]; rows != "" {
		where = " WHERE " + rows
	}
	var columns, there []string
	for _, c := range d.Columns {
		columns, there = append(columns, sqltext.Name(c.Name)), append(there, c.Name)
	}
	key := slices.DeleteFunc(slices.Clone(o.SortBy), func(column string) bool { return !slices.Contains(there, column) })
	rows, err := b.rows(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+sqltext.Name(d.Name)+where+" ORDER BY "+strings.Join(key, ", "), len(columns))
	if err != nil {
		return download{}, nil, fmt.Errorf("read %s of release %s: %w", d.Name, b.ID, err)
	}
	l := download{Name: d.Name, Count: len(rows), Key: "table " + d.Name, Names: map[string][]string{}}
	l.gatherNames(d, rows)
	return l, rows, nil
}

// gatherNames replaces names in the rows by their places in Names.
func (l *download) gatherNames(d downloadable, rows [][]any) {
	for i, c := range d.Columns {
		if !c.isName {
			continue
		}
		names, place := []string{}, map[string]int{}
		for _, row := range rows {
			name, ok := row[i].(string)
			if !ok {
				continue // it has none
			}
			at, known := place[name]
			if !known {
				at = len(names)
				names, place[name] = append(names, name), at
			}
			row[i] = at
		}
		l.Names[c.Name] = names
	}
}

// onPage tells whether the page offers a table: not those that it would be too large with.
// The release has them all.
func onPage(o schemas.Output) bool {
	switch o.Name {
	case "lines", "exporters", "suppliers":
		return false
	}
	return o.Partition == ""
}

var largeTables = map[string]string{
	"import_dependence_hs6":   "sector IS NOT NULL AND coalesce(traded, true)",
	"dominance_hs6":           "sector IS NOT NULL",
	"export_share_hs6":        "sector IS NOT NULL",
	"partner_group_share_hs6": "sector IS NOT NULL",
}
