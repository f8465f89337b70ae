// Package objects keeps files in an object store: S3 and what speaks its language, or,
// with file:// URLs, a folder.
//
// A store has no folders and no renames: an object appears whole under its key or not at
// all, and objects are listed by the beginning of their keys. What is written is compared
// with the file that it was made of, and what is read is whole, or an error.
package objects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Object is a file of a store.
type Object struct {
	Key   string // below the URL of the store, with slashes
	Bytes int64
	ETag  string // differs whenever the content differs; of S3 often its MD5
}

// Store is a part of an object store: all keys below the path of its URL.
type Store interface {
	// List lists the objects whose keys begin with prefix, in the order of their keys.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Read writes the content of an object to w. Where the object has an ETag, it is read
	// only as long as it has that, and where that is an MD5, the content is compared
	// with it. The error is fs.ErrNotExist when there is no such object.
	Read(ctx context.Context, o Object, w io.Writer) error
	// put writes a file. The object that it returns is what the store says that it has.
	put(ctx context.Context, key string, file *os.File, bytes int64) (Object, error)
	// Delete deletes an object. That it is not there is no error.
	Delete(ctx context.Context, key string) error
	// etag is the ETag that an object of this content should have; "" when that can't be told.
	etag(content io.Reader, bytes int64) (string, error)
}

// ErrDamaged is that what was read is not what the store has. Reading it again may help.
var ErrDamaged = errors.New("what came is not what the store has")

// schemes are the kinds of stores, by the scheme of their URLs.
var schemes = map[string]func(*url.URL) (Store, error){"s3": openS3, "file": openFolder}

// IsURL tells whether a setting names a store rather than a folder.
func IsURL(text string) bool { return strings.Contains(text, "://") }

// URL is the URL of the store that a setting names, which may be a folder.
func URL(setting string) (*url.URL, error) {
	if IsURL(setting) {
		parsed, err := url.Parse(setting)
		if err != nil {
			return nil, errNoURL
		}
		return parsed, nil
	}
	folder, err := filepath.Abs(setting)
	if err != nil {
		return nil, fmt.Errorf("find the folder %s: %w", setting, err)
	}
	return &url.URL{Scheme: "file", Path: filepath.ToSlash(folder)}, nil
}

var errNoURL = errors.New("it is no URL") // the text may hold a password

// Check tells what is wrong with the URL of a store, before anything is asked of it.
func Check(text string) error {
	_, err := Open(text)
	return err
}

// Open opens the store of a URL. It asks nothing of the store yet.
func Open(text string) (Store, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, errNoURL
	}
	if parsed.User != nil {
		return nil, errors.New("it holds credentials: give them in the environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	open, known := schemes[parsed.Scheme]
	if !known {
		return nil, fmt.Errorf("there is no kind of store %q", parsed.Scheme)
	}
	return open(parsed)
}

// Shown is the URL of a store as people may see it: without its options.
func Shown(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || !IsURL(text) {
		return text
	}
	return parsed.Scheme + "://" + parsed.Host + strings.TrimSuffix(parsed.Path, "/")
}

// options reads the options of a URL; one that is not known is an error.
func options(u *url.URL, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("its options can't be read")
	}
	for name := range values {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no option %q; there are: %s", name, strings.Join(known, ", "))
		}
	}
	return values, nil
}

// Write writes a file to a store and makes sure that the store has what the file holds.
func Write(ctx context.Context, s Store, key, path string) (o Object, err error) {
	file, err := os.Open(path)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return o, err
	}
	if o, err = s.put(ctx, key, file, info.Size()); err != nil {
		return o, fmt.Errorf("write %s: %w", key, err)
	}
	same, err := Same(ctx, s, o, path)
	if err == nil && !same {
		err = fmt.Errorf("the store has other content than %s", filepath.Base(path))
	}
	if err != nil {
		return o, fmt.Errorf("check what was written to %s: %w", key, err)
	}
	return o, nil
}

// Same tells whether an object holds what a file holds. When the object's ETag does not
// tell, as where the store encrypts, the object is read.
func Same(ctx context.Context, s Store, o Object, path string) (same bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil || info.Size() != o.Bytes {
		return false, err
	}
	expected, err := s.etag(patient{ctx, file}, o.Bytes)
	if err != nil || expected != "" && expected == o.ETag {
		return err == nil, err
	}
	stored, held := sha256.New(), sha256.New()
	if err := s.Read(ctx, Object{Key: o.Key, Bytes: o.Bytes}, stored); err != nil {
		return false, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	if _, err := io.Copy(held, patient{ctx, file}); err != nil {
		return false, err
	}
	return hex.EncodeToString(stored.Sum(nil)) == hex.EncodeToString(held.Sum(nil)), nil
}

// WriteBytes writes an object of little content.
func WriteBytes(ctx context.Context, s Store, key string, content []byte) (err error) {
	file, err := os.CreateTemp("", "entrepot-object-")
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	if _, err := file.Write(content); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	_, err = Write(ctx, s, key, file.Name())
	return err
}

// patient reads until the context ends.
type patient struct {
	ctx context.Context
	in  io.Reader
}

func (p patient) Read(into []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.in.Read(into)
}
