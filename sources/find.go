package sources

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"entrepot/sources/decode"
)

// Find lists the inputs below a folder in the order of their names, without
// opening more than the directories of archives and the first cells of workbooks. Hidden files, the lock
// files of spreadsheets and the folders in skip are passed over. An archive
// that can't be opened is listed as it is, so that Prepare reports it.
func Find(ctx context.Context, dir string, skip ...string) ([]Input, error) {
	var inputs []Input
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if path != dir && decode.Hidden(entry.Name()) || slices.Contains(skip, path) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.IsDir() {
			inputs = append(inputs, inputsOf(dir, path)...)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("data folder %s does not exist", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("list data folder %s: %w", dir, err)
	}
	slices.SortFunc(inputs, func(a, b Input) int { return strings.Compare(a.Name, b.Name) })
	return inputs, nil
}

func inputsOf(dir, path string) []Input {
	name, err := filepath.Rel(dir, path)
	if err != nil {
		name = path
	}
	name = filepath.ToSlash(name)
	members, sheets, err := decode.Members(path)
	if err != nil || len(members) == 0 {
		return []Input{{Path: path, Name: name}}
	}
	var inputs []Input
	for _, m := range members {
		inputs = append(inputs, Input{Path: path, Member: m, Sheet: sheets, Name: name + "!" + m})
	}
	return inputs
}
