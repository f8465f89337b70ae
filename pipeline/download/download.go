// Package download brings the input files of an object store into a folder, which is then
// read as any data folder.
//
// An object that has the ETag and size of when it was downloaded is not downloaded again, so
// that what did not change costs one listing. A file gets its name when it is whole.
package download

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/progress"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many files are downloaded at the same time.
const atOnce = 4

// attempts is how often a file is downloaded that comes with other bytes than the store has.
const attempts = 3

// Folder is the folder of what was downloaded of a store. A note of what its files were made
// of stands beside it.
type Folder struct {
	Dir   string
	Log   *slog.Logger
	Meter *progress.Meter

	// Leave tells which objects are no inputs, by their keys.
	Leave func(key string) bool
}

// noted is what a file was made of, and its stamp since.
type noted struct {
	ETag  string `json:"etag"`
	Bytes int64  `json:"bytes"`
	Time  int64  `json:"time"` // of the file, in nanoseconds
}

func (f Folder) noteFile() string { return f.Dir + ".json" }

// Bring makes the folder have the files of the store and no others. store is the store as
// people may see it.
func (f Folder) Bring(ctx context.Context, from objects.Store, store string) error {
	if err := f.bring(ctx, from, store); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("download the input files from %s: %w", store, err)
	}
	return nil
}

func (f Folder) bring(ctx context.Context, from objects.Store, store string) (err error) {
	all, err := from.List(ctx, "")
	if err != nil {
		return err
	}
	wanted := f.inputs(all)
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return err
	}
	notes, err := f.notes(store)
	if err != nil {
		return err
	}
	if err := f.removeOthers(wanted); err != nil {
		return err
	}
	var missing []objects.Object
	total := int64(0)
	for _, o := range wanted {
		if !f.has(o, notes.Files[o.Key]) {
			missing = append(missing, o)
			total += o.Bytes
		}
	}
	if len(missing) == 0 {
		return nil
	}
	f.Meter.Update(func(p *progress.Progress) { p.Stage, p.BytesTotal = progress.Downloading, total })
	defer f.Meter.Update(func(p *progress.Progress) { *p = progress.Progress{} })
	defer func() { err = errors.Join(err, notes.save(f.noteFile())) }() // what is whole is not downloaded again after a cut
	if err := f.all(ctx, from, missing, notes); err != nil {
		return err
	}
	f.Log.Info("downloaded input files", "store", store, "files", len(missing), "bytes", total)
	return nil
}

// Difference is what Bring would do, by keys in their order.
type Difference struct {
	New, Changed, Gone []string
}

// Compare tells what Bring would do, and changes nothing.
func (f Folder) Compare(ctx context.Context, from objects.Store, store string) (d Difference, err error) {
	all, err := from.List(ctx, "")
	if err != nil {
		return d, fmt.Errorf("list the input files of %s: %w", store, err)
	}
	notes, err := f.notes(store)
	if err != nil {
		return d, err
	}
	wanted := f.inputs(all)
	for _, o := range wanted {
		_, err := os.Lstat(f.path(o.Key))
		switch {
		case f.has(o, notes.Files[o.Key]):
		case err == nil:
			d.Changed = append(d.Changed, o.Key)
		default:
			d.New = append(d.New, o.Key)
		}
	}
	for key := range notes.Files {
		_, missing := os.Lstat(f.path(key))
		if missing == nil && !slices.ContainsFunc(wanted, func(o objects.Object) bool { return o.Key == key }) {
			d.Gone = append(d.Gone, key)
		}
	}
	slices.Sort(d.Gone)
	return d, nil
}

// inputs are the objects that become files. One whose key can't be a path below the folder
// is named and left.
func (f Folder) inputs(all []objects.Object) []objects.Object {
	folders := map[string]bool{}
	for _, o := range all {
		for dir := path.Dir(o.Key); dir != "." && dir != "/"; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(o objects.Object) bool {
		switch {
		case f.Leave(o.Key):
			return true
		case !filepath.IsLocal(filepath.FromSlash(o.Key)) || path.Clean(o.Key) != o.Key || strings.Contains(o.Key, "\x00"):
			f.Log.Warn("skipped in the object store: its key is no path", "key", o.Key)
			return true
		case folders[o.Key]:
			f.Log.Warn("skipped in the object store: it has the name of a folder", "key", o.Key)
			return true
		}
		return false
	})
}

func (f Folder) path(key string) string { return filepath.Join(f.Dir, filepath.FromSlash(key)) }

// has tells whether a file is what was made of the object as it is.
func (f Folder) has(o objects.Object, was noted) bool {
	info, err := os.Stat(f.path(o.Key))
	return err == nil && info.Mode().IsRegular() && o.ETag != "" &&
		was == noted{o.ETag, o.Bytes, info.ModTime().UnixNano()} && info.Size() == o.Bytes
}

// removeOthers removes files that the store has no more, and what cut downloads left.
func (f Folder) removeOthers(wanted []objects.Object) error {
	keep, dirs := map[string]bool{}, map[string]bool{f.Dir: true}
	for _, o := range wanted {
		keep[f.path(o.Key)] = true
		for dir := filepath.Dir(f.path(o.Key)); !dirs[dir]; dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
	}
	return filepath.WalkDir(f.Dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && dirs[path] || !entry.IsDir() && keep[path]:
			return nil
		}
		if err := os.RemoveAll(path); err != nil || !entry.IsDir() {
			return err
		}
		return fs.SkipDir
	})
}

func (f Folder) all(ctx context.Context, from objects.Store, missing []objects.Object, notes *notes) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, o := range missing {
		group.Go(func() error {
			stamp, err := f.one(groupCtx, from, o)
			if err == nil {
				notes.set(o.Key, noted{o.ETag, o.Bytes, stamp})
			}
			return err
		})
	}
	return group.Wait()
}

// one downloads a file and returns its time.
func (f Folder) one(ctx context.Context, from objects.Store, o objects.Object) (stamp int64, err error) {
	path := f.path(o.Key)
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		if err := os.RemoveAll(path); err != nil { // what was a folder is a file now
			return 0, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, err
	}
	for range attempts {
		err = durable.Write(path, func(w io.Writer) error { return from.Read(ctx, o, metered{w, f.Meter}) })
		if !errors.Is(err, objects.ErrDamaged) {
			break
		}
	}
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	if info.Size() != o.Bytes {
		return 0, fmt.Errorf("read %s: %d bytes came, not the %d of the listing; run again", o.Key, info.Size(), o.Bytes)
	}
	return info.ModTime().UnixNano(), nil
}

// metered tells the meter how many bytes came.
type metered struct {
	io.Writer
	meter *progress.Meter
}

func (m metered) Write(text []byte) (int, error) {
	n, err := m.Writer.Write(text)
	m.meter.Update(func(p *progress.Progress) { p.Bytes += int64(n) })
	return n, err
}

// notes is what is known of the files of a store.
type notes struct {
	Store string           `json:"store"`
	Files map[string]noted `json:"files"` // by key

	lock sync.Mutex
}

// notes reads them; those of another store say nothing.
func (f Folder) notes(store string) (*notes, error) {
	now := &notes{Store: store, Files: map[string]noted{}}
	text, err := os.ReadFile(f.noteFile())
	if errors.Is(err, fs.ErrNotExist) {
		return now, nil
	}
	if err != nil {
		return nil, err
	}
	var was notes
	if json.Unmarshal(text, &was) != nil || was.Store != store || was.Files == nil {
		return now, nil
	}
	now.Files = was.Files
	return now, nil
}

func (n *notes) set(key string, what noted) {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.Files[key] = what
}

func (n *notes) save(file string) error {
	n.lock.Lock()
	defer n.lock.Unlock()
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return durable.Replace(file, text)
}
