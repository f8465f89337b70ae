package workspace

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"

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
}

//go:embed files.sql
var filesSQL string

//go:embed add_file.sql
var addFileSQL string

// Files lists the inputs that the workspace knows, by name.
func (w *Workspace) Files(ctx context.Context) (map[string]File, error) {
	all, err := engine.Query(ctx, w.DB, func(rows *sql.Rows) (f File, err error) {
		return f, rows.Scan(&f.ID, &f.Name, &f.SHA256, &f.Fingerprint, &f.Bytes, &f.Stamp, &f.Format, &f.Source, &f.Vintage, &f.Refusal,
			&f.Read, &f.Staged, &f.Unit, &f.Note, &f.BothSides, &f.AllPartners, &f.MaybeCut, &f.Declared, &f.Repeated, &f.Seconds, &f.Rejected, &f.LeftOut)
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
	var files []File
	for _, f := range known {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files
}

// StagedRows is the number of rows of files that were staged.
func StagedRows(known map[string]File) (rows int64) {
	for _, f := range known {
		rows += f.Staged
	}
	return rows
}

// AddFile notes a file in the transaction that holds its rows.
func AddFile(ctx context.Context, conn *sql.Conn, f File) error {
	_, err := conn.ExecContext(ctx, addFileSQL,
		sql.Named("id", f.ID), sql.Named("name", f.Name), sql.Named("sha256", f.SHA256), sql.Named("bytes", f.Bytes), sql.Named("stamp", f.Stamp),
		sql.Named("fingerprint", f.Fingerprint), sql.Named("format", f.Format), sql.Named("source", f.Source), sql.Named("vintage", f.Vintage),
		sql.Named("refusal", f.Refusal), sql.Named("read", f.Read), sql.Named("staged", f.Staged),
		sql.Named("unit", f.Unit), sql.Named("note", f.Note), sql.Named("both", f.BothSides), sql.Named("all", f.AllPartners),
		sql.Named("cut", f.MaybeCut), sql.Named("declared", f.Declared), sql.Named("repeated", f.Repeated), sql.Named("seconds", f.Seconds))
	if err != nil {
		return fmt.Errorf("note the file %s: %w", f.Name, err)
	}
	return nil
}

// DeleteFile takes out a file and its rows. One of number 0 was never there.
func DeleteFile(ctx context.Context, conn *sql.Conn, id int64) error {
	if id == 0 {
		return nil
	}
	for _, table := range []string{"staged_rows", "line_ranges", "rejects", "unknown_partners", "left_out", "files"} {
		if _, err := conn.ExecContext(ctx, "DELETE FROM "+table+" WHERE file_id = $id", sql.Named("id", id)); err != nil {
			return fmt.Errorf("take out the rows of a file: %w", err)
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
