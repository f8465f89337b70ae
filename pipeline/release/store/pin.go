package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"entrepot/pipeline/durable"

	"github.com/gofrs/flock"
)

// Pin holds current at a release until it is taken away: runs publish beside it.
type Pin struct {
	Release string    `json:"release"`          // that current is held at
	Since   time.Time `json:"since"`            // when it was pinned
	Beside  string    `json:"beside,omitempty"` // what the last run published beside it
}

func (f Folder) pinFile() string { return filepath.Join(f.Out, "pin.json") }

// Pinned is the pin of the output folder; nil when there is none. A pin that can't be
// read is an error: nothing may be switched then.
func (f Folder) Pinned() (*Pin, error) {
	text, err := os.ReadFile(f.pinFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var p Pin
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil && p.Release == "" {
		err = errors.New("it names no release")
	}
	if err != nil {
		return nil, fmt.Errorf("read the pin %s: %w; 'entrepot unpin' takes it away", f.pinFile(), err)
	}
	return &p, nil
}

func (f Folder) savePin(p Pin) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err == nil {
		err = durable.WriteFile(f.pinFile(), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("pin release %s: %w", p.Release, err)
	}
	return nil
}

// Hold points current to a release and pins it there.
func (f Folder) Hold(id string, now time.Time) error {
	return f.alone(func() error {
		p := Pin{Release: id, Since: now.UTC().Truncate(time.Second)}
		was, err := f.Pinned()
		if err == nil && was != nil {
			p.Beside = was.Beside
		}
		if err := f.savePin(p); err != nil {
			return err
		}
		return f.point(id)
	})
}

// Unpin takes the pin away; current stays where it is. It tells whether there was one.
func (f Folder) Unpin() (found bool, err error) {
	if _, err := os.Lstat(f.pinFile()); errors.Is(err, fs.ErrNotExist) {
		return false, nil // perhaps no output folder at all
	}
	err = f.alone(func() error {
		err := os.Remove(f.pinFile())
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if found = err == nil; !found {
			return fmt.Errorf("take the pin away: %w", err)
		}
		return durable.SyncDir(f.Out)
	})
	return found, err
}

// Publish points current to the release of a run, or, when current is pinned to another,
// notes that the release stands beside it. It returns the pin, nil when there is none.
func (f Folder) Publish(id string) (pin *Pin, err error) {
	err = f.alone(func() error {
		if pin, err = f.Pinned(); err != nil {
			return err
		}
		if pin == nil {
			return f.point(id)
		}
		beside := id
		if pin.Release == id {
			beside = ""
			if err := f.point(id); err != nil {
				return err
			}
		}
		if pin.Beside == beside {
			return nil
		}
		pin.Beside = beside
		return f.savePin(*pin)
	})
	return pin, err
}

// Newest is the release that the last run published, as far as the folder tells: the one
// beside the pinned one, or else the current one; "" when there is none.
func (f Folder) Newest() (string, error) {
	pin, err := f.Pinned()
	if err != nil {
		return "", err
	}
	if pin != nil && pin.Beside != "" {
		return pin.Beside, nil
	}
	return f.Current()
}

// alone keeps a run and a rollback from switching at the same time: a run must see a pin
// that was made before it switches.
func (f Folder) alone(do func() error) (err error) {
	lock := flock.New(filepath.Join(f.releases(), ".switching"))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("switch the current release: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return do()
}
