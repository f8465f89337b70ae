package decode

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func writeZip(t testing.TB, parts map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := os.WriteFile(path, zipped(t, parts), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for name, text := range parts {
		w, err := archive.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func TestXLSXCells(t *testing.T) {
	for _, test := range []struct{ name, sheet, want string }{
		{"shared text keeps zeros", `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>`, "1:010121|Côte d'Ivoire|a\rb"},
		{"inline text and the text of a formula", `<row r="1"><c t="inlineStr"><is><t> 0902 </t></is></c><c t="str"><f>A1</f><v>W00</v></c></row>`, "1: 0902 |W00"},
		{"numbers are not read as floats", `<row r="3"><c r="A3"><v>0.30000000000000004</v></c><c r="B3"><v>1.08579e+007</v></c><c r="C3"><v>1.5E-3</v></c><c r="D3"><v>9007199254740993</v></c><c r="E3"><v>-2.50E0</v></c></row>`, "3:0.30000000000000004|10857900|0.0015|9007199254740993|-2.5"},
		{"a text that looks like a number stays a text", `<row r="1"><c t="str"><v>1E5</v></c><c t="inlineStr"><is><t>85E1</t></is></c></row>`, "1:1E5|85E1"},
		{"truth values", `<row r="1"><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>`, "1:true|false"},
		{"errors are empty", `<row r="1"><c t="e"><v>#N/A</v></c><c><v>7</v></c></row>`, "1:|7"},
		{"gaps between cells and rows", `<row r="2"><c r="C2"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`, "2:||1|2\n3:3"},
		{"rows without text are passed over", `<row r="1"><c r="A1" s="4"/></row><row r="2"/><row r="9"><c r="A9"><v>1</v></c><c r="B9"/></row>`, "9:1"},
		{"merged title", `<row r="1"><c r="A1" t="str"><v>Title</v></c><c r="B1" s="1"/></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>`, "1:Title\n2:1|2"},
		{"formula without a result", `<row r="1"><c r="A1"><f>SUM(B1:B2)</f></c><c r="B1"><v>2</v></c></row>`, "1:|2"},
		{"prefixed tags", `<x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row>`, "1:5"},
		{"entities", `<row r="1"><c t="str"><v>A &amp; B &lt;&#252;&gt;</v></c></row>`, "1:A & B <ü>"},
	} {
		var rows []decodetest.Row
		path := writeZip(t, decodetest.XLSXParts(test.sheet))
		if err := XLSX(t.Context(), path, "Data & more", decodetest.Collect(&rows)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, decodetest.Text(rows)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		names, err := xlsxSheets(t.Context(), path)
		if diff := cmp.Diff([]string{"Data & more"}, names.shown); err != nil || diff != "" {
			t.Errorf("%s: sheets: %v %s", test.name, err, diff)
		}
	}
}

func TestXLSXDamage(t *testing.T) {
	good := `<row r="1"><c r="A1"><v>1</v></c></row>`
	change := func(part, text string) []byte {
		parts := decodetest.XLSXParts(good)
		parts[part] = text
		return zipped(t, parts)
	}
	without := func(part string) []byte {
		parts := decodetest.XLSXParts(good)
		delete(parts, part)
		return zipped(t, parts)
	}
	whole := zipped(t, decodetest.XLSXParts(strings.Repeat(good, 1000)))
	for name, content := range map[string][]byte{
		"no zip archive":        []byte("PK\x03\x04 and no more"),
		"cut short":             whole[:len(whole)/2],
		"no workbook":           without("xl/workbook.xml"),
		"no relations":          without("xl/_rels/workbook.xml.rels"),
		"no sheet":              without("xl/worksheets/sheet1.xml"),
		"sheet cut short":       change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>12`),
		"tags that cross":       change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="A1"><v>1</c></v></row></sheetData></worksheet>`),
		"text that is not":      change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c t="s"><v>99</v></c></row></sheetData></worksheet>`),
		"negative text":         change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c t="s"><v>-1</v></c></row></sheetData></worksheet>`),
		"row number":            change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="-5"><c><v>9</v></c></row></sheetData></worksheet>`),
		"column beyond the end": change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="XFE1"><v>9</v></c></row></sheetData></worksheet>`),
		"endless column":        change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c r="ZZZZZZZZZZZZZZZZZZZZZZZZZZZZ1"><v>9</v></c></row></sheetData></worksheet>`),
		"deep tags":             change("xl/worksheets/sheet1.xml", strings.Repeat("<a>", 1000)),
		"endless text":          change("xl/worksheets/sheet1.xml", `<worksheet><sheetData><row r="1"><c t="str"><v>`+strings.Repeat("x", 20<<20)),
		"sheets of one part":    change("xl/workbook.xml", strings.Replace(decodetest.XLSXParts(good)["xl/workbook.xml"], "</sheets>", `<sheet name="again" sheetId="99" r:id="rId1"/></sheets>`, 1)),
		"archive bomb":          change("xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+strings.Repeat(`<row/>`+strings.Repeat(" ", 1<<20), partAlwaysFine>>20)+`</sheetData></worksheet>`),
	} {
		path := filepath.Join(t.TempDir(), "book.xlsx")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		err := XLSX(t.Context(), path, "Data & more", func(int64, []string) error { return nil })
		if !IsRefusal(err) {
			t.Errorf("%s: %v, want a refusal", name, err)
			continue
		}
		t.Logf("%s: %v", name, err)
	}
}

// A wrong checksum is damage too, although every tag is closed.
func TestXLSXChecksum(t *testing.T) {
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for name, text := range decodetest.XLSXParts(`<row r="1"><c r="A1"><v>12345</v></c></row>`) {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := os.WriteFile(path, bytes.Replace(content.Bytes(), []byte("<v>12345"), []byte("<v>12346"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := XLSX(t.Context(), path, "Data & more", func(int64, []string) error { return nil }); !IsRefusal(err) {
		t.Errorf("%v, want a refusal", err)
	}
}

func TestXLSXStops(t *testing.T) {
	path := writeZip(t, decodetest.XLSXParts(strings.Repeat(`<row><c><v>1</v></c></row>`, 100_000)))
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	err := XLSX(ctx, path, "Data & more", func(int64, []string) error { seen++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || IsRefusal(err) || seen > 50_000 {
		t.Errorf("%v after %d rows, want that the context ends it", err, seen)
	}
	full := errors.New("disk full")
	if err := XLSX(t.Context(), path, "Data & more", func(int64, []string) error { return full }); err != full {
		t.Errorf("%v, want the receiver's own error", err)
	}
	if err := XLSX(t.Context(), path, "Other", func(int64, []string) error { return nil }); !IsRefusal(err) || !strings.Contains(err.Error(), `"Other"`) {
		t.Errorf("%v, want a refusal that names the sheet", err)
	}
	if err := XLSX(t.Context(), filepath.Join(t.TempDir(), "none"), "", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want that the file does not exist", err)
	}
}

func TestPlainDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"1.08579e+007": "10857900", "1e0": "1", "1E-7": "0.0000001", "-1.5e2": "-150", "+2e1": "20", ".5e1": "5", "5.e1": "50",
		"0e5": "0", "-0.0e3": "0", "123456789.125e-2": "1234567.89125", "1e308": "1" + strings.Repeat("0", 308),
		"e5": "e5", "1e": "1e", "1e999": "1e999", "1e-999": "1e-999", "12": "12", "0.30000000000000004": "0.30000000000000004", "": "", "1e5x": "1e5x",
	} {
		if got := plainDecimal(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The download as a workbook has the same cells as excelize finds in it.
func TestXLSXReal(t *testing.T) {
	path := decodetest.RealFile(t, "comtrade_csv", "thailand_8542_web.xlsx")
	var rows []decodetest.Row
	if err := XLSX(t.Context(), path, "Sheet1", decodetest.Collect(&rows)); err != nil {
		t.Fatal(err)
	}
	names, err := xlsxSheets(t.Context(), path)
	if diff := cmp.Diff([]string{"Sheet1"}, names.shown); err != nil || diff != "" {
		t.Errorf("sheets with data: %v %s", err, diff)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	want, err := book.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	if err != nil || len(want) != len(rows) || len(rows) != 1179 {
		t.Fatalf("%v: %d rows, excelize finds %d", err, len(rows), len(want))
	}
	for i, row := range rows {
		for j, cell := range row.Cells {
			switch cell { // excelize gives 1 and 0 for truth values
			case "true":
				cell = "1"
			case "false":
				cell = "0"
			}
			if cell != want[i][j] {
				t.Errorf("row %d column %d: %q, excelize has %q", i+1, j+1, cell, want[i][j])
			}
		}
	}
	if got := strings.Join(rows[1].Cells[17:22], "|"); got != "H4|HS|true|8542|Electronic integrated circuits" {
		t.Errorf("row 2: %s", got)
	}
}

func FuzzXLSX(f *testing.F) {
	parts := decodetest.XLSXParts("")
	f.Add([]byte(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1e5</v></c></row>`), []byte(parts["xl/sharedStrings.xml"]), []byte(parts["xl/workbook.xml"]))
	f.Add([]byte(`<row><c t="inlineStr"><is><r><t>x</t></r><rPh><t>y</t></rPh></is></c></row>`), []byte(`<sst><si/></sst>`), []byte(`<workbook><sheets><sheet name="Data &amp; more" id="rId1"/></sheets></workbook>`))
	f.Add([]byte(`<row r="9999999"><c r="XFD1" t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row>`), []byte(`<?xml version="1.0" encoding="utf-16"?><sst>`), []byte(`<workbook>`))
	dir := f.TempDir()
	path := filepath.Join(dir, "book.xlsx")
	f.Fuzz(func(t *testing.T, sheet, texts, index []byte) {
		parts := decodetest.XLSXParts(string(sheet))
		parts["xl/sharedStrings.xml"], parts["xl/workbook.xml"] = string(texts), string(index)
		if err := os.WriteFile(path, zipped(t, parts), 0o644); err != nil {
			t.Fatal(err)
		}
		checkReader(t, func(ctx context.Context, emit Emit) error {
			names, err := xlsxSheets(t.Context(), path)
			if err != nil && !IsRefusal(err) {
				return err
			}
			for _, name := range append(names.shown, "Data & more") {
				if err := XLSX(ctx, path, name, emit); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// checkReader fails when a reader takes long or ends with anything but success
// or a refusal.
func checkReader(t *testing.T, read func(context.Context, Emit) error) {
	t.Helper()
	started := time.Now()
	err := read(t.Context(), func(number int64, cells []string) error {
		if number < 1 || len(cells) == 0 || len(cells) > maxGridColumns {
			t.Errorf("row %d with %d cells", number, len(cells))
		}
		return nil
	})
	if err != nil && !IsRefusal(err) {
		t.Errorf("%v, want a refusal", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// BenchmarkXLSX reads a sheet of a million rows of ten cells, of which three are
// texts, and reports rows a second and the largest heap.
func BenchmarkXLSX(b *testing.B) {
	const rows = 1_000_000
	path := filepath.Join(b.TempDir(), "large.xlsx")
	if err := writeLargeXLSX(path, rows); err != nil {
		b.Fatal(err)
	}
	var peak atomic.Uint64
	done := make(chan struct{})
	defer close(done)
	runtime.GC()
	go func() {
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				var memory runtime.MemStats
				runtime.ReadMemStats(&memory)
				peak.Store(max(peak.Load(), memory.Sys-memory.HeapReleased))
			}
		}
	}()
	for b.Loop() {
		read := 0
		if err := XLSX(b.Context(), path, "Sheet1", func(_ int64, cells []string) error { read++; return nil }); err != nil || read != rows {
			b.Fatalf("%v after %d rows", err, read)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MB")
}

func writeLargeXLSX(path string, rows int) error {
	book := excelize.NewFile()
	defer book.Close()
	stream, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for i := range rows {
		row := []any{2012 + i%12, "CHN", i % 900, "M", fmt.Sprintf("%06d", i%5000*20), float64(i) * 1.25, i, i * 3, i * 7, true}
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return errors.Join(stream.Flush(), book.SaveAs(path))
}
