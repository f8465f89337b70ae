package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"entrepot/schemas"
	"entrepot/sources"

	"github.com/maruel/natural"
)

// FileReport says what became of one input.
type FileReport struct {
	Name    string
	Format  string
	Refusal string // why it could not be used, or ""
	Note    string // what a user should know before trusting it, or ""
	Bytes   int64
	Fresh   bool // read in this run
	sources.Counts
}

// file is a row of the table files.
type file struct {
	id                          int64
	name, sha256, fingerprint   string
	bytes, modified             int64
	format, source, vintage     string
	refusal, unit, note         string
	bothSides, allPartners      bool
	read, staged, rejects, left int64
	seconds                     float64
}

func (f file) report(fresh bool) FileReport {
	return FileReport{Name: f.name, Format: f.format, Refusal: f.refusal, Note: f.note, Bytes: f.bytes, Fresh: fresh,
		Counts: sources.Counts{Read: f.read, Staged: f.staged, Rejected: f.rejects, LeftOut: f.left}}
}

var errNoFiles = errors.New("no files")

// extract brings the staged rows up to date with the data folder: new and
// changed files are read, files that are gone are taken out, others stay as they
// are. A file's rows and its state commit together, with those of its batch.
func (r *runner) extract(ctx context.Context) ([]FileReport, error) {
	inputs, err := sources.Find(ctx, r.config.Data, append(r.config.skip, r.config.Out)...)
	if err != nil {
		return nil, err
	}
	if inputs, err = r.selection.inputs(inputs, r.config.Data); err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("%w in %s: download trade data from UN Comtrade into it, or name another folder with --data; --allow-empty lets a run without files end well", errNoFiles, r.config.Data)
	}
	known, err := r.work.files(ctx)
	if err != nil {
		return nil, err
	}
	if len(r.selection.Steps) == 0 {
		if err := r.removeMissing(ctx, inputs, known); err != nil {
			return nil, err
		}
	}
	nextID := int64(0)
	for _, f := range known {
		nextID = max(nextID, f.id)
	}
	r.expectInputs(inputs, known)
	done, err := r.extractInputs(ctx, inputs, known, nextID+1)
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	for _, d := range done {
		reports = append(reports, d.report(d.fresh))
	}
	return reports, r.orderFiles(ctx)
}

// unchanged tells by size and time stamp whether a file was read as it is. When
// they differ, its content decides.
func (r *runner) unchanged(was file, info os.FileInfo, reader string) bool {
	return was.id != 0 && !r.selection.Force && was.bytes == info.Size() && was.modified == info.ModTime().UnixNano() &&
		strings.HasSuffix(was.fingerprint, reader)
}

// contentFingerprint covers what decides the rows that a file becomes.
func contentFingerprint(p *sources.Prepared, reader string) string {
	return p.SHA256 + " " + p.Vintage + " " + reader
}

// forget takes a file's rows out.
func forget(ctx context.Context, conn *sql.Conn, id int64) error {
	if id == 0 {
		return nil
	}
	for _, table := range []string{"staged_rows", "line_ranges", "rejects", "left_out", "files"} {
		if _, err := conn.ExecContext(ctx, "DELETE FROM "+table+" WHERE file_id = $id", sql.Named("id", id)); err != nil {
			return fmt.Errorf("take out the rows of a file: %w", err)
		}
	}
	return nil
}

func (w *workspace) touch(ctx context.Context, f file) error {
	_, err := w.db.ExecContext(ctx, "UPDATE files SET modified = $modified WHERE file_id = $id",
		sql.Named("modified", f.modified), sql.Named("id", f.id))
	return err
}

func (r *runner) removeMissing(ctx context.Context, inputs []sources.Input, known map[string]file) error {
	present := map[string]bool{}
	for _, in := range inputs {
		present[in.Name] = true
	}
	for name, f := range known {
		if present[name] {
			continue
		}
		r.log.Info("file is gone; its rows are taken out", "file", name)
		if err := r.work.inTransaction(ctx, func(conn *sql.Conn) error { return forget(ctx, conn, f.id) }); err != nil {
			return err
		}
		delete(known, name)
	}
	return nil
}

// readerFingerprint covers what decides how a file's content becomes rows.
func (r *runner) readerFingerprint(s sources.Settings) string {
	return hash("reader", sources.Version, schemas.Workspace, r.reference.Hash("areas", "hs_codes"), schemas.AreaKeysHash(), s.Text())
}

// files lists the inputs that the workspace knows, by name.
func (w *workspace) files(ctx context.Context) (map[string]file, error) {
	rows, err := w.db.QueryContext(ctx, `
		SELECT file_id, name, sha256, fingerprint, bytes, modified, format, source, vintage, refusal, rows_read, rows_staged, unit, note, both_sides, all_partners, seconds,
			(SELECT count(*) FROM rejects r WHERE r.file_id = f.file_id),
			(SELECT coalesce(sum(rows), 0)::BIGINT FROM left_out l WHERE l.file_id = f.file_id)
		FROM files f`)
	if err != nil {
		return nil, fmt.Errorf("list known files: %w", err)
	}
	defer rows.Close()
	known := map[string]file{}
	for rows.Next() {
		var f file
		if err := rows.Scan(&f.id, &f.name, &f.sha256, &f.fingerprint, &f.bytes, &f.modified, &f.format, &f.source,
			&f.vintage, &f.refusal, &f.read, &f.staged, &f.unit, &f.note, &f.bothSides, &f.allPartners, &f.seconds, &f.rejects, &f.left); err != nil {
			return nil, fmt.Errorf("list known files: %w", err)
		}
		known[f.name] = f
	}
	return known, rows.Err()
}

// orderFiles ranks the sources by the configuration, and the files: the newest
// first, by what their names or archives say of the download; among files that say
// nothing, the last name first.
func (r *runner) orderFiles(ctx context.Context) error {
	known, err := r.work.files(ctx)
	if err != nil {
		return err
	}
	ranks := r.sourceRanks(known)
	return r.work.inTransaction(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "DELETE FROM file_order"); err != nil {
			return fmt.Errorf("order files: %w", err)
		}
		for i, f := range inOrder(known) {
			if _, err := conn.ExecContext(ctx, "INSERT INTO file_order VALUES ($id, $source, $trust, $rank)",
				sql.Named("id", f.id), sql.Named("source", f.source), sql.Named("trust", ranks[f.source]), sql.Named("rank", int64(i+1))); err != nil {
				return fmt.Errorf("order files: %w", err)
			}
		}
		return nil
	})
}

// sourceRanks numbers the sources by trust: those of the configuration in its
// order, then the others by name.
func (r *runner) sourceRanks(known map[string]file) map[string]int64 {
	names := slices.Clone(r.config.SourceOrder)
	var others []string
	for _, f := range known {
		if f.source != "" && !slices.Contains(names, f.source) && !slices.Contains(others, f.source) {
			others = append(others, f.source)
		}
	}
	slices.Sort(others)
	ranks := map[string]int64{}
	for i, name := range append(names, others...) {
		ranks[name] = int64(i + 1)
	}
	return ranks
}

func inOrder(known map[string]file) []file {
	var files []file
	for _, f := range known {
		if f.refusal == "" {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b file) int {
		if c := strings.Compare(b.vintage, a.vintage); c != 0 {
			return c
		}
		return compareNames(b.name, a.name)
	})
	return files
}

// compareNames orders names as people do: numbers by their value, and a
// browser's second copy "data (1).csv" behind "data.csv".
func compareNames(a, b string) int {
	stem := func(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }
	return cmp.Or(natural.Compare(stem(a), stem(b)), strings.Compare(a, b))
}

// stagedFingerprint covers the usable files' content and the order in which
// they are believed.
func (r *runner) stagedFingerprint(known map[string]file) string {
	parts := []string{"staged"}
	ranks := r.sourceRanks(known)
	for _, f := range inOrder(known) {
		parts = append(parts, f.source, fmt.Sprint(ranks[f.source]), f.fingerprint)
	}
	return hash(parts...)
}

// hash is the SHA-256 of a list of strings, unambiguous about where each ends.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s\n", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
