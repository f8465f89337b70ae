package runlog

import (
	"errors"
	"os"
	"path/filepath"
)

// canAppend tells whether lines can be added to a file, which it makes.
func canAppend(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}

// canReplace tells whether a file can be replaced by a new one.
func canReplace(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".entrepot-*.tmp")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
