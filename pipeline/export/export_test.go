package export_test

import (
	"archive/zip"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"entrepot/fixtures/sample"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/export"
	"entrepot/pipeline/usage"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"

	"github.com/xuri/excelize/v2"
)

var (
	once   sync.Once
	folder string // of the output folder that all tests read
	failed error
)

func TestMain(m *testing.M) {
	code := m.Run()
	if folder != "" {
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// published is an output folder with a release of the built-in sample in which nearly every
// table has rows: nobody is missing, so missing_reporters has none.
func published(t *testing.T) string {
	t.Helper()
	once.Do(func() { failed = publish(t) })
	if failed != nil {
		t.Fatal(failed)
	}
	return filepath.Join(folder, "out")
}

func publish(t *testing.T) (err error) {
	if folder, err = os.MkdirTemp("", "entrepot-export-"); err != nil {
		return err
	}
	c := config.New()
	c.IsWhole = sample.Has
	c.Data, c.Out = filepath.Join(folder, "data"), filepath.Join(folder, "out")
	c.Markets, c.ValueAdded = filepath.Join(folder, "markets.csv"), filepath.Join(folder, "tiva.csv")
	const markets = "sector,year,market_usd,source\nrail,2021,50000000,\"=a, \"\"quoted\"\" survey\"\nrail,2023,60000000,-5\n"
	const tiva = "MEASURE,VALUE_ADDED_SOURCE_AREA,VALUE_ADDED_SOURCE_ACTIVITY,FINAL_DEMAND_AREA,FINAL_DEMAND_ACTIVITY,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n" +
		"FD_VA,W,_T,CHN,C,USD,2021,500,6\nFD_VA,OECD,_T,CHN,C,USD,2021,50,6\n"
	if err := errors.Join(sample.Write(c.Data), os.WriteFile(c.Markets, []byte(markets), 0o644), os.WriteFile(c.ValueAdded, []byte(tiva), 0o644)); err != nil {
		return err
	}
	_, err = pipeline.Run(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	return err
}

func write(t *testing.T, format string, tables ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), format)
	s, err := export.Write(t.Context(), export.Options{Out: published(t), Format: format, To: to, Tables: tables, Caution: "Invented values."})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Files {
		if info, err := os.Stat(f.Path); err != nil || info.Size() != f.Bytes {
			t.Errorf("%s: %v, %v", f.Path, info, err)
		}
	}
	return to
}

func database(t *testing.T) *sql.DB {
	t.Helper()
	db, err := engine.Open(t.Context(), "", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func parquet(t *testing.T, table string) string {
	return sqltext.Parquet(filepath.Join(published(t), "current", table+".parquet"))
}

// DuckDB reads from every CSV file what it reads from the published table, in every cell.
func TestCSVHasEveryCell(t *testing.T) {
	t.Parallel()
	to, db := write(t, "csv"), database(t)
	for _, o := range schemas.Always() {
		path := filepath.Join(to, o.Name+".csv")
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(content); !strings.HasPrefix(text, "\ufeff"+o.Columns[0].Name+",") || !strings.HasSuffix(text, "\r\n") {
			t.Errorf("%s begins with %.20q or does not end with a line's end", path, text)
		}
		var columns, as, published []string
		for _, c := range o.Columns {
			name := sqltext.Name(c.Name)
			columns = append(columns, sqltext.Literal(c.Name)+": "+sqltext.Literal(string(c.Type)))
			as = append(as, name)
			if c.Type == schemas.Text { // as all_rejects.sql keeps formulas out
				name = `CASE WHEN try_cast(` + name + ` AS DOUBLE) IS NULL THEN regexp_replace(` + name + `, '^[-=+@\t\r]', '''\0') ELSE ` + name + ` END`
			}
			published = append(published, name)
		}
		read := "SELECT " + strings.Join(as, ", ") + " FROM read_csv(" + sqltext.Literal(path) + ", header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', " +
			"allow_quoted_nulls = false, columns = {" + strings.Join(columns, ", ") + "})"
		want := "SELECT " + strings.Join(published, ", ") + " FROM " + parquet(t, o.Name)
		var differ, rows int
		if err := db.QueryRow("SELECT (SELECT count(*) FROM (("+want+") EXCEPT ALL ("+read+"))), (SELECT count(*) FROM ("+read+"))").Scan(&differ, &rows); err != nil {
			t.Fatalf("%s: %v", o.Name, err)
		}
		if f := countRows(t, db, o.Name); differ != 0 || rows != f {
			t.Errorf("%s: %d of %d rows differ, there are %d", o.Name, differ, f, rows)
		}
	}
}

func countRows(t *testing.T, db *sql.DB, table string) (rows int) {
	t.Helper()
	if err := db.QueryRow("SELECT count(*) FROM " + parquet(t, table)).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// The workbook has every cell of every table in its order, numbers to the 15 digits that
// Excel knows, and no formula.
func TestWorkbookHasEveryCell(t *testing.T) {
	t.Parallel()
	book, err := excelize.OpenFile(filepath.Join(write(t, "xlsx"), export.WorkbookFile))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	db, cells := database(t), 0
	for _, o := range schemas.Always() {
		got, err := book.GetRows(o.Name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		want := texts(t, db, o)
		if len(want) == 1 && len(got) == 2 && len(got[1]) == 0 {
			got = got[:1] // an empty table of Excel has an empty row
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d", o.Name, len(got), len(want))
			continue
		}
		for i, row := range want {
			for j, text := range row {
				cells++
				cell := ""
				if j < len(got[i]) {
					cell = got[i][j]
				}
				if cell != text {
					t.Errorf("%s, row %d, %s: %q, want %q", o.Name, i+1, o.Columns[j].Name, cell, text)
				}
			}
		}
	}
	if cells < 50000 {
		t.Errorf("%d cells were compared: are the tables empty?", cells)
	}
}

// texts are a table's cells as a workbook stores them.
func texts(t *testing.T, db *sql.DB, o schemas.Output) [][]string {
	t.Helper()
	rows, err := db.Query("FROM " + parquet(t, o.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var head []string
	values, targets := make([]any, len(o.Columns)), make([]any, len(o.Columns))
	for i, c := range o.Columns {
		head = append(head, c.Name)
		targets[i] = &values[i]
	}
	all := [][]string{head}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, v := range values {
			row = append(row, stored(v))
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func stored(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	case float64:
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// The workbook says what it is first, has the charts, and each table with a header that
// stays, filters, formats and what its columns are.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	path := filepath.Join(write(t, "xlsx", "figure14", "dominance"), export.WorkbookFile)
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if got := strings.Join(book.GetSheetList(), " "); got != "about Figure 14 Figure 27 columns import_dependence import_dependence_hs6 dominance import_dependence_sensitivity" {
		t.Errorf("sheets: %s", got)
	}
	about := fmt.Sprint(book.GetRows("about"))
	for _, want := range []string{"Caution Invented values.", "How to cite Entrepot: Measures of the trade of China, release ", "from UN Comtrade (downloads to 2026-05-02).",
		"may not be re-disseminated", "Counted in HS codes of HS 2012 (H4)", "dependence_ratio 2", "rows used, SHA-256 ", "Quality checks with findings", "versions 82 of 93 examined (warn)"} {
		if !strings.Contains(about, want) {
			t.Errorf("the first sheet does not say %q:\n%s", want, about)
		}
	}
	for _, sheet := range []string{"import_dependence", "import_dependence_hs6", "columns"} {
		tables, err := book.GetTables(sheet)
		if err != nil || len(tables) != 1 {
			t.Errorf("%s has the tables %v, %v", sheet, tables, err)
		}
		if panes, err := book.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
	}
	heads := map[string]string{}
	for _, name := range book.GetDefinedName() {
		heads[name.Scope] = name.Name + " " + name.RefersTo
	}
	if want := "_xlnm.Print_Titles 'import_dependence_hs6'!$1:$1"; heads["import_dependence_hs6"] != want || len(heads) != 5 {
		t.Errorf("headers on each printed page: %v, want %s among five", heads, want)
	}
	rows, err := book.GetRows("import_dependence")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for i, cell := range rows[1] { // empty cells at its end are left out
		shown[rows[0][i]] = cell
	}
	for column, want := range map[string]string{"year": "2019", "reporter": "156", "dependent_share": "33.3%", "imports_usd": "234,000,000", "partial": "FALSE"} {
		if shown[column] != want {
			t.Errorf("%s is shown as %q, want %q", column, shown[column], want)
		}
	}
	if got, err := book.GetCellValue("import_dependence_hs6", "B2"); err != nil || got != "030617" {
		t.Errorf("a code is shown as %q, %v", got, err)
	}
	comments, err := book.GetComments("import_dependence")
	if o, _ := schemas.Outputs().Lookup("import_dependence"); err != nil || len(comments) != len(o.Columns) {
		t.Errorf("%d comments on %d columns, %v", len(comments), len(o.Columns), err)
	}
	for i, want := range []string{"'Figure 14'!$B$", "'Figure 27'!$B$"} {
		if chart := part(t, path, fmt.Sprintf("xl/charts/chart%d.xml", i+1)); !strings.Contains(chart, want) || !strings.Contains(chart, "<c:barChart>") {
			t.Errorf("chart %d does not draw %s: %.300s", i+1, want, chart)
		}
	}
}

// A report of other readers: the published files and all three forms, cell by cell.
func TestOtherReadersAgree(t *testing.T) {
	python := os.Getenv("ENTREPOT_PYTHON")
	if python == "" {
		t.Skip("ENTREPOT_PYTHON names no Python interpreter with pandas, duckdb and openpyxl (notebooks/requirements.txt)")
	}
	if text, err := exec.Command(python, "-c", "import pandas, duckdb, openpyxl").CombinedOutput(); err != nil {
		t.Skipf("%s lacks a package of notebooks/requirements.txt: %s", python, text)
	}
	t.Parallel()
	current := filepath.Join(published(t), "current")
	text, err := exec.CommandContext(t.Context(), python, "testdata/compare.py", current, write(t, "csv"), write(t, "dta"), write(t, "xlsx")).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var found struct {
		Cells       int
		Differences []string
		Charts      map[string]int
	}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if found.Cells < 150000 || len(found.Differences) > 0 || found.Charts["Figure 14"] != 1 || found.Charts["Figure 27"] != 1 {
		t.Errorf("%s", text)
	}
}

// Parquet is what was published, byte for byte.
func TestParquetIsTheSame(t *testing.T) {
	t.Parallel()
	to := write(t, "parquet", "dominance")
	got, err := os.ReadFile(filepath.Join(to, "dominance.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(published(t), "current", "dominance.parquet"))
	if err != nil || string(got) != string(want) {
		t.Errorf("%d bytes, want %d, %v", len(got), len(want), err)
	}
	files, err := os.ReadDir(to)
	if err != nil || len(files) != 2 {
		t.Errorf("files: %v, %v", files, err)
	}
}

// Nothing that is there is replaced, and what there is not is told with the nearest name.
func TestRefused(t *testing.T) {
	t.Parallel()
	out, to := published(t), t.TempDir()
	for _, c := range []struct {
		o    export.Options
		want string
	}{
		{export.Options{Format: "ods"}, `--format "ods": there are xlsx, csv, dta, parquet`},
		{export.Options{Format: "csv", Tables: []string{"dominanse"}}, `there is no table or figure "dominanse"; did you mean dominance?`},
		{export.Options{Format: "csv", Release: "aaaaaaaaaaaa"}, `there is no release "aaaaaaaaaaaa"`},
	} {
		c.o.Out, c.o.To = out, to
		_, err := export.Write(t.Context(), c.o)
		if err == nil || !errors.As(err, new(*usage.Error)) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.o, err, c.want)
		}
	}
	path := filepath.Join(to, "dominance.csv")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	o := export.Options{Out: out, Format: "csv", To: to, Tables: []string{"coverage", "dominance"}}
	if _, err := export.Write(t.Context(), o); err == nil || !strings.Contains(err.Error(), path+" is there already") {
		t.Errorf("a file in the way: %v", err)
	}
	if files, err := os.ReadDir(to); err != nil || len(files) != 1 {
		t.Errorf("something was written: %v, %v", files, err)
	}
	o.Force = true
	if _, err := export.Write(t.Context(), o); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(content), "\ufeffsector,") {
		t.Errorf("the file is %.20q, %v", content, err)
	}
}

// part is a file of a workbook.
func part(t *testing.T, path, name string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	in, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.ReplaceAll(string(text), "<barChart>", "<c:barChart>"), "&#39;", "'")
}
