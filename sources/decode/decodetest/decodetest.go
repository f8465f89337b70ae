// Package decodetest makes workbooks for tests, and takes down what readers emit.
package decodetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// Records of the old Excel format that every workbook has, and those of a text, a small
// whole number and any number.
const (
	endOfFile   = 0x000a
	codePage    = 0x0042
	boundSheet  = 0x0085
	beginOfFile = 0x0809

	Number = 0x0203
	Label  = 0x0204
	RK     = 0x027e
)

// Row is a row as the readers of package decode emit it.
type Row struct {
	Number int64
	Cells  []string
}

// Collect gives a receiver that adds the rows to a list.
func Collect(rows *[]Row) func(int64, []string) error {
	return func(number int64, cells []string) error {
		*rows = append(*rows, Row{number, slices.Clone(cells)})
		return nil
	}
}

// CollectMarked is Collect for web pages. The mark of a cell stands behind its text,
// after "~".
func CollectMarked(rows *[]Row) func(int64, []string, []string) error {
	return func(number int64, cells, marks []string) error {
		shown := slices.Clone(cells)
		for i, mark := range marks {
			if mark != "" {
				shown[i] += "~" + mark
			}
		}
		*rows = append(*rows, Row{number, shown})
		return nil
	}
}

// RealFile is a real file, on a machine that has them.
func RealFile(t testing.TB, folder, name string) string {
	t.Helper()
	data := os.Getenv("ENTREPOT_REAL_FILES")
	if data == "" {
		data = filepath.Join(module(t), "..", "shared", "data")
	}
	path := filepath.Join(data, folder, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real files are not here (ENTREPOT_REAL_FILES names their folder): %v", err)
	}
	return path
}

// module is the folder with go.mod, above the package that is tested.
func module(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	t.Fatal("there is no go.mod above the test")
	return ""
}

// SourceFile is a file of fixtures/sources.
func SourceFile(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(module(t), "fixtures", "sources", name)
}

// XLSXParts are the parts of a small workbook; tests replace what they are about.
func XLSXParts(sheet string) map[string]string {
	return map[string]string{
		"_rels/.rels":                `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="Data &amp; more" sheetId="1" r:id="rId1"/><sheet name="Sheet1" sheetId="2" r:id="rId2"/><sheet name="Chart" sheetId="3" r:id="rId3"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="rId3" Type="x/chartsheet" Target="chartsheets/sheet1.xml"/><Relationship Id="rId4" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<worksheet><dimension ref="A1"/><sheetData>` + sheet + `</sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml":   `<worksheet><sheetData><row r="1"><c r="A1" s="1"/></row></sheetData></worksheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>010121</t></si><si><r><t xml:space="preserve">Côte </t></r><r><t>d'Ivoire</t></r><rPh sb="0" eb="1"><t>NO</t></rPh></si><si><t>a_x000D_b</t></si></sst>`,
	}
}

// Text shows rows, one a line.
func Text(rows []Row) string {
	var lines []string
	for _, row := range rows {
		lines = append(lines, fmt.Sprintf("%d:%s", row.Number, strings.Join(row.Cells, "|")))
	}
	return strings.Join(lines, "\n")
}

// Biff makes records of the old Excel format.
type Biff struct{ bytes.Buffer }

// Record adds a record of the values: text as it is, numbers in little-endian order.
func (b *Biff) Record(kind uint16, values ...any) {
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

// At is a cell's row, column and format.
func At(row, column uint16) []uint16 { return []uint16{row, column, 15} }

// WideText is a text in two bytes a character, with its length and flag.
func WideText(text string) []byte {
	units := utf16.Encode([]rune(text))
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, uint16(len(units)))
	b.WriteByte(1)
	_ = binary.Write(&b, binary.LittleEndian, units)
	return b.Bytes()
}

// Narrow is a text in one byte a character, with its length and flag.
func Narrow(latin string) []byte {
	return append([]byte{byte(len(latin)), byte(len(latin) >> 8), 0}, latin...)
}

// XLSStream is a workbook of version 8 with the sheets Data and Empty, the chart
// Chart, and the given shared texts and records of Data.
func XLSStream(texts, cells func(*Biff)) []byte {
	var b Biff
	b.Record(beginOfFile, []uint16{0x0600, 5, 0, 0, 0, 0, 0, 0})
	b.Record(codePage, uint16(1200))
	places := []int{}
	for i, name := range []string{"Data", "Chart", "Empty"} {
		kind := uint8(0)
		if i == 1 {
			kind = 2
		}
		places = append(places, b.Len()+4)
		b.Record(boundSheet, uint32(0), uint8(0), kind, uint8(len(name)), uint8(0), name)
	}
	if texts != nil {
		texts(&b)
	}
	b.Record(endOfFile)
	stream := b.Bytes()
	for _, place := range places {
		binary.LittleEndian.PutUint32(stream[place:], uint32(len(stream)))
		sheet := Biff{}
		sheet.Record(beginOfFile, []uint16{0x0600, 16, 0, 0, 0, 0, 0, 0})
		if place == places[0] {
			cells(&sheet)
		}
		sheet.Record(endOfFile)
		stream = append(stream, sheet.Bytes()...)
	}
	return stream
}

// Container wraps a stream as Microsoft's container does: a header, one sector of
// the table of sectors for each 64 kB, one of the directory, and the stream.
func Container(name string, stream []byte) []byte {
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

// WriteXLS saves a workbook for a test.
func WriteXLS(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.xls")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
