// Package durable is the one way in which files are written that must survive a
// power cut, or must never be seen half written.
package durable

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteFile replaces a file by one with this content. A reader sees the old file
// or the new one, whole, and after it returns the new one survives a power cut.
func WriteFile(path string, content []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Write does the same with what fill writes. When fill fails, the file stays as it
// was.
func Write(path string, fill func(io.Writer) error) error {
	return replace(path, true, func(file *os.File) error { return fill(file) })
}

// Replace is WriteFile for what need not survive a power cut, but must never be
// half: it does not wait for the disk.
func Replace(path string, content []byte) error {
	return replace(path, false, func(file *os.File) error {
		_, err := file.Write(content)
		return err
	})
}

// WriteOver is Write for what must go back in its file to say what it knows at the end.
func WriteOver(path string, fill func(*os.File) error) error { return replace(path, true, fill) }

func replace(path string, synced bool, fill func(*os.File) error) (err error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	file, err := os.CreateTemp(dir, "."+name+"-*.tmp")
	if err != nil {
		return err
	}
	temp := file.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(file.Close()), os.Remove(temp))
		}
	}()
	if err := fill(file); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	if synced {
		if err := file.Sync(); err != nil {
			return err
		}
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if !synced {
		return nil
	}
	return SyncDir(dir)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// Create makes a new file in a folder that nobody reads yet, such as an unfinished
// release. It is whole on disk when it returns; its name is when the folder is
// synced.
func Create(path string, fill func(io.Writer) error) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := fill(file); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return file.Sync()
}

// AppendLine adds a line to a file in one write, so that a reader never sees a part
// of it, and syncs it. What a crash cut short before it is ended first.
func AppendLine(path string, line []byte) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if cut, err := endsMidLine(file); err != nil {
		return err
	} else if cut {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Sync()
}

// endsMidLine tells whether a regular file ends in the middle of a line.
func endsMidLine(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
