package pipeline_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"

	"entrepot/pipeline/config"
	"github.com/google/go-cmp/cmp"
)

// tables are what extraction makes, without the numbers of files.
var tables = []string{
	"SELECT f.name, s.* EXCLUDE (file_id) FROM staged s JOIN files f USING (file_id) ORDER BY ALL",
	"SELECT f.name, s.* EXCLUDE (file_id) FROM rejects s JOIN files f USING (file_id) ORDER BY ALL",
	"SELECT f.name, s.* EXCLUDE (file_id) FROM left_out s JOIN files f USING (file_id) ORDER BY ALL",
	"SELECT name, sha256, format, refusal, rows_read, rows_staged FROM files ORDER BY ALL",
	"SELECT f.name, s.line, s.reason, s.value_usd, b.name, s.by_line FROM superseded s JOIN files f USING (file_id) LEFT JOIN files b ON b.file_id = s.by_file_id ORDER BY ALL",
}

// sameTables compares what two runs extracted.
func sameTables(t *testing.T, when string, a, b *config.Config) {
	t.Helper()
	for _, query := range tables {
		want, got := openWork(t, a, query), openWork(t, b, query)
		if len(want) == 0 || !slices.Equal(want, got) {
			t.Errorf("%s: %d rows, expected %d, of %s\n%.2000s", when, len(got), len(want), query, cmp.Diff(want[:min(len(want), 50)], got[:min(len(got), 50)]))
		}
	}
}

// addingUp are queries that find nothing, unless the sums by code are not those of the
// rows, or a cell counts twice.
var addingUp = map[string]string{
	"sums that the rows don't have": "FROM counted_sums EXCEPT ALL " + sumsByCode,
	"sums that are missing":         sumsByCode + " EXCEPT ALL FROM counted_sums",
	"cells that count twice": `SELECT reporter, partner, flow, year, month, hs_revision, code, count(*) FROM counted_rows
		WHERE part IS NULL GROUP BY ALL HAVING count(*) > 1`,
	"no cell of several rows": "SELECT 'nothing is tested' WHERE (SELECT count(*) FROM superseded) = 0",
}

const sumsByCode = `SELECT reporter, flow, year, month, hs_revision, level, code,
	sum(value_usd) FILTER (partner = 0), sum(value_usd) FILTER (partner <> 0) FROM facts_and_totals GROUP BY ALL`

// setOff writes into a file of UN Comtrade's bulk downloads what sets rows off from their
// lines, and a row that is read again as text. It returns what the file was.
func setOff(t *testing.T, file string, extra ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	middle := len(lines) / 2
	fields := strings.Split(string(lines[middle]), "\t")
	fields[slices.Index(strings.Split(string(lines[0]), "\t"), "netWgt")] = "unknown"
	lines = slices.Insert(lines, middle+200, []byte(extra[0]+extra[0]))
	for i, line := range append(slices.Clone(extra), strings.Join(fields, "\t")) {
		lines = slices.Insert(lines, middle-20*i, []byte(line))
	}
	if err := os.WriteFile(file, bytes.Join(lines, nil), 0o644); err != nil {
		t.Fatal(err)
	}
	return text
}

// Many small files are read as one copy, and become the same rows, rejects and lines as
// files that are read three at a time, as they are.
func TestSmallFilesAreJoined(t *testing.T) {
	t.Parallel()
	from := filepath.Join(t.TempDir(), "data")
	if _, err := (fixtures.Dataset{Format: "comtrade", Spelling: fixtures.Bulk, Files: 10, Seed: 7, Rows: 2_000, Bad: 0.01}).Write(t.Context(), from); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(from, "*.txt"))
	if err != nil || len(files) != 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files { // larger ones would not be joined
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.Join(bytes.SplitAfter(text, []byte("\n"))[:1000], nil), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	setOff(t, files[2], "\n", "broken\n", "a\tb\tc\n")
	setOff(t, files[9], "\n", strings.Repeat("x\t", 60)+"\n")
	joined := configure(t, from)
	run(t, joined)
	apart := configure(t, t.TempDir())
	for three := range slices.Chunk(files, 3) {
		for _, file := range three {
			if err := os.Link(file, filepath.Join(apart.Data, filepath.Base(file))); err != nil {
				t.Fatal(err)
			}
		}
		run(t, apart)
	}
	sameTables(t, "small files", apart, joined)
	broken := openWork(t, joined, "SELECT reason FROM rejects WHERE reason IN ('too_few_fields', 'too_many_fields') GROUP BY ALL")
	if len(broken) != 2 {
		t.Errorf("lines that are no rows are rejected as %q, so that too little is tested", broken)
	}
}

// A batch that keeps its table holds what is copied otherwise, and follows its files
// when they change, go and come.
func TestKeptBatches(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	if _, err := (fixtures.Dataset{Format: "comtrade", Spelling: fixtures.Bulk, Files: 10, Seed: 5, Rows: 30_000, Bad: 0.01}).Write(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	baci := filepath.Join(t.TempDir(), "baci")
	if _, err := (fixtures.Dataset{Format: "baci", Files: 3, Seed: 5, Rows: 3_000, Bad: 0.01}).Write(t.Context(), baci); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(baci, filepath.Join(data, "baci")); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(data, "*.txt"))
	if err != nil || len(files) != 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	kept := configure(t, data)
	kept.KeepBytes = 0
	batches := func() int {
		return len(openWork(t, kept, "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'rows%'"))
	}
	check := func(when string) {
		t.Helper()
		run(t, kept)
		copied := configure(t, data)
		run(t, copied)
		sameTables(t, when, copied, kept)
		for _, c := range []*config.Config{copied, kept} {
			for what, query := range addingUp {
				if got := openWork(t, c, query); len(got) > 0 {
					t.Errorf("%s: %s: %q", when, what, got[:min(len(got), 10)])
				}
			}
		}
		for _, table := range []string{"import_dependence_hs6", "lines", "coverage", "check_findings", "checks"} {
			a, b := releaseBytes(t, copied, table), releaseBytes(t, kept, table)
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s.parquet differs", when, table)
			}
		}
	}
	check("even files")
	if n := batches(); n == 0 {
		t.Fatal("no batch keeps its table, so nothing is tested")
	}

	// A file with everything that sets rows off from their lines.
	text := setOff(t, files[3], "\n", "broken\n")
	// One with more of it than a kept table can have.
	var uneven bytes.Buffer
	for i, line := range bytes.SplitAfter(text, []byte("\n")) {
		if i > 0 && i%100 == 0 {
			uneven.WriteByte('\n')
		}
		uneven.Write(line)
	}
	if err := os.WriteFile(filepath.Join(data, "uneven.txt"), uneven.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}

	check("uneven files")
	first, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], append(first, first[bytes.LastIndexByte(first[:len(first)-1], '\n')+1:]...), 0o644); err != nil {
		t.Fatal(err)
	}
	check("one file changed")
	for _, i := range []int{5, 9} { // the last of the batch, and one before it
		if err := os.Remove(files[i]); err != nil {
			t.Fatal(err)
		}
	}
	check("two files gone")

	// What a killed run leaves: a table that no file needs, and a view that lacks one.
	db, err := sql.Open("duckdb", filepath.Join(kept.Out, "work", "entrepot.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE rows_99999 AS SELECT 1 AS x; CREATE OR REPLACE VIEW staged AS FROM staged_rows"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check("after a killed run")
	before := batches()
	for _, file := range append(files[:3:3], files[6:9]...) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	check("most files gone")
	if after := batches(); after >= before {
		t.Errorf("%d tables of batches, as many as before most files went", after)
	}
}

// release is a published file.
func releaseBytes(t *testing.T, c *config.Config, table string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.Out, "current", table+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// World is the sum over the partners where a file has all of them; a row that
// stands twice in the file counts once.
func TestPartnerSums(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	place(t, data, "gacc_hs8.csv as gacc.csv")
	text := "t,i,j,k,v,q\n2019,156,842,854231,1,1\n2019,156,842,854231,1,1\n2019,156,392,854231,2,1\n"
	if err := os.WriteFile(filepath.Join(data, "BACI_HS17_Y2019_V202601.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := configureWith(t, data, `files:
  - match: "gacc.csv"
    source: gacc
    reporter: "156"
    flow: M
    year: "2023"
    unit: USD
    revision: H6
    code_width: 8
    world: sum
    columns: {code: Commodity code, partner: Trading partner code, value: US dollar}
    areas: {"110": HKG, "305": FRA, "502": "842"}
`)
	run(t, c)
	want := []string{
		"156 M 2023 H6 010121 489.000", "156 M 2023 H6 010129 21121826.000",
		"156 M 2023 H6 854231 3391.000", // 1693 + 1693, of which a line stands twice, and 5 of a partner that is not known
		"156 X 2019 H5 854231 3000.000", "392 M 2019 H5 854231 2000.000", "842 M 2019 H5 854231 1000.000",
	}
	if diff := cmp.Diff(want, openWork(t, c, "SELECT concat_ws(' ', reporter, flow, year, hs_revision, code, value_usd) FROM partner_sums ORDER BY 1")); diff != "" {
		t.Error(diff)
	}
	if got := openWork(t, c, "SELECT count(*) = count(DISTINCT (file_id, line)) AND min(line) > 0 FROM partner_sums"); got[0] != "true" {
		t.Error("two sums of a file have the same line")
	}
}

// A finding about a sum over partners names the file and no line: two files of one
// year, each of which is cut down, have other sums.
func TestFindingOfASum(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for folder, row := range map[string]string{"a": "2019,156,842,854231,1,1", "b": "2019,156,392,854231,2,1"} {
		if err := os.Mkdir(filepath.Join(data, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, folder, "BACI_HS17_Y2019_V202601.csv"), []byte("t,i,j,k,v,q\n"+row+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := configure(t, data)
	run(t, c)
	got := openWork(t, c, "SELECT concat_ws(' ', check_name, reporter, flow, code, file, line) FROM check_findings WHERE check_name = 'duplicates'")
	if len(got) != 1 || got[0] != "duplicates 156 X 854231 b/BACI_HS17_Y2019_V202601.csv" && got[0] != "duplicates 156 X 854231 a/BACI_HS17_Y2019_V202601.csv" {
		t.Errorf("found %q", got)
	}
}
