package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"entrepot/pipeline/hook"
	"entrepot/pipeline/release/store"
)

// HookError is that a release was published, and the command after it failed. It is not
// run again.
type HookError struct {
	Release string
	Err     error
}

func (e *HookError) Error() string {
	return fmt.Sprintf("release %s is published, but the hook after it failed: %v; it is not run again", e.Release, e.Err)
}

func (e *HookError) Unwrap() error { return e.Err }

// hook runs the command that is set for after publishing, when readers got another release
// from this run: here, or in the object store. The workspace is closed by then, so that
// the command may use it.
func (r *run) hook(ctx context.Context, s *Summary) error {
	c := &r.job.Config
	if c.Hook == "" || s.Release == "" {
		return nil
	}
	current, was := s.Release, s.Was
	if !s.Switched {
		if s.Copied == nil || !s.Copied.Moved {
			return nil
		}
		current, was = s.Copied.Release, s.Copied.Was
	}
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return fmt.Errorf("find the output folder for the hook: %w", err)
	}
	environ := []string{"ENTREPOT_RELEASE=" + current, "ENTREPOT_RELEASE_FOLDER=" + (store.Folder{Out: out}).Path(current),
		"ENTREPOT_PREVIOUS_RELEASE=" + was, "ENTREPOT_OUT=" + out}
	if s.Copied != nil {
		environ = append(environ, "ENTREPOT_RELEASE_URL="+s.Copied.Store+"/releases/"+current)
	}
	began := time.Now()
	printed, err := hook.Hook{Command: c.Hook, Timeout: c.HookTimeout, Environ: environ}.Run(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.job.Log.Warn("the hook failed", "release", current, "output", printed)
		return &HookError{current, err}
	}
	r.job.Log.Info("ran the hook", "release", current, "took", time.Since(began), "output", printed)
	return nil
}
