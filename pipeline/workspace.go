package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entrepot/schemas"
	"entrepot/sources"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/gofrs/flock"
)

// ErrLocked means that another run holds the workspace.
var ErrLocked = errors.New("another run is using this folder")

// workspace is the folder out/work: the DuckDB file that holds the staged rows,
// the tables made of them and the state of every step, and room for temporary
// files. One run at a time holds it.
type workspace struct {
	dir  string
	db   *sql.DB
	lock *flock.Flock
}

// openWorkspace locks and opens the workspace of an output folder, and makes it
// if it is not there.
func openWorkspace(ctx context.Context, c *Config) (_ *workspace, err error) {
	w := &workspace{dir: filepath.Join(c.Out, "work")}
	if err := os.MkdirAll(w.temp(), 0o755); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	w.lock = flock.New(filepath.Join(w.dir, "lock"))
	if err := w.acquire(ctx, c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	// What a killed run left behind.
	if err := os.RemoveAll(w.temp()); err != nil {
		return nil, fmt.Errorf("clear workspace: %w", err)
	}
	if err := os.MkdirAll(w.temp(), 0o755); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	if err := w.discardOtherLayout(c.Out); err != nil {
		return nil, err
	}
	connector, err := duckdb.NewConnector(databaseFile(c.Out), nil)
	if err != nil {
		return nil, fmt.Errorf("open workspace %s: %w", w.dir, err)
	}
	w.db = sql.OpenDB(connector)
	settings := []string{
		// A run must never reach for the network.
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET temp_directory = " + sqlString(w.temp()),
		"SET memory_limit = " + sqlString(c.MemoryLimit),
		// To look for the best compression of text takes longer than to write it.
		"SET disabled_compression_methods = 'fsst,zstd,dict_fsst'",
	}
	if c.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", c.Threads))
	}
	for _, s := range settings {
		if _, err := w.db.ExecContext(ctx, s); err != nil {
			return nil, fmt.Errorf("set up workspace %s: %w", w.dir, err)
		}
	}
	if err := w.makeTables(ctx); err != nil {
		return nil, fmt.Errorf("set up workspace %s: %w", w.dir, err)
	}
	return w, w.keepTables(ctx)
}

// makeTables makes the tables and views of a new workspace, all or none. One that is
// there has them: discardOtherLayout removes it when they are other ones.
func (w *workspace) makeTables(ctx context.Context) error {
	var made bool
	if err := w.db.QueryRowContext(ctx, "SELECT EXISTS (FROM duckdb_tables() WHERE table_name = 'files')").Scan(&made); err != nil || made {
		return err
	}
	return w.inTransaction(ctx, func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, schemas.Workspace)
		return err
	})
}

// keepTables makes the views staged and counted_rows of the tables that batches of
// files are kept in, and drops those that no file needs any more: whose files were
// taken out, or whose run was killed before it had noted them.
func (w *workspace) keepTables(ctx context.Context) error {
	batches, err := QueryAll(ctx, w.db, func(rows *sql.Rows) (batch int64, err error) {
		return batch, rows.Scan(&batch)
	}, `SELECT CAST(substr(table_name, 6) AS BIGINT) AS batch
		FROM duckdb_tables() WHERE NOT temporary AND regexp_full_match(table_name, 'rows_[0-9]+') ORDER BY batch`)
	if err != nil {
		return fmt.Errorf("list the tables of batches: %w", err)
	}
	staged, counted := "FROM staged_rows", "FROM counted_unkept"
	var dropped []int64
	for _, batch := range batches {
		kept, err := w.kept(ctx, batch)
		if err != nil {
			return fmt.Errorf("look at the table of batch %d: %w", batch, err)
		}
		if len(kept.Spans) == 0 {
			dropped = append(dropped, batch)
			continue
		}
		staged += "\nUNION ALL " + kept.StagedRows()
		counted += "\nUNION ALL " + kept.CountedRows()
	}
	if _, err := w.db.ExecContext(ctx, "CREATE OR REPLACE VIEW staged AS "+staged+";\nCREATE OR REPLACE VIEW counted_rows AS "+counted); err != nil {
		return fmt.Errorf("list the tables of batches: %w", err)
	}
	for _, batch := range dropped {
		if _, err := w.db.ExecContext(ctx, "DROP TABLE "+sources.TableOf(batch)); err != nil {
			return fmt.Errorf("drop rows that no file needs: %w", err)
		}
	}
	return nil
}

// kept is what is known of a batch's table; it has no spans when no file needs it.
func (w *workspace) kept(ctx context.Context, batch int64) (sources.Kept, error) {
	k := sources.Kept{Batch: batch}
	var err error
	k.Spans, err = QueryAll(ctx, w.db, func(rows *sql.Rows) (s sources.Span, err error) {
		return s, rows.Scan(&s.Place, &s.FileID, &s.FirstRow, &s.LastRow, &s.Shift, &k.Source)
	}, `SELECT place, file_id, first_row, last_row, shift, source FROM line_ranges JOIN files USING (file_id) WHERE batch = $batch ORDER BY place, first_row`,
		sql.Named("batch", batch))
	if err == nil {
		err = w.db.QueryRowContext(ctx, "SELECT count(*) FROM "+sources.TableOf(batch)).Scan(&k.Rows)
	}
	return k, err
}

// acquire takes the workspace's lock, which the system releases when the process
// ends in whatever way. It waits for as long as the configuration allows.
func (w *workspace) acquire(ctx context.Context, c *Config) error {
	held, err := w.lock.TryLock()
	if err == nil && !held && c.Wait > 0 {
		waiting, stop := context.WithTimeout(ctx, c.Wait)
		defer stop()
		held, err = w.lock.TryLockContext(waiting, 100*time.Millisecond)
		if errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("lock workspace %s: %w", w.dir, err)
	}
	if !held {
		return fmt.Errorf("%w: %s%s; wait until it has ended, or let --wait 10m wait for it", ErrLocked, c.Out, w.holder())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	if err := os.WriteFile(w.holderFile(), []byte(text), 0o644); err != nil {
		return errors.Join(fmt.Errorf("note who holds workspace %s: %w", w.dir, err), w.lock.Unlock())
	}
	return nil
}

func (w *workspace) holderFile() string { return filepath.Join(w.dir, "lock-holder") }

// holder says who holds the lock, as far as is known.
func (w *workspace) holder() string {
	text, err := os.ReadFile(w.holderFile())
	if err != nil || len(text) == 0 {
		return ""
	}
	return ", " + string(text)
}

func databaseFile(out string) string { return filepath.Join(out, "work", "entrepot.duckdb") }

// discardOtherLayout removes a workspace that another version of entrepot made
// with other tables. All that it holds can be made again from the input files.
func (w *workspace) discardOtherLayout(out string) error {
	layout := filepath.Join(w.dir, "layout")
	if made, err := os.ReadFile(layout); err == nil && string(made) == hash(schemas.Workspace) {
		return nil
	}
	for _, name := range []string{databaseFile(out), databaseFile(out) + ".wal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the workspace of another version: %w", err)
		}
	}
	return writeSynced(layout, []byte(hash(schemas.Workspace)))
}

func (w *workspace) temp() string { return filepath.Join(w.dir, "temp") }

func (w *workspace) close() error {
	var err error
	if w.db != nil {
		err = w.db.Close()
	}
	return errors.Join(err, w.lock.Unlock())
}

func sqlString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// inTransaction runs do on a connection of its own, and commits what it did only
// if it succeeds.
func (w *workspace) inTransaction(ctx context.Context, do func(conn *sql.Conn) error) error {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the workspace: %w", err)
	}
	defer conn.Close()
	return transaction(ctx, conn, func() error { return do(conn) })
}

// transaction runs do between BEGIN and COMMIT, or ROLLBACK if it fails.
func transaction(ctx context.Context, conn *sql.Conn, do func() error) (err error) {
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() {
		if err != nil {
			// The first error is the one to tell; ctx may be done already.
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	if err := do(); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// step reads a step's state; the zero value when it never finished.
func (w *workspace) step(ctx context.Context, name string) (stepState, error) {
	states, err := w.steps(ctx)
	return states[name], err
}

// steps reads the state of every step that ever finished, by name.
func (w *workspace) steps(ctx context.Context) (map[string]stepState, error) {
	all, err := QueryAll(ctx, w.db, func(rows *sql.Rows) (s stepState, err error) {
		var parts string
		if err = rows.Scan(&s.name, &s.fingerprint, &parts, &s.rowsIn, &s.rowsOut, &s.seconds, &s.finished); err == nil {
			s.parts, err = decodeFingerprint(parts)
		}
		return s, err
	}, "SELECT name, fingerprint, parts, rows_in, rows_out, seconds, finished_at FROM steps")
	if err != nil {
		return nil, fmt.Errorf("read the state of the steps: %w", err)
	}
	states := map[string]stepState{}
	for _, s := range all {
		states[s.name] = s
	}
	return states, nil
}

// stepState is a row of the table steps.
type stepState struct {
	name            string
	fingerprint     string
	parts           fingerprint
	rowsIn, rowsOut int64
	seconds         float64
	finished        time.Time
}

// finish notes a step's state in the transaction that holds its result.
func finish(ctx context.Context, conn *sql.Conn, name string, f fingerprint, rowsIn, rowsOut int64, took time.Duration) error {
	parts, err := f.encode()
	if err == nil {
		_, err = conn.ExecContext(ctx, `INSERT OR REPLACE INTO steps VALUES ($name, $fingerprint, $parts, $in, $out, $seconds, now()::TIMESTAMP)`,
			sql.Named("name", name), sql.Named("fingerprint", f.sum()), sql.Named("parts", parts),
			sql.Named("in", rowsIn), sql.Named("out", rowsOut), sql.Named("seconds", took.Seconds()))
	}
	if err != nil {
		return fmt.Errorf("note the state of %s: %w", name, err)
	}
	return nil
}
