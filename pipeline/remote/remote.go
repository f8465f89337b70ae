// Package remote keeps a copy of the published releases in an object store.
//
// The objects of a release stand below releases/ID/. When the store has all of them, with
// the content that the manifest says, their list is written (objects.json), and then the
// pointer current.json, which readers begin at. A store has no renames, so it is this
// order that lets no reader see half a release; and as it is known of each object whether
// it is there, a copy that was cut goes on where it stopped.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"entrepot/pipeline/objects"
	"entrepot/pipeline/release"

	"golang.org/x/sync/errgroup"
)

const (
	pointerKey = "current.json"
	listName   = "objects.json"
	releases   = "releases/"
	// atOnce is how many files are sent at the same time.
	atOnce = 4
)

// Copy is the copy of the releases of an output folder. A prefix of a store has those of
// one: two would remove each other's releases.
type Copy struct {
	Store  objects.Store
	Folder string // identifies the output folder
	Log    *slog.Logger
	Now    func() time.Time

	// IsCurrent tells whether a release is still the one that readers of the output folder
	// have. It is asked just before the pointer moves.
	IsCurrent func(id string) (bool, error)
}

// Pointer is what current.json says.
type Pointer struct {
	Release string    `json:"release"`
	Path    string    `json:"path"` // of the release's files, below the folder of current.json
	Since   time.Time `json:"since"`
	Folder  string    `json:"folder"` // whose releases these are; "" where that was not noted yet
}

// ErrOther is that a store has the releases of another output folder.
var ErrOther = errors.New("it has the releases of another output folder: give each folder a prefix of its own; " +
	"or when that folder is gone, delete " + pointerKey + " there, and this one takes its place")

// Done says what was done to the copy.
type Done struct {
	Moved   bool   // the pointer is another than before
	Was     string // the release that it was; "" for none
	Written int    // objects that were written, beside the list and the pointer
	Bytes   int64  // of these
}

// list is what objects.json says: what the objects of a release were when they were
// compared with its manifest. An object that has the ETag of then is what it was then.
type list struct {
	Release  string  `json:"release"`
	Finished string  `json:"finished"` // when the release was made, as its manifest says
	Objects  []entry `json:"objects"`
}

type entry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	ETag   string `json:"etag"`
}

// Follow makes a release the current one of the copy: it writes what the store does not
// have of it, moves the pointer, and then removes the oldest releases beyond the number
// that is kept (0 keeps all). When all is as it should be, nothing is written.
func (c *Copy) Follow(ctx context.Context, r *release.Release, keep int) (d Done, err error) {
	there, err := c.Store.List(ctx, releases)
	if err != nil {
		return d, err
	}
	was, err := c.pointer(ctx)
	if err != nil {
		return d, err
	}
	if was.Folder != "" && was.Folder != c.Folder {
		return d, ErrOther
	}
	d.Was = was.Release
	if err := c.bring(ctx, r, there, &d); err != nil {
		return d, fmt.Errorf("copy release %s: %w", r.ID, err)
	}
	next := Pointer{r.ID, releases + r.ID + "/", was.Since, c.Folder}
	if next != was {
		moves := next.Release != was.Release || next.Path != was.Path
		if moves {
			next.Since = c.Now().UTC().Truncate(time.Second)
		}
		written, err := c.point(ctx, next)
		if err != nil {
			return d, err
		}
		d.Moved = moves && written
	}
	if err := c.retire(ctx, there, r.ID, keep); err != nil {
		if ctx.Err() != nil {
			return d, err
		}
		c.Log.Warn("old releases could not be removed from the object store; the next run tries again", "error", err)
	}
	return d, nil
}

// pointer reads current.json; one that is not there or damaged points nowhere.
func (c *Copy) pointer(ctx context.Context) (p Pointer, err error) {
	found, err := c.readJSON(ctx, pointerKey, &p)
	if err != nil || !found {
		return Pointer{}, err
	}
	return p, nil
}

// readJSON reads an object; one that is no JSON counts as none.
func (c *Copy) readJSON(ctx context.Context, key string, into any) (found bool, err error) {
	var text bytes.Buffer
	err = c.Store.Read(ctx, objects.Object{Key: key}, &text)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text.Bytes(), into); err != nil {
		c.Log.Warn("an object of the store is damaged; it is written anew", "object", key, "error", err)
		return false, nil
	}
	return true, nil
}

func (c *Copy) writeJSON(ctx context.Context, key string, what any) error {
	text, err := json.MarshalIndent(what, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return objects.WriteBytes(ctx, c.Store, key, append(text, '\n'))
}

// bring writes what the store does not have of a release: the tables, then the manifest,
// then the list.
func (c *Copy) bring(ctx context.Context, r *release.Release, there []objects.Object, d *Done) error {
	manifest, err := r.ManifestEntry(ctx)
	if err != nil {
		return err
	}
	has := map[string]objects.Object{}
	for _, o := range there {
		if name, ours := strings.CutPrefix(o.Key, releases+r.ID+"/"); ours {
			has[name] = o
		}
	}
	var old list
	if _, sealed := has[listName]; sealed {
		if _, err := c.readJSON(ctx, releases+r.ID+"/"+listName, &old); err != nil {
			return err
		}
	}
	now := list{Release: r.ID, Finished: r.Manifest.Run.Finished}
	for _, files := range [][]release.FileEntry{r.Manifest.Files, {manifest}} {
		entries, err := c.files(ctx, r, files, has, old, d)
		if err != nil {
			return err
		}
		now.Objects = append(now.Objects, entries...)
	}
	if old.Release == now.Release && old.Finished == now.Finished && slices.Equal(old.Objects, now.Objects) {
		return nil
	}
	return c.writeJSON(ctx, releases+r.ID+"/"+listName, now)
}

// files brings files of a release, several at a time.
func (c *Copy) files(ctx context.Context, r *release.Release, files []release.FileEntry, has map[string]objects.Object,
	old list, d *Done) ([]entry, error) {
	entries, written := make([]entry, len(files)), make([]bool, len(files))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, f := range files {
		group.Go(func() (err error) {
			entries[i], written[i], err = c.file(groupCtx, r, f, has[f.Name], old)
			return err
		})
	}
	err := group.Wait()
	for i, f := range files {
		if written[i] {
			d.Written++
			d.Bytes += f.Bytes
		}
	}
	return entries, err
}

// file brings one file, unless the object that is there has what it should.
func (c *Copy) file(ctx context.Context, r *release.Release, f release.FileEntry, has objects.Object, old list) (e entry, written bool, err error) {
	e = entry{f.Name, f.Bytes, f.SHA256, has.ETag}
	if has.Key != "" && has.ETag != "" && slices.Contains(old.Objects, e) && has.Bytes == f.Bytes {
		return e, false, nil
	}
	path := filepath.Join(r.Dir, f.Name)
	if sum, err := release.SHA256(ctx, path); err != nil {
		return e, false, err
	} else if sum != f.SHA256 {
		return e, false, fmt.Errorf("%s of the output folder is damaged; 'entrepot run --force' writes it anew", f.Name)
	}
	if has.Key != "" {
		same, err := objects.Same(ctx, c.Store, has, path)
		if err != nil || same {
			return e, false, err
		}
	}
	o, err := objects.Write(ctx, c.Store, releases+r.ID+"/"+f.Name, path)
	e.ETag = o.ETag
	return e, err == nil, err
}

// point writes the pointer, unless somebody made another release current meanwhile: then
// it is for them to write it.
func (c *Copy) point(ctx context.Context, next Pointer) (written bool, err error) {
	current, err := c.IsCurrent(next.Release)
	if err != nil {
		return false, err
	}
	if !current {
		c.Log.Warn("another release was made current while this one was copied; the pointer of the object store stays", "release", next.Release)
		return false, nil
	}
	// Another folder's first copy may have come first.
	if now, err := c.pointer(ctx); err != nil {
		return false, err
	} else if now.Folder != "" && now.Folder != c.Folder {
		return false, ErrOther
	}
	return true, c.writeJSON(ctx, pointerKey, next)
}
