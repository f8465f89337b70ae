package decode

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
)

func twoTexts(b *decodetest.Biff) {
	b.Record(recSST, uint32(2), uint32(2), decodetest.Narrow("010121"), decodetest.WideText("Türkiye 中"))
}

func TestXLSCells(t *testing.T) {
	for _, test := range []struct {
		name  string
		texts func(*decodetest.Biff)
		cells func(*decodetest.Biff)
		want  string
	}{
		{"shared texts keep zeros", twoTexts, func(b *decodetest.Biff) {
			b.Record(recLabelSST, decodetest.At(0, 0), uint32(0))
			b.Record(recLabelSST, decodetest.At(0, 1), uint32(1))
		}, "1:010121|Türkiye 中"},
		{"a text that goes on in the next record, in other bytes", func(b *decodetest.Biff) {
			b.Record(recSST, uint32(2), uint32(2), []byte{6, 0, 0}, "abc")
			b.Record(recContinue, []byte{1}, utf16.Encode([]rune("ÄÖ中")), decodetest.Narrow("next"))
		}, func(b *decodetest.Biff) {
			b.Record(recLabelSST, decodetest.At(0, 0), uint32(0))
			b.Record(recLabelSST, decodetest.At(0, 1), uint32(1))
		}, "1:abcÄÖ中|next"},
		{"a text with fonts and pronunciation", func(b *decodetest.Biff) {
			b.Record(recSST, uint32(2), uint32(2), []byte{2, 0, 8 | 4, 1, 0, 3, 0, 0, 0}, "ab", []byte{1, 0, 2, 0}, "xyz", decodetest.Narrow("c"))
		}, func(b *decodetest.Biff) {
			b.Record(recLabelSST, decodetest.At(0, 0), uint32(0))
			b.Record(recLabelSST, decodetest.At(0, 1), uint32(1))
		}, "1:ab|c"},
		{"texts in the cell", nil, func(b *decodetest.Biff) {
			b.Record(recLabel, decodetest.At(0, 0), decodetest.Narrow("T\xfcrkiye"))
			b.Record(recLabel, decodetest.At(0, 1), decodetest.WideText("中"))
			b.Record(recRString, decodetest.At(0, 2), decodetest.Narrow("rich"), []byte{1, 0, 0, 1})
		}, "1:Türkiye|中|rich"},
		{"numbers", nil, func(b *decodetest.Biff) {
			b.Record(recNumber, decodetest.At(0, 0), 0.30000000000000004)
			b.Record(recNumber, decodetest.At(0, 1), 1.08579e7)
			b.Record(recNumber, decodetest.At(0, 2), 1e-7)
			b.Record(recNumber, decodetest.At(0, 3), -2.5)
			b.Record(recNumber, decodetest.At(0, 4), 9007199254740991.0)
		}, "1:0.30000000000000004|10857900|0.0000001|-2.5|9007199254740991"},
		{"short numbers", nil, func(b *decodetest.Biff) {
			minus := int32(-5)
			b.Record(recRK, decodetest.At(0, 0), uint32(minus)<<2|2)                     // a negative whole number
			b.Record(recRK, decodetest.At(0, 1), uint32(12345)<<2|3)                     // hundredths
			b.Record(recRK, decodetest.At(0, 2), uint32(minus)<<2|3)                     // negative hundredths
			b.Record(recRK, decodetest.At(0, 3), uint32(math.Float64bits(1.5)>>32))      // the half of a float
			b.Record(recRK, decodetest.At(0, 4), uint32(math.Float64bits(1250.0)>>32)|1) // hundredths of one
			b.Record(recRK, decodetest.At(0, 5), uint32(10000)<<2|3)                     // 100.00
			b.Record(recMulRK, []uint16{1, 1}, []uint16{15}, uint32(7)<<2|2, []uint16{15}, uint32(8)<<2|2, uint16(2))
		}, "1:-5|123.45|-0.05|1.5|12.5|100\n2:|7|8"},
		{"truth values and errors", nil, func(b *decodetest.Biff) {
			b.Record(recBoolErr, decodetest.At(0, 0), []byte{1, 0})
			b.Record(recBoolErr, decodetest.At(0, 1), []byte{0, 0})
			b.Record(recBoolErr, decodetest.At(0, 2), []byte{42, 1})
			b.Record(recRK, decodetest.At(0, 3), uint32(1)<<2|2)
		}, "1:true|false||1"},
		{"results of formulas", nil, func(b *decodetest.Biff) {
			b.Record(recFormula, decodetest.At(0, 0), 12.5, make([]byte, 8))
			b.Record(recFormula, decodetest.At(0, 1), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.Record(0x04bc, make([]byte, 8)) // the formula that cells share
			b.Record(recString, decodetest.WideText("0902"))
			b.Record(recFormula, decodetest.At(0, 2), []byte{1, 0, 1, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.Record(recFormula, decodetest.At(0, 3), []byte{2, 0, 42, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.Record(recFormula, decodetest.At(0, 4), []byte{3, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.Record(recRK, decodetest.At(0, 5), uint32(1)<<2|2)
		}, "1:12.5|0902|true|||1"},
		{"rows out of order, gaps, a cell twice", nil, func(b *decodetest.Biff) {
			b.Record(recRK, decodetest.At(9, 2), uint32(1)<<2|2)
			b.Record(recRK, decodetest.At(3, 0), uint32(2)<<2|2)
			b.Record(recRK, decodetest.At(3, 0), uint32(3)<<2|2)
			b.Record(0x0201, decodetest.At(20, 0)) // blank
		}, "4:3\n10:||1"},
		{"a chart inside the sheet", nil, func(b *decodetest.Biff) {
			b.Record(recBOF, []uint16{0x0600, 0x20, 0, 0, 0, 0, 0, 0})
			b.Record(recRK, decodetest.At(0, 0), uint32(99)<<2|2)
			b.Record(recEOF)
			b.Record(recRK, decodetest.At(0, 0), uint32(1)<<2|2)
		}, "1:1"},
	} {
		path := decodetest.WriteXLS(t, decodetest.Container("Workbook", decodetest.XLSStream(test.texts, test.cells)))
		var rows []decodetest.Row
		if err := XLS(t.Context(), path, "Data", decodetest.Collect(&rows)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, decodetest.Text(rows)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		names, err := xlsSheets(t.Context(), path)
		if diff := cmp.Diff([]string{"Data"}, names.shown); err != nil || diff != "" {
			t.Errorf("%s: sheets: %v %s", test.name, err, diff)
		}
	}
}

// A sheet is hidden by its user, or so that only a program can show it.
func TestXLSHidden(t *testing.T) {
	cells := func(b *decodetest.Biff) { b.Record(recRK, decodetest.At(0, 0), uint32(1)<<2|2) }
	for state, want := range map[byte]sheetNames{0: {shown: []string{"Data"}}, 1: {hidden: []string{"Data"}}, 2: {hidden: []string{"Data"}}, 0x80: {shown: []string{"Data"}}} {
		stream := decodetest.XLSStream(nil, cells)
		stream[bytes.Index(stream, []byte("Data"))-4] = state
		names, err := xlsSheets(t.Context(), decodetest.WriteXLS(t, decodetest.Container("Workbook", stream)))
		if diff := cmp.Diff(want, names, cmp.AllowUnexported(sheetNames{})); err != nil || diff != "" {
			t.Errorf("state %d: %v %s", state, err, diff)
		}
	}
}

// Version 5 has texts in the bytes of a code page.
func TestXLSVersion5(t *testing.T) {
	var b decodetest.Biff
	b.Record(recBOF, []uint16{0x0500, 5, 0, 0})
	b.Record(recCodePage, uint16(1254))
	place := b.Len() + 4
	b.Record(recBoundSheet, uint32(0), []byte{0, 0, 4}, "D\xfdt\xfd")
	b.Record(recEOF)
	stream := b.Bytes()
	binary.LittleEndian.PutUint32(stream[place:], uint32(len(stream)))
	var sheet decodetest.Biff
	sheet.Record(recBOF, []uint16{0x0500, 16, 0, 0})
	sheet.Record(recLabel, decodetest.At(0, 0), uint16(7), "T\xfcrkiye")
	sheet.Record(recFormula, decodetest.At(0, 1), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
	sheet.Record(recString, uint16(2), "\xdei")
	sheet.Record(recEOF)
	var rows []decodetest.Row
	path := decodetest.WriteXLS(t, decodetest.Container("Book", append(stream, sheet.Bytes()...)))
	if err := XLS(t.Context(), path, "Dıtı", decodetest.Collect(&rows)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("1:Türkiye|Şi", decodetest.Text(rows)); diff != "" {
		t.Error(diff)
	}
}

func TestXLSDamage(t *testing.T) {
	one := func(b *decodetest.Biff) { b.Record(recRK, decodetest.At(0, 0), uint32(1)<<2|2) }
	good := decodetest.XLSStream(twoTexts, one)
	whole := decodetest.Container("Workbook", good)
	ring := bytes.Clone(whole)
	// The last sector of the stream leads back to its first.
	binary.LittleEndian.PutUint32(ring[512+4*(1+1+len(ring)/512-4):], 2)
	for _, test := range []struct {
		name, reason string
		content      []byte
	}{
		{"no container", "damaged", []byte{0xd0, 0xcf, 0x11, 0xe0}},
		{"cut in the header", "damaged", whole[:300]},
		{"cut in the stream", "damaged", whole[:len(whole)-1500]},
		{"another Office file", "another kind", decodetest.Container("WordDocument", good)},
		{"protected package", "password", decodetest.Container("EncryptedPackage", good)},
		{"protected workbook", "password", decodetest.Container("Workbook", decodetest.XLSStream(func(b *decodetest.Biff) { b.Record(recFilePass, uint16(1)) }, one))},
		{"a text that is not", "text number 7", decodetest.Container("Workbook", decodetest.XLSStream(twoTexts, func(b *decodetest.Biff) { b.Record(recLabelSST, decodetest.At(0, 0), uint32(7)) }))},
		{"more texts claimed than there are", "texts", decodetest.Container("Workbook", decodetest.XLSStream(func(b *decodetest.Biff) { b.Record(recSST, uint32(9), uint32(1<<31), decodetest.Narrow("a")) }, one))},
		{"a short record", "damaged", decodetest.Container("Workbook", decodetest.XLSStream(nil, func(b *decodetest.Biff) { b.Record(recNumber, decodetest.At(0, 0), uint16(1)) }))},
		{"a column beyond the end", "columns", decodetest.Container("Workbook", decodetest.XLSStream(nil, func(b *decodetest.Biff) { b.Record(recRK, decodetest.At(0, 256), uint32(2)) }))},
		{"no end", "damaged", decodetest.Container("Workbook", bytes.TrimSuffix(bytes.Replace(good, []byte{0x0a, 0, 0, 0}, []byte{0x0b, 0, 0, 0}, -1), nil))},
	} {
		err := XLS(t.Context(), decodetest.WriteXLS(t, test.content), "Data", func(int64, []string) error { return nil })
		if !IsRefusal(err) || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: %v, want a refusal with %q", test.name, err, test.reason)
		}
	}
	checkReader(t, func(ctx context.Context, emit Emit) error {
		return XLS(ctx, decodetest.WriteXLS(t, ring), "Data", emit)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := XLS(ctx, decodetest.WriteXLS(t, whole), "Data", func(int64, []string) error { return nil }); !errors.Is(err, context.Canceled) || IsRefusal(err) {
		t.Errorf("%v, want that the context ends it", err)
	}
	if err := XLS(t.Context(), decodetest.WriteXLS(t, whole), "Other", nil); !IsRefusal(err) {
		t.Errorf("%v, want a refusal", err)
	}
}

// Another reader, xlsReader 0.9, found the same texts and numbers in the UN's own
// workbooks: the sums are of what it gave.
func TestXLSReal(t *testing.T) {
	for _, test := range []struct {
		file, sheet string
		rows, cells int
		sum         string
	}{
		{"HS 2007 to HS 2002 Correlation and conversion tables.xls", "Correlation Tables", 5666, 22661, "a41626014ea5aad4"},
		{"HS 2007 to HS 2002 Correlation and conversion tables.xls", "Conversion Tables", 5054, 10108, "4b8d4af2f68b2544"},
		{"HS 2012 to HS 2007 Correlation and conversion tables.xls", "Correlation HS2012-HS2007", 5366, 21461, "e9cf47ac7e6698e9"},
		{"HS 2012 to HS 2007 Correlation and conversion tables.xls", "Conversion HS12-HS07", 5207, 10414, "c11cc0e601827e30"},
		{"HS1996 to HS1992 - Correlation and conversion tables.xls", "Correlation Table", 5427, 21708, "5d6d3582c55d5154"},
		{"HS1996 to HS1992 - Correlation and conversion tables.xls", "Conversion Table", 5132, 10264, "e53090f200ea74d3"},
		{"HS2002 to HS1996 - Correlation and conversion tables.xls", "Correlation table", 5612, 22448, "6d3cac3b573688e6"},
		{"HS2002 to HS1996 - Correlation and conversion tables.xls", "Conversion Table", 5225, 10450, "f98e561ee9d55ee2"},
	} {
		path := decodetest.RealFile(t, "reference", test.file)
		var rows []decodetest.Row
		if err := XLS(t.Context(), path, test.sheet, decodetest.Collect(&rows)); err != nil {
			t.Fatal(err)
		}
		sum, cells := sha256.New(), 0
		for _, row := range rows {
			cells += len(row.Cells)
			fmt.Fprintf(sum, "%d:%s\n", row.Number, strings.Join(row.Cells, "|"))
		}
		if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); len(rows) != test.rows || cells != test.cells || got != test.sum {
			t.Errorf("%s, %s: %d rows of %d cells, sum %s, want %d, %d, %s", test.file, test.sheet, len(rows), cells, got, test.rows, test.cells, test.sum)
		}
	}
}

func FuzzXLS(f *testing.F) {
	cells := func(b *decodetest.Biff) {
		b.Record(recLabelSST, decodetest.At(0, 0), uint32(0))
		b.Record(recMulRK, []uint16{1, 1}, []uint16{15}, uint32(7)<<2|2, []uint16{15}, uint32(8)<<2|2, uint16(2))
		b.Record(recFormula, decodetest.At(2, 1), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
		b.Record(recString, decodetest.WideText("0902"))
	}
	whole := decodetest.Container("Workbook", decodetest.XLSStream(twoTexts, cells))
	f.Add(whole, true)
	f.Add(decodetest.XLSStream(twoTexts, cells), false)
	f.Add(decodetest.XLSStream(func(b *decodetest.Biff) {
		b.Record(recSST, uint32(2), uint32(2), []byte{6, 0, 0}, "abc")
		b.Record(recContinue, []byte{1}, utf16.Encode([]rune("ÄÖ中")), decodetest.Narrow("next"))
	}, cells), false)
	path := filepath.Join(f.TempDir(), "book.xls")
	f.Fuzz(func(t *testing.T, content []byte, wrapped bool) {
		if !wrapped {
			content = decodetest.Container("Workbook", content[:min(len(content), 1<<20)])
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		checkReader(t, func(ctx context.Context, emit Emit) error {
			names, err := xlsSheets(t.Context(), path)
			if err != nil {
				return err
			}
			for _, name := range append(names.shown, names.hidden...) {
				if err := XLS(ctx, path, name, emit); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
