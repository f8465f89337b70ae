// Package export writes the tables of a release in the forms that other programs take: a
// workbook for Excel, CSV, Stata datasets, and Parquet. It reads the release only, row
// after row, so it works while a run is going on and needs little memory.
//
// exporter.go says what is exported, export.go writes it; each form has a file of its own.
// What every form says beside the tables (what they are, how to cite them, what to keep in
// mind) is in about.go.
package export

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/usage"
)

// Summary is what was written.
type Summary struct {
	Release string    `json:"release"`
	Files   []Written `json:"files"`
	LeftOut []string  `json:"left_out"` // tables that the form can't hold, with the reason
}

// Written is a file. One that is no table has no rows.
type Written struct {
	Path  string `json:"path"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// form is a way to write tables.
type form struct {
	name  string
	files func(e *exporter) []file
}

var forms = []form{
	{"xlsx", (*exporter).workbook},
	{"csv", (*exporter).csvFiles},
	{"dta", (*exporter).stataFiles},
	{"parquet", (*exporter).parquetFiles},
}

// Formats are the names of the forms.
func Formats() []string {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

// Write exports tables. Every file appears as a whole; nothing is written when one of them
// is there already, unless Force is set. What there is not, and what is not allowed, is a
// *usage.Error.
func Write(ctx context.Context, o Options) (*Summary, error) {
	i := slices.IndexFunc(forms, func(f form) bool { return f.name == o.Format })
	if i < 0 {
		return nil, usage.Errorf("--format %q: there are %s", o.Format, strings.Join(Formats(), ", "))
	}
	e, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	files := forms[i].files(e)
	if err := e.ready(files); err != nil {
		return nil, err
	}
	s := &Summary{Release: e.release.ID, LeftOut: append([]string{}, e.leftOut...)}
	for _, f := range files {
		written, err := e.write(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", f.name, err)
		}
		s.Files = append(s.Files, written)
	}
	return s, nil
}

// ready makes the folder, and sees that nothing is in the way.
func (e *exporter) ready(files []file) error {
	for _, f := range files {
		path := e.path(f)
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case info.IsDir():
			return usage.Errorf("--to %s: %s is a folder", e.To, path)
		case !e.Force:
			return usage.Errorf("%s is there already: choose another place with --to, or replace it with --force", path)
		}
	}
	if err := os.MkdirAll(filepath.Dir(e.path(files[0])), 0o755); err != nil {
		return fmt.Errorf("make the folder of the export: %w", err)
	}
	return nil
}

func (e *exporter) write(ctx context.Context, f file) (Written, error) {
	path := e.path(f)
	if err := durable.WriteOver(path, func(to *os.File) error { return f.fill(ctx, to) }); err != nil {
		return Written{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return Written{}, err
	}
	return Written{Path: path, Rows: f.rows, Bytes: info.Size()}, nil
}
