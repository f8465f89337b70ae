package sources

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"entrepot/sources/decode"
)

// Found is what a folder holds.
type Found struct {
	Inputs  []Input   // in the order of their names
	Skipped []Skipped // what is no input, and no hidden file either
}

// Skipped is an entry of a folder that is passed over, and why.
type Skipped struct{ Name, Reason string }

// Leave says what Find passes over without a word, beside hidden files and the lock files
// of spreadsheets.
type Leave struct {
	Folders  []string // by their paths
	Patterns []string // as in Settings.Match; a folder that fits is not looked through

	// Closed tells of a file whether it is one input, as is known from before: then it is not
	// opened. nil: every file is.
	Closed func(name string, info os.FileInfo) bool
}

// Find lists the inputs below a folder, without opening more than the directories of
// archives and the first cells of workbooks. Links are followed. An entry that can't be
// read, or whose name no text can hold, is an input with a Fault, so that it is refused by
// name and the others are read. An archive that can't be opened is listed as it is, so
// that Prepare reports it.
func Find(ctx context.Context, dir string, leave Leave) (Found, error) {
	root, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Found{}, fmt.Errorf("data folder %s does not exist", dir)
	case err == nil && !root.IsDir():
		return Found{}, fmt.Errorf("data folder %s is no folder", dir)
	}
	var entries []os.DirEntry
	if err == nil {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return Found{}, fmt.Errorf("list data folder %s: %w", dir, err)
	}
	f := &finder{dir: dir, leave: leave}
	for _, folder := range leave.Folders {
		if info, err := os.Stat(folder); err == nil {
			f.leftOut = append(f.leftOut, info)
		}
	}
	if err := f.entries(ctx, "", entries, []os.FileInfo{root}); err != nil {
		return Found{}, err
	}
	slices.SortStableFunc(f.found.Inputs, func(a, b Input) int { return strings.Compare(a.Name, b.Name) })
	f.found.Inputs = oneOfEachName(f.found.Inputs)
	return f.found, nil
}

// At lists the inputs of one file. What is no regular file, as a pipe, gives an error
// that says what it is; it is not opened.
func At(ctx context.Context, file string) ([]Input, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if what := noFile(info); what != "" {
		return nil, fmt.Errorf("%s %s", file, what)
	}
	return inputsOf(ctx, file, filepath.Base(file))
}

// PassedOver tells of a name below a folder whether Find would pass it over: it fits one of
// the patterns, is hidden, or a download that is not finished, or stands in such a folder.
func PassedOver(name string, patterns []string) bool {
	f := finder{leave: Leave{Patterns: patterns}}
	for at := name; at != "." && at != "/"; at = path.Dir(at) {
		if decode.Hidden(path.Base(at)) || f.ignored(at) || unfinished(at) {
			return true
		}
	}
	return false
}

// noFile says what an entry is that is no regular file; "" of one that is.
func noFile(info os.FileInfo) string {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return ""
	case mode&fs.ModeNamedPipe != 0:
		return "is a pipe, not a file"
	case mode&fs.ModeSocket != 0:
		return "is a socket, not a file"
	}
	return "is a device, not a file"
}

// finder looks through a folder.
type finder struct {
	dir     string
	leave   Leave
	leftOut []os.FileInfo // folders of leave, as links may lead to them
	found   Found
}

// entries adds what a folder has. above are the folders that it is in, itself the last.
func (f *finder) entries(ctx context.Context, below string, entries []os.DirEntry, above []os.FileInfo) error {
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := path.Join(below, entry.Name())
		if decode.Hidden(entry.Name()) || f.ignored(name) {
			continue
		}
		if err := f.entry(ctx, name, entry, above); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) ignored(name string) bool {
	return slices.ContainsFunc(f.leave.Patterns, func(pattern string) bool { return matches(pattern, name) })
}

func (f *finder) entry(ctx context.Context, name string, entry os.DirEntry, above []os.FileInfo) error {
	onDisk := filepath.Join(f.dir, filepath.FromSlash(name))
	switch {
	case !utf8.ValidString(name):
		f.refuse(onDisk, readable(name), "has a name that is no UTF-8 text; rename it")
		return nil
	case strings.Contains(onDisk, `\`) && strings.ContainsAny(onDisk, "*?["):
		f.refuse(onDisk, name, `has a name that DuckDB takes for a pattern, with a \ and one of *?[ in it; rename it`)
		return nil
	case unfinished(name):
		f.skip(name, "is a download that is not finished, as its name says")
		return nil
	case entry.Type().IsRegular():
		info, err := entry.Info()
		if err != nil {
			info = nil // it is gone again: whoever reads it says so
		}
		return f.file(ctx, onDisk, name, info)
	}
	info, err := os.Stat(onDisk)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.refuse(onDisk, name, "is a link to what is not there; mend or remove it")
	case err != nil:
		f.refuse(onDisk, name, decode.Unreadable(err).Error())
	case info.IsDir():
		return f.folder(ctx, onDisk, name, info, above)
	default:
		if what := noFile(info); what != "" {
			f.skip(name, what)
			return nil
		}
		return f.file(ctx, onDisk, name, info)
	}
	return nil
}

func (f *finder) file(ctx context.Context, onDisk, name string, info os.FileInfo) error {
	if info != nil && f.leave.Closed != nil && f.leave.Closed(name, info) {
		f.found.Inputs = append(f.found.Inputs, Input{Path: onDisk, Name: name, Info: info})
		return nil
	}
	inputs, err := inputsOf(ctx, onDisk, name)
	for i := range inputs {
		inputs[i].Info = info
	}
	f.found.Inputs = append(f.found.Inputs, inputs...)
	return err
}

func (f *finder) folder(ctx context.Context, onDisk, name string, info os.FileInfo, above []os.FileInfo) error {
	same := func(other os.FileInfo) bool { return os.SameFile(info, other) }
	if slices.ContainsFunc(f.leftOut, same) {
		return nil
	}
	if slices.ContainsFunc(above, same) {
		f.skip(name, "is a link to a folder that it is in")
		return nil
	}
	entries, err := os.ReadDir(onDisk)
	if err != nil {
		f.refuse(onDisk, name, decode.Unreadable(err).Error())
		return nil
	}
	return f.entries(ctx, name, entries, append(slices.Clip(above), info))
}

func (f *finder) refuse(onDisk, name, fault string) {
	f.found.Inputs = append(f.found.Inputs, Input{Path: onDisk, Name: name, Fault: fault})
}

func (f *finder) skip(name, reason string) {
	f.found.Skipped = append(f.found.Skipped, Skipped{Name: name, Reason: reason})
}

// unfinished tells whether a browser or a tool is still writing the file, by its name.
func unfinished(name string) bool {
	return slices.Contains([]string{".part", ".partial", ".crdownload", ".download", ".aria2"}, strings.ToLower(path.Ext(name)))
}

// readable is a name with what is no UTF-8 in it written out.
func readable(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, name[i])
		} else {
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	return b.String()
}

// inputsOf lists the inputs of one file. It fails only when the context is done.
func inputsOf(ctx context.Context, onDisk, name string) ([]Input, error) {
	members, sheets, err := decode.Members(ctx, onDisk)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case !sheets && decode.IsRefusal(err):
		return []Input{{Path: onDisk, Name: name, Fault: err.Error()}}, nil
	case err != nil || len(members) == 0:
		return []Input{{Path: onDisk, Name: name}}, nil
	}
	var inputs []Input
	for _, m := range members {
		in := Input{Path: onDisk, Member: m, Sheet: sheets, Name: name + "!" + m}
		switch {
		case !utf8.ValidString(m):
			in.Name, in.Fault = name+"!"+readable(m), "has a name that is no UTF-8 text; unpack the archive and pack it anew"
		case !sheets && strings.Contains(m, `\`):
			in.Fault = `has a name with a \ in it, of which nobody knows whether it is a folder; unpack the archive and pack it anew`
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// oneOfEachName makes one refused input of those that have the same name: members of one
// archive, or a file that is called like a member of an archive beside it.
func oneOfEachName(sorted []Input) []Input {
	var inputs []Input
	for _, in := range sorted {
		if last := len(inputs) - 1; last >= 0 && inputs[last].Name == in.Name {
			inputs[last].Fault = "has a name that stands for several files here, and they can't be told apart; rename one"
			continue
		}
		inputs = append(inputs, in)
	}
	return inputs
}
