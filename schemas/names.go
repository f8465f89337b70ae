package schemas

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Name is what a code of an HS revision is called in English.
type Name struct {
	Revision, Code string // of two, four or six digits
	Text           string
}

// Names are the names of the codes of every revision and level, as UN Comtrade has
// them, by revision and code. They are read only where they are needed.
func (b Base) Names() ([]Name, error) {
	content, err := b.read("hs_names.csv")
	if err != nil {
		return nil, fmt.Errorf("read names of codes: %w", err)
	}
	names, err := readNames(content, b.revisions())
	if err != nil {
		return nil, fmt.Errorf("embedded hs_names.csv: %w", err)
	}
	return names, nil
}

// readNames reads the table. A name that several revisions have for a code stands
// there once.
func readNames(content []byte, known Revisions) ([]Name, error) {
	rows := csv.NewReader(bytes.NewReader(content))
	rows.ReuseRecord = true
	columns := []string{"hs_revisions", "code", "name"}
	header, err := rows.Read()
	if err != nil || !slices.Equal(header, columns) {
		return nil, errors.Join(fmt.Errorf("the header is %q: it must be %q", header, columns), err)
	}
	named := map[string][]Name{} // by revision
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		code, text := strings.Clone(row[1]), strings.Clone(row[2])
		for id := range strings.SplitSeq(row[0], " ") {
			revision, ok := known.Find(id)
			if !ok {
				line, _ := rows.FieldPos(0)
				return nil, fmt.Errorf("line %d: %q is no HS revision", line, id)
			}
			named[revision.ID] = append(named[revision.ID], Name{revision.ID, code, text})
		}
	}
	var names []Name
	for _, revision := range known {
		names = append(names, named[revision.ID]...)
	}
	return names, nil
}
