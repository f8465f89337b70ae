package export

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/release"
	"entrepot/pipeline/report"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
)

// Options say what is exported, and where to.
type Options struct {
	Out     string   // output folder of the runs
	Release string   // id; "" is the current one
	Format  string   // one of Formats
	Tables  []string // names of tables or figures; none: all
	To      string   // a folder, which is made; of a workbook also a name that ends in .xlsx
	Force   bool     // replace files that are there
	Caution string   // stands before everything else; "" for none
}

// file is one that is to be written: its name, its rows if it is a table, and what
// fills it. Fill may write only once.
type file struct {
	name string
	rows int64
	fill func(ctx context.Context, to *os.File) error
}

// exporter is an export at work.
type exporter struct {
	Options
	release *release.Release
	tables  []schemas.Output // with the columns that the release has
	about   *report.About
	leftOut []string
}

// sheetRows is how many rows a sheet of Excel holds.
const sheetRows = 1048576

func open(ctx context.Context, o Options) (*exporter, error) {
	r, err := release.Find(o.Out, o.Release)
	if err != nil {
		return nil, err
	}
	e := &exporter{Options: o, release: r}
	if e.tables, err = r.Tables(o.Tables...); err != nil {
		return nil, err
	}
	if e.about, err = report.Describe(ctx, r, "import_dependence", "dominance"); err != nil {
		return nil, err
	}
	return e, e.fit()
}

// fit leaves out the tables that a sheet of Excel can't hold; of those that were asked for
// by name it is an error.
func (e *exporter) fit() error {
	if e.Format != "xlsx" {
		return nil
	}
	var fitting []schemas.Output
	for _, o := range e.tables {
		rows := e.rows(o)
		switch {
		case rows < sheetRows:
			fitting = append(fitting, o)
		case len(e.Tables) > 0:
			return usage.Errorf("table %s has %d rows, and a sheet of Excel holds %d with the header: export it with --format csv, dta or parquet",
				o.Name, rows, sheetRows)
		default:
			e.leftOut = append(e.leftOut, fmt.Sprintf("%s has %d rows, and a sheet of Excel holds %d with the header", o.Name, rows, sheetRows))
		}
	}
	e.tables = fitting
	return nil
}

// rows is how many rows a table has, as the manifest says.
func (e *exporter) rows(o schemas.Output) int64 {
	rows := int64(0)
	for _, f := range e.release.Manifest.Files {
		if release.TableOf(f.Name) == o.Name {
			rows += f.Rows
		}
	}
	return rows
}

func (e *exporter) path(f file) string {
	if isWorkbook(e.Options) {
		return e.To
	}
	return filepath.Join(e.To, f.name)
}

// isWorkbook tells whether To names the workbook, not its folder.
func isWorkbook(o Options) bool {
	return o.Format == "xlsx" && strings.EqualFold(filepath.Ext(o.To), ".xlsx")
}

// tableFiles are a file for each table, and one that says what they are.
func (e *exporter) tableFiles(ending string, fill func(ctx context.Context, o schemas.Output, to *os.File) error) []file {
	var files []file
	for _, o := range e.tables {
		files = append(files, file{name: o.Name + "." + ending, rows: e.rows(o),
			fill: func(ctx context.Context, to *os.File) error { return fill(ctx, o, to) }})
	}
	return append(files, e.aboutFile())
}

// aboutFile says what the others are.
func (e *exporter) aboutFile() file {
	return file{name: "about.txt", fill: func(_ context.Context, to *os.File) error { return e.writeAbout(to) }}
}
