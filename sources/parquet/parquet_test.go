package parquet_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/schemas/sqltext"
	"entrepot/sources/decode"
	"entrepot/sources/parquet"
)

// write makes a Parquet file of a query's rows.
func write(t *testing.T, name, query string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), name)
	if _, err := db.ExecContext(t.Context(), "COPY ("+query+") TO "+sqltext.Literal(path)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCSV(t *testing.T) {
	for _, test := range []struct{ name, file, query, want string }{
		{"whole and exact numbers", "a.parquet", `SELECT 854231 AS code, 12345678901234.567::DECIMAL(18,3) AS value, 0.1::DOUBLE AS share`,
			"code,value,share\n854231,12345678901234.567,0.1\n"},
		{"nothing and no number", "a.parquet", `SELECT NULL::VARCHAR AS a, 'nan'::DOUBLE AS b, 'nan'::FLOAT AS c, true AS d, 1::TINYINT AS e`,
			"a,b,c,d,e\n,,,true,1\n"},
		{"each row on a line", "a.parquet", `SELECT 'one' || chr(13) || chr(10) || 'two, "three"' AS "a` + "\n" + `b", DATE '2021-05-01' AS day`,
			"a b,day\n\"one  two, \"\"three\"\"\",2021-05-01\n"},
		{"lists and structures", "a.parquet", `SELECT [1, 2] AS a, {'x': 'y' || chr(10)} AS b, 'ab'::BLOB AS c`,
			"a,b,c\n\"[1, 2]\",{'x': 'y '},ab\n"},
		{"no rows", "a.parquet", `SELECT 1 AS a WHERE false`, "a\n"},
		{"a name that looks like a pattern", "TradeData[1]*.parquet", `SELECT 1 AS a`, "a\n1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "it's.csv")
			if err := parquet.CSV(t.Context(), write(t, test.file, test.query), to, 1<<20); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(to)
			if err != nil || string(got) != test.want {
				t.Errorf("%q (%v), expected %q", got, err, test.want)
			}
		})
	}
}

// Rows keep their order, however many there are.
func TestOrder(t *testing.T) {
	to := filepath.Join(t.TempDir(), "a.csv")
	if err := parquet.CSV(t.Context(), write(t, "a.parquet", "SELECT range AS n, 'text' AS text FROM range(500000)"), to, 1<<30); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 500002 || lines[1] != "0,text" || lines[250001] != "250000,text" || lines[500000] != "499999,text" {
		t.Errorf("%d lines, %q, %q, %q", len(lines), lines[1], lines[250001], lines[len(lines)-2])
	}
}

// A small file may hold very many rows of the same.
func TestTooLarge(t *testing.T) {
	path := write(t, "a.parquet", "SELECT repeat('x', 1000) AS a FROM range(2000000)")
	to := filepath.Join(t.TempDir(), "a.csv")
	err := parquet.CSV(t.Context(), path, to, 4<<20)
	if !decode.IsRefusal(err) || !strings.Contains(err.Error(), "unpacks to more than") {
		t.Errorf("%v, expected that it is too large", err)
	}
	if info, err := os.Stat(to); err == nil && info.Size() > 1<<30 {
		t.Errorf("%d bytes were written before that was noticed", info.Size())
	}
}

func TestDamaged(t *testing.T) {
	whole, err := os.ReadFile(write(t, "a.parquet", "SELECT 1 AS a"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"cut": whole[:len(whole)-10], "only its sign": []byte("PAR1"), "two signs": []byte("PAR1PAR1"), "scrambled": scrambled(whole)} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.parquet")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := parquet.CSV(t.Context(), path, filepath.Join(t.TempDir(), "a.csv"), 1<<20); !decode.IsRefusal(err) {
				t.Errorf("%v, expected a refusal", err)
			}
		})
	}
}

// scrambled changes what stands between the signs.
func scrambled(whole []byte) []byte {
	other := append([]byte{}, whole...)
	for i := 4; i < len(other)-8; i++ {
		other[i] ^= 0x5a
	}
	return other
}
