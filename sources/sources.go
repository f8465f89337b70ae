// Package sources reads the files that trade data come in.
//
// Each format has one reader in a file of its own. A reader looks at the header
// and the first rows, and at the file's name only for what BACI says nowhere else,
// and either says how its columns map onto the columns that every source shares (see
// columns in layout.go) or why it can't use the file. From there on all sources take
// the same way: DuckDB's own CSV reader parses the text (read.sql), settle.sql types
// and judges the rows, and each row ends in exactly one of three places, in one
// transaction:
//
//   - staged: usable, with the file and line that it came from;
//   - rejects: unusable, with line, column, value and reason;
//   - left_out: sound, but it would double a figure; counted by reason.
//
// Files whose rows can be typed by the reader itself take a shorter way: bulk.sql
// reads many of them at once, and only rows that it can't decide on take the other.
//
// Find lists the inputs in a folder, Prepare makes one readable (archives,
// hashes, line breaks), Recognise names its format, and a Batch reads the rows and puts
// them where they belong.
package sources

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Input is one thing to read: a file, a member of a zip archive, or a sheet of a
// workbook that has several.
type Input struct {
	Path   string // of the file on disk
	Member string // name of the member or the sheet, or ""
	Sheet  bool   // Member is a sheet
	Name   string // how it is shown and ordered: relative to the data folder, "a.zip!b.csv" for a member

	// Watch is told how many bytes were read from disk now; nil when nobody watches.
	Watch func(n int)
}

// A Refusal is the reason why a whole file can't be used: it is not understood,
// or understood and of no use. The run goes on without the file.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) error {
	return &Refusal{fmt.Sprintf(format, args...)}
}

// Find lists the inputs below a folder in the order of their names, without
// opening more than the directories of zip archives and the first cells of workbooks. Hidden files, the lock
// files of spreadsheets and the folders in skip are passed over. A zip archive
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
		if path != dir && ignored(entry.Name()) || slices.Contains(skip, path) {
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

func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$")
}

func inputsOf(dir, path string) []Input {
	name, err := filepath.Rel(dir, path)
	if err != nil {
		name = path
	}
	name = filepath.ToSlash(name)
	members, err := zipMembers(path)
	sheets := err == nil && len(members) == 0
	if sheets {
		// A workbook of one sheet is one input, as a CSV is.
		if members, err = workbookSheets(path); len(members) == 1 {
			members = nil
		}
	}
	if err != nil || len(members) == 0 {
		return []Input{{Path: path, Name: name}}
	}
	var inputs []Input
	for _, m := range members {
		inputs = append(inputs, Input{Path: path, Member: m, Sheet: sheets, Name: name + "!" + m})
	}
	return inputs
}
