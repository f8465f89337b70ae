package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"entrepot/pipeline/export"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/release"
	"entrepot/pipeline/usage"
	"entrepot/schemas"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

func newShow() *cobra.Command {
	c := &cobra.Command{
		Use:   "show TABLE|FIGURE",
		Short: "Show rows of a published table",
		Long: `Show prints rows of a table of a release: its key with the names of codes, and what
it measures. Each flag takes one value or several with commas between them; what
holds for all of them is shown. A code may be the beginning of codes, a country a
number, a code or a name. --json and --csv print all columns for other programs.

It reads the published release only, so it works while a run is going on.`,
		Example: `  entrepot show figure14 --sector aerospace --year 2021,2023
  entrepot show dominance_hs6 --code 8541 --by export_share --top 5
  entrepot show group_exports --where exporter=EU --columns year,sector,exports_usd --csv`,
		Args: cobra.ExactArgs(1),
	}
	s := release.Selection{}
	var filters []*[]string
	for _, f := range shownFilters {
		filters = append(filters, c.Flags().StringSlice(f.name, nil, f.help))
	}
	where := c.Flags().StringArray("where", nil, "rows with another column, as column=value; may be repeated")
	c.Flags().StringVar(&s.By, "by", "", "column whose largest values come first")
	c.Flags().Int64Var(&s.Most, "top", shownRows, "show so many rows, 0 for all")
	columns := c.Flags().StringSlice("columns", nil, "columns to show, or 'all' (default the key and what the table measures)")
	c.Flags().StringVar(&s.Release, "release", "", "show this release (default the current one)")
	asJSON := addJSON(c.Flags())
	asCSV := c.Flags().Bool("csv", false, "print CSV for other programs")
	c.MarkFlagsMutuallyExclusive("json", "csv")
	out := addOut(c)
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		s.Table = args[0]
		for i, f := range shownFilters {
			if len(*filters[i]) > 0 {
				s.Filters = append(s.Filters, release.Filter{Column: f.column, Values: *filters[i]})
			}
		}
		more, err := conditions("", 0, *where)
		if err != nil {
			return err
		}
		for _, w := range more {
			s.Filters = append(s.Filters, release.Filter{Column: w.Column, Values: []string{w.Value}})
		}
		if s.Most < 0 {
			return usage.Errorf("--top %d: it is a number of rows, 0 for all", s.Most)
		}
		if !slices.Equal(*columns, []string{"all"}) {
			s.Columns = *columns
		}
		if s.Out, err = out(c); err != nil {
			return err
		}
		shown, err := release.Show(c.Context(), s)
		switch {
		case err != nil:
			return err
		case *asJSON:
			return writeJSON(c.OutOrStdout(), shown)
		case *asCSV:
			return writeShownCSV(c.OutOrStdout(), shown)
		}
		return showRows(c.OutOrStdout(), shown, s.By, len(*columns) > 0)
	}
	return c
}

// shownFilters are the flags for columns that many tables have.
var shownFilters = []struct{ name, column, help string }{
	{"sector", "sector", "rows of these sectors"},
	{"year", "year", "rows of these years"},
	{"code", release.Codes, "rows of HS codes that begin so"},
	{"reporter", "reporter", "rows of these reporters: number, code or name"},
	{"partner", "partner", "rows with these partners: number, code or name"},
	{"flow", "flow", "rows of this flow: M for imports, X for exports"},
}

// mostShownColumns is how many columns the terminal shows of a table that measures no
// ratio, beside its key.
const mostShownColumns = 5

// ofEveryRow are columns that mostly say the same in all rows.
var ofEveryRow = []string{"hs_revision", "code_basis", "reporter", "partner_group", "world", "reporter_reported"}

// terminalColumns are those that tell what a table says, of all: its key with names, what
// it measures, what marks a row, and the column of the order.
func terminalColumns(o schemas.Output, by string) []string {
	measured := []string{o.Ratio.Part, o.Ratio.Of, o.Ratio.Share, "partial", "low_coverage", by}
	var all []string
	others := 0
	for _, c := range o.Columns {
		isKey := slices.Contains(o.SortBy, c.Name)
		named := slices.Contains(o.SortBy, c.NameOf) && !c.IsCode()
		switch {
		case isKey, named, slices.Contains(measured, c.Name):
		case o.Ratio.Share == "" && c.NameOf == "" && !slices.Contains(ofEveryRow, c.Name) && others < mostShownColumns:
			others++
		default:
			continue
		}
		all = append(all, c.Name)
	}
	return all
}

func showRows(w io.Writer, s *release.Shown, by string, chosen bool) error {
	if len(s.Rows) == 0 {
		_, err := fmt.Fprintf(w, "%s: no rows, release %s\n", s.Title, s.Release)
		return err
	}
	columns := terminalColumns(s.Output, by)
	if chosen {
		columns = nil
		for _, f := range s.Rows[0] {
			columns = append(columns, f.Column)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, release %s\n", s.Title, phrase.Count(int64(len(s.Rows))+s.More, "row"), s.Release)
	b.WriteString(renderRows(s, columns) + "\n")
	if s.More > 0 {
		fmt.Fprintf(&b, "and %s; --top 0 shows all\n", phrase.Count(s.More, "more row"))
	}
	if more := len(s.Rows[0]) - len(columns); more > 0 {
		fmt.Fprintf(&b, "and %s; --columns all shows all\n", phrase.Count(more, "more column"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func renderRows(s *release.Shown, columns []string) string {
	var header []any
	var looks []table.ColumnConfig
	for i, name := range columns {
		header = append(header, name)
		c, _ := s.Output.Column(name)
		switch {
		case c.NameOf != "":
			looks = append(looks, table.ColumnConfig{Number: i + 1, WidthMax: shortNameWidth, WidthMaxEnforcer: phrase.Cut})
		case c.Type != schemas.Text:
			looks = append(looks, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t := plainTable(header...)
	t.SetColumnConfigs(looks)
	for _, row := range s.Rows {
		var cells table.Row
		for _, name := range columns {
			cells = append(cells, number(row.Value(name)))
		}
		t.AppendRow(cells)
	}
	return t.Render()
}

func writeShownCSV(w io.Writer, s *release.Shown) error {
	out := csv.NewWriter(w)
	for i, row := range s.Rows {
		var head, cells []string
		for _, f := range row {
			head, cells = append(head, f.Column), append(cells, export.CellText(f.Value))
		}
		if i == 0 {
			if err := out.Write(head); err != nil {
				return err
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
