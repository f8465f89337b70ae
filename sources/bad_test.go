package sources_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

const shortHeader = "refYear,period,reporterCode,reporterDesc,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n"

// Files of no use are refused, each with what is wrong and the way out.
func TestRefusals(t *testing.T) {
	csv := []byte(shortHeader + strings.Repeat("2019,2019,156,China,M,0,H5,880240,600\n", 100))
	packed := gzipped(t, csv)
	archive := zipOf(t, "a.csv", csv)
	book := workbook(t, sheet("Sheet1", strings.Split("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue", ",")))
	bomb := bytes.Repeat([]byte{'0'}, 80<<20) // more than is always allowed, and a thousand times its packed size
	for _, test := range []struct {
		name    string
		content []byte
		want    string // parts of the reason, with | between
	}{
		{"empty.csv", nil, "is empty"},
		{"blank.csv", []byte("\n\n\n"), "no header line"},
		{"truncated.csv.gz", packed[:len(packed)-20], "can't be unpacked|unexpected EOF|download it again"},
		{"head of a gzip.gz", packed[:5], "can't be unpacked|download it again"},
		{"wrong checksum.gz", append(bytes.Clone(packed[:len(packed)-8]), 1, 2, 3, 4, 5, 6, 7, 8), "can't be unpacked|checksum|download it again"},
		{"truncated.zst", zstandard(t, csv)[:40], "can't be unpacked|download it again"},
		{"truncated.zip", archive[:len(archive)/2], "damaged or empty zip archive|download it again"},
		{"damaged member.zip", damaged(archive, 60), "can't be unpacked|download it again"},
		{"bomb.gz", gzipped(t, bomb), "unpacks to more than 200 times its size"},
		{"bomb.zst", zstandard(t, bomb), "unpacks to more than 200 times its size"},
		{"bomb.zip", zipOf(t, "bomb.csv", bomb), "unpacks to more than 200 times its size"},
		{"bomb in gz in zip.zip", zipOf(t, "bomb.csv.gz", gzipped(t, bomb)), "unpacks to more than 200 times its size"},
		{"truncated.xlsx", book[:len(book)-100], "damaged|download it again"},
		{"broken part.xlsx", workbookWith(t, "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c"), "damaged|download it again"},
		{"long header.csv", append(bytes.Repeat([]byte("a"), 10<<20), csv...), "first line of more than 65536 bytes"},
		{"picture.csv", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x00\x00\x00\x00"), "binary"},
		{"page.csv", []byte("<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"), "is an error message (\"502 Bad Gateway\"), no table; download it again"},
		{"error.json", []byte(`{"statusCode":429,"message":"Rate limit is exceeded. Try again in 1 seconds."}`), "is an error message of UN Comtrade (\"Rate limit is exceeded. Try again in 1 seconds.\"): wait"},
		{"error object.json", []byte(`{"elapsedTime":"","count":0,"data":null,"error":"","errorObject":{"errorMessage":"Invalid period"}}`), "is an error message of UN Comtrade (\"Invalid period\"): correct the query"},
		{"nothing found.json", []byte(`{"elapsedTime":"0.08 secs","count":0,"data":[],"error":""}`), "empty answer"},
		{"cut off.json", fixture(t, "comtrade_api.json")[:2000], "cut off|download it again"},
		{"miscounted.json", replaced(t, fixture(t, "comtrade_api.json"), `"count":4`, `"count":40`), "says that it has 40 records (count), but has 4"},
		{"no list.json", []byte(`{"results":[{"id":1}]}`), "no list of records"},
		{"a number.json", []byte(`[1,2,3]`), "another form"},
		{"empty answer.csv", fixture(t, "comtrade_legacy_empty.csv"), "empty answer of UN Comtrade|No data matches"},
		{"shifted.csv", []byte("typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,flowCode,partnerCode,cmdCode,primaryValue\nA,20230101,2023,52,2023,36,AUS,M,0,260500,5\n"),
			"one column to the left|typeCode holds \"A\"|download it again"},
		{"services.csv", []byte("typeCode,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\nS,2022,156,M,0,EB10,200,5\n"), "services|download typeCode C"},
		{"no value.csv", []byte("typeCode,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode\nC,2022,156,M,0,H6,200,5\n"), "no column primaryValue"},
		{"euros.dat", fixture(t, "comext_full202001.dat"), "values are in EUR|rates: {2023: 1.0813}"},
		{"page of prose.xls", []byte("<html><head><title>Data</title><script>404 not found</script></head><body><p>Our data\nare&nbsp;here.</p></body></html>"),
			"is a web page without a table, and says \"Data Our data are here.\"; download it again"},
		{"prose.txt", []byte("Dear colleague, here are the data.\n"), "no known format|columns:"},
		{"nearly wits.csv", []byte("Nomenclature,ReporterISO3,ProductCode,PartnerISO3,Year,TradeFlowName\nH4,CHE,010121,WLD,2014,Export\n"), "nearest is World Bank WITS|\"TradeValue in 1000 USD\""},
		{"codes of no one revision.csv", []byte("t,i,j,k,v,q\n2017,156,643,010121,1,1\n"), "HS revision|fits 2 revisions (H4, H5)|revision: H5"},
		{"codes of no revision.csv", []byte("t,i,j,k,v,q\n2017,156,643,854231,1,1\n2017,156,643,854298,1,1\n"), "HS revision|no revision has all of its 2|lacks 1 of them, such as 854298|correct these rows"},
		{"code of any revision.csv", []byte("t,i,j,k,v,q\n2017,156,643,010121,1,1\n2017,156,643,999998,1,1\n"), "HS revision|its 1 six-digit code fits 2 revisions (H4, H5)|revision: H5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var o outcome
			for _, o = range takeFile(t, test.name, test.content, sources.Settings{}) {
				for part := range strings.SplitSeq(test.want, "|") {
					if !strings.Contains(o.refusal, part) {
						t.Errorf("refused for %q, expected %q in it (%d rows staged)", o.refusal, part, o.counts.Staged)
					}
				}
			}
		})
	}
}

// Sites say what is wrong in many ways, and it is saved under the name of a table.
func TestErrorTexts(t *testing.T) {
	const comtrade = "is an error message of UN Comtrade ("
	for _, test := range []struct{ name, content, want string }{
		{"a.csv", "Result too large: you do not have permissions to access such a large resultset.\nMaximum resultset is: 5000\nResultset count: 25456\n", comtrade + "|\"Result too large|: ask for less at once"},
		{"a.csv", "All years may only be selected if both reporters and partners are not set to 'all'.\n", comtrade + "|: ask for less at once"},
		{"a.json", `{"ErrorMessage":"The field reporterCode is invalid"}`, comtrade + "|\"The field reporterCode is invalid\"): correct the query"},
		{"a.json", `{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include it." }`, comtrade + "|download it again with a valid key"},
		{"a.json", `{ "statusCode": 403, "message": "Out of bandwidth quota. Quota will be replenished in 05:41:02." }`, comtrade + "|): wait"},
		{"a.json", `{"validation":{"status":{"name":"ResultTooLarge","value":5003,"description":"Result too large: you do not have permissions"},"message":null},"dataset":[]}`, comtrade + "|: ask for less at once"},
		{"a.json", `{"error":[{"status":404,"id":100,"label":"No Results Found."}]}`, "is an error message of the API (\"No Results Found.\"), no data; download it again"},
		{"a.json", `{"statusCode":404,"message":"Resource not found"}`, "is an error message (\"Resource not found\"), no table; download it again"},
		{"a.json", `[{"statusCode":429,"message":"Rate limit is exceeded."},{"statusCode":429,"message":"Rate limit is exceeded."}]`, comtrade + "|): wait"},
		{"a.json", `{"statusCode":403,"message":"All calls are rejected by policy."}` + "\n" + `{"statusCode":403,"message":"All calls are rejected by policy."}`, comtrade},
		{"printed.json", `{'statusCode': 429, 'message': 'Rate limit is exceeded. Try again in 2 seconds.'}`, comtrade + "|): wait"},
		{"by curl.csv", "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n\r\n{ \"statusCode\": 403, \"message\": \"Out of call volume quota.\" }\r\n", comtrade + "|): wait"},
		{"a frame.csv", ",statusCode,message\n0,429,Rate limit is exceeded. Try again in 2 seconds.\n", comtrade + "|): wait"},
		{"a.csv", "The resource you are looking for has been removed, had its name changed, or is temporarily unavailable.", comtrade + "|too long: ask for less"},
		{"a.csv", "<HTML><HEAD><TITLE>Request URL Too Long</TITLE></HEAD><BODY><h2>Request URL Too Long</h2></BODY></HTML>", comtrade + "|too long: ask for less"},
		{"a.xls", "<html><head><title>503 Service Unavailable</title></head><body><table><tr><td>503</td></tr></table></body></html>", "is an error message (\"503 Service Unavailable\"), no table"},
		{"a.txt.gz", "<?xml version=\"1.0\"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message></Error>", "is an error message (\"AuthenticationFailed Server failed"},
		{"a.csv", "Something went wrong. Please try again or contact comtrade@un.org.", comtrade + "|download it again"},
		{"a.csv", "error: unknown variable 'GEN_VAL_M'\n", "is an error message (\"error: unknown variable 'GEN_VAL_M'\"), no table"},
		{"a.csv", "502 Bad Gateway\n", "is an error message (\"502 Bad Gateway\"), no table"},
		{"a.csv", "Traceback (most recent call last):\n  File \"x.py\", line 3\nKeyError: 'data'\n", "is an error message (\"Traceback (most recent call last):"},
		{"a table.csv", "year,standard error,value\n2020,1,2\n2021,2,3\n", "no known format"},
		{"a table.csv", "error,limit exceeded\n2020,1\n2021,2\n", "no known format"},
		{"a header.csv", "hs,error,amount\n", "no known format"},
	} {
		content := []byte(test.content)
		if strings.HasSuffix(test.name, ".gz") {
			content = gzipped(t, content)
		}
		for _, settings := range []sources.Settings{{}, {Columns: map[string]string{"code": "Code", "value": "Value"}}} {
			want := test.want
			if settings.Columns != nil {
				want = strings.ReplaceAll(want, "no known format", "has no column")
			}
			o := take(t, test.name, content, settings)
			for part := range strings.SplitSeq(want, "|") {
				if !strings.Contains(o.refusal, part) {
					t.Errorf("%.60q: refused for %q, expected %q in it", test.content, o.refusal, part)
				}
			}
		}
	}
}

// damaged changes a byte.
func damaged(content []byte, at int) []byte {
	content = bytes.Clone(content)
	content[at] ^= 0xff
	return content
}

// workbookWith is a workbook of which one part is replaced.
func workbookWith(t *testing.T, part, content string) []byte {
	t.Helper()
	return zipOf(t, "[Content_Types].xml", []byte(`<Types/>`),
		"_rels/.rels", []byte(`<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
		"xl/workbook.xml", []byte(`<workbook xmlns:r="r"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`),
		"xl/_rels/workbook.xml.rels", []byte(`<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`),
		part, []byte(content))
}

// One bad row becomes a counted reject; the good rows beside it stay.
func TestBadRows(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings sources.Settings
		header   string
		good     string // goes before and behind the bad rows
		bad      []string
		staged   string // of the good row, without its line
		want     []string
	}{
		{
			name: "comtrade.csv", header: shortHeader, good: "2019,2019,156,China,M,0,H5,880240,600\n", staged: "156 0 M 2019 H5 880240 600.000",
			bad: []string{
				"2019,2019,156,China,M,0,H5,880240,6\x0000\n",
				"2019,2019,15\x006,China,M,0,H5,880240,600\n",
				"2019,2019,156," + strings.Repeat("x", 10<<20) + ",M,0,H5,880240,600\n",
				"2019,2019,156,\"" + strings.Repeat("x,\"\"y", 2<<20) + "\",M,0,H5,880240,600\n",
				"20155,20155,156,China,M,0,H5,880240,600\n",
				"2019,2019,156,China,M,0,H5,880240,99999999999999999999\n",
				"2019,2019,156,China,M,0,H5,880299,600\n",
				"20\x0019,'156'\n",
			},
			want: []string{"3 primaryValue 6\x0000 bad_value", "4 reporterCode 15\x006 unknown_reporter", "5 line_too_long", "6 line_too_long",
				"7 refYear 20155 bad_year", "8 primaryValue 99999999999999999999 value_too_large", "9 cmdCode 880299 unknown_code",
				"10 reporterCode 20\x0019,'156' too_few_fields"},
		},
		{
			name: "BACI_HS17_Y2019_V202601.csv", header: "t,i,j,k,v,q\n", good: "2019,156,842,854231,1.5,1\n", staged: "156 842 X 2019 H5 854231 1500.000",
			bad: []string{
				"2019,156,842,854231,            NA,1\n", "2019,156,842,854231,-1,1\n", "2019,156,842,854231,1e15,1\n", "2019,156,998,854231,1,1\n",
				"2019,156,842,854299,1,1\n", "20155,156,842,854231,1,1\n", "2019,156,842,85423X,1,1\n", "2019,156,842,8542311,1,1\n",
				"2019,156,842,854231\n", "2019,156,842,854231,1,1,1\n", "2019,156,842,854231,1e30,1\n", "2019,156,842,854231,999999999999.9999999,1\n",
			},
			want: []string{"3 v  missing_value", "4 v -1 negative_value", "5 v 1e15 value_too_large", "6 j 998 unknown_partner",
				"7 k 854299 unknown_code", "8 t 20155 bad_year", "9 k 85423X bad_code", "10 k 8542311 bad_code",
				"11 v 2019,156,842,854231 too_few_fields", "12  2019,156,842,854231,1,1,1 too_many_fields",
				"13 v 1e30 value_too_large", "14 v 999999999999.9999999 value_too_large"},
		},
		{
			name: "wits.csv", header: "Nomenclature,ReporterISO3,ProductCode,PartnerISO3,Year,TradeFlowName,TradeValue in 1000 USD\n",
			good: "H4,CHE,010121,WLD,2014,Export,2.5\n", staged: "757 0 X 2014 H4 010121 2500.000",
			bad: []string{
				"H4,CHE,010121,WLD,2014,Export,x\n", "H4,QQQ,010121,WLD,2014,Export,2\n", "S2,CHE,010121,WLD,2014,Export,2\n", "H4,CHE,010199,WLD,2014,Export,2\n",
				"H4,CHE,010121,WLD,2014,Borrow,2\n", "H4,CHE,010121,WLD,20155,Export,2\n", "H4,CHE,010121,WLD,2014,Export,-2\n", "H4,CHE,010121,WLD,2014,Export,1e300\n", "H4,CHE,010121,WLD,2014,Export,\n",
			},
			want: []string{"3 TradeValue in 1000 USD x bad_value", "4 ReporterISO3 QQQ unknown_reporter", "5 Nomenclature S2 not_hs", "6 ProductCode 010199 unknown_code",
				"7 TradeFlowName Borrow unknown_flow", "8 Year 20155 bad_year", "9 TradeValue in 1000 USD -2 negative_value", "10 TradeValue in 1000 USD 1e300 value_too_large",
				"11 TradeValue in 1000 USD  missing_value"},
		},
		{
			name: "comext.dat", settings: sources.Settings{Rates: map[string]string{"2020": "1.5"}}, header: "DECLARANT_ISO,PARTNER_ISO,PRODUCT_NC,FLOW,PERIOD,VALUE_IN_EUROS\n",
			good: "FR,CN,85423110,1,202001,10\n", staged: "251 156 M 202001 H5 854231 15.000",
			bad:  []string{"FR,CN,85423110,1,201901,10\n", "FR,CN,85423110,1,202013,10\n", "FR,CN,85423110,3,202001,10\n", "FR,QX1,85423110,1,202001,10\n", "FR,CN,85423110,1,202001,9e29\n", "FR,CN,12AB,1,202001,9\n", "FR,CN,85423110,1,202001,9999999999999999\n"},
			want: []string{"3 VALUE_IN_EUROS 10 no_rate", "4 PERIOD 202013 bad_month", "5 FLOW 3 unknown_flow", "6 PARTNER_ISO QX1 unknown_partner", "7 VALUE_IN_EUROS 9e29 value_too_large", "8 PRODUCT_NC 12AB bad_code", "9 VALUE_IN_EUROS 9999999999999999 value_too_large"},
		},
		{
			name: "gacc.csv", settings: gacc, header: "Commodity code,Trading partner code,US dollar,\n", good: "85423111,502,\"1,000,000\",\n", staged: "156 842 M 2023 H6 854231 1000000.000",
			bad: []string{"85423111,777,5,\n", "85429999,502,5,\n", "85423111,502,-5,\n", "85423111,502,\"99,999,999,999,999,999\",\n", "85423111,502,many,\n", "85423111,502\n", "854231110000000,502,5,\n"},
			want: []string{"3 Trading partner code 777 unknown_partner", "4 Commodity code 854299 unknown_code", "5 US dollar -5 negative_value", "6 US dollar 99999999999999999 value_too_large",
				"7 US dollar many bad_value", "8 US dollar 85423111,502 too_few_fields", "9 Commodity code 854231110000000 bad_code"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := take(t, test.name, []byte(test.header+test.good+strings.Join(test.bad, "")+test.good), test.settings)
			if o.refusal != "" {
				t.Fatalf("refused: %s", o.refusal)
			}
			var got []string
			for _, r := range o.rejects {
				if strings.HasSuffix(r, "line_too_long") { // the column depends on where the reader's memory ends
					r = r[:strings.IndexByte(r, ' ')] + " line_too_long"
				}
				got = append(got, r)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rejects: %s", diff)
			}
			var good []string
			for _, r := range o.staged {
				if line, row, _ := strings.Cut(r, " "); !strings.HasPrefix(line, "-") {
					good = append(good, row)
				}
			}
			if diff := cmp.Diff([]string{test.staged, test.staged}, good); diff != "" {
				t.Errorf("the good rows: %s", diff)
			}
		})
	}
}

// The same in a JSON answer: a record is a row.
func TestBadRecords(t *testing.T) {
	good := `{"refYear":2019,"period":"2019","reporterCode":156,"flowCode":"M","partnerCode":0,"classificationCode":"H5","cmdCode":"880240","primaryValue":600.0}`
	bad := []string{
		strings.Replace(good, "600.0", "-600.5", 1), strings.Replace(good, "600.0", "1e30", 1), strings.Replace(good, "600.0", "null", 1), strings.Replace(good, `:156`, `:998`, 1),
		strings.Replace(good, `2019,`, `20155,`, 1), strings.Replace(good, `"880240"`, `"880299"`, 1), strings.Replace(good, "600.0", `{"a":[1]}`, 1), `{}`,
		strings.Replace(good, `"period"`, `"note":"`+strings.Repeat("x", 10<<20)+`","period"`, 1), // known names only: the note is of no use
	}
	o := take(t, "a.json", []byte("["+good+","+strings.Join(bad, ",")+","+good+"]"), sources.Settings{})
	if diff := cmp.Diff([]string{"1 156 0 M 2019 H5 880240 600.000", "10 156 0 M 2019 H5 880240 600.000", "11 156 0 M 2019 H5 880240 600.000"}, o.staged); diff != "" {
		t.Errorf("staged: %s (refused %q)", diff, o.refusal)
	}
	if diff := cmp.Diff([]string{"2 primaryValue -600.5 negative_value", "3 primaryValue 1000000000000000000000000000000 value_too_large", "4 primaryValue  missing_value", "5 reporterCode 998 unknown_reporter",
		"6 refYear 20155 bad_year", "7 cmdCode 880299 unknown_code", "8 primaryValue {\"a\":[1]} bad_value", "9 period  bad_year"}, o.rejects); diff != "" {
		t.Errorf("rejects: %s", diff)
	}
}

// A row that says neither which partner nor which code is a reject, and fails nothing.
func TestNeitherPartnerNorCode(t *testing.T) {
	const record = `{"period":"2019","reporterCode":156,"flowCode":"M","partnerCode":0,"classificationCode":"H5","cmdCode":"880240","primaryValue":1}`
	bare := strings.NewReplacer(`:0,`, `:null,`, `"880240"`, `null`).Replace(record)
	o := take(t, "a.json", []byte("["+record+","+bare+"]"), sources.Settings{})
	if diff := cmp.Diff([]string{"2 partnerCode  unknown_partner"}, o.rejects); diff != "" || o.refusal != "" || len(o.staged) != 1 {
		t.Errorf("%s%s, %d staged", diff, o.refusal, len(o.staged))
	}
}

// A file that is written to while it is read is noticed, by its time or its size.
func TestChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	text := []byte(shortHeader + "2019,2019,156,China,M,0,H5,880240,600\n")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	p, err := sources.Prepare(t.Context(), sources.Input{Path: path, Name: "a.csv"}, t.TempDir(), sources.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name    string
		content []byte
		time    time.Time
		want    bool
	}{
		{"nothing", text, old, false},
		{"the same, later", text, old.Add(time.Second), true},
		{"longer, with the old time", append(text, '\n'), old, true},
	} {
		if err := os.WriteFile(path, step.content, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, step.time, step.time); err != nil {
			t.Fatal(err)
		}
		if changed, err := p.Changed(); err != nil || changed != step.want {
			t.Errorf("%s: changed is %v (%v), expected %v", step.name, changed, err, step.want)
		}
	}
}

// Known at their edges: what can't be unpacked leaves nothing behind.
func TestRefusedFilesLeaveNothing(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	packed := gzipped(t, bytes.Repeat([]byte("0123456789\n"), 1<<20))
	path := filepath.Join(dir, "a.gz")
	if err := os.WriteFile(path, packed[:len(packed)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := sources.Prepare(t.Context(), sources.Input{Path: path, Name: "a.gz"}, temp, sources.Settings{}); err == nil {
		t.Error("a truncated file was not refused")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
}
