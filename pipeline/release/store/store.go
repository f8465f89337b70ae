// Package store keeps releases in the output folder: each in a folder of its own below
// releases, and the link current, which points to the one that readers should take and
// can be pinned there (pin.go).
//
// A release appears under its name complete or not at all, and goes in one rename;
// what a kill left half done is swept away by the next run.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/durable"
)

// Folder is the store of an output folder.
type Folder struct{ Out string }

const (
	unfinished = ".unfinished-" // a release that is being written
	retired    = ".retired-"    // one that is being removed
)

func (f Folder) releases() string { return filepath.Join(f.Out, "releases") }

// Path is the folder of a release.
func (f Folder) Path(id string) string { return filepath.Join(f.releases(), id) }

// IDs lists the folders of releases. Whether each is whole, its manifest tells.
func (f Folder) IDs() ([]string, error) {
	entries, err := os.ReadDir(f.releases())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

// Current is the release that current points to; "" when there is no such link.
func (f Folder) Current() (string, error) {
	target, err := os.Readlink(filepath.Join(f.Out, "current"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find the current release of %s: %w; current must be a link: move what stands there away, and run again", f.Out, err)
	}
	return filepath.Base(target), nil
}

// Point makes current a link to the release, replacing the old link in one rename. A
// pin is no matter to it; see Publish.
func (f Folder) Point(id string) error {
	return f.alone(func() error { return f.point(id) })
}

func (f Folder) point(id string) error {
	if now, err := f.Current(); err != nil || now == id {
		return err
	}
	next := filepath.Join(f.Out, ".current-next")
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("switch to release %s: %w", id, err)
	}
	if err := os.Symlink(filepath.Join("releases", id), next); err != nil {
		return fmt.Errorf("switch to release %s: %w", id, err)
	}
	if err := os.Rename(next, filepath.Join(f.Out, "current")); err != nil {
		return fmt.Errorf("switch to release %s: %w", id, err)
	}
	return durable.SyncDir(f.Out)
}

// Add makes a release of what fill writes into a folder. A release of that id, which
// is damaged or differs, is replaced.
func (f Folder) Add(id string, fill func(dir string) error) (err error) {
	if err := os.MkdirAll(f.releases(), 0o755); err != nil {
		return fmt.Errorf("make release folder: %w", err)
	}
	dir := filepath.Join(f.releases(), unfinished+id)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := fill(dir); err != nil {
		return err
	}
	if err := durable.SyncDir(dir); err != nil {
		return err
	}
	if _, err := os.Lstat(f.Path(id)); err == nil {
		if err := f.Retire(id); err != nil {
			return err
		}
	}
	if err := os.Rename(dir, f.Path(id)); err != nil {
		return err
	}
	return durable.SyncDir(f.releases())
}

// Retire removes a release: first its name, in one durable rename, then its files. So
// a kill leaves no half of it under its name.
func (f Folder) Retire(id string) error {
	gone := filepath.Join(f.releases(), retired+id)
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("remove release %s: %w", id, err)
	}
	if err := os.Rename(f.Path(id), gone); err != nil {
		return fmt.Errorf("remove release %s: %w", id, err)
	}
	if err := durable.SyncDir(f.releases()); err != nil {
		return fmt.Errorf("remove release %s: %w", id, err)
	}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("remove release %s: %w", id, err)
	}
	return nil
}

// Sweep removes what killed runs did not finish writing, or removing.
func (f Folder) Sweep() error {
	var err error
	for _, prefix := range []string{unfinished, retired} {
		left, failed := filepath.Glob(filepath.Join(f.releases(), prefix+"*"))
		err = errors.Join(err, failed)
		for _, dir := range left {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	if err != nil {
		return fmt.Errorf("clear unfinished releases: %w", err)
	}
	return nil
}
