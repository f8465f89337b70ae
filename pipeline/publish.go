package pipeline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"entrepot/schemas"

	"golang.org/x/sync/errgroup"
)

// Manifest describes a release. All but Run is a function of the inputs, the
// parameters, the reference data, the SQL and the version.
type Manifest struct {
	Release    string            `json:"release"`
	Version    string            `json:"version"`
	Parameters map[string]any    `json:"parameters"`
	Reference  map[string]string `json:"reference_sha256"`
	Inputs     []InputEntry      `json:"inputs"`
	Files      []FileEntry       `json:"files"`
	// Reporters lists who has annual HS-6 rows with World, by year.
	Reporters map[string][]int16 `json:"reporters"`
	Coverage  []CoverageEntry    `json:"coverage"`
	Checks    []CheckEntry       `json:"checks"`
	Run       RunEntry           `json:"run"`
}

// CoverageEntry says how whole the world exports of a year are.
type CoverageEntry struct {
	Year          int     `json:"year"`
	Reporters     int     `json:"reporters"`
	ReportersMost int     `json:"reporters_most"`
	ValueCoverage float64 `json:"value_coverage"`
	LowCoverage   bool    `json:"low_coverage"`
}

// CheckEntry is the result of a quality check.
type CheckEntry struct {
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Examined int64  `json:"examined"`
	Findings int64  `json:"findings"`
}

// InputEntry is an input file of a release.
type InputEntry struct {
	Name     string `json:"name"`
	SHA256   string `json:"sha256"`
	Format   string `json:"format,omitempty"`
	Vintage  string `json:"vintage,omitempty"`
	Read     int64  `json:"rows_read"`
	Staged   int64  `json:"rows_staged"`
	Rejected int64  `json:"rows_rejected"`
	LeftOut  int64  `json:"rows_left_out"`
	Refusal  string `json:"refusal,omitempty"`
}

// FileEntry is a published file. A file that is no table has no rows.
type FileEntry struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// RunEntry is the part of a manifest that differs from run to run.
type RunEntry struct {
	Finished string `json:"finished"`
	Platform string `json:"platform"`
}

// describeParameters is what was asked for, as the outputs state it: what the SQL
// binds, without what follows from it, and the reference tables.
func (r *runner) describeParameters() map[string]any {
	all := r.parameters()
	delete(all, "list_revision")
	delete(all, "code_basis")
	if all["years"] == "" {
		all["years"] = "all"
	}
	all["source_order"], all[filesKey] = strings.Join(r.config.SourceOrder, ", "), r.config.Files
	all["reference"] = r.reference.Hash(referenceNames...)[:12]
	return all
}

// releaseID is a hash of all that a release depends on, short enough to type.
func (r *runner) releaseID(fingerprints map[string]fingerprint) (string, error) {
	parameters, err := json.Marshal(r.describeParameters())
	if err != nil {
		return "", fmt.Errorf("describe parameters: %w", err)
	}
	parts := []string{r.version, string(parameters)}
	for _, o := range schemas.Outputs() {
		parts = append(parts, o.Name, fmt.Sprintf("%+v", o), fingerprints[o.Name].sum())
	}
	return hash(parts...)[:12], nil
}

// publish writes the outputs to a release folder of their own and then points
// out/current at it in one step, so that a reader sees the old set or the new
// one, whole. It tells which reporters of the release before are missing, and
// whether current points elsewhere than it did.
func (r *runner) publish(ctx context.Context, s *Summary, fingerprints map[string]fingerprint) (missing []string, switched bool, err error) {
	id, err := r.releaseID(fingerprints)
	if err != nil {
		return nil, false, err
	}
	target, _ := os.Readlink(filepath.Join(r.config.Out, "current")) // "" when there is none yet
	switched = filepath.Base(target) != id
	if switched {
		if missing, err = r.checkReporters(ctx); err != nil {
			return nil, false, err
		}
	}
	releases := filepath.Join(r.config.Out, "releases")
	final := filepath.Join(releases, id)
	if err := os.MkdirAll(releases, 0o755); err != nil {
		return nil, false, fmt.Errorf("make release folder: %w", err)
	}
	if err := sweep(releases); err != nil {
		return nil, false, err
	}
	if _, err := os.Stat(filepath.Join(final, "manifest.json")); errors.Is(err, fs.ErrNotExist) {
		if err := r.writeRelease(ctx, id, final); err != nil {
			return nil, false, fmt.Errorf("write release %s: %w", id, err)
		}
		s.Fresh = true
	}
	if target != "" && !s.Fresh && switched {
		r.log.Warn("current pointed to another release; it points to that of the input files again", "was", filepath.Base(target), "release", id)
	}
	if err := pointCurrent(r.config.Out, id); err != nil {
		return nil, false, err
	}
	s.Release = id
	return missing, switched, r.retire(releases, id)
}

// retire removes the oldest releases beyond the number that is kept, never the
// current one.
func (r *runner) retire(releases, current string) error {
	if r.config.KeepReleases == 0 {
		return nil
	}
	all, err := listReleases(releases)
	if err != nil {
		return err
	}
	kept := 1 // the current one
	for _, id := range all {
		if id == current {
			continue
		}
		if kept++; kept <= r.config.KeepReleases {
			continue
		}
		if err := os.RemoveAll(filepath.Join(releases, id)); err != nil {
			return fmt.Errorf("remove old release %s: %w", id, err)
		}
		r.log.Info("removed old release", "release", id)
	}
	return nil
}

// listReleases lists the finished releases, the newest first.
func listReleases(releases string) ([]string, error) {
	manifests, err := filepath.Glob(filepath.Join(releases, "*", "manifest.json"))
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	written := map[string]time.Time{}
	var ids []string
	for _, m := range manifests {
		info, err := os.Stat(m)
		if err != nil {
			return nil, fmt.Errorf("list releases: %w", err)
		}
		id := filepath.Base(filepath.Dir(m))
		ids = append(ids, id)
		written[id] = info.ModTime()
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(written[b].Compare(written[a]), strings.Compare(a, b)) })
	return ids, nil
}

// Rollback points current to a release, or with id "" to the one that was
// written before the current one, in one rename. It returns the release that is
// current now. The next run points current to the release of its inputs again.
func Rollback(out, id string) (string, error) {
	target, err := os.Readlink(filepath.Join(out, "current"))
	if err != nil {
		return "", fmt.Errorf("find the current release of %s: %w", out, err)
	}
	all, err := listReleases(filepath.Join(out, "releases"))
	if err != nil {
		return "", err
	}
	if id == "" {
		at := slices.Index(all, filepath.Base(target))
		if at < 0 || at+1 >= len(all) {
			return "", usage("there is no release before %s; there are %s", filepath.Base(target), strings.Join(all, ", "))
		}
		id = all[at+1]
	}
	if !slices.Contains(all, id) {
		return "", usage("there is no release %q; there are %s", id, strings.Join(all, ", "))
	}
	return id, pointCurrent(out, id)
}

// inUse tells whether a verification is still at work in its folder.
func inUse(dir string) bool { return locked(dir) }

// sweep removes what killed runs and verifications did not finish.
func sweep(releases string) error {
	left, err := filepath.Glob(filepath.Join(releases, ".unfinished-*"))
	verifications, verr := filepath.Glob(filepath.Join(filepath.Dir(releases), ".verify-*"))
	err = errors.Join(err, verr)
	for _, dir := range slices.Concat(left, slices.DeleteFunc(verifications, inUse)) {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return fmt.Errorf("clear unfinished releases: %w", err)
	}
	return nil
}

func (r *runner) writeRelease(ctx context.Context, id, final string) (err error) {
	unfinished := filepath.Join(filepath.Dir(final), ".unfinished-"+id)
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(unfinished))
		}
	}()
	outputs := schemas.Outputs()
	files := make([]FileEntry, len(outputs))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, o := range outputs {
		group.Go(func() error {
			entry, err := r.writeOutput(groupCtx, o, unfinished, id)
			files[i] = entry
			if err != nil {
				return fmt.Errorf("%s.parquet: %w", o.Name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	described, err := r.writePackage(ctx, id, unfinished, files)
	if err != nil {
		return fmt.Errorf("%s: %w", packageName, err)
	}
	manifest, err := r.manifest(ctx, id, append(files, described))
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(unfinished, "manifest.json"), manifest); err != nil {
		return err
	}
	if err := SyncDir(unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, final); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(final))
}

func (r *runner) writeOutput(ctx context.Context, o schemas.Output, dir, id string) (FileEntry, error) {
	path := filepath.Join(dir, o.Name+".parquet")
	if err := r.work.uniqueKey(ctx, o); err != nil {
		return FileEntry{}, err
	}
	rows, err := r.writeParquet(ctx, o, path, id)
	if err != nil {
		return FileEntry{}, err
	}
	if err := checkParquet(ctx, o, path, rows); err != nil {
		return FileEntry{}, fmt.Errorf("read back: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return FileEntry{}, err
	}
	sum, err := fileSHA256(path)
	return FileEntry{Name: o.Name + ".parquet", Rows: rows, Bytes: info.Size(), SHA256: sum}, err
}

func fileSHA256(path string) (sum string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	h := sha256.New()
	_, err = io.Copy(h, in)
	return hex.EncodeToString(h.Sum(nil)), err
}

func (r *runner) manifest(ctx context.Context, id string, files []FileEntry) ([]byte, error) {
	known, err := r.work.files(ctx)
	if err != nil {
		return nil, err
	}
	m := Manifest{Release: id, Version: r.version, Parameters: r.describeParameters(), Reference: r.reference.Hashes(), Files: files,
		Run: RunEntry{Finished: r.now().UTC().Format(time.RFC3339), Platform: runtime.GOOS + "/" + runtime.GOARCH}}
	for _, f := range byName(known) {
		m.Inputs = append(m.Inputs, InputEntry{Name: f.name, SHA256: f.sha256, Format: f.format, Vintage: f.vintage,
			Read: f.read, Staged: f.staged, Rejected: f.rejects, LeftOut: f.left, Refusal: f.refusal})
	}
	if m.Reporters, err = r.reporterYears(ctx); err != nil {
		return nil, err
	}
	m.Coverage, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (c CoverageEntry, err error) {
		err = rows.Scan(&c.Year, &c.Reporters, &c.ReportersMost, &c.ValueCoverage, &c.LowCoverage)
		return c, err
	}, "SELECT year, reporters, reporters_most, value_coverage, low_coverage FROM coverage ORDER BY year")
	if err != nil {
		return nil, fmt.Errorf("read the coverage: %w", err)
	}
	m.Checks, err = QueryAll(ctx, r.work.db, func(rows *sql.Rows) (c CheckEntry, err error) {
		err = rows.Scan(&c.Name, &c.Severity, &c.Examined, &c.Findings)
		return c, err
	}, "SELECT check_name, severity, examined, findings FROM checks ORDER BY check_name")
	if err != nil {
		return nil, fmt.Errorf("read the results of the checks: %w", err)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// pointCurrent makes out/current a link to the release, replacing the old link
// in one rename.
func pointCurrent(out, id string) error {
	current := filepath.Join(out, "current")
	target := filepath.Join("releases", id)
	if now, err := os.Readlink(current); err == nil && now == target {
		return nil
	}
	next := filepath.Join(out, ".current-next")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("switch to release %s: %w", id, err)
	}
	if err := os.Symlink(target, next); err != nil {
		return fmt.Errorf("switch to release %s: %w", id, err)
	}
	if err := os.Rename(next, current); err != nil {
		return fmt.Errorf("switch to release %s: %w", id, err)
	}
	return SyncDir(out)
}

func writeSynced(path string, content []byte) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

// QueryAll reads a whole small result.
func QueryAll[T any](ctx context.Context, db *sql.DB, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
