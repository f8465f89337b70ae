package workspace

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"entrepot/pipeline/engine"
)

// File is a row of the table files: an input, and what became of it.
type File struct {
	ID                        int64
	Name, SHA256, Fingerprint string
	Bytes                     int64
	Stamp                     string // see the column stamp
	Format, Source, Vintage   string
	Refusal, Unit, Note       string
	BothSides, AllPartners    bool
	MaybeCut                  bool
	Declared, Repeated        string
	Read, Staged, Rejected    int64
	LeftOut                   int64
	Seconds                   float64
	Excess                    int64 // bytes by which its text is more than trade files unpack to
}

//go:embed files.sql
var filesSQL string

// Files lists the inputs that the workspace knows, by name.
func (w *Workspace) Files(ctx context.Context) (map[string]File, error) {
	all, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (f File, err error) {
		return f, rows.Scan(&f.ID, &f.Name, &f.SHA256, &f.Fingerprint, &f.Bytes, &f.Stamp, &f.Format, &f.Source, &f.Vintage, &f.Refusal,
			&f.Read, &f.Staged, &f.Unit, &f.Note, &f.BothSides, &f.AllPartners, &f.MaybeCut, &f.Declared, &f.Repeated, &f.Seconds, &f.Excess, &f.Rejected, &f.LeftOut)
	}, filesSQL)
	if err != nil {
		return nil, fmt.Errorf("list known files: %w", err)
	}
	known := map[string]File{}
	for _, f := range all {
		known[f.Name] = f
	}
	return known, nil
}

// ByName lists files in the order of their names.
func ByName(known map[string]File) []File {
	files := make([]File, 0, len(known))
	for _, name := range slices.Sorted(maps.Keys(known)) {
		files = append(files, known[name])
	}
	return files
}

// FileYears lists, for each year, the numbers of the files that have staged rows of it.
func (w *Workspace) FileYears(ctx context.Context) (map[int][]int64, error) {
	type has struct {
		file int64
		year int
	}
	all, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (h has, err error) {
		return h, rows.Scan(&h.file, &h.year)
	}, "SELECT file_id, year FROM file_years")
	if err != nil {
		return nil, fmt.Errorf("list the years of the files: %w", err)
	}
	years := map[int][]int64{}
	for _, h := range all {
		years[h.year] = append(years[h.year], h.file)
	}
	return years, nil
}

// StagedRows is the number of rows of files that were staged.
func StagedRows(known map[string]File) (rows int64) {
	for _, f := range known {
		rows += f.Staged
	}
	return rows
}

// Replace takes out files, by their numbers, with their rows, and notes others in the
// transaction that holds the rows of these. Number 0 is that of a file that was never there.
func Replace(ctx context.Context, conn *sql.Conn, was []int64, files []File) error {
	if err := DeleteFiles(ctx, conn, was); err != nil {
		return err
	}
	var rows [][]driver.Value
	for _, f := range files {
		rows = append(rows, []driver.Value{int32(f.ID), f.Name, f.SHA256, f.Bytes, f.Stamp, f.Fingerprint, f.Format, f.Source, f.Vintage, f.Refusal,
			f.Read, f.Staged, f.Unit, f.Note, f.BothSides, f.AllPartners, f.MaybeCut, f.Declared, f.Repeated, f.Seconds, f.Excess})
	}
	if err := engine.Append(conn, "files", rows); err != nil {
		return fmt.Errorf("note the files that were read: %w", err)
	}
	return nil
}

// FileTables are the tables that note something of each file beside files itself and its
// staged rows.
func FileTables() []string { return []string{"rejects", "unknown_partners", "left_out", "file_years"} }

// DeleteFiles takes out files, by their numbers, with their rows.
func DeleteFiles(ctx context.Context, conn *sql.Conn, ids []int64) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 })
	if len(ids) == 0 {
		return nil
	}
	for _, table := range append(FileTables(), "staged_rows", "line_ranges", "objects_in_force", "files") {
		if _, err := conn.ExecContext(ctx, "DELETE FROM "+table+" WHERE file_id IN (SELECT unnest($ids::BIGINT[]))", sql.Named("ids", ids)); err != nil {
			return fmt.Errorf("take out the rows of files: %w", err)
		}
	}
	return nil
}

// Touch notes the time stamp that an unchanged file has now.
func (w *Workspace) Touch(ctx context.Context, f File) error {
	_, err := w.DB.ExecContext(ctx, "UPDATE files SET stamp = $stamp WHERE file_id = $id",
		sql.Named("stamp", f.Stamp), sql.Named("id", f.ID))
	if err != nil {
		return fmt.Errorf("note the time stamp of %s: %w", f.Name, err)
	}
	return nil
}

// Rename notes the name and the time stamp that a file has now.
func (w *Workspace) Rename(ctx context.Context, f File) error {
	_, err := w.DB.ExecContext(ctx, "UPDATE files SET name = $name, stamp = $stamp WHERE file_id = $id",
		sql.Named("name", f.Name), sql.Named("stamp", f.Stamp), sql.Named("id", f.ID))
	if err != nil {
		return fmt.Errorf("note the new name of %s: %w", f.Name, err)
	}
	return nil
}
