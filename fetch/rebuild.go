package fetch

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Rebuild makes the state anew from the files that are here, as far as their names and
// contents tell: for a state that was lost or can't be read. It makes no call. What it
// can't make sense of is named, and left as it is.
func Rebuild(ctx context.Context, o Options) (noted int, differ []Different, err error) {
	f, err := openFolder(ctx, o.Data, o.Wait)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = f.closeWith(err) }()
	old, err := f.readState()
	if err != nil {
		old = emptyState()
	}
	s := emptyState()
	s.Downloads, s.Entered = old.Downloads, old.Entered
	known := map[string]*Entry{}
	for _, e := range old.Cells {
		known[e.File] = e
		if e.Waiting || e.Empty {
			s.Cells[e.Cell.String()] = e
		}
	}
	found, err := filepath.Glob(filepath.Join(o.Data, filesFolder, "*", "C-A-HS_*.csv.gz"))
	if err != nil {
		return 0, nil, err
	}
	slices.Sort(found) // of two files of a cell, the newer release comes later
	differ = []Different{}
	for _, path := range found {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		name := filepath.ToSlash(filepath.Join(filesFolder, filepath.Base(filepath.Dir(path)), filepath.Base(path)))
		e := known[name]
		if e == nil {
			if e, err = describe(path, name); err != nil {
				differ = append(differ, Different{name, err.Error()})
				continue
			}
		}
		if twice := s.Cells[e.Cell.String()]; twice != nil && !twice.Empty && !twice.Waiting {
			differ = append(differ, Different{twice.File, "is an older file of what " + name + " holds; remove it"})
		}
		s.Cells[e.Cell.String()] = e
		if e.Cell.Flow == "X" && e.Cell.Partners == withWorld && !s.entered(e.Cell.Period) {
			s.Entered = append(s.Entered, e.Cell.Period)
		}
	}
	slices.Sort(s.Entered)
	return len(s.Cells), differ, f.writeState(s)
}

var ownName = regexp.MustCompile(`^C-A-HS_(\d+)_(\d+)_([MX])_([WP])_(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)_([0-9a-f]{12})\.csv\.gz$`)

// revisionAt is the place of the HS revision in a line of a fetched file.
var revisionAt = slices.Index(strings.Split(header, ","), "classificationCode")

// describe says what a file holds, by its name and its content.
func describe(path, name string) (*Entry, error) {
	m := ownName.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return nil, errors.New("is no name of a fetched file with the time of its release; it is not noted, and what it holds is fetched again")
	}
	reporter, err := strconv.Atoi(m[1])
	if err != nil {
		return nil, fmt.Errorf("is of a reporter that can't be: %w", err)
	}
	e := &Entry{Cell: Cell{reporter, m[2], m[3], m[4]}, File: name}
	e.Dataset = Dataset{Reporter: reporter, Period: m[2], Released: fmt.Sprintf("%sT%s:%s:%s", m[5], m[6], m[7], m[8]), Rebuilt: true}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	packed, content := sha256.New(), sha256.New()
	unpacked, err := gzip.NewReader(io.TeeReader(file, packed))
	if err != nil {
		return nil, fmt.Errorf("can't be unpacked: %w", err)
	}
	lines := bufio.NewScanner(io.TeeReader(unpacked, content))
	for n := 0; lines.Scan(); n++ {
		// The columns before that of the revision have no commas. A file that lacks it was
		// changed, as its hash says below.
		if fields := bytes.Split(lines.Bytes(), []byte(",")); n == 1 && len(fields) > revisionAt {
			e.Dataset.Revision = string(fields[revisionAt])
		}
		e.Rows = n
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("can't be unpacked: %w", err)
	}
	if hex.EncodeToString(content.Sum(nil))[:12] != m[9] {
		return nil, errors.New("was changed after it was fetched; remove it to have it fetched again")
	}
	e.Size, e.Fetched, e.SHA256 = info.Size(), info.ModTime().UTC(), hex.EncodeToString(packed.Sum(nil))
	return e, nil
}
