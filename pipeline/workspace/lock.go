package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"entrepot/pipeline/durable"

	"github.com/gofrs/flock"
)

// ErrLocked means that another run holds the workspace.
var ErrLocked = errors.New("another run is using this folder")

// retryEvery is how often a lock that is held is tried again.
const retryEvery = 100 * time.Millisecond

// lock is the workspace's lock, which the system releases when the process ends in
// whatever way.
type lock struct {
	dir   string // the workspace's folder
	out   string // the output folder, for messages
	flock *flock.Flock
}

// acquire takes the lock of a workspace for a run. It waits for as long as wait says.
func acquire(ctx context.Context, out string, wait time.Duration) (*lock, error) {
	l := newLock(out)
	if err := l.take(ctx, wait, l.flock.TryLock, l.flock.TryLockContext); err != nil {
		return nil, err
	}
	if err := l.noteHolder(); err != nil {
		return nil, errors.Join(err, l.release())
	}
	return l, nil
}

// acquireToLook keeps runs away, but not others who look, and writes nothing.
func acquireToLook(ctx context.Context, out string, wait time.Duration) (*lock, error) {
	l := newLock(out)
	return l, l.take(ctx, wait, l.flock.TryRLock, l.flock.TryRLockContext)
}

func newLock(out string) *lock {
	return &lock{dir: Dir(out), out: out, flock: flock.New(lockFile(out))}
}

func (l *lock) take(ctx context.Context, wait time.Duration, try func() (bool, error), retry func(context.Context, time.Duration) (bool, error)) error {
	held, err := try()
	if err == nil && !held && wait > 0 {
		waiting, stop := context.WithTimeout(ctx, wait)
		defer stop()
		held, err = retry(waiting, retryEvery)
		if errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("lock workspace %s: %w", l.dir, err)
	}
	if !held {
		return fmt.Errorf("%w: %s%s; wait until it has ended, or use --wait 10m", ErrLocked, l.out, l.holder())
	}
	return nil
}

func lockFile(out string) string { return filepath.Join(Dir(out), "lock") }

func (l *lock) holderFile() string { return filepath.Join(l.dir, "lock-holder") }

func (l *lock) noteHolder() error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	text := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	if err := durable.Replace(l.holderFile(), []byte(text)); err != nil {
		return fmt.Errorf("note who holds workspace %s: %w", l.dir, err)
	}
	return nil
}

// holder says who holds the lock, as far as is known.
func (l *lock) holder() string {
	text, err := os.ReadFile(l.holderFile())
	if err != nil || len(text) == 0 {
		return ""
	}
	return ", " + string(text)
}

// release gives the lock back. The note of who held it goes first, so that it is never
// taken for another's.
func (l *lock) release() error {
	var err error
	if l.flock.Locked() {
		if err = os.Remove(l.holderFile()); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return errors.Join(err, l.flock.Unlock())
}

// Locked tells whether a run is at work in an output folder, or may be: the lock of
// another user can't be looked at.
func Locked(out string) bool {
	held, err := AtWork(out)
	return held || err != nil
}

// AtWork tells whether a run is at work in an output folder, if that can be seen.
func AtWork(out string) (held bool, err error) {
	if found, err := isThere(Dir(out)); err != nil || !found {
		return false, err
	}
	lock := flock.New(lockFile(out))
	free, err := lock.TryRLock()
	if err != nil || !free {
		return err == nil, err
	}
	return false, lock.Unlock()
}
