package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

// An assertion is a query and the rows that it must return, as lines of text.
type assertion struct {
	query string // with the comment before it
	want  []string
}

// expectedRow begins a line of an assertion that says a row: --= a | b.
const expectedRow = "--="

// parseAssertions reads queries, each with the rows that must come out behind it.
func parseAssertions(text string) ([]assertion, error) {
	var list []assertion
	var query strings.Builder
	for line := range strings.Lines(text) {
		row, expected := strings.CutPrefix(line, expectedRow)
		switch {
		case !expected:
			query.WriteString(line)
			continue
		case strings.TrimSpace(query.String()) != "":
			list = append(list, assertion{query: strings.TrimSpace(query.String())})
			query.Reset()
		case len(list) == 0:
			return nil, fmt.Errorf("%q stands before any query", strings.TrimSpace(line))
		}
		if row = strings.TrimSpace(row); row != "(none)" {
			last := &list[len(list)-1]
			last.want = append(last.want, row)
		}
	}
	if rest := strings.TrimSpace(query.String()); rest != "" {
		return nil, fmt.Errorf("no line with %s says what must come of\n%s", expectedRow, rest)
	}
	return list, nil
}

// results are the published tables under their names, and beside them the tables of
// the workspace, in one read-only connection.
type results struct{ *sql.DB }

func openResults(work string) (*results, error) {
	db, err := sql.Open("duckdb", filepath.Join(work, "out", "work", "entrepot.duckdb")+"?access_mode=read_only")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // views for the connection only
	files, err := filepath.Glob(filepath.Join(work, "out", "current", "*.parquet"))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, file := range files {
		view := fmt.Sprintf("CREATE TEMP VIEW %s AS FROM read_parquet('%s')",
			strings.TrimSuffix(filepath.Base(file), ".parquet"), strings.ReplaceAll(file, "'", "''"))
		if _, err := db.Exec(view); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
		}
	}
	return &results{db}, nil
}

// rows returns each row as its values with a bar between them, as assertions have them.
func (r *results) rows(query string) ([]string, error) {
	_, records, err := r.records(query)
	var out []string
	for _, record := range records {
		out = append(out, strings.TrimSpace(strings.Join(record, " | ")))
	}
	return out, err
}

// csv returns the rows as CSV with a header.
func (r *results) csv(query string) (string, error) {
	header, records, err := r.records(query)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(append([][]string{header}, records...)); err != nil {
		return "", err
	}
	return out.String(), nil
}

func (r *results) records(query string) (header []string, records [][]string, err error) {
	query = strings.TrimSuffix(strings.TrimSpace(query), ";")
	rows, err := r.Query("SELECT coalesce(CAST(COLUMNS(*) AS VARCHAR), 'NULL') FROM (\n" + query + "\n)")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if header, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		record := make([]string, len(header))
		targets := make([]any, len(header))
		for i := range record {
			targets[i] = &record[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, nil, err
		}
		records = append(records, record)
	}
	return header, records, rows.Err()
}

// compareReleases says in what the current releases of two folders differ. When and
// where a run was stands in the manifest's section run, and may differ.
func compareReleases(a, b string) ([]string, error) {
	one, err := readRelease(a)
	if err != nil {
		return nil, err
	}
	other, err := readRelease(b)
	if err != nil {
		return nil, err
	}
	var differences []string
	if one.id != other.id {
		differences = append(differences, fmt.Sprintf("the release is %s, and %s", one.id, other.id))
	}
	if diff := cmp.Diff(one.manifest, other.manifest); diff != "" {
		differences = append(differences, "the manifests differ: "+diff)
	}
	for name, content := range one.files {
		if !bytes.Equal(content, other.files[name]) {
			differences = append(differences, name+" differs")
		}
	}
	if len(one.files) != len(other.files) {
		differences = append(differences, fmt.Sprintf("there are %d files, and %d", len(one.files), len(other.files)))
	}
	return differences, nil
}

type publishedRelease struct {
	id       string
	manifest map[string]any
	files    map[string][]byte // all others
}

func readRelease(work string) (*publishedRelease, error) {
	current := filepath.Join(work, "out", "current")
	target, err := os.Readlink(current)
	if err != nil {
		return nil, err
	}
	r := &publishedRelease{id: filepath.Base(target), files: map[string][]byte{}}
	entries, err := os.ReadDir(current + string(filepath.Separator))
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if r.files[entry.Name()], err = os.ReadFile(filepath.Join(current, entry.Name())); err != nil {
			return nil, err
		}
	}
	if err := json.Unmarshal(r.files["manifest.json"], &r.manifest); err != nil {
		return nil, fmt.Errorf("manifest of release %s: %w", r.id, err)
	}
	delete(r.manifest, "run")
	delete(r.files, "manifest.json")
	return r, nil
}

// An assertion that asserts nothing would be one that can't fail.
func TestAssertionsAreWhole(t *testing.T) {
	got, err := parseAssertions("-- why\nSELECT 1, NULL;\n--= 1 | NULL\n\nSELECT 2 WHERE false;\n--= (none)\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []assertion{{query: "-- why\nSELECT 1, NULL;", want: []string{"1 | NULL"}}, {query: "SELECT 2 WHERE false;"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(assertion{})); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"SELECT 1;\n", "--= 1\nSELECT 1;\n", "SELECT 1;\n--= 1\nSELECT 2;\n"} {
		if got, err := parseAssertions(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
