package export

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"entrepot/pipeline/release"
)

// parquetFiles are the published files as they are, with what they say of themselves.
func (e *exporter) parquetFiles() []file {
	var files []file
	for _, o := range e.tables {
		for _, f := range e.release.Manifest.Files {
			if release.TableOf(f.Name) == o.Name {
				files = append(files, file{name: strings.ReplaceAll(f.Name, "/", "-"), rows: f.Rows, fill: e.copyOf(f.Name)})
			}
		}
	}
	return append(files, e.aboutFile())
}

// copyOf copies a published file.
func (e *exporter) copyOf(name string) func(context.Context, *os.File) error {
	return func(_ context.Context, to *os.File) (err error) {
		from, err := os.Open(filepath.Join(e.release.Dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, from.Close()) }()
		_, err = io.Copy(to, from)
		return err
	}
}
