package report

import (
	"context"
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
	Rows        [][]any         `json:"rows"`
	// What columns of names have, by column; in Rows stands the place in it, for names repeat.
	Names map[string][]string `json:"names"`
}

type columnMeaning struct {
	Name        string `json:"name"`
	Unit        string `json:"unit"`
	Description string `json:"description"`
}

// columnsOf lists the columns of a table. A release of an older version may lack some.
func (b *book) columnsOf(ctx context.Context, table string) ([]string, error) {
	return engine.Query(ctx, b.db, engine.Scan[string], "SELECT column_name FROM (DESCRIBE "+sqltext.Name(table)+")")
}

// downloadable reads an output for the page. Of tables by code it has the codes
// that a sector lists and somebody trades; the others would make the page large.
func (b *book) downloadable(ctx context.Context, o schemas.Output) (downloadable, error) {
	d := downloadable{Name: o.Name, Title: o.Title, Description: o.Description, Rows: [][]any{}}
	there, err := b.columnsOf(ctx, o.Name)
	if err != nil {
		return d, err
	}
	o.Columns = slices.DeleteFunc(o.Columns, func(c schemas.Column) bool { return !slices.Contains(there, c.Name) })
	columns, where := "", ""
	for i, c := range o.Columns {
		if i > 0 {
			columns += ", "
		}
		columns += c.Name
		d.Columns = append(d.Columns, columnMeaning{c.Name, c.Unit, c.Description})
	}
	if _, large := largeTables[o.Name]; large {
		where, d.Part = " WHERE "+largeTables[o.Name], "Codes that a sector lists and that are traded; "+o.Name+".parquet of the release has all."
	}
	key := slices.DeleteFunc(slices.Clone(o.SortBy), func(column string) bool { return !slices.Contains(there, column) })
	rows, err := b.rows(ctx, "SELECT "+columns+" FROM "+o.Name+where+" ORDER BY "+strings.Join(key, ", "), len(o.Columns))
	d.Rows = append(d.Rows, rows...)
	d.gatherNames(o)
	return d, err
}

// gatherNames replaces names in the rows by their places in Names.
func (d *downloadable) gatherNames(o schemas.Output) {
	d.Names = map[string][]string{}
	for i, c := range o.Columns {
		if c.NameOf == "" {
			continue
		}
		names, place := []string{}, map[string]int{}
		for _, row := range d.Rows {
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
		d.Names[c.Name] = names
	}
}

var largeTables = map[string]string{
	"import_dependence_hs6":   "sector IS NOT NULL AND coalesce(traded, true)",
	"dominance_hs6":           "sector IS NOT NULL",
	"export_share_hs6":        "sector IS NOT NULL",
	"partner_group_share_hs6": "sector IS NOT NULL",
}
