package sources_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"entrepot/fixtures"
	"entrepot/sources"
	"entrepot/sources/staging"
)

// wholeWay takes any bytes the way of an input file. Whatever they are, each input
// in them is refused or every row ends in one place, with a line that the file has.
func wholeWay(t *testing.T, db *sql.DB, name string, content []byte, s sources.Settings) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
	found, err := sources.Find(t.Context(), dir, sources.Leave{})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range found.Inputs[:min(len(found.Inputs), 5)] {
		inputWay(t, db, in, s)
	}
}

func inputWay(t *testing.T, db *sql.DB, in sources.Input, s sources.Settings) {
	t.Helper()
	prepared, err := sources.Prepare(t.Context(), in, t.TempDir(), s)
	if refused(t, err) {
		return
	}
	defer func() {
		if err := prepared.Close(); err != nil {
			t.Error(err)
		}
	}()
	layout, err := sources.Recognise(prepared, s)
	if refused(t, err) {
		return
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	batch := staging.Batch{Files: []staging.File{{ID: 1, Prepared: prepared, Layout: layout}}}
	defer func() {
		_, _ = conn.ExecContext(context.Background(), "ROLLBACK") // there may be no transaction yet
		if err := batch.Drop(conn); err != nil {
			t.Error(err)
		}
	}()
	plain, err := os.ReadFile(prepared.Plain)
	if err != nil {
		t.Fatal(err)
	}
	if refused(t, batch.Read(t.Context(), conn, t.TempDir())) {
		return
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN TRANSACTION"); err != nil {
		t.Fatal(err)
	}
	// Stage itself fails when a row is unaccounted for.
	counts, err := batch.Stage(t.Context(), conn)
	if refused(t, err) {
		return
	}
	last := int64(bytes.Count(plain, []byte("\n")) + 1)
	if prepared.Delimiter != 0 {
		last = 1 << 40 // a sheet may number its rows as it likes
	}
	var outside int64
	if err := conn.QueryRowContext(t.Context(), `SELECT count(*) FROM (SELECT line FROM staged UNION ALL SELECT line FROM rejects) WHERE line NOT BETWEEN $first AND $last`,
		sql.Named("first", firstLine(prepared)), sql.Named("last", last)).Scan(&outside); err != nil {
		t.Fatal(err)
	}
	if outside > 0 {
		t.Errorf("%d of %d rows have a line that the file does not have", outside, counts[0].Read)
	}
	var wrong int64
	if err := conn.QueryRowContext(t.Context(), `SELECT count(*) FROM staged s LEFT JOIN areas r ON r.code = s.reporter LEFT JOIN areas p ON p.code = s.partner
		WHERE s.value_usd < 0 OR r.code IS NULL OR p.code IS NULL OR r.kind = 'group' OR p.kind = 'group' OR s.level NOT IN (0, 2, 4, 6)
			OR s.code <> 'TOTAL' AND length(s.code) <> s.level OR s.year NOT BETWEEN 1962 AND 2100 OR s.month NOT BETWEEN 0 AND 12`).Scan(&wrong); err != nil {
		t.Fatal(err)
	}
	if wrong > 0 {
		t.Errorf("%d of %d rows were staged that can't be used", wrong, counts[0].Read)
	}
}

// firstLine is the first line that a row may have: behind a header, or the first row of
// what has rows and no lines.
func firstLine(p *sources.Prepared) int64 {
	switch {
	case p.Delimiter != 0:
		return 0
	case p.Kind == "parquet":
		return 1
	}
	return 2
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

// fuzzWay fuzzes the way of a file of that name.
func fuzzWay(f *testing.F, name string, s sources.Settings) {
	db := referenceWorkspace(f)
	addCases(f, kindOfName(name))
	f.Fuzz(func(t *testing.T, content []byte) { wholeWay(t, db, name, content, s) })
}

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
	fuzzWay(f, "input.csv", sources.Settings{})
}

// addCases adds the small input files of all cases of a kind, but only to a search: the
// cases themselves are tested elsewhere.
func addCases(f *testing.F, kind string) {
	if flag.Lookup("test.fuzz").Value.String() == "" {
		return
	}
	added := 0
	err := filepath.WalkDir("../fixtures/cases", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(path, "/data/") || kindOfName(path) != kind {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && len(content) <= 32<<10 {
			f.Add(content)
			added++
		}
		return err
	})
	if err != nil || added == 0 && kind != "parquet" {
		f.Fatalf("%d cases of kind %s: %v", added, kind, err)
	}
}

// kindOfName is how a file of that name is read.
func kindOfName(name string) string {
	switch filepath.Ext(name) {
	case ".json", ".parquet":
		return filepath.Ext(name)[1:]
	case ".zip", ".gz", ".zst", ".7z", ".xlsx", ".xls", "":
		return "packed"
	}
	return "text"
}

func addFixtures(f *testing.F, names ...string) {
	for _, name := range names {
		f.Add(fixture(f, name))
	}
}

func FuzzLegacy(f *testing.F) {
	addFixtures(f, "comtrade_legacy.csv", "comtrade_legacy_transitional.csv", "comtrade_legacy_bulk.csv", "comtrade_legacy_empty.csv")
	fuzzWay(f, "comtrade.csv", sources.Settings{})
}

func FuzzJSON(f *testing.F) {
	addFixtures(f, "comtrade_api.json", "comtrade_api_legacy.json")
	f.Add([]byte(`[{"period":"2019","reporterCode":156,"flowCode":"M","partnerCode":0,"classificationCode":"H5","cmdCode":"880240","primaryValue":1e3},{"a":[{}]},null]`))
	f.Add([]byte(`{"count":1,"data":null,"message":"no","statusCode":401}`))
	const record = `{"period":"2019","reporterCode":156,"flow_code":"M","partnerCode":0,"classificationCode":"H5","cmdCode":"880240","primaryValue":1e3}`
	f.Add([]byte(record + "\n" + record + "\n"))
	f.Add([]byte(`[{"count":1,"data":[` + record + `]},{"count":0,"data":[]},{"message":""}]`))
	fuzzWay(f, "answer.json", sources.Settings{})
}

func FuzzParquet(f *testing.F) {
	cells := cellsOf([]fixtures.Row{{Year: 2019, Reporter: 156, Flow: "M", Revision: "H5", Code: "854231", Mills: 1_500}, {Year: 2019, Reporter: 97, Flow: "X", Revision: "H5", Code: "85"}})
	f.Add(parquetOf(f, cells))
	f.Add(zipOf(f, "a.parquet", parquetOf(f, cells)))
	fuzzWay(f, "a.parquet", sources.Settings{})
}

func FuzzBACI(f *testing.F) {
	addFixtures(f, "BACI_HS17_Y2019_V202601.csv", "country_codes_V202601.csv", "product_codes_HS17_V202601.csv")
	f.Add([]byte("t;i;j;k;v;q\n2019;156;842;854231;999999999999,999;NA\n2019;156;842;854231;999999999999,999;NA\n2019;156;392;854231;999999999999,999;1\n"))
	fuzzWay(f, "BACI_HS17_Y2019_V202601.csv", sources.Settings{})
}

func FuzzWITS(f *testing.F) {
	addFixtures(f, "wits.csv", "wits_lower_case.csv")
	fuzzWay(f, "wits.csv", sources.Settings{})
}

func FuzzComext(f *testing.F) {
	addFixtures(f, "comext_full202001.dat", "comext_sdmx.csv", "comext.tsv")
	fuzzWay(f, "full.dat", sources.Settings{Rates: map[string]string{"2019": "1.1195", "2020": "1.1422", "2020-05": "1.0902"}})
}

// FuzzMapping also changes what the settings say.
func FuzzMapping(f *testing.F) {
	for _, name := range []string{"gacc_hs8.csv", "gacc_chinese.csv", "tariff_hs10.csv", "seafood_standardized.csv", "oec_hs4.csv"} {
		f.Add(fixture(f, name), "Commodity code", "Trading partner code", "US dollar", "110", "HKG", "2023", "USD", 8, "")
	}
	f.Add(fixture(f, "tariff_hs10.csv"), "HTS Number", "Country", "Amount", "Atlantis", "0", "2023-05", "thousand USD", 10, "name")
	f.Add(fixture(f, "gacc_chinese.csv"), "商品编码", "贸易伙伴名称", "美元", "法国", "250", "2023", "million USD", 0, "m49")
	db := referenceWorkspace(f)
	f.Fuzz(func(t *testing.T, content []byte, code, partner, value, area, means, year, unit string, width int, as string) {
		s := sources.Settings{Match: "*", Source: "mine", Reporter: "156", Flow: "M", Revision: "H6", Year: year, Unit: unit, CodeWidth: width, AreasAs: as,
			Columns: map[string]string{"code": code, "partner": partner, "value": value}, Areas: map[string]string{area: means}, World: "sum",
			Flows: map[string]string{area: "M"}}
		if s.Check() != nil || !utf8.ValidString(code+partner+value+area+means) { // YAML is UTF-8
			return
		}
		wholeWay(t, db, "mine.csv", content, s)
	})
}

func FuzzArchive(f *testing.F) {
	csv := []byte("period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n2019,156,M,0,H5,880240,1\n")
	book := workbook(f, sheet("Sheet1", []string{"period", "reporterCode", "flowCode", "partnerCode", "classificationCode", "cmdCode", "primaryValue"}, []string{"2019", "=156", "M", "=0", "H5", "880240", "=1"}), sheet("Sheet2"))
	for _, content := range [][]byte{gzipped(f, csv), zstandard(f, csv), zipOf(f, "a.csv", csv, "b.csv.gz", gzipped(f, csv)), book, zipOf(f, "book.xlsx", book), gzipped(f, book)} {
		f.Add(content)
	}
	addFixtures(f, "trademap_bilateral_monthly.xls")
	fuzzWay(f, "input", sources.Settings{})
}
