package untables

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/schemas"
	"entrepot/sources/decode/decodetest"

	"github.com/xuri/excelize/v2"
)

// The workbooks have as many layouts, some of them in the old Excel format. The
// counts were taken from them by other programs, and the sums are of the tables that
// two other readers, excelize and xlsReader, made.
func TestRealWorkbooks(t *testing.T) {
	reference := embedded(t)
	for _, test := range []struct {
		file, pair, sum                             string
		conversions, targets, correlations, differs int
		samples                                     map[string]string
	}{
		{"HS2022toHS2017ConversionAndCorrelationTables.xlsx", "H6-H5", "d4546f79d634ca13", 5613, 5362, 15657, 0, map[string]string{"852491": "851712", "010121": "010121", "999999": "999999"}},
		{"HS2017toHS2012ConversionAndCorrelationTables.xlsx", "H5-H4", "7eccb15be2b66ad0", 5388, 5194, 6141, 0, map[string]string{"870380": "870390", "999999": "999999"}},
		{"HS2022toHS2012ConversionAndCorrelationTables.xlsx", "H6-H4", "5a8e2bf48ab9b459", 5613, 5166, 16377, 9, map[string]string{"846012": "846090"}},
		{"HS 2012 to HS 2007 Correlation and conversion tables.xls", "H4-H3", "67f8ba442951f0bf", 5205, 5004, 5364, 0, map[string]string{"010121": "010110", "970600": "970600"}},
		{"HS 2007 to HS 2002 Correlation and conversion tables.xls", "H3-H2", "1a9447835ad76610", 5052, -1, 5664, 0, nil},
		{"HS2002 to HS1996 - Correlation and conversion tables.xls", "H2-H1", "1ea6f30fc4c913f8", 5223, -1, 5611, 0, nil},
		{"HS1996 to HS1992 - Correlation and conversion tables.xls", "H1-H0", "f8e7b14eceeff7ec", 5130, -1, 5426, 0, nil},
	} {
		table, err := Read(t.Context(), decodetest.RealFile(t, "reference", test.file))
		if err != nil {
			t.Error(err)
			continue
		}
		targets := map[string]bool{}
		for _, older := range table.Conversion {
			targets[older] = true
		}
		if pair := table.From + "-" + table.To; pair != test.pair || len(table.Conversion) != test.conversions || test.targets >= 0 && len(targets) != test.targets || len(table.Correlation) != test.correlations {
			t.Errorf("%s: %s with %d conversions to %d codes and %d correlations, want %s with %d, %d and %d", test.file,
				pair, len(table.Conversion), len(targets), len(table.Correlation), test.pair, test.conversions, test.targets, test.correlations)
		}
		if sum := written(t, table); sum != test.sum {
			t.Errorf("%s: the table has the sum %s, want %s", test.file, sum, test.sum)
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

func embedded(t *testing.T) *schemas.Reference {
	t.Helper()
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		t.Fatal(err)
	}
	return reference
}

// written is the beginning of the hash of a table as it is saved.
func written(t *testing.T, table *schemas.Table) string {
	t.Helper()
	path, err := table.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))[:16]
}

// readContent reads a workbook with that content.
func readContent(t testing.TB, name string, content []byte) (*schemas.Table, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return Read(t.Context(), path)
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
		"conversion first":           {{name: "Conversion HS17-HS12", rows: conversion}, {name: "Correlation", rows: rows("Between\nHS 2017,,HS 2012,Relationship\n010121,ex,010129,n:1\n854140,,854140,'1:1")}},
		"correlation first":          {{name: "Correlation", rows: rows("Between\nHS2017, HS2012,Relationship\n010121,010129,n:1\n854140,854140,1:1")}, {name: "Conversions", rows: rows("From,To\nHS 2017,HS 2012\n010121,010129\n854140,854140")}},
		"columns elsewhere, numbers": {{name: "C", rows: rows(",,From HS17,,To HS12\n,,10121,,10129\n,,,,\n,,'854140,,854140")}, {name: "notes", rows: rows("read me")}, {name: "R", rows: rows("x,HS 2017,y,HS 2012,relationship\n,010121,,010129,\n,854140,,854140,")}},
	} {
		table, err := readContent(t, "w.xlsx", workbook(t, sheets...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprintf("%s-%s %v %v", table.From, table.To, table.Conversion, table.Correlation); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	table, err := readContent(t, "w.csv", []byte("\xef\xbb\xbfFrom HS 2017,To HS 2012\r\n010121,010129\r\n854140,854140\r\n"))
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
		{"PK\x03\x04 nonsense", "w: is a damaged workbook"},
		{"\xd0\xcf\x11\xe0 nonsense", "w: "},
	} {
		if _, err := readContent(t, "w", []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: error %v, want %s", test.text, err, test.want)
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
		table, err := readContent(t, "w", content)
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
