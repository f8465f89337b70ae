package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/pipeline/durable"
)

// folder is a folder that stands for a store, such as a mounted share.
type folder struct{ dir string }

func openFolder(u *url.URL) (Store, error) {
	if u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		return nil, errors.New("the path of a file URL is absolute, such as file:///srv/trade")
	}
	if _, err := options(u); err != nil {
		return nil, err
	}
	return folder{filepath.FromSlash(u.Path)}, nil
}

func (f folder) path(key string) string { return filepath.Join(f.dir, filepath.FromSlash(key)) }

func (f folder) List(ctx context.Context, prefix string) ([]Object, error) {
	var all []Object
	err := filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // there is nothing yet, or it was deleted a moment ago
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !entry.Type().IsRegular() || strings.HasSuffix(path, ".tmp") {
			return err
		}
		relative, err := filepath.Rel(f.dir, path)
		if key := filepath.ToSlash(relative); err == nil && strings.HasPrefix(key, prefix) {
			info, failed := entry.Info()
			if failed != nil {
				return failed
			}
			all = append(all, f.object(key, info))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", f.dir, err)
	}
	slices.SortFunc(all, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}

func (f folder) object(key string, info fs.FileInfo) Object {
	return Object{Key: key, Bytes: info.Size(), ETag: fmt.Sprintf("%x-%x", info.Size(), info.ModTime().UnixNano())}
}

func (f folder) Read(ctx context.Context, o Object, w io.Writer) (err error) {
	file, err := os.Open(f.path(o.Key))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if o.ETag != "" && f.object(o.Key, info).ETag != o.ETag {
		return fmt.Errorf("%s changed while it was read", o.Key)
	}
	_, err = io.Copy(w, patient{ctx, file})
	return err
}

func (f folder) put(ctx context.Context, key string, file *os.File, _ int64) (o Object, err error) {
	path := f.path(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return o, err
	}
	err = durable.Write(path, func(w io.Writer) error {
		_, err := io.Copy(w, patient{ctx, file})
		return err
	})
	if err != nil {
		return o, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return o, err
	}
	return f.object(key, info), nil
}

// Delete deletes the file, and the folders that are empty then: a store has none.
func (f folder) Delete(_ context.Context, key string) error {
	if err := os.Remove(f.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := filepath.Dir(f.path(key)); dir != f.dir && len(dir) > len(f.dir); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			break // it is not empty
		}
	}
	return nil
}

// etag can't tell what the ETag of a file will be: it is of the time, too.
func (f folder) etag(io.Reader, int64) (string, error) { return "", nil }
