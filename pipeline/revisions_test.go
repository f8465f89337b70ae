package pipeline

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"entrepot/fixtures"
	"entrepot/schemas"
)

// withHS2028 is the reference data with a made-up revision of three codes. All that
// it takes are a row in the table of revisions, and rows in two of the reference
// tables: this is what adding the real one will be.
func withHS2028(t *testing.T) schemas.Base {
	t.Helper()
	tables := fstest.MapFS{}
	folder := os.DirFS(filepath.Join("..", "schemas", "reference"))
	files, err := fs.Glob(folder, "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		content, err := fs.ReadFile(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		if plain, packed := strings.CutSuffix(name, ".gz"); packed {
			name = plain
			unpacked, err := gzip.NewReader(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			if content, err = io.ReadAll(unpacked); err != nil {
				t.Fatal(err)
			}
		}
		tables[name] = &fstest.MapFile{Data: content}
	}
	for name, rows := range map[string]string{
		"hs_codes.csv":   "H7,854144,1\nH7,854145,1\nH7,854231,1\n", // photovoltaic cells are now two codes
		"hs_changes.csv": "H7,854144,H6,854142\nH7,854145,H6,854142\n",
	} {
		tables[name].Data = append(tables[name].Data, rows...)
	}
	return schemas.Base{Revisions: append(schemas.HS(), schemas.Revision{ID: "H7", Year: 2028}), Tables: tables}
}

// runOnHS2028 runs on files of the made-up revision, and opens what it made.
func runOnHS2028(t *testing.T, harmonize string) *sql.DB {
	t.Helper()
	c := configured(t, nil)
	c.Base, c.Harmonize = withHS2028(t), harmonize
	var rows strings.Builder
	inHS2028 := func(code string, dollars int64) fixtures.Row {
		row := usd(2028, 156, "X", 0, code, dollars)
		row.Revision = "H7"
		return row
	}
	unknown := inHS2028("854144", 50)
	unknown.Revision = "H8"
	if err := fixtures.WriteComtrade(&rows, fixtures.API, []fixtures.Row{
		inHS2028("854144", 10), inHS2028("854145", 20), inHS2028("854231", 30),
		inHS2028("854142", 40), // a code of H6 only
		unknown,
	}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "entrepot.yaml")
	for name, text := range map[string]string{
		settings:                              "files:\n  - match: comext.dat\n    rates: {2027: 1, 2028: 1}\n",
		filepath.Join(c.Data, "comtrade.csv"): rows.String(),
		filepath.Join(c.Data, "comext.dat"): "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,FLOW,STAT_REGIME,PERIOD,VALUE_IN_EUROS,QUANTITY_IN_KG\n" +
			"4,DE,720,CN,E,85414400,2,1,202852,1000,1\n4,DE,720,CN,E,85414200,2,1,202752,1000,1\n",
		filepath.Join(c.Data, "codes alone.csv"): "t,i,j,k,v,q\n2028,276,156,854144,1,1\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ReadFile(settings); err != nil {
		t.Fatal(err)
	}
	db := checkAndOpen(t, c)
	return db
}

// A new revision is recognised in files that name it, that follow from the year, or
// that have its codes only; it is converted, and its codes join families.
func TestNewRevision(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"H4", "families"} {
		db := runOnHS2028(t, mode)
		read := ask(t, db, `SELECT f.name, s.hs_revision, s.code FROM staged s JOIN files f USING (file_id) ORDER BY ALL`)
		if want := "codes alone.csv H7 854144\ncomext.dat H6 854142\ncomext.dat H7 854144\n" +
			"comtrade.csv H7 854144\ncomtrade.csv H7 854145\ncomtrade.csv H7 854231"; read != want {
			t.Errorf("read:\n%s\nwant\n%s", read, want)
		}
		if rejects := ask(t, db, `SELECT reason, value FROM rejects ORDER BY ALL`); rejects != "not_hs H8\nunknown_code 854142" {
			t.Errorf("rejects:\n%s", rejects)
		}
		// The years before 2028 of Germany are in H6, so that families begin there.
		want := map[string]string{"H4": "H4 854140 30\nH4 854231 30", "families": "H6 854142 30\nH6 854231 30"}
		if got := ask(t, db, `SELECT hs_revision, hs6, value_usd FROM world_trade WHERE reporter = 156 ORDER BY ALL`); got != want[mode] {
			t.Errorf("%s:\n%s\nwant\n%s", mode, got, want[mode])
		}
	}
}

// A newer revision can be the target, too.
func TestConvertToNewRevision(t *testing.T) {
	t.Parallel()
	r, err := schemas.Load(schemas.Files{Base: withHS2028(t)})
	if err != nil {
		t.Fatal(err)
	}
	conversions, _, err := r.Conversions("H7", false)
	if err != nil {
		t.Fatal(err)
	}
	var split []string
	for _, c := range conversions {
		if c.FromRevision == "H6" && c.FromCode == "854142" {
			split = append(split, fmt.Sprintf("%s %d/%d-%d", c.ToCode, c.Lo, c.Of, c.Hi))
		}
	}
	if got := fmt.Sprint(split); got != "[854144 0/2-1 854145 1/2-2]" {
		t.Errorf("854142 of H6 becomes %s in H7", got)
	}
}

// Of a revision without a code list nobody knows which codes it has: from its year on
// a file that does not say its revision may be in it, and before that it can't be.
func TestRevisionWithoutCodes(t *testing.T) {
	t.Parallel()
	c := configured(t, []string{"reporter=DEU"})
	c.Base = schemas.Base{Revisions: append(schemas.HS(), schemas.Revision{ID: "H7", Year: 2028})}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	const header = "refYear,period,reporterCode,flowCode,partnerCode,cmdCode,primaryValue\n"
	for _, year := range []string{"2027", "2028"} {
		rows := header + year + "," + year + ",276,X,0,854142,1\n"
		if err := os.WriteFile(filepath.Join(c.Data, year+".csv"), []byte(rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	db := checkAndOpen(t, c)
	if got := ask(t, db, "SELECT f.name, s.hs_revision FROM staged s JOIN files f USING (file_id)"); got != "2027.csv H6" {
		t.Errorf("read: %s", got)
	}
	if got := ask(t, db, "SELECT refusal FROM files WHERE name = '2028.csv'"); !strings.Contains(got, "fits 2 revisions (H6, H7, of which there is no code list)") {
		t.Errorf("refused for %q", got)
	}
}

// Codes are converted to the oldest revision of the sector list, or to another that is
// asked for, of which the list then has what follows from its own.
func TestSectorListDecidesRevision(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "sectors.csv")
	if err := os.WriteFile(list, []byte("sector,hs_revision,hs6,reason\npower,H6,854142,\npower,H5,854140,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	rows := []fixtures.Row{usd(2015, 156, "X", 0, "854140", 5), usd(2015, 156, "M", 0, "854140", 3)} // of H4
	for harmonize, want := range map[string]string{
		"":     "H5 854140 5 3",
		"list": "H5 854140 5 3",
		"H2":   "H2 854140 5 3",
		"H6":   "H6 854142 1.25 0.75", // one of four
	} {
		settings := []string{"sectors=" + list}
		if harmonize != "" {
			settings = append(settings, "harmonize="+harmonize)
		}
		s, db := runOn(t, rows, settings...)
		if got := ask(t, db, "SELECT hs_revision, hs6, exports_usd::DOUBLE, imports_usd::DOUBLE FROM import_dependence_hs6 WHERE sector = 'power'"); got != want {
			t.Errorf("harmonize %q: %s, want %s", harmonize, got, want)
		}
		if got := fmt.Sprint(s.Parameter["harmonize"]); got != want[:2] {
			t.Errorf("harmonize %q is %s in the manifest, want %s", harmonize, got, want[:2])
		}
	}
}
