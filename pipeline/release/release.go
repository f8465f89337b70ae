// Package release writes, finds and reads published releases: a folder of Parquet
// files with a manifest, under an id that is a hash of what it holds.
//
// It knows nothing of runs: write.go publishes a Draft, and everything else reads what
// was published, so it works while a run is going on. Where releases are kept is the
// matter of package store.
package release

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
	"entrepot/transforms/own"
)

// Release is a published release: its id, its folder of Parquet files, and its
// manifest.
type Release struct {
	ID, Dir  string
	Manifest *Manifest

	own        *own.Set       // the user's measures and checks; nil when they are not read yet
	parameters map[string]any // of the manifest, by the names and words of today; nil when nobody asked
}

// Catalogue lists the outputs that the release may have tables of.
func (r *Release) Catalogue() schemas.Catalogue {
	if r.own == nil {
		return schemas.Outputs()
	}
	return schemas.Outputs().With(r.own.Outputs()...)
}

// Own are the user's measures and checks that the release was made with.
func (r *Release) Own() (*own.Set, error) {
	var err error
	if r.own, err = r.Manifest.Own.Parse(); err != nil {
		return nil, fmt.Errorf("read the measures that stand in the manifest of release %s, of version %s: %w", r.ID, r.Manifest.Version, err)
	}
	return r.own, nil
}

// List lists the whole releases of an output folder, the newest first by what their
// manifests say.
func List(out string) ([]*Release, error) {
	folder := store.Folder{Out: out}
	ids, err := folder.IDs()
	if err != nil {
		return nil, err
	}
	var all []*Release
	for _, id := range ids {
		r, err := open(folder.Path(id))
		if err != nil || r.Incomplete() != "" {
			continue // damaged: the next run repairs it if it is still needed
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *Release) int {
		return cmp.Or(b.Manifest.Run.finished().Compare(a.Manifest.Run.finished()), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

func open(dir string) (*Release, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Release{ID: filepath.Base(dir), Dir: dir, Manifest: m}, nil
}

// Incomplete says what a release lacks of what its manifest lists: a file that is gone or
// has another size, or a description with other content; "" when it lacks nothing. Tables
// are never written over, but descriptions are, one after the other (see Redescribe), and
// one of the same size may be of another manifest.
func (r *Release) Incomplete() string {
	for _, f := range r.Manifest.Files {
		info, err := os.Stat(filepath.Join(r.Dir, f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return f.Name + " is gone"
		case err != nil:
			return err.Error()
		case info.Size() != f.Bytes:
			return fmt.Sprintf("%s has %d bytes, not %d", f.Name, info.Size(), f.Bytes)
		case f.describes():
			sum, err := SHA256(context.Background(), filepath.Join(r.Dir, f.Name)) // it is small
			if err != nil {
				return err.Error()
			}
			if sum != f.SHA256 {
				return f.Name + " is not the one of the manifest"
			}
		}
	}
	return ""
}

// Damaged says which published files are not what the manifest says, by their hashes.
func (r *Release) Damaged(ctx context.Context) ([]string, error) {
	var damaged []string
	for _, f := range r.Manifest.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sum, err := SHA256(ctx, filepath.Join(r.Dir, f.Name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read %s of release %s: %w", f.Name, r.ID, err)
		}
		if sum != f.SHA256 {
			damaged = append(damaged, f.Name)
		}
	}
	return damaged, nil
}

// FindDamaged finds a release as Find does, but also one that is not whole.
func FindDamaged(out, id string) (*Release, error) {
	id, err := currentOr(out, id)
	if err != nil {
		return nil, err
	}
	if r, err := open(store.Folder{Out: out}.Path(id)); err == nil {
		_, err := r.Own()
		return r, err
	}
	return Find(out, id) // which says what is wrong
}

// currentOr is an id, or that of the current release for "".
func currentOr(out, id string) (string, error) {
	if id != "" {
		return id, nil
	}
	id, err := store.Folder{Out: out}.Current()
	if err == nil && id == "" {
		err = fmt.Errorf("nothing has been published in %s yet; --out or the configuration names the output folder", out)
	}
	return id, err
}

// Find finds a release of an output folder; id "" is the current one. An id that is
// not there is a *usage.Error. Of the others no manifest is read: of very many input files,
// each takes long.
func Find(out, id string) (*Release, error) {
	folder := store.Folder{Out: out}
	id, err := currentOr(out, id)
	if err != nil {
		return nil, err
	}
	known, err := folder.IDs()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(known, id) {
		return nil, noSuchRelease(out, id)
	}
	r, err := open(folder.Path(id))
	if err != nil {
		return nil, fmt.Errorf("release %s is damaged: %w; 'entrepot run' writes it anew if its input files are still there", id, err)
	}
	if lacks := r.Incomplete(); lacks != "" {
		return nil, fmt.Errorf("release %s is damaged: %s; 'entrepot run' writes it anew if its input files are still there", id, lacks)
	}
	_, err = r.Own()
	return r, err
}

func noSuchRelease(out, id string) error {
	all, err := List(out)
	if err != nil {
		return err
	}
	return usage.Errorf("there is no release %q in %s; there are: %s; 'entrepot history' tells how each was made", id, out, strings.Join(ids(all), ", "))
}

func ids(all []*Release) []string {
	var names []string
	for _, r := range all {
		names = append(names, r.ID)
	}
	return names
}

// CountedIn finds the release that differs from r in nothing but the HS revision
// in which codes are counted. Where there are several, it is the newest. That
// there is none is a *usage.Error that says how to make it.
func (r *Release) CountedIn(harmonize string) (*Release, error) {
	all, err := List(filepath.Dir(filepath.Dir(r.Dir)))
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if r.differsOnlyIn(other, "harmonize", harmonize) {
			_, err := other.Own()
			return other, err
		}
	}
	return nil, usage.Errorf("no release beside %s is of the same data and settings with codes counted in %s: "+
		"'entrepot run --harmonize %s' publishes one and makes it the current one, 'entrepot rollback %s' makes this one current again",
		r.ID, harmonize, harmonize, r.ID)
}

func (r *Release) differsOnlyIn(other *Release, key, value string) bool {
	parameters := maps.Clone(r.Manifest.Parameters)
	parameters[key] = value
	wanted := Manifest{Version: r.Manifest.Version, Parameters: parameters, Reference: r.Manifest.Reference, Inputs: r.Manifest.Inputs}
	return len(changedParameters(&wanted, other.Manifest)) == 0 && len(changedReference(&wanted, other.Manifest)) == 0 &&
		len(changedInputs(&wanted, other.Manifest)) == 0 && len(own.Changed(r.Manifest.Own, other.Manifest.Own)) == 0
}

// Parameter is a setting of the release as text, by the name and the word of today; ""
// when the release does not say it.
func (r *Release) Parameter(name string) string {
	if r.parameters == nil {
		r.parameters = canonical(r.Manifest.Parameters)
	}
	value, ok := r.parameters[name]
	if !ok {
		return ""
	}
	return fmt.Sprint(value)
}

// Path is the file of a published table that is not partitioned.
func (r *Release) Path(table string) string { return filepath.Join(r.Dir, fileOf(table)) }

// Paths are the files of a published table, in the order of its key; none when the release
// does not have it: one of an older version may not.
func (r *Release) Paths(table string) (paths []string) {
	for _, f := range r.Manifest.Files {
		if TableOf(f.Name) == table {
			paths = append(paths, filepath.Join(r.Dir, filepath.FromSlash(f.Name)))
		}
	}
	return paths
}

// TableOf is the table that a published file is of; "" for a file that is of none.
func TableOf(file string) string {
	table, isParquet := strings.CutSuffix(file, ".parquet")
	if !isParquet {
		return ""
	}
	folder, _, _ := strings.Cut(table, "/")
	return folder
}

// Has tells whether the release has a table; one of an older version may not.
func (r *Release) Has(table string) bool {
	paths := r.Paths(table)
	if len(paths) == 0 {
		return false
	}
	_, err := os.Stat(paths[0])
	return err == nil
}

// parquet is the SQL that reads a published table.
func (r *Release) parquet(table string) string { return sqltext.Parquet(r.Paths(table)...) }

// Open opens the release's tables as views of a DuckDB in memory. Names of codes are null in
// a release of a version that did not publish them.
func (r *Release) Open(ctx context.Context) (_ *sql.DB, err error) {
	db, err := engine.Open(ctx, "", engine.Options{})
	if err != nil {
		return nil, fmt.Errorf("open release %s: %w", r.ID, err)
	}
	for _, o := range r.Catalogue() {
		if !r.Has(o.Name) {
			continue
		}
		if err := r.view(ctx, db, o); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s of release %s: %w", o.Name, r.ID, err), db.Close())
		}
	}
	return db, nil
}

func (r *Release) view(ctx context.Context, db *sql.DB, o schemas.Output) error {
	there, err := columnsOf(ctx, db, r, o.Name)
	if err != nil {
		return err
	}
	columns := "*"
	for _, c := range o.Columns {
		if c.NameOf != "" && !slices.Contains(there, c.Name) {
			columns += fmt.Sprintf(", CAST(NULL AS %s) AS %s", c.Type, sqltext.Name(c.Name))
		}
	}
	_, err = db.ExecContext(ctx, "CREATE VIEW "+sqltext.Name(o.Name)+" AS SELECT "+columns+" FROM "+r.parquet(o.Name))
	return err
}

// OpenFor opens the release's tables as Open does, with the rows of one reporter in those
// that measure reporters' trade and in those that say how whole their files are. Choose
// changes the reporter. All rows are in the tables all_NAME of a release of several.
func (r *Release) OpenFor(ctx context.Context, reporter int16) (*sql.DB, error) {
	db, err := r.Open(ctx)
	if err != nil || !r.Several() {
		return db, err
	}
	db.SetMaxOpenConns(1) // the chosen reporter is known to one connection
	for _, o := range r.Catalogue() {
		if !r.Has(o.Name) || o.SortBy[0] != "reporter" {
			continue
		}
		all, name := sqltext.Name("all_"+o.Name), sqltext.Name(o.Name)
		query := fmt.Sprintf("ALTER VIEW %s RENAME TO %s; CREATE VIEW %[1]s AS FROM %[2]s WHERE reporter = getvariable('reporter')", name, all)
		if _, err := db.ExecContext(ctx, query); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s of release %s: %w", o.Name, r.ID, err), db.Close())
		}
	}
	if err := Choose(ctx, db, reporter); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Choose says whose rows the tables of a database of OpenFor have.
func Choose(ctx context.Context, db *sql.DB, reporter int16) error {
	if _, err := db.ExecContext(ctx, fmt.Sprintf("SET VARIABLE reporter = %d::SMALLINT", reporter)); err != nil {
		return fmt.Errorf("choose reporter %d: %w", reporter, err)
	}
	return nil
}

// SHA256 is the hash of a file's content.
func SHA256(ctx context.Context, path string) (sum string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	h := sha256.New()
	_, err = io.Copy(h, untilDone{ctx, in})
	return hex.EncodeToString(h.Sum(nil)), err
}

// untilDone stops reading when the context is done.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
