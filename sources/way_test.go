package sources_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"entrepot/schemas"
	"entrepot/sources"
	"entrepot/sources/staging"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/klauspost/compress/zstd"
)

// outcome is what became of one file.
type outcome struct {
	refusal string
	format  string
	notes   string
	unit    string
	staged  []string // line reporter partner flow period revision code value
	sides   []string // the other side of each row of a file that has both
	weights []string // line weight quantity unit valuation original
	rejects []string // line column value reason
	leftOut []string // reason rows
	counts  staging.Counts
}

// takeFile takes a file the whole way, as a run does: Find lists it, and what its
// members or sheets hold comes back in the order of their names.
func takeFile(t testing.TB, name string, content []byte, s sources.Settings) []outcome {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
	found, err := sources.Find(t.Context(), dir, sources.Leave{})
	if err != nil {
		t.Fatal(err)
	}
	var out []outcome
	for _, in := range found.Inputs {
		out = append(out, takeInput(t, in, s, nil))
	}
	return out
}

// take is takeFile for a file that is one input.
func take(t testing.TB, name string, content []byte, s sources.Settings) outcome {
	t.Helper()
	out := takeFile(t, name, content, s)
	if len(out) != 1 {
		t.Fatalf("%s is %d inputs, expected one", name, len(out))
	}
	return out[0]
}

// takeInput stages an input in a transaction, notes what became of it and rolls
// the transaction back. change may alter the layout.
func takeInput(t testing.TB, in sources.Input, s sources.Settings, change func(*sources.Layout)) (o outcome) {
	t.Helper()
	ctx := context.Background()
	refused := func(err error) bool {
		var refusal *sources.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("%s: %v", in.Name, err)
		}
		if refusal != nil {
			o = outcome{refusal: refusal.Reason}
		}
		return err != nil
	}
	prepared, err := sources.Prepare(ctx, in, t.TempDir(), s)
	if refused(err) {
		return o
	}
	defer func() {
		if err := prepared.Close(); err != nil {
			t.Error(err)
		}
	}()
	layout, err := sources.Recognise(prepared, s)
	if refused(err) {
		return o
	}
	if change != nil {
		change(layout)
	}
	conn, err := referenceWorkspace(t).Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	batch := staging.Batch{Files: []staging.File{{ID: 1, Prepared: prepared, Layout: layout}}}
	defer func() {
		_, _ = conn.ExecContext(ctx, "ROLLBACK") // there may be no transaction yet
		if err := batch.Drop(conn); err != nil {
			t.Error(err)
		}
	}()
	if refused(batch.Read(ctx, conn, t.TempDir())) {
		return o
	}
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		t.Fatal(err)
	}
	// Stage itself fails when a row is unaccounted for.
	counts, err := batch.Stage(ctx, conn)
	if refused(err) {
		return o
	}
	o.counts = counts[0]
	if layout.BothSides() {
		query(t, conn, "INSERT INTO files SELECT 1, '', '', 0, 0, '', '', '', '', '', 0, 0, '', '', true, false, false, '', '', 0, 0")
	}
	o.format, o.unit, o.notes = layout.Format, layout.Unit(), strings.Join(layout.Notes, "; ")
	const rows = `SELECT concat_ws(' ', line, reporter, partner, flow, year || CASE WHEN month > 0 THEN lpad(month::VARCHAR, 2, '0') ELSE '' END, hs_revision, code, value_usd) FROM `
	o.staged = query(t, conn, rows+"staged ORDER BY line, 1")
	o.sides = query(t, conn, rows+"other_sides ORDER BY line, 1")
	o.weights = query(t, conn, "SELECT concat_ws(' ', line, coalesce(net_weight_kg::VARCHAR, '-'), coalesce(quantity::VARCHAR, '-'), coalesce(quantity_unit::VARCHAR, '-'), coalesce(valuation::VARCHAR, '-'), original, coalesce(weight_estimated::VARCHAR, '-'), coalesce(quantity_estimated::VARCHAR, '-')) FROM staged ORDER BY line, 1")
	o.rejects = query(t, conn, "SELECT concat_ws(' ', line, column_name, value, reason) FROM rejects ORDER BY line, 1")
	o.leftOut = query(t, conn, "SELECT concat_ws(' ', reason, rows) FROM left_out ORDER BY ALL")
	return o
}

// query asks on a connection for rows of one text column.
func query(t testing.TB, conn *sql.Conn, text string) []string {
	t.Helper()
	rows, err := conn.QueryContext(context.Background(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line any
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(line))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// fixture reads a file of fixtures/sources.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "fixtures", "sources", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// realFolder is the folder of real files, on a machine that has them.
func realFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("ENTREPOT_REAL_FILES")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the real files are not here (ENTREPOT_REAL_FILES names their folder): %v", err)
	}
	return dir
}

// referenceWorkspace is a workspace in memory with the embedded reference tables.
// Tests share it: each works in a transaction that it rolls back. Fuzz targets make it before
// their first input, for Go takes an input that needs more than ten seconds for one that hangs.
func referenceWorkspace(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sharedWorkspace()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

var sharedWorkspace = sync.OnceValues(func() (*sql.DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	if _, err := db.Exec(schemas.Base{}.Workspace()); err != nil {
		return nil, err
	}
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return db, conn.Raw(func(raw any) error {
		appendAll := func(table string, rows int, row func(i int) []driver.Value) error {
			appender, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "", table)
			if err != nil {
				return err
			}
			for i := range rows {
				if err := appender.AppendRow(row(i)...); err != nil {
					return errors.Join(err, appender.Close())
				}
			}
			return appender.Close()
		}
		keys := reference.AreaKeys()
		return errors.Join(
			appendAll("areas", len(reference.Areas), func(i int) []driver.Value {
				a := reference.Areas[i]
				return []driver.Value{a.Code, a.ISO3, a.Name, a.Kind, a.From, a.To, a.Reporter}
			}),
			appendAll("hs_codes", len(reference.Codes), func(i int) []driver.Value {
				c := reference.Codes[i]
				return []driver.Value{c.Revision, c.HS6, c.Manufactured}
			}),
			appendAll("area_keys", len(keys), func(i int) []driver.Value {
				return []driver.Value{keys[i].Scheme, keys[i].Key, keys[i].Code}
			}))
	})
})

// replaced changes a text once, and fails when it is not there.
func replaced(t testing.TB, content []byte, old, with string) []byte {
	t.Helper()
	if !bytes.Contains(content, []byte(old)) {
		t.Fatalf("there is no %q to replace", old)
	}
	return bytes.Replace(content, []byte(old), []byte(with), 1)
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipOf makes an archive of names and contents.
func zipOf(t testing.TB, members ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := archive.Create(members[i].(string))
		if err == nil {
			_, err = w.Write(members[i+1].([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bookSheet is a sheet of a workbook. A cell that begins with = is a number, and
// other cells are texts; "" is no cell.
type bookSheet struct {
	name, state string
	rows        [][]string
}

func sheet(name string, rows ...[]string) bookSheet { return bookSheet{name: name, rows: rows} }

// hidden is a sheet that its maker hid; state is hidden or veryHidden.
func hidden(state string, s bookSheet) bookSheet {
	s.state = state
	return s
}

// workbook writes what UN Comtrade's site makes: texts as t="str", no shared
// strings, no cell where nothing is.
func workbook(t testing.TB, sheets ...bookSheet) []byte {
	t.Helper()
	var list, links strings.Builder
	members := []any{"[Content_Types].xml", []byte(`<Types/>`),
		"_rels/.rels", []byte(`<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`)}
	for i, s := range sheets {
		state := ""
		if s.state != "" {
			state = fmt.Sprintf(` state="%s"`, s.state)
		}
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d"%s r:id="rId%[2]d"/>`, s.name, i+1, state)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="x/worksheet" Target="worksheets/sheet%[1]d.xml"/>`, i+1)
		var cells strings.Builder
		for r, row := range s.rows {
			fmt.Fprintf(&cells, `<row r="%d">`, r+1)
			for c, cell := range row {
				at := fmt.Sprintf("%c%d", 'A'+c%26, r+1)
				if c >= 26 {
					at = fmt.Sprintf("%c%s", 'A'+c/26-1, at)
				}
				switch number, isNumber := strings.CutPrefix(cell, "="); {
				case cell == "":
				case isNumber:
					fmt.Fprintf(&cells, `<c r="%s" t="n"><v>%s</v></c>`, at, number)
				default:
					fmt.Fprintf(&cells, `<c r="%s" t="str"><v>`, at)
					if err := xml.EscapeText(&cells, []byte(cell)); err != nil {
						t.Fatal(err)
					}
					cells.WriteString(`</v></c>`)
				}
			}
			cells.WriteString("</row>")
		}
		members = append(members, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), []byte("<worksheet><sheetData>"+cells.String()+"</sheetData></worksheet>"))
	}
	members = append(members, "xl/workbook.xml", []byte(`<workbook xmlns:r="r"><sheets>`+list.String()+`</sheets></workbook>`),
		"xl/_rels/workbook.xml.rels", []byte("<Relationships>"+links.String()+"</Relationships>"))
	return zipOf(t, members...)
}
