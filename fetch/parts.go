package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// part makes a call for some of a cell's partners, unless its answer is here already: a
// cell may take more calls than are left today.
func (r *runner) part(ctx context.Context, c Call) (*answer, error) {
	if c.Some == nil {
		return r.one(ctx, c)
	}
	cell := c.cells()[0]
	d, key := r.plan.listed[cell.dataset()], cell.String()+"/"+joined(c.Some)
	if p := r.state.Parts[key]; p != nil && p.Dataset.sameAs(d) {
		if p.Cut {
			return nil, &cutError{r.RecordsPerCall}
		}
		if a, err := r.folder.readPart(p); err == nil {
			return a, nil
		}
	}
	a, err := r.one(ctx, c)
	p := &Part{Cell: cell, Dataset: d}
	switch {
	case errors.Is(err, errCut):
		p.Cut = true
	case err != nil:
		return nil, err
	case a.rows == 0:
		return a, nil
	default:
		e, failed := r.folder.stage(cell, d, a.cells[cell.String()])
		if failed != nil {
			return nil, &storeError{failed}
		}
		p.File, p.Wire = e.File, a.bytes
	}
	r.state.Parts[key] = p
	if failed := r.folder.writeState(r.state); failed != nil {
		return nil, &storeError{failed}
	}
	return a, err
}

// dropParts lets go of the parts of a cell that is whole. Their files go with the next
// fetch.
func (r *runner) dropParts(c Cell) {
	for key, p := range r.state.Parts {
		if p.Cell == c {
			delete(r.state.Parts, key)
		}
	}
}

// The places of what readPart looks for, in header.
const (
	columnPartner  = 7
	columnRevision = 9
	columnCode     = 11
)

// readPart reads an answer that was kept.
func (f *folder) readPart(p *Part) (*answer, error) {
	file, err := os.Open(f.path(filepath.Join("incoming", p.File)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	unpacked, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return nil, err
	}
	found := &rows{}
	text := bufio.NewScanner(unpacked)
	for text.Scan() {
		if text.Text()+"\n" == header {
			continue
		}
		fields := strings.Split(text.Text(), ",")
		if len(fields) != strings.Count(header, ",")+1 {
			return nil, fmt.Errorf("%s has a line of %d fields", p.File, len(fields))
		}
		partner, err := strconv.Atoi(fields[columnPartner])
		if err != nil {
			return nil, err
		}
		found.revision = fields[columnRevision]
		found.lines = append(found.lines, line{partner, fields[columnCode], append([]byte(text.Text()), '\n')})
	}
	return &answer{cells: map[string]*rows{p.Cell.String(): found}, rows: len(found.lines), bytes: p.Wire}, text.Err()
}
