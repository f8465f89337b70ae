package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"entrepot/pipeline/config"
	"entrepot/pipeline/release"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/runlog"
)

// Rollback points current to an older release, perhaps for good; see release.Rollback. It
// is noted as runs are. The object store follows; where it can't, the error is a
// *CopyError, and the move is made.
func Rollback(ctx context.Context, c *config.Config, id string, pin bool, log *slog.Logger) (release.Move, error) {
	m, err := release.Rollback(c.Out, id, pin, time.Now())
	if err != nil {
		return m, err
	}
	record := runlog.Record{Outcome: runlog.RolledBack, Release: m.Release, Switched: m.Was != m.Release}
	if record.Switched {
		record.Was = m.Was
	}
	if m.Pinned {
		record.Pinned = m.Release
	}
	_, err = copyCurrent(ctx, c, 0, log) // a run may be at work, and it is the run that removes
	if err != nil {
		record.Error = err.Error()
	}
	newBook(c, log).Note(record)
	return m, err
}

// Unpinning says what unpinning did.
type Unpinning struct {
	Release  string `json:"release"`  // that current points to, and stays at until the next run
	Unpinned bool   `json:"unpinned"` // false: it was not pinned
}

// Unpin lets the next run switch current again. It is noted as runs are.
func Unpin(c *config.Config, log *slog.Logger) (u Unpinning, err error) {
	folder := store.Folder{Out: c.Out}
	if u.Unpinned, err = folder.Unpin(); err != nil {
		return u, err
	}
	if u.Release, err = folder.Current(); err != nil {
		return u, err
	}
	switch {
	case u.Unpinned:
		newBook(c, log).Note(runlog.Record{Outcome: runlog.Unpinned, Release: u.Release})
	case u.Release == "":
		return u, fmt.Errorf("nothing has been published in %s yet; --out or the configuration names the output folder", c.Out)
	}
	return u, nil
}
