// Package untables reads the United Nations' workbooks of conversions between revisions
// of the Harmonized System, with the readers of package decode.
package untables

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
	"entrepot/sources/decode"
)

// Read reads a workbook of conversion and correlation tables as UNSD publishes
// them, in Excel's present or old format, or one of its sheets as CSV.
// Names and order of the sheets, the row of the header and the columns differ from
// file to file, so the reader looks for the cells that name two HS years. Errors
// name the file, the sheet, the row and the value.
func Read(ctx context.Context, path string) (*schemas.Table, error) {
	sheets, err := readSheets(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t := &schemas.Table{Conversion: map[string]string{}}
	for _, s := range sheets {
		if err := add(t, s); err != nil {
			if s.name != "" { // CSV has no sheets
				err = fmt.Errorf("sheet %q: %w", s.name, err)
			}
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(t.Conversion) == 0 {
		return nil, fmt.Errorf("%s: has no conversion sheet, with a header such as 'From HS 2022' and 'To HS 2017'", path)
	}
	return t, nil
}

// sheet has the rows with any text, by their numbers; 1 is the first.
type sheet struct {
	name    string
	rows    [][]string
	numbers []int64
}

func (s *sheet) add(number int64, cells []string) error {
	s.rows, s.numbers = append(s.rows, slices.Clone(cells)), append(s.numbers, number)
	return nil
}

// readSheets tells the formats apart by their first bytes, never by the name.
func readSheets(ctx context.Context, path string) ([]sheet, error) {
	isWorkbook, err := decode.IsWorkbook(path)
	if err != nil {
		return nil, err
	}
	if !isWorkbook {
		s, err := readCSV(path)
		return []sheet{s}, err
	}
	names, err := decode.WorkbookSheets(ctx, path)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("is a damaged workbook, or one without data; download it again")
	}
	var sheets []sheet
	for _, name := range names {
		s := sheet{name: name}
		if err := decode.Sheet(ctx, path, name, s.add); err != nil {
			return nil, err
		}
		sheets = append(sheets, s)
	}
	return sheets, nil
}

func readCSV(path string) (s sheet, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		return s, fmt.Errorf("is neither a workbook nor CSV: %w", err)
	}
	for i, row := range rows {
		if err := s.add(int64(i+1), row); err != nil {
			return s, err
		}
	}
	return s, nil
}

var hsYear = regexp.MustCompile(`(?i)\bHS\s*(\d{4}|\d{2})\b`)

// headerRows is how many rows from the first on may be the header.
const headerRows = 5

// add takes a sheet whose header names two HS years, and passes over others.
func add(t *schemas.Table, s sheet) error {
	header, from, to, related := -1, 0, 0, false
	var revisions schemas.Revisions
	for i := range s.rows {
		if s.numbers[i] > headerRows {
			break
		}
		var at []int
		revisions = nil
		for column, cell := range s.rows[i] {
			if m := hsYear.FindStringSubmatch(cell); m != nil {
				if revision, known := schemas.HS().Find(m[1]); known {
					at, revisions = append(at, column), append(revisions, revision)
				}
			}
			related = related || strings.EqualFold(strings.TrimSpace(cell), "relationship")
		}
		if len(at) == 2 {
			header, from, to = i, at[0], at[1]
			break
		}
	}
	if header < 0 {
		return nil
	}
	switch newer, older := revisions[0], revisions[1]; {
	case newer.Year <= older.Year:
		return fmt.Errorf("row %d: the header goes from %s to %s: it must go from a newer revision to an older one",
			s.numbers[header], newer.Name(), older.Name())
	case t.From == "":
		t.From, t.To = newer.ID, older.ID
	case t.From != newer.ID || t.To != older.ID:
		return fmt.Errorf("row %d: the header says %s to %s, another sheet %s to %s", s.numbers[header], newer.ID, older.ID, t.From, t.To)
	}
	for i, row := range s.rows[header+1:] {
		newer, older := hsCode(row, from), hsCode(row, to)
		if newer == "" && older == "" {
			continue
		}
		where := fmt.Sprintf("row %d", s.numbers[header+1+i])
		for _, code := range []string{newer, older} {
			if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
				return fmt.Errorf("%s: %q is no six-digit code", where, code)
			}
		}
		if related {
			t.Correlation = append(t.Correlation, [2]string{newer, older})
			continue
		}
		if known, twice := t.Conversion[newer]; twice && known != older {
			return fmt.Errorf("%s: %s goes to %s, and to %s in an earlier row: a conversion has one target", where, newer, older, known)
		}
		t.Conversion[newer] = older
	}
	return nil
}

// hsCode reads a code; one that was saved as a number has lost its leading zero.
func hsCode(row []string, column int) string {
	if column >= len(row) {
		return ""
	}
	code := strings.TrimSuffix(strings.Trim(row[column], " '\t\u00a0"), ".0")
	if _, err := strconv.Atoi(code); err == nil && len(code) == 5 {
		return "0" + code
	}
	return code
}
