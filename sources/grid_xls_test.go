package sources

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/shakinm/xlsReader/xls"
)

// biff makes records of the old Excel format.
type biff struct{ bytes.Buffer }

func (b *biff) record(kind uint16, values ...any) {
	var data bytes.Buffer
	for _, v := range values {
		if text, ok := v.(string); ok {
			data.WriteString(text)
		} else if err := binary.Write(&data, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	_ = binary.Write(b, binary.LittleEndian, []uint16{kind, uint16(data.Len())})
	b.Write(data.Bytes())
}

// at is a cell's row, column and format.
func at(row, column uint16) []uint16 { return []uint16{row, column, 15} }

// wideText is a text in two bytes a character, with its length and flag.
func wideText(text string) []byte {
	units := utf16.Encode([]rune(text))
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, uint16(len(units)))
	b.WriteByte(1)
	_ = binary.Write(&b, binary.LittleEndian, units)
	return b.Bytes()
}

// narrow is a text in one byte a character, with its length and flag.
func narrow(latin string) []byte {
	return append([]byte{byte(len(latin)), byte(len(latin) >> 8), 0}, latin...)
}

// xlsStreamOf is a workbook of version 8 with the sheets Data and Empty, the chart
// Chart, and the given shared texts and records of Data.
func xlsStreamOf(texts, cells func(*biff)) []byte {
	var b biff
	b.record(recBOF, []uint16{0x0600, 5, 0, 0, 0, 0, 0, 0})
	b.record(recCodePage, uint16(1200))
	places := []int{}
	for i, name := range []string{"Data", "Chart", "Empty"} {
		kind := uint8(0)
		if i == 1 {
			kind = 2
		}
		places = append(places, b.Len()+4)
		b.record(recBoundSheet, uint32(0), uint8(0), kind, uint8(len(name)), uint8(0), name)
	}
	if texts != nil {
		texts(&b)
	}
	b.record(recEOF)
	stream := b.Bytes()
	for _, place := range places {
		binary.LittleEndian.PutUint32(stream[place:], uint32(len(stream)))
		sheet := biff{}
		sheet.record(recBOF, []uint16{0x0600, 16, 0, 0, 0, 0, 0, 0})
		if place == places[0] {
			cells(&sheet)
		}
		sheet.record(recEOF)
		stream = append(stream, sheet.Bytes()...)
	}
	return stream
}

// container wraps a stream as Microsoft's container does: a header, one sector of
// the table of sectors for each 64 kB, one of the directory, and the stream.
func container(name string, stream []byte) []byte {
	const sector = 512
	size := max(len(stream), 4096) // shorter ones stand in a container of their own
	data := make([]byte, (size+sector-1)/sector*sector)
	copy(data, stream)
	sectors := len(data) / sector
	tables := 1
	for tables*sector/4 < sectors+1+tables {
		tables++
	}
	le := binary.LittleEndian
	header := make([]byte, sector)
	copy(header, []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1})
	le.PutUint16(header[24:], 0x3e)
	le.PutUint16(header[26:], 3)
	le.PutUint16(header[28:], 0xfffe)
	le.PutUint16(header[30:], 9)
	le.PutUint16(header[32:], 6)
	le.PutUint32(header[44:], uint32(tables))
	le.PutUint32(header[48:], uint32(tables)) // the directory stands behind the tables
	le.PutUint32(header[56:], 4096)
	le.PutUint32(header[60:], 0xfffffffe)
	le.PutUint32(header[68:], 0xfffffffe)
	for i := range 109 {
		where := uint32(0xffffffff)
		if i < tables {
			where = uint32(i)
		}
		le.PutUint32(header[76+4*i:], where)
	}
	table := bytes.Repeat([]byte{0xff}, tables*sector)
	for i := range tables {
		le.PutUint32(table[4*i:], 0xfffffffd)
	}
	le.PutUint32(table[4*tables:], 0xfffffffe)
	for i := range sectors {
		next := uint32(tables + 1 + i + 1)
		if i == sectors-1 {
			next = 0xfffffffe
		}
		le.PutUint32(table[4*(tables+1+i):], next)
	}
	directory := make([]byte, sector)
	entry := func(i int, name string, kind byte, child, start uint32, size int) {
		e := directory[128*i:]
		for j, unit := range utf16.Encode([]rune(name)) {
			le.PutUint16(e[2*j:], unit)
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		for _, place := range []int{68, 72, 76} {
			le.PutUint32(e[place:], 0xffffffff)
		}
		le.PutUint32(e[76:], child)
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], uint32(size))
	}
	entry(0, "Root Entry", 5, 1, 0xfffffffe, 0)
	entry(1, name, 2, 0xffffffff, uint32(tables+1), size)
	return bytes.Join([][]byte{header, table, directory, data}, nil)
}

func writeXLS(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.xls")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func twoTexts(b *biff) {
	b.record(recSST, uint32(2), uint32(2), narrow("010121"), wideText("Türkiye 中"))
}

func TestXLSCells(t *testing.T) {
	for _, test := range []struct {
		name  string
		texts func(*biff)
		cells func(*biff)
		want  string
	}{
		{"shared texts keep zeros", twoTexts, func(b *biff) {
			b.record(recLabelSST, at(0, 0), uint32(0))
			b.record(recLabelSST, at(0, 1), uint32(1))
		}, "1:010121|Türkiye 中"},
		{"a text that goes on in the next record, in other bytes", func(b *biff) {
			b.record(recSST, uint32(2), uint32(2), []byte{6, 0, 0}, "abc")
			b.record(recContinue, []byte{1}, utf16.Encode([]rune("ÄÖ中")), narrow("next"))
		}, func(b *biff) {
			b.record(recLabelSST, at(0, 0), uint32(0))
			b.record(recLabelSST, at(0, 1), uint32(1))
		}, "1:abcÄÖ中|next"},
		{"a text with fonts and pronunciation", func(b *biff) {
			b.record(recSST, uint32(2), uint32(2), []byte{2, 0, 8 | 4, 1, 0, 3, 0, 0, 0}, "ab", []byte{1, 0, 2, 0}, "xyz", narrow("c"))
		}, func(b *biff) {
			b.record(recLabelSST, at(0, 0), uint32(0))
			b.record(recLabelSST, at(0, 1), uint32(1))
		}, "1:ab|c"},
		{"texts in the cell", nil, func(b *biff) {
			b.record(recLabel, at(0, 0), narrow("T\xfcrkiye"))
			b.record(recLabel, at(0, 1), wideText("中"))
			b.record(recRString, at(0, 2), narrow("rich"), []byte{1, 0, 0, 1})
		}, "1:Türkiye|中|rich"},
		{"numbers", nil, func(b *biff) {
			b.record(recNumber, at(0, 0), 0.30000000000000004)
			b.record(recNumber, at(0, 1), 1.08579e7)
			b.record(recNumber, at(0, 2), 1e-7)
			b.record(recNumber, at(0, 3), -2.5)
			b.record(recNumber, at(0, 4), 9007199254740991.0)
		}, "1:0.30000000000000004|10857900|0.0000001|-2.5|9007199254740991"},
		{"short numbers", nil, func(b *biff) {
			minus := int32(-5)
			b.record(recRK, at(0, 0), uint32(minus)<<2|2)                     // a negative whole number
			b.record(recRK, at(0, 1), uint32(12345)<<2|3)                     // hundredths
			b.record(recRK, at(0, 2), uint32(minus)<<2|3)                     // negative hundredths
			b.record(recRK, at(0, 3), uint32(math.Float64bits(1.5)>>32))      // the half of a float
			b.record(recRK, at(0, 4), uint32(math.Float64bits(1250.0)>>32)|1) // hundredths of one
			b.record(recRK, at(0, 5), uint32(10000)<<2|3)                     // 100.00
			b.record(recMulRK, []uint16{1, 1}, []uint16{15}, uint32(7)<<2|2, []uint16{15}, uint32(8)<<2|2, uint16(2))
		}, "1:-5|123.45|-0.05|1.5|12.5|100\n2:|7|8"},
		{"truth values and errors", nil, func(b *biff) {
			b.record(recBoolErr, at(0, 0), []byte{1, 0})
			b.record(recBoolErr, at(0, 1), []byte{0, 0})
			b.record(recBoolErr, at(0, 2), []byte{42, 1})
			b.record(recRK, at(0, 3), uint32(1)<<2|2)
		}, "1:true|false||1"},
		{"results of formulas", nil, func(b *biff) {
			b.record(recFormula, at(0, 0), 12.5, make([]byte, 8))
			b.record(recFormula, at(0, 1), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.record(0x04bc, make([]byte, 8)) // the formula that cells share
			b.record(recString, wideText("0902"))
			b.record(recFormula, at(0, 2), []byte{1, 0, 1, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.record(recFormula, at(0, 3), []byte{2, 0, 42, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.record(recFormula, at(0, 4), []byte{3, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
			b.record(recRK, at(0, 5), uint32(1)<<2|2)
		}, "1:12.5|0902|true|||1"},
		{"rows out of order, gaps, a cell twice", nil, func(b *biff) {
			b.record(recRK, at(9, 2), uint32(1)<<2|2)
			b.record(recRK, at(3, 0), uint32(2)<<2|2)
			b.record(recRK, at(3, 0), uint32(3)<<2|2)
			b.record(0x0201, at(20, 0)) // blank
		}, "4:3\n10:||1"},
		{"a chart inside the sheet", nil, func(b *biff) {
			b.record(recBOF, []uint16{0x0600, 0x20, 0, 0, 0, 0, 0, 0})
			b.record(recRK, at(0, 0), uint32(99)<<2|2)
			b.record(recEOF)
			b.record(recRK, at(0, 0), uint32(1)<<2|2)
		}, "1:1"},
	} {
		path := writeXLS(t, container("Workbook", xlsStreamOf(test.texts, test.cells)))
		var rows []gridRow
		if err := readXLS(t.Context(), path, "Data", collect(&rows)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, gridText(rows)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		names, err := xlsSheets(path)
		if diff := cmp.Diff([]string{"Data"}, names); err != nil || diff != "" {
			t.Errorf("%s: sheets: %v %s", test.name, err, diff)
		}
	}
}

// Version 5 has texts in the bytes of a code page.
func TestXLSVersion5(t *testing.T) {
	var b biff
	b.record(recBOF, []uint16{0x0500, 5, 0, 0})
	b.record(recCodePage, uint16(1254))
	place := b.Len() + 4
	b.record(recBoundSheet, uint32(0), []byte{0, 0, 4}, "D\xfdt\xfd")
	b.record(recEOF)
	stream := b.Bytes()
	binary.LittleEndian.PutUint32(stream[place:], uint32(len(stream)))
	var sheet biff
	sheet.record(recBOF, []uint16{0x0500, 16, 0, 0})
	sheet.record(recLabel, at(0, 0), uint16(7), "T\xfcrkiye")
	sheet.record(recFormula, at(0, 1), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
	sheet.record(recString, uint16(2), "\xdei")
	sheet.record(recEOF)
	var rows []gridRow
	path := writeXLS(t, container("Book", append(stream, sheet.Bytes()...)))
	if err := readXLS(t.Context(), path, "Dıtı", collect(&rows)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("1:Türkiye|Şi", gridText(rows)); diff != "" {
		t.Error(diff)
	}
}

func TestXLSDamage(t *testing.T) {
	one := func(b *biff) { b.record(recRK, at(0, 0), uint32(1)<<2|2) }
	good := xlsStreamOf(twoTexts, one)
	whole := container("Workbook", good)
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
		{"another Office file", "another kind", container("WordDocument", good)},
		{"protected package", "password", container("EncryptedPackage", good)},
		{"protected workbook", "password", container("Workbook", xlsStreamOf(func(b *biff) { b.record(recFilePass, uint16(1)) }, one))},
		{"a text that is not", "text number 7", container("Workbook", xlsStreamOf(twoTexts, func(b *biff) { b.record(recLabelSST, at(0, 0), uint32(7)) }))},
		{"more texts claimed than there are", "texts", container("Workbook", xlsStreamOf(func(b *biff) { b.record(recSST, uint32(9), uint32(1<<31), narrow("a")) }, one))},
		{"a short record", "damaged", container("Workbook", xlsStreamOf(nil, func(b *biff) { b.record(recNumber, at(0, 0), uint16(1)) }))},
		{"a column beyond the end", "columns", container("Workbook", xlsStreamOf(nil, func(b *biff) { b.record(recRK, at(0, 256), uint32(2)) }))},
		{"no end", "damaged", container("Workbook", bytes.TrimSuffix(bytes.Replace(good, []byte{0x0a, 0, 0, 0}, []byte{0x0b, 0, 0, 0}, -1), nil))},
	} {
		err := readXLS(t.Context(), writeXLS(t, test.content), "Data", func(int64, []string) error { return nil })
		if !isRefusal(err) || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: %v, want a refusal with %q", test.name, err, test.reason)
		}
	}
	checkReader(t, func(ctx context.Context, emit emitRow) error {
		return readXLS(ctx, writeXLS(t, ring), "Data", emit)
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := readXLS(ctx, writeXLS(t, whole), "Data", func(int64, []string) error { return nil }); !errors.Is(err, context.Canceled) || isRefusal(err) {
		t.Errorf("%v, want that the context ends it", err)
	}
	if err := readXLS(t.Context(), writeXLS(t, whole), "Other", nil); !isRefusal(err) {
		t.Errorf("%v, want a refusal", err)
	}
}

// Another reader finds the same texts and numbers in the UN's own workbook.
func TestXLSReal(t *testing.T) {
	path := realFile(t, "reference", "HS 2012 to HS 2007 Correlation and conversion tables.xls")
	names, err := xlsSheets(path)
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, sheets %q", err, names)
	}
	book, err := xls.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, s := range book.GetSheets() {
		var rows []gridRow
		if err := readXLS(t.Context(), path, s.GetName(), collect(&rows)); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			other, err := s.GetRow(int(row.Number) - 1)
			if err != nil {
				t.Fatal(err)
			}
			for i, cell := range row.Cells {
				c, err := other.GetCol(i)
				if err != nil {
					t.Fatal(err)
				}
				if c.GetString() != cell {
					t.Fatalf("%s row %d column %d: %q, xlsReader has %q", s.GetName(), row.Number, i+1, cell, c.GetString())
				}
				compared++
			}
		}
		t.Logf("%s: %d rows", s.GetName(), len(rows))
	}
	if compared < 10_000 {
		t.Errorf("compared %d cells", compared)
	}
}

func FuzzXLS(f *testing.F) {
	cells := func(b *biff) {
		b.record(recLabelSST, at(0, 0), uint32(0))
		b.record(recMulRK, []uint16{1, 1}, []uint16{15}, uint32(7)<<2|2, []uint16{15}, uint32(8)<<2|2, uint16(2))
		b.record(recFormula, at(2, 1), []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, make([]byte, 8))
		b.record(recString, wideText("0902"))
	}
	whole := container("Workbook", xlsStreamOf(twoTexts, cells))
	f.Add(whole, true)
	f.Add(xlsStreamOf(twoTexts, cells), false)
	f.Add(xlsStreamOf(func(b *biff) {
		b.record(recSST, uint32(2), uint32(2), []byte{6, 0, 0}, "abc")
		b.record(recContinue, []byte{1}, utf16.Encode([]rune("ÄÖ中")), narrow("next"))
	}, cells), false)
	path := filepath.Join(f.TempDir(), "book.xls")
	f.Fuzz(func(t *testing.T, content []byte, wrapped bool) {
		if !wrapped {
			content = container("Workbook", content[:min(len(content), 1<<20)])
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		checkReader(t, func(ctx context.Context, emit emitRow) error {
			names, err := xlsSheets(path)
			if err != nil {
				return err
			}
			for _, name := range names {
				if err := readXLS(ctx, path, name, emit); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
