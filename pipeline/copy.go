package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"entrepot/pipeline/config"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/release"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/remote"
)

// CopyError is that a release is current in the output folder, but not in the object
// store, where everything that readers begin at stays as it was.
type CopyError struct {
	Release, Out, Store string
	Err                 error
}

func (e *CopyError) Error() string {
	return fmt.Sprintf("release %s is published in %s, but not in %s, whose readers keep what they have: %v; the next run goes on with the copy",
		e.Release, filepath.Join(e.Out, "current"), e.Store, e.Err)
}

func (e *CopyError) Unwrap() error { return e.Err }

// Copied says what became of the copy in the object store.
type Copied struct {
	remote.Done
	Release string
	Store   string // as people may see it
}

// copyCurrent lets the object store follow the output folder: its current release is the
// same, whole, and so many releases stay there. It returns nil when no store is set.
func copyCurrent(ctx context.Context, c *config.Config, keep int, log *slog.Logger) (*Copied, error) {
	if c.Publish == "" {
		return nil, nil
	}
	current, err := release.Find(c.Out, "")
	if err != nil {
		return nil, err
	}
	done := &Copied{Release: current.ID, Store: objects.Shown(c.Publish)}
	at, err := objects.Open(c.Publish)
	if err == nil {
		done.Done, err = follow(ctx, c, at, current, keep, log)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &CopyError{current.ID, c.Out, done.Store, err}
	}
	if done.Moved || done.Written > 0 {
		log.Info("copied the release to the object store", "release", current.ID, "store", done.Store, "files", done.Written, "bytes", done.Bytes)
	}
	return done, nil
}

func follow(ctx context.Context, c *config.Config, at objects.Store, current *release.Release, keep int, log *slog.Logger) (remote.Done, error) {
	folder := store.Folder{Out: c.Out}
	id, err := folder.ID()
	if err != nil {
		return remote.Done{}, err
	}
	to := remote.Copy{Store: at, Folder: id, Log: log, Now: time.Now, IsCurrent: func(id string) (bool, error) {
		now, err := folder.Current()
		return now == id, err
	}}
	return to.Follow(ctx, current, keep)
}
