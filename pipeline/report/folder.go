package report

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"entrepot/pipeline/durable"
	"entrepot/pipeline/usage"
)

// replaceable fails when a folder holds what is no report, so that nothing of the
// user's is removed.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the folder of the report: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, summaryFile)); err != nil {
		return usage.Errorf("%s holds something that is no report (it has no %s): name another folder with --dir", dir, summaryFile)
	}
	return nil
}

// replaceFolder fills a new folder beside dir and puts it in dir's place when that
// succeeded.
func replaceFolder(dir string, fill func(string) error) (err error) {
	dir = filepath.Clean(dir)
	parent, name := filepath.Split(dir)
	if parent == "" {
		parent = "."
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("make the folder of the report: %w", err)
	}
	// What a killed run left behind. Two at once in one folder make one fail.
	unfinished := filepath.Join(parent, "."+name+"-unfinished")
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("clear an unfinished report: %w", err)
	}
	if err := os.Mkdir(unfinished, 0o755); err != nil {
		return fmt.Errorf("make the folder of the report: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(unfinished)) }()
	if err := fill(unfinished); err != nil {
		return err
	}
	if err := durable.SyncDir(unfinished); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := swap(unfinished, dir); err != nil {
		return fmt.Errorf("put the report in its place: %w", err)
	}
	return durable.SyncDir(parent)
}

// swap puts next in the place of dir. Where the system can, that is one step; else
// dir is gone for a moment. What stood there is in next afterwards.
func swap(next, dir string) error {
	err := os.Rename(next, dir) // works when dir is not there, or empty
	if err == nil {
		return nil
	}
	if err := exchange(next, dir); err == nil {
		return nil
	}
	old := next + "-old"
	if err := errors.Join(os.RemoveAll(old), os.Rename(dir, old)); err != nil {
		return err
	}
	if err := os.Rename(next, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// create writes a file that is whole on disk when it returns.
func create[T any](path string, what T, write func(io.Writer, T) error) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := write(file, what); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return file.Sync()
}
