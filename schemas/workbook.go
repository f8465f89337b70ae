package schemas

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shakinm/xlsReader/xls"
	"github.com/xuri/excelize/v2"
)

// Table is what the UN's workbook for a pair of HS revisions says: how each code
// of the newer one becomes one of the older one, and which codes overlap at all.
type Table struct {
	From, To    string            // such as "H6" and "H5"
	Conversion  map[string]string // each newer code's one older code
	Correlation [][2]string       // newer and older codes that have goods in common
}

// ReadWorkbook reads a workbook of conversion and correlation tables as UNSD
// publishes them, in Excel's present or old format, or one of its sheets as CSV.
// Names and order of the sheets, the row of the header and the columns differ from
// file to file, so the reader looks for the cells that name two HS years. Errors
// name the file, the sheet, the row and the value.
func ReadWorkbook(path string) (*Table, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read workbook: %w", err)
	}
	return readWorkbook(path, content)
}

func readWorkbook(path string, content []byte) (t *Table, err error) {
	// Both libraries may panic on a broken workbook.
	defer func() {
		if fault := recover(); fault != nil {
			t, err = nil, fmt.Errorf("%s: is a damaged workbook (%v); download it again", path, fault)
		}
	}()
	sheets, err := readSheets(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t = &Table{Conversion: map[string]string{}}
	for _, s := range sheets {
		if err := t.add(s); err != nil {
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

type sheet struct {
	name string
	rows [][]string
}

// readSheets tells the formats apart by their first bytes, never by the name.
func readSheets(content []byte) ([]sheet, error) {
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return readXLSX(content)
	case bytes.HasPrefix(content, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return readXLS(content)
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("is neither a workbook nor CSV: %w", err)
	}
	return []sheet{{"", rows}}, nil
}

func readXLSX(content []byte) (sheets []sheet, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: 256 << 20})
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, name := range book.GetSheetList() {
		rows, err := book.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, fmt.Errorf("read sheet %q: %w", name, err)
		}
		sheets = append(sheets, sheet{name, rows})
	}
	return sheets, nil
}

func readXLS(content []byte) ([]sheet, error) {
	book, err := xls.OpenReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	var sheets []sheet
	for _, s := range book.GetSheets() {
		var rows [][]string
		for i := range s.GetNumberRows() {
			row, err := s.GetRow(i)
			if err != nil {
				return nil, fmt.Errorf("read row %d of sheet %q: %w", i+1, s.GetName(), err)
			}
			var cells []string
			for _, c := range row.GetCols() {
				cells = append(cells, c.GetString())
			}
			rows = append(rows, cells)
		}
		sheets = append(sheets, sheet{s.GetName(), rows})
	}
	return sheets, nil
}

var (
	hsYear     = regexp.MustCompile(`(?i)\bHS\s*(\d{4}|\d{2})\b`)
	revisionOf = map[string]string{"88": "H0", "92": "H0", "96": "H1", "02": "H2", "07": "H3", "12": "H4", "17": "H5", "22": "H6"}
	yearOf     = map[string]string{"H0": "1992", "H1": "1996", "H2": "2002", "H3": "2007", "H4": "2012", "H5": "2017", "H6": "2022"}
)

// add reads a sheet whose header names two HS years, and passes over others.
func (t *Table) add(s sheet) error {
	header, from, to, related := -1, 0, 0, false
	var revisions []string
	for i := range min(5, len(s.rows)) {
		var at []int
		revisions = nil
		for column, cell := range s.rows[i] {
			if m := hsYear.FindStringSubmatch(cell); m != nil && revisionOf[m[1][len(m[1])-2:]] != "" {
				at, revisions = append(at, column), append(revisions, revisionOf[m[1][len(m[1])-2:]])
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
	switch {
	case revisions[0] <= revisions[1]:
		return fmt.Errorf("row %d: the header goes from HS %s to HS %s: it must go from a newer revision to an older one", header+1, yearOf[revisions[0]], yearOf[revisions[1]])
	case t.From == "":
		t.From, t.To = revisions[0], revisions[1]
	case t.From != revisions[0] || t.To != revisions[1]:
		return fmt.Errorf("row %d: the header says %s to %s, another sheet %s to %s", header+1, revisions[0], revisions[1], t.From, t.To)
	}
	for i, row := range s.rows[header+1:] {
		newer, older := hsCode(row, from), hsCode(row, to)
		if newer == "" && older == "" {
			continue
		}
		where := fmt.Sprintf("row %d", header+i+2)
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

const tableColumns = "from_revision,from_code,to_revision,to_code,link"

// Write saves the table in the folder, as a CSV file named after the pair, such as
// H6-H5.csv, and returns the file's path. It replaces a file that is there.
func (t *Table) Write(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("save table %s-%s: %w", t.From, t.To, err)
	}
	rows := [][]string{strings.Split(tableColumns, ",")}
	for newer, older := range t.Conversion {
		rows = append(rows, []string{t.From, newer, t.To, older, "conversion"})
	}
	for _, pair := range t.Correlation {
		if t.Conversion[pair[0]] != pair[1] {
			rows = append(rows, []string{t.From, pair[0], t.To, pair[1], "correlation"})
		}
	}
	slices.SortFunc(rows[1:], slices.Compare)
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
		return "", fmt.Errorf("save table %s-%s: %w", t.From, t.To, err)
	}
	path := filepath.Join(folder, t.From+"-"+t.To+".csv")
	unfinished := path + ".tmp"
	if err := os.WriteFile(unfinished, text.Bytes(), 0o644); err != nil {
		return "", fmt.Errorf("save table %s-%s: %w", t.From, t.To, err)
	}
	return path, os.Rename(unfinished, path)
}

// loadTables reads the folder of imported tables. The table of two neighbouring
// revisions replaces the embedded one; a revision that was not known comes with
// the codes that the table has. Tables of revisions that are not neighbours are
// passed over, because conversion goes step by step.
func (r *Reference) loadTables(folder string) error {
	if folder == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(escapePattern(folder), "H[0-9]-H[0-9].csv"))
	if err != nil {
		return fmt.Errorf("list %s: %w", folder, err)
	}
	if len(files) == 0 {
		return fmt.Errorf("hs_tables: %s has no table such as H6-H5.csv; 'entrepot reference import' writes them", folder)
	}
	known := map[[2]string]bool{}
	for _, c := range r.Codes {
		known[[2]string{c.Revision, c.HS6}] = true
	}
	// From the newest on, so that a new revision stands on a known one.
	slices.Sort(files)
	slices.Reverse(files)
	for _, file := range files {
		pair := strings.TrimSuffix(filepath.Base(file), ".csv")
		if pair[1]-pair[4] != 1 {
			continue
		}
		if err := r.loadTable(file, pair[:2], pair[3:], known); err != nil {
			return err
		}
	}
	return nil
}

func escapePattern(path string) string {
	return strings.NewReplacer(`[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(path)
}

func (r *Reference) loadTable(file, from, to string, known map[[2]string]bool) error {
	_, content, err := open("hs_tables", file)
	if err != nil {
		return err
	}
	var rows [][]string
	unknown := map[string]bool{from: !slices.Contains(r.Revisions, from), to: !slices.Contains(r.Revisions, to)}
	if unknown[from] && unknown[to] {
		return fmt.Errorf("%s: neither %s nor %s is connected to a revision with a code list; import the table between them and %s too", file, from, to, strings.Join(r.Revisions, ", "))
	}
	sum := strings.Builder{}
	err = eachRow(file, content, strings.Split(tableColumns, ","), func(row []string) error {
		if row[0] != from || row[2] != to {
			return fmt.Errorf("a row of %s to %s in the table of %s to %s", row[0], row[2], from, to)
		}
		for i := 0; i < 4; i += 2 {
			if !unknown[row[i]] && !known[[2]string{row[i], row[i+1]}] {
				return fmt.Errorf("%s has no code %s", row[i], row[i+1])
			}
		}
		rows = append(rows, row)
		fmt.Fprintf(&sum, "%q\n", row)
		return nil
	})
	if err != nil {
		return err
	}
	r.changes = slices.DeleteFunc(r.changes, func(l link) bool { return l.fromRevision == from && l.toRevision == to })
	for _, row := range rows {
		if row[4] == "conversion" {
			r.changes = append(r.changes, link{row[0], row[1], row[2], row[3]})
		}
	}
	for revision, isNew := range unknown {
		if isNew {
			r.addRevision(revision, rows, known)
		}
	}
	for _, table := range []string{"hs_codes", "hs_changes"} {
		r.hashes[table] = hashText(r.hashes[table] + sum.String())
	}
	return nil
}

// addRevision lists the codes of a revision that only the table knows. A code is
// a manufactured good when more than half of the codes that it is linked to are.
func (r *Reference) addRevision(revision string, rows [][]string, known map[[2]string]bool) {
	made := map[[2]string]bool{}
	for _, c := range r.Codes {
		made[[2]string{c.Revision, c.HS6}] = c.Manufactured
	}
	votes := map[string][2]int{"999999": {}} // the residual that Comtrade has in every revision
	for _, row := range rows {
		code, other := row[1], [2]string{row[2], row[3]}
		if row[2] == revision {
			code, other = row[3], [2]string{row[0], row[1]}
		}
		v := votes[code]
		if made[other] {
			v[0]++
		}
		v[1]++
		votes[code] = v
	}
	for code, v := range votes {
		r.Codes = append(r.Codes, Code{Revision: revision, HS6: code, Manufactured: 2*v[0] > v[1]})
		known[[2]string{revision, code}] = true
	}
	r.Revisions = append(r.Revisions, revision)
	slices.Sort(r.Revisions)
	slices.SortFunc(r.Codes, func(a, b Code) int { return strings.Compare(a.Revision+a.HS6, b.Revision+b.HS6) })
}
