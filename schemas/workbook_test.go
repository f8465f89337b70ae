package schemas

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// realFolder is where the UN's own workbooks are, on a machine that has them.
func realFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("ENTREPOT_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "data")
	}
	folder = filepath.Join(folder, "reference")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the UN's workbooks are not here; set ENTREPOT_DATA to the folder that has reference/")
	}
	return folder
}

// The four workbooks have four layouts, one of them in the old Excel format. The
// counts were taken from them by other programs.
func TestRealWorkbooks(t *testing.T) {
	folder := realFolder(t)
	reference := embeddedTables(t)
	for _, test := range []struct {
		file, pair                                  string
		conversions, targets, correlations, differs int
		samples                                     map[string]string
	}{
		{"HS2022toHS2017ConversionAndCorrelationTables.xlsx", "H6-H5", 5613, 5362, 15657, 0, map[string]string{"852491": "851712", "010121": "010121", "999999": "999999"}},
		{"HS2017toHS2012ConversionAndCorrelationTables.xlsx", "H5-H4", 5388, 5194, 6141, 0, map[string]string{"870380": "870390", "999999": "999999"}},
		{"HS2022toHS2012ConversionAndCorrelationTables.xlsx", "H6-H4", 5613, 5166, 16377, 9, map[string]string{"846012": "846090"}},
		{"HS 2012 to HS 2007 Correlation and conversion tables.xls", "H4-H3", 5205, 5004, 5364, -1, map[string]string{"010121": "010110", "970600": "970600"}},
	} {
		table, err := ReadWorkbook(filepath.Join(folder, test.file))
		if err != nil {
			t.Error(err)
			continue
		}
		targets := map[string]bool{}
		for _, older := range table.Conversion {
			targets[older] = true
		}
		if pair := table.From + "-" + table.To; pair != test.pair || len(table.Conversion) != test.conversions || len(targets) != test.targets || len(table.Correlation) != test.correlations {
			t.Errorf("%s: %s with %d conversions to %d codes and %d correlations, want %s with %d, %d and %d", test.file,
				pair, len(table.Conversion), len(targets), len(table.Correlation), test.pair, test.conversions, test.targets, test.correlations)
		}
		for newer, older := range test.samples {
			if table.Conversion[newer] != older {
				t.Errorf("%s: %s goes to %q, want %s", test.file, newer, table.Conversion[newer], older)
			}
		}
		if test.differs >= 0 {
			if differ := reference.Compare(table); len(differ) != test.differs {
				t.Errorf("%s: %d codes differ from the built-in tables (%v), want %d", test.file, len(differ), differ, test.differs)
			}
		}
	}
}

// workbook has the sheets in Excel's format.
func workbook(t testing.TB, sheets ...sheet) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, s := range sheets {
		if i == 0 {
			if err := book.SetSheetName("Sheet1", s.name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := book.NewSheet(s.name); err != nil {
			t.Fatal(err)
		}
		for r, row := range s.rows {
			for c, value := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err == nil {
					err = book.SetCellStr(s.name, cell, value)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func rows(text string) [][]string {
	var all [][]string
	for line := range strings.SplitSeq(text, "\n") {
		all = append(all, strings.Split(line, ","))
	}
	return all
}

func TestWorkbookLayouts(t *testing.T) {
	want := "H5-H4 map[010121:010129 854140:854140] [[010121 010129] [854140 854140]]"
	conversion := rows("From HS 2017,To HS 2012\n010121,010129\n854140,854140")
	for name, sheets := range map[string][]sheet{
		"conversion first":           {{"Conversion HS17-HS12", conversion}, {"Correlation", rows("Between\nHS 2017,,HS 2012,Relationship\n010121,ex,010129,n:1\n854140,,854140,'1:1")}},
		"correlation first":          {{"Correlation", rows("Between\nHS2017, HS2012,Relationship\n010121,010129,n:1\n854140,854140,1:1")}, {"Conversions", rows("From,To\nHS 2017,HS 2012\n010121,010129\n854140,854140")}},
		"columns elsewhere, numbers": {{"C", rows(",,From HS17,,To HS12\n,,10121,,10129\n,,,,\n,,'854140,,854140")}, {"notes", rows("read me")}, {"R", rows("x,HS 2017,y,HS 2012,relationship\n,010121,,010129,\n,854140,,854140,")}},
	} {
		table, err := readWorkbook("w.xlsx", workbook(t, sheets...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprintf("%s-%s %v %v", table.From, table.To, table.Conversion, table.Correlation); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	table, err := readWorkbook("w.csv", []byte("\xef\xbb\xbfFrom HS 2017,To HS 2012\r\n010121,010129\r\n854140,854140\r\n"))
	if err != nil || len(table.Conversion) != 2 {
		t.Errorf("CSV: %v, %v", table, err)
	}
}

func TestWorkbookErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "w: has no conversion sheet"},
		{"From HS 2012,To HS 2017\n010121,010121", `w: row 1: the header goes from HS 2012 to HS 2017: it must go from a newer revision to an older one`},
		{"HS 2017,HS 2012\n010121,0101", `row 2: "0101" is no six-digit code`},
		{"HS 2017,HS 2012\n010121,01012x", `row 2: "01012x" is no six-digit code`},
		{"HS 2017,HS 2012\n010121,010121\n010121,010129", "row 3: 010121 goes to 010129, and to 010121 in an earlier row"},
		{"PK\x03\x04 nonsense", "w: open workbook"},
		{"\xd0\xcf\x11\xe0 nonsense", "w: "},
	} {
		if _, err := readWorkbook("w", []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want %s", test.text, err, test.want)
		}
	}
}

// A table whose revision was not known adds it; codes that only the correlation
// has are codes of it too.
func TestImportedTables(t *testing.T) {
	folder := t.TempDir()
	older := &Table{From: "H4", To: "H3", Conversion: map[string]string{}, Correlation: [][2]string{{"854140", "854190"}}}
	for _, c := range embeddedTables(t).Codes {
		if c.Revision == "H4" {
			older.Conversion[c.HS6] = c.HS6
		}
	}
	older.Conversion["854231"] = "854232"
	if _, err := older.Write(folder); err != nil {
		t.Fatal(err)
	}
	direct := &Table{From: "H6", To: "H4", Conversion: map[string]string{"854231": "847330"}} // no neighbours: not used
	if _, err := direct.Write(folder); err != nil {
		t.Fatal(err)
	}
	r, err := Load(Files{HSTables: folder})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Revisions); got != "[H3 H4 H5 H6]" {
		t.Errorf("revisions %s", got)
	}
	if r.Hash("hs_changes") == embeddedTables(t).Hash("hs_changes") {
		t.Error("the tables are not in the hash, so results would not be made anew")
	}
	got := map[string]string{}
	for _, target := range []string{"H3", "H4"} {
		conversions, _, err := r.Conversions(target, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conversions {
			got[c.FromRevision+" "+c.FromCode+" "+target] += c.ToCode + " "
		}
	}
	for from, want := range map[string]string{
		"H6 854231 H3": "854232 ", "H6 854142 H3": "854140 ",
		"H3 854232 H4": "854231 854232 ", // a split
		"H3 854231 H4": "",               // nothing comes from it any more
		"H6 854231 H4": "854231 ",
	} {
		if got[from] != want {
			t.Errorf("%s: %q, want %q", from, got[from], want)
		}
	}
	if lives := r.Lives("854190", false); len(lives) == 0 || lives[0].Revision != "H3" {
		t.Errorf("854190 of the correlation is not in H3: %v", lives)
	}
	// An error names the file and the line.
	bad := &Table{From: "H5", To: "H4", Conversion: map[string]string{"854231": "854299"}}
	if _, err := bad.Write(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Files{HSTables: folder}); err == nil || !strings.Contains(err.Error(), "H5-H4.csv:2: H4 has no code 854299") {
		t.Errorf("error %v", err)
	}
	alone := t.TempDir()
	far := &Table{From: "H2", To: "H1", Conversion: map[string]string{"854231": "854232"}}
	if _, err := far.Write(alone); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Files{HSTables: alone}); err == nil || !strings.Contains(err.Error(), "neither H2 nor H1 is connected") {
		t.Errorf("error %v", err)
	}
}

func TestSectorListErrors(t *testing.T) {
	for _, test := range []struct{ rows, want string }{
		{"a,H4,854231,", ""},
		{"a,H4,854231,\nb,H4,854231,", ":3: hs6 854231 is in sector a already: a code counts in one sector"},
		{"a,H4,854231,\nb,H5,854231,", ""},
		{"a,H4,880621,", `:2: hs6 "880621": H4 has no such code; H6 has`},
		{"a,H4,85423,", `:2: hs6 "85423": H4 has no such code`},
		{"a,H4,,", ":2: sector a has a row without a code"},
		{",H4,854231,", ":2: sector is empty"},
		{"a,H9,854231,", `:2: hs_revision "H9": it must be one of H4, H5, H6`},
		{"a,H4,854231", ":2: 3 cells, expected 4"},
		{"", "the sector list is empty"},
	} {
		file := filepath.Join(t.TempDir(), "sectors.csv")
		if err := os.WriteFile(file, []byte("sector,hs_revision,hs6,reason\n"+test.rows+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(Files{Sectors: file})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%q: %v", test.rows, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), file)):
			t.Errorf("%q: error %v, want %s%s", test.rows, err, file, test.want)
		}
	}
}

// Whatever the bytes, the reader answers with a table or an error.
func FuzzReadWorkbook(f *testing.F) {
	f.Add([]byte("From HS 2017,To HS 2012\n010121,010129\n"))
	f.Add([]byte("HS2022, HS2017,Relationship\n'010121,10129,1:1\n"))
	f.Add([]byte("\xd0\xcf\x11\xe0"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		table, err := readWorkbook("w", content)
		if err != nil {
			return
		}
		if table.From <= table.To || len(table.Conversion) == 0 {
			t.Errorf("a table from %q to %q with %d conversions", table.From, table.To, len(table.Conversion))
		}
		for newer, older := range table.Conversion {
			if len(newer) != 6 || len(older) != 6 {
				t.Errorf("%q goes to %q", newer, older)
			}
		}
	})
}
