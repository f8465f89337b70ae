package sources_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"entrepot/fixtures"
	"entrepot/schemas"
	"entrepot/sources"

	"github.com/duckdb/duckdb-go/v2"
)

// FuzzComtrade takes any bytes the way of an input file. Whatever they are, the
// file is refused or every row ends in one place, with a line that the file has.
func FuzzComtrade(f *testing.F) {
	rows := []fixtures.Row{
		{Year: 2019, Reporter: 156, Flow: "M", Revision: "H5", Code: "854231", Mills: 1_500},
		{Year: 2019, Reporter: 156, Flow: "M", Partner: 792, Revision: "H5", Code: "030617", Mills: -7},
		{Year: 2023, Month: 4, Reporter: 97, Flow: "RX", Partner2: 344, Revision: "H6", Code: "TOTAL", Customs: "C04"},
	}
	for _, spelling := range []fixtures.Spelling{fixtures.Web, fixtures.OldWeb, fixtures.API, fixtures.Bulk, fixtures.Numbers} {
		var b bytes.Buffer
		if err := fixtures.WriteComtrade(&b, spelling, rows); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	short := "refYear,period,reporterCode,reporterDesc,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"
	for _, body := range []string{
		"2019,2019,156,China,M,0,H5,880240,600\n",
		"\n\n2019,2019,156,\"Chi\nna\",M,0,H5,880240,600\r\n2019,2019\n",
		"2019,2019,156,\"China,M,0,H5,880240,600\n2019,2019,156,China,M,0,H5,880240,600\n",
		"20155,2019,998,\x00,Z,0,S3,88024,1e300,7\n",
		"2019,2019,156,T\xfcrkiye,M,0,H5,880240,NaN\n\"",
	} {
		f.Add([]byte(short + body))
	}
	db := workspace(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "input")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		prepared, err := sources.Prepare(t.Context(), sources.Input{Path: path, Name: "input"}, dir, sources.Settings{})
		if refused(t, err) {
			return
		}
		defer prepared.Close()
		layout, err := sources.Recognise(prepared, sources.Settings{})
		if refused(t, err) {
			return
		}
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		defer func() {
			_, _ = conn.ExecContext(context.Background(), "ROLLBACK") // there may be no transaction yet
			if err := sources.Drop(conn); err != nil {
				t.Error(err)
			}
		}()
		plain, err := os.ReadFile(prepared.Plain)
		if err != nil {
			t.Fatal(err)
		}
		if refused(t, sources.Read(t.Context(), conn, prepared, layout)) {
			return
		}
		if _, err := conn.ExecContext(t.Context(), "BEGIN TRANSACTION"); err != nil {
			t.Fatal(err)
		}
		// Stage itself fails when a row is unaccounted for.
		counts, err := sources.Stage(t.Context(), conn, 1, prepared, layout)
		if err != nil {
			t.Fatal(err)
		}
		var outside int64
		if err := conn.QueryRowContext(t.Context(), `SELECT count(*) FROM (SELECT line FROM staged UNION ALL SELECT line FROM rejects) WHERE line NOT BETWEEN 2 AND $lines`,
			sql.Named("lines", int64(bytes.Count(plain, []byte("\n"))+1))).Scan(&outside); err != nil {
			t.Fatal(err)
		}
		if outside > 0 {
			t.Errorf("%d of %d rows have a line that the file does not have", outside, counts.Read)
		}
	})
}

// refused tells whether a file was refused; any other error is a fault.
func refused(t *testing.T, err error) bool {
	t.Helper()
	var refusal *sources.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	return err != nil
}

// workspace is an empty workspace in memory with a few reference rows.
func workspace(f *testing.F) *sql.DB {
	f.Helper()
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		f.Fatal(err)
	}
	db := sql.OpenDB(connector)
	f.Cleanup(func() { db.Close() })
	for _, query := range []string{schemas.Workspace,
		"INSERT INTO areas (code, iso3, name, kind) VALUES (0, '', 'World', 'world'), (156, 'CHN', 'China', 'country'), (97, '', 'European Union', 'group')",
		"INSERT INTO hs_codes VALUES ('H5', '880240', true), ('H5', '854231', true)"} {
		if _, err := db.Exec(query); err != nil {
			f.Fatal(err)
		}
	}
	return db
}
