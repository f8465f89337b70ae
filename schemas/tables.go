package schemas

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Table is what the UN's workbook for a pair of HS revisions says: how each code
// of the newer one becomes one of the older one, and which codes overlap at all.
type Table struct {
	From, To    string            // such as "H6" and "H5"
	Conversion  map[string]string // each newer code's one older code
	Correlation [][2]string       // newer and older codes that have goods in common
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
		from, to, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".csv"), "-")
		for _, revision := range []string{from, to} {
			if !r.Known.Has(revision) {
				return fmt.Errorf("%s: there is no HS revision %s; there are %s", file, revision, r.Known.Words())
			}
		}
		if r.Known.Step(from, -1) != to {
			continue
		}
		if err := r.loadTable(file, from, to, known); err != nil {
			return err
		}
	}
	return nil
}

func escapePattern(path string) string {
	return strings.NewReplacer(`[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(path)
}

func (r *Reference) loadTable(file, from, to string, known map[[2]string]bool) error {
	_, content, err := r.base.open("hs_tables", file)
	if err != nil {
		return err
	}
	var rows [][]string
	unknown := map[string]bool{from: !r.Revisions.Has(from), to: !r.Revisions.Has(to)}
	if unknown[from] && unknown[to] {
		return fmt.Errorf("%s: neither %s nor %s is connected to a revision with a code list; import the table between them and %s too", file, from, to, r.Revisions)
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
	r.replaceLinks(from, to, rows)
	for revision, isNew := range unknown {
		if isNew {
			r.addRevision(revision, rows, known)
		}
	}
	for _, table := range []string{"hs_codes", "hs_changes", "hs_successors"} {
		r.hashes[table] = hashText(r.hashes[table] + sum.String())
	}
	return nil
}

// Hub is with how many older codes a newer one must overlap for that to say nothing:
// each code of electronic waste of HS 2022 is tied to 1,019 codes of HS 2017.
const Hub = 100

// replaceLinks puts the links of a table in the place of those between its revisions.
func (r *Reference) replaceLinks(from, to string, rows [][]string) {
	between := func(l link) bool {
		return l.fromRevision == from && l.toRevision == to || l.fromRevision == to && l.toRevision == from
	}
	r.changes, r.successors = slices.DeleteFunc(r.changes, between), slices.DeleteFunc(r.successors, between)
	overlaps := map[string]int{}
	for _, row := range rows {
		overlaps[row[1]]++
	}
	for _, row := range rows {
		switch {
		case row[4] == "conversion":
			r.changes = append(r.changes, link{row[0], row[1], row[2], row[3]})
		case overlaps[row[1]] < Hub:
			r.successors = append(r.successors, link{row[2], row[3], row[0], row[1]})
		}
	}
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
	r.Revisions = r.Known.Of(r.Codes)
	slices.SortFunc(r.Codes, func(a, b Code) int { return strings.Compare(a.Revision+a.HS6, b.Revision+b.HS6) })
}
