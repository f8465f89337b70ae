package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/workspace"

	"github.com/gofrs/flock"
	"github.com/klauspost/compress/gzip"
)

// Where things are in a data folder. The first is a hidden folder, in which no trade files
// are looked for.
const (
	ownFolder   = ".fetch"
	filesFolder = "comtrade"
)

// folder is a data folder, locked.
type folder struct {
	data string
	lock *flock.Flock
	keep int               // superseded files of a cell that are kept
	at   func(step string) // nil but in tests
}

// openFolder makes what is needed in a data folder, locks it, and mends what a kill left.
func openFolder(ctx context.Context, data string, wait time.Duration) (*folder, error) {
	f := &folder{data: data, keep: 1}
	for _, dir := range []string{"incoming", "superseded"} {
		if err := os.MkdirAll(f.path(dir), 0o755); err != nil {
			return nil, fmt.Errorf("make the folder of what is fetched: %w", err)
		}
	}
	f.lock = flock.New(f.path("lock"), flock.SetPermissions(0o644))
	held, err := f.lock.TryLock()
	if err == nil && !held && wait > 0 {
		waiting, stop := context.WithTimeout(ctx, wait)
		defer stop()
		if held, err = f.lock.TryLockContext(waiting, 100*time.Millisecond); errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", f.path("lock"), err)
	}
	if !held {
		return nil, fmt.Errorf("%w: %s; wait until it has ended, or use --wait 10m", workspace.ErrLocked, data)
	}
	if err := errors.Join(f.source(), f.recover()); err != nil {
		return nil, f.closeWith(err)
	}
	return f, nil
}

// Reading keeps fetches away from a data folder while it is read, after it mended what a
// killed one left. Where nothing was ever fetched it does nothing.
func Reading(ctx context.Context, data string, wait time.Duration) (release func() error, err error) {
	f := &folder{data: data, keep: 1}
	if _, err := os.Stat(f.path("lock")); err != nil {
		return func() error { return nil }, nil // nothing was fetched, or nobody may look
	}
	if _, err := os.Stat(f.path("journal.json")); err == nil {
		mended, err := openFolder(ctx, data, wait)
		if err != nil {
			return nil, err
		}
		if err := mended.closeWith(nil); err != nil {
			return nil, err
		}
	}
	lock := flock.New(f.path("lock"), flock.SetFlag(os.O_RDONLY))
	held, err := lock.TryRLock()
	if err == nil && !held {
		waiting, stop := context.WithTimeout(ctx, wait)
		defer stop()
		if held, err = lock.TryRLockContext(waiting, 100*time.Millisecond); errors.Is(err, context.DeadlineExceeded) {
			err = nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", f.path("lock"), err)
	}
	if !held {
		return nil, fmt.Errorf("%w: files are being fetched into %s; wait until that has ended, or use --wait 10m", workspace.ErrLocked, data)
	}
	return lock.Unlock, nil
}

func (f *folder) path(name string) string { return filepath.Join(f.data, ownFolder, name) }

func (f *folder) closeWith(err error) error { return errors.Join(err, f.lock.Unlock()) }

func (f *folder) step(name string) {
	if f.at != nil {
		f.at(name)
	}
}

// sourceText says where the data are from and what may be done with them.
const sourceText = `The files that 'entrepot fetch' brought come from UN Comtrade (https://comtradeplus.un.org),
comtradeapi.un.org. UN Comtrade data are provided for internal use only and may not be
re-disseminated in any form without permission of the United Nations Statistics Division;
see https://uncomtrade.org/docs/policy-on-use-and-re-dissemination/. Cite "UN Comtrade".
state.json says of each file which dataset it holds, when that was released, and when it
was fetched.
`

func (f *folder) source() error {
	if _, err := os.Stat(f.path("SOURCE.txt")); err == nil {
		return nil
	}
	return durable.Replace(f.path("SOURCE.txt"), []byte(sourceText))
}

var releaseTime = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?`)

// fileName names the file of a cell by what it holds, its version, and its content. The
// time of the release is what tells readers which of two files is newer.
func fileName(c Cell, d Dataset, sum string) string {
	version := "undated"
	if m := releaseTime.FindStringSubmatch(d.Released); m != nil {
		version = m[1]
		if m[4] != "" {
			version += "T" + m[2] + m[3] + m[4]
		}
	}
	return fmt.Sprintf("C-A-HS_%d_%s_%s_%s_%s_%s.csv.gz", c.Reporter, c.Period, c.Flow, c.Partners, version, sum[:12])
}

// stage writes the rows of a cell into the folder's waiting room, whole and on disk.
func (f *folder) stage(c Cell, d Dataset, r *rows) (*Entry, error) {
	temp := f.path(filepath.Join("incoming", "cell.tmp"))
	file, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", c, err)
	}
	content, packed := sha256.New(), sha256.New()
	zipped := gzip.NewWriter(io.MultiWriter(file, packed))
	out := io.MultiWriter(zipped, content)
	_, err = io.WriteString(out, header)
	for i := 0; i < len(r.lines) && err == nil; i++ {
		_, err = out.Write(r.lines[i].text)
	}
	err = errors.Join(err, zipped.Close(), file.Sync())
	size := int64(0)
	if info, failed := file.Stat(); failed == nil {
		size = info.Size()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("store %s: %w", c, err)
	}
	e := &Entry{Cell: c, Dataset: d, Rows: len(r.lines), Size: size, SHA256: hex.EncodeToString(packed.Sum(nil)), Waiting: true}
	e.File = fileName(c, d, hex.EncodeToString(content.Sum(nil)))
	if err := os.Rename(temp, f.onDisk(e)); err != nil {
		return nil, fmt.Errorf("store %s: %w", c, err)
	}
	f.step("staged")
	return e, nil
}

// onDisk is where the file of an entry is.
func (f *folder) onDisk(e *Entry) string {
	if e.Waiting {
		return f.path(filepath.Join("incoming", e.File))
	}
	return filepath.Join(f.data, filepath.FromSlash(e.File))
}

// has tells whether the file of an entry is there.
func (f *folder) has(e *Entry) bool {
	_, err := os.Stat(f.onDisk(e))
	return err == nil
}

// edited tells whether a file is not what was written.
func (f *folder) edited(e *Entry) bool {
	sum, err := hashFile(f.onDisk(e))
	return err == nil && sum != e.SHA256
}

func hashFile(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// journal is a swap that was decided. It is done to its end, whatever ends the process.
type journal struct {
	Enter   []*Entry `json:"enter"`             // as they are when it is done
	Leave   []string `json:"leave"`             // files, below the data folder
	Drop    []string `json:"drop"`              // cells that others have taken in
	Entered []string `json:"entered,omitempty"` // periods whose world exports are whole with it

	Downloads []*Download `json:"downloads,omitempty"` // as they are when it is done
}

// swap lets entries that wait enter the folder, all or none: each takes the place of what
// its cell has there.
func (f *folder) swap(s *state, entries []*Entry, period string) error {
	j := &journal{}
	for _, e := range entries {
		now := *e
		now.Waiting, now.File = false, path(e)
		j.Enter = append(j.Enter, &now)
		inside := Cell{e.Cell.Reporter, e.Cell.Period, e.Cell.Flow, withWorld}
		for _, c := range []Cell{e.Cell, inside} {
			old := s.Cells[c.String()]
			if old == nil || c != e.Cell && e.Cell.Partners != withPartners {
				continue
			}
			if c != e.Cell {
				j.Drop = append(j.Drop, c.String())
			}
			if !old.Waiting && !old.Empty && old.File != now.File {
				j.Leave = append(j.Leave, old.File)
			}
		}
	}
	if period != "" {
		j.Entered = append(j.Entered, period)
	}
	return f.decide(s, j)
}

// decide writes a journal, and does what it says.
func (f *folder) decide(s *state, j *journal) error {
	content, err := json.Marshal(j)
	if err == nil {
		err = durable.WriteFile(f.path("journal.json"), content)
	}
	if err != nil {
		return fmt.Errorf("note which files enter: %w", err)
	}
	f.step("journal")
	return f.replay(s, j)
}

// path is where a file of an entry that waits belongs, below the data folder.
func path(e *Entry) string {
	if e.Empty {
		return ""
	}
	return filesFolder + "/" + e.Cell.Period + "/" + e.File
}

// replay does what a journal says. It may have been done in part already.
func (f *folder) replay(s *state, j *journal) error {
	dirs := map[string]bool{f.path("superseded"): true, f.data: true}
	for _, old := range j.Leave {
		from := filepath.Join(f.data, filepath.FromSlash(old))
		if err := os.Rename(from, f.path(filepath.Join("superseded", filepath.Base(from)))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("take an old file out of the folder: %w", err)
		}
		dirs[filepath.Dir(from)] = true
		f.step("left")
	}
	for _, e := range j.Enter {
		s.Cells[e.Cell.String()] = e
		if e.Empty {
			continue
		}
		if err := f.bringIn(e.File, dirs); err != nil {
			return err
		}
	}
	for _, d := range j.Downloads {
		s.Downloads[d.Key] = d
		if err := f.bringIn(d.File, dirs); err != nil {
			return err
		}
	}
	for dir := range dirs {
		if err := durable.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("write %s to disk: %w", dir, err)
		}
	}
	f.step("synced")
	for _, cell := range j.Drop {
		delete(s.Cells, cell)
	}
	for _, period := range j.Entered {
		if !s.entered(period) {
			s.Entered = append(s.Entered, period)
			slices.Sort(s.Entered)
		}
	}
	if err := f.writeState(s); err != nil {
		return err
	}
	f.step("state")
	if err := os.Remove(f.path("journal.json")); err != nil {
		return fmt.Errorf("note that files have entered: %w", err)
	}
	f.step("done")
	return f.prune()
}

// bringIn moves a file from the waiting room to its place, and notes the folders that
// change with it.
func (f *folder) bringIn(file string, dirs map[string]bool) error {
	to := filepath.Join(f.data, filepath.FromSlash(file))
	dir := filepath.Dir(to)
	if !dirs[dir] {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("make a folder for what is fetched: %w", err)
		}
		dirs[dir], dirs[filepath.Dir(dir)] = true, true
	}
	err := os.Rename(f.path(filepath.Join("incoming", filepath.Base(to))), to)
	if errors.Is(err, fs.ErrNotExist) && f.hasFile(file) {
		err = nil // it was done before
	}
	if err != nil {
		return fmt.Errorf("bring a file into the folder: %w", err)
	}
	f.step("entered")
	return nil
}

// hasFile tells whether a file is there, by its name below the data folder.
func (f *folder) hasFile(name string) bool {
	_, err := os.Stat(filepath.Join(f.data, filepath.FromSlash(name)))
	return err == nil
}

// recover finishes the swap that a kill stopped, and removes what it left half.
func (f *folder) recover() error {
	content, err := os.ReadFile(f.path("journal.json"))
	if err == nil {
		var j journal
		if err := json.Unmarshal(content, &j); err != nil {
			return fmt.Errorf("internal error: %s can't be read: %w; please report it", f.path("journal.json"), err)
		}
		s, err := f.readState()
		if err != nil {
			return err
		}
		if err := f.replay(s, &j); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look what a fetch left: %w", err)
	}
	left, err := filepath.Glob(f.path(filepath.Join("incoming", "*.tmp")))
	if err != nil {
		return err
	}
	for _, temp := range left {
		if err := os.Remove(temp); err != nil {
			return fmt.Errorf("remove what a fetch left: %w", err)
		}
	}
	return nil
}

// sweep removes files of the waiting room that nothing in the state waits for.
func (f *folder) sweep(s *state) error {
	waits := map[string]bool{}
	for _, e := range s.Cells {
		if e.Waiting {
			waits[e.File] = true
		}
	}
	for _, p := range s.Parts {
		waits[p.File] = true
	}
	entries, err := os.ReadDir(f.path("incoming"))
	if err != nil {
		return fmt.Errorf("look what waits: %w", err)
	}
	for _, entry := range entries {
		if !waits[entry.Name()] && strings.HasSuffix(entry.Name(), ".csv.gz") {
			if err := os.Remove(f.path(filepath.Join("incoming", entry.Name()))); err != nil {
				return fmt.Errorf("remove what a fetch left: %w", err)
			}
		}
	}
	return nil
}

// prune removes old versions of which more are kept than fetch_keep_superseded says.
func (f *folder) prune() error {
	entries, err := os.ReadDir(f.path("superseded"))
	if err != nil {
		return fmt.Errorf("look what was superseded: %w", err)
	}
	kept := map[string]int{}
	for _, entry := range slices.Backward(entries) { // by name, the newest of a cell first
		parts := strings.Split(entry.Name(), "_")
		cell := strings.Join(parts[:min(5, len(parts))], "_")
		if kept[cell]++; kept[cell] > f.keep {
			if err := os.Remove(f.path(filepath.Join("superseded", entry.Name()))); err != nil {
				return fmt.Errorf("remove what was superseded: %w", err)
			}
		}
	}
	return nil
}
