package pipeline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"entrepot/schemas"

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
func openWorkspace(ctx context.Context, c *Config) (w *workspace, err error) {
	w = &workspace{dir: filepath.Join(c.Out, "work")}
	if err := os.MkdirAll(w.temp(), 0o755); err != nil {
		return nil, fmt.Errorf("make workspace: %w", err)
	}
	w.lock = flock.New(filepath.Join(w.dir, "lock"))
	held, err := w.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock workspace %s: %w", w.dir, err)
	}
	if !held {
		return nil, fmt.Errorf("%w: %s; wait until it has ended", ErrLocked, c.Out)
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
	connector, err := duckdb.NewConnector(filepath.Join(w.dir, "entrepot.duckdb"), nil)
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
	}
	if c.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", c.Threads))
	}
	for _, s := range append(settings, schemas.Workspace) {
		if _, err := w.db.ExecContext(ctx, s); err != nil {
			return nil, fmt.Errorf("set up workspace %s: %w", w.dir, err)
		}
	}
	return w, nil
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

// A step is stale when its fingerprint is not the one that it last finished with.
// The fingerprint covers all that its result depends on.

func (w *workspace) fingerprint(ctx context.Context, step string) (string, error) {
	var f string
	err := w.db.QueryRowContext(ctx, "SELECT fingerprint FROM steps WHERE name = $name", sql.Named("name", step)).Scan(&f)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the state of %s: %w", step, err)
	}
	return f, nil
}

// finish notes a step's fingerprint in the transaction that holds its result.
func finish(ctx context.Context, conn *sql.Conn, step, fingerprint string, rows int64, took time.Duration) error {
	_, err := conn.ExecContext(ctx, `INSERT OR REPLACE INTO steps VALUES ($name, $fingerprint, $rows, $seconds, now()::TIMESTAMP)`,
		sql.Named("name", step), sql.Named("fingerprint", fingerprint), sql.Named("rows", rows), sql.Named("seconds", took.Seconds()))
	if err != nil {
		return fmt.Errorf("note the state of %s: %w", step, err)
	}
	return nil
}
