package decode

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/richardlehane/mscfb"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// Excel's format before 2007 (BIFF, versions 5 to 8) is a stream of records in a
// container of Microsoft's (mscfb opens it). The records are read here instead of
// with xlsReader, which gives no results of formulas, reads negative whole numbers
// as large positive ones and old texts as Cyrillic, takes damage for the end of
// the data, and never ends on a container whose sectors form a ring.
type xlsBook struct {
	ctx    context.Context
	stream []byte
	old    bool              // version 5: texts are bytes of the code page
	page   encoding.Encoding // of version 5
	sheets []xlsSheet
	texts  *sharedTexts
}

type xlsSheet struct {
	sheetLabel
	at uint32
}

// An .xls holds 65,536 rows of 256 columns; the largest that can be is about this.
const (
	maxXLSBytes   = 256 << 20
	maxXLSColumns = 256
	maxXLSSheets  = 1024
)

// Records that matter, by the names in Microsoft's description of the format.
const (
	recFormula    = 0x0006
	recEOF        = 0x000a
	recFilePass   = 0x002f
	recContinue   = 0x003c
	recCodePage   = 0x0042
	recBoundSheet = 0x0085
	recMulRK      = 0x00bd
	recRString    = 0x00d6
	recSST        = 0x00fc
	recLabelSST   = 0x00fd
	recNumber     = 0x0203
	recLabel      = 0x0204
	recBoolErr    = 0x0205
	recString     = 0x0207
	recRK         = 0x027e
	recBOF        = 0x0809
)

// xlsSheets names the sheets of an old workbook.
func xlsSheets(ctx context.Context, path string) (names sheetNames, err error) {
	defer recovered(&err)
	book, err := openXLS(ctx, path)
	if err != nil {
		return names, asRefusal(err)
	}
	return sheetsWithRows(book.sheets, func(s xlsSheet, emit Emit) (sheetLabel, error) {
		return s.sheetLabel, book.rows(s, emit)
	})
}

// XLS emits the rows of one sheet of an old workbook, with cells as XLSX
// gives them.
func XLS(ctx context.Context, path, sheet string, emit Emit) (err error) {
	defer recovered(&err)
	book, err := openXLS(ctx, path)
	if err != nil {
		return asRefusal(err)
	}
	i := slices.IndexFunc(book.sheets, func(s xlsSheet) bool { return s.name == sheet })
	if i < 0 {
		return Refuse("has no sheet %q", sheet)
	}
	if err := book.rows(book.sheets[i], emit); err != nil {
		return asRefusal(fmt.Errorf("sheet %q: %w", sheet, err))
	}
	return nil
}

func openXLS(ctx context.Context, path string) (*xlsBook, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, stopped{fmt.Errorf("open workbook: %w", err)}
	}
	if info.Size() > maxXLSBytes {
		return nil, Refuse("is larger than any .xls workbook (%d bytes)", info.Size())
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, stopped{fmt.Errorf("open workbook: %w", err)}
	}
	defer file.Close()
	stream, err := xlsStream(ctx, file, info.Size())
	switch {
	case ctx.Err() != nil:
		return nil, stopped{ctx.Err()}
	case err != nil:
		return nil, err
	}
	book := &xlsBook{ctx: ctx, stream: stream, page: charmap.Windows1252, texts: &sharedTexts{}}
	return book, book.readGlobals()
}

// xlsStream takes the stream of records out of its container.
func xlsStream(ctx context.Context, content io.ReaderAt, size int64) ([]byte, error) {
	container, err := mscfb.New(ctxReaderAt{ctx, content})
	if err != nil {
		return nil, err
	}
	var found *mscfb.File
	for file, err := container.Next(); err == nil; file, err = container.Next() {
		switch {
		case len(file.Path) > 0:
		case file.Name == "EncryptedPackage":
			return nil, Refuse("is protected by a password; save it without one")
		case file.Name == "Workbook", file.Name == "Book" && found == nil:
			found = file
		}
	}
	if found == nil {
		return nil, Refuse("has no workbook inside, so it is another kind of Office file; save the sheet as .xlsx or CSV")
	}
	if found.Size > size {
		return nil, io.ErrUnexpectedEOF
	}
	stream := make([]byte, max(found.Size, 0))
	if _, err := io.ReadFull(found, stream); err != nil {
		return nil, err
	}
	return stream, nil
}

// record is the record at a place of the stream, and the place behind it.
func (b *xlsBook) record(at int) (kind uint16, data []byte, next int, err error) {
	if at < 0 || at+4 > len(b.stream) {
		return 0, nil, 0, io.ErrUnexpectedEOF
	}
	kind = binary.LittleEndian.Uint16(b.stream[at:])
	next = at + 4 + int(binary.LittleEndian.Uint16(b.stream[at+2:]))
	if next > len(b.stream) {
		return 0, nil, 0, io.ErrUnexpectedEOF
	}
	return kind, b.stream[at+4 : next], next, nil
}

// readGlobals reads what stands before the sheets: their names, and the texts.
func (b *xlsBook) readGlobals() error {
	kind, data, at, err := b.record(0)
	if err != nil {
		return err
	}
	if kind != recBOF || len(data) < 4 {
		return Refuse("is a workbook of before Excel 5 or no workbook; save the sheet as .xlsx or CSV")
	}
	b.old = binary.LittleEndian.Uint16(data) < 0x0600
	for {
		kind, data, next, err := b.record(at)
		if err != nil {
			return err
		}
		switch kind {
		case recEOF:
			return nil
		case recFilePass:
			return Refuse("is protected by a password; save it without one")
		case recCodePage:
			if len(data) >= 2 {
				b.setPage(binary.LittleEndian.Uint16(data))
			}
		case recBoundSheet:
			if err := b.addSheet(data); err != nil {
				return err
			}
		case recSST:
			if b.texts, err = b.sharedTexts(at); err != nil {
				return fmt.Errorf("texts: %w", err)
			}
		}
		at = next
	}
}

func (b *xlsBook) setPage(number uint16) {
	names := map[uint16]string{932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 866: "ibm866", 10000: "macintosh"}
	name, ok := names[number]
	if !ok {
		name = fmt.Sprintf("windows-%d", number)
	}
	if page, err := htmlindex.Get(name); err == nil {
		b.page = page
	}
}

func (b *xlsBook) addSheet(data []byte) error {
	if len(data) < 7 {
		return io.ErrUnexpectedEOF
	}
	if data[5] != 0 { // a chart or a macro
		return nil
	}
	if len(b.sheets) == maxXLSSheets {
		return Refuse("has more than %d sheets", maxXLSSheets)
	}
	text := &xlsText{parts: [][]byte{data[7:]}}
	length, wide := int(data[6]), false
	if !b.old {
		flags, err := text.bytes(1)
		if err != nil {
			return err
		}
		wide = flags[0]&1 != 0
	}
	name, err := b.characters(text, length, wide)
	if err != nil {
		return err
	}
	hidden := data[4]&3 != 0 // 1 is hidden, 2 is what only a program can show
	at := binary.LittleEndian.Uint32(data)
	if slices.ContainsFunc(b.sheets, func(s xlsSheet) bool { return s.at == at }) {
		return Refuse("has two sheets in one place, as in a workbook that is made to take for ever")
	}
	b.sheets = append(b.sheets, xlsSheet{sheetLabel{name, hidden}, at})
	return nil
}

// xlsText reads texts that go on in further records.
type xlsText struct{ parts [][]byte }

func (t *xlsText) bytes(n int) ([]byte, error) {
	for len(t.parts) > 0 && len(t.parts[0]) == 0 {
		t.parts = t.parts[1:]
	}
	if len(t.parts) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if n > len(t.parts[0]) { // only numbers are asked for, and they are never cut
		return nil, io.ErrUnexpectedEOF
	}
	taken := t.parts[0][:n]
	t.parts[0] = t.parts[0][n:]
	return taken, nil
}

func (t *xlsText) skip(n int) error {
	for n > 0 {
		if len(t.parts) == 0 {
			return io.ErrUnexpectedEOF
		}
		taken := min(n, len(t.parts[0]))
		t.parts[0] = t.parts[0][taken:]
		if n -= taken; len(t.parts[0]) == 0 {
			t.parts = t.parts[1:]
		}
	}
	return nil
}

// characters reads a text of so many characters, of two bytes each or of one.
// Where it goes on in the next record, a flag says anew which.
func (b *xlsBook) characters(t *xlsText, length int, wide bool) (string, error) {
	var units []uint16
	for length > 0 {
		if len(t.parts) == 0 {
			return "", io.ErrUnexpectedEOF
		}
		if len(t.parts[0]) == 0 {
			if t.parts = t.parts[1:]; b.old {
				return "", io.ErrUnexpectedEOF
			}
			flags, err := t.bytes(1)
			if err != nil {
				return "", err
			}
			wide = flags[0]&1 != 0
			continue
		}
		size := 1
		if wide {
			size = 2
		}
		part := t.parts[0]
		n := min(length, len(part)/size)
		if n == 0 {
			return "", io.ErrUnexpectedEOF
		}
		t.parts[0], length = part[n*size:], length-n
		if b.old {
			text, err := b.page.NewDecoder().Bytes(part[:n])
			return string(text), err
		}
		for i := range n {
			if wide {
				units = append(units, binary.LittleEndian.Uint16(part[2*i:]))
			} else {
				units = append(units, uint16(part[i]))
			}
		}
	}
	return string(utf16.Decode(units)), nil
}

// continued are the data of a record and of those that continue it.
func (b *xlsBook) continued(at int) (*xlsText, error) {
	_, data, next, err := b.record(at)
	if err != nil {
		return nil, err
	}
	t := &xlsText{parts: [][]byte{data}}
	for {
		kind, data, after, err := b.record(next)
		if err != nil || kind != recContinue {
			return t, nil
		}
		t.parts, next = append(t.parts, data), after
	}
}

func (b *xlsBook) sharedTexts(at int) (*sharedTexts, error) {
	t, err := b.continued(at)
	if err != nil {
		return nil, err
	}
	head, err := t.bytes(8)
	if err != nil {
		return nil, err
	}
	texts := &sharedTexts{}
	for i := range binary.LittleEndian.Uint32(head[4:]) {
		if i%(1<<16) == 0 && b.ctx.Err() != nil {
			return nil, stopped{b.ctx.Err()}
		}
		text, err := b.richText(t)
		if err != nil {
			return nil, err
		}
		if err := texts.add(text); err != nil {
			return nil, err
		}
	}
	texts.done()
	return texts, nil
}

// richText reads a text with its length before it, and passes over its fonts and
// how it is pronounced.
func (b *xlsBook) richText(t *xlsText) (string, error) {
	head, err := t.bytes(3)
	if err != nil {
		return "", err
	}
	length, flags := int(binary.LittleEndian.Uint16(head)), head[2]
	behind := 0
	if flags&8 != 0 {
		runs, err := t.bytes(2)
		if err != nil {
			return "", err
		}
		behind += 4 * int(binary.LittleEndian.Uint16(runs))
	}
	if flags&4 != 0 {
		size, err := t.bytes(4)
		if err != nil {
			return "", err
		}
		behind += int(binary.LittleEndian.Uint32(size))
	}
	text, err := b.characters(t, length, flags&1 != 0)
	if err != nil {
		return "", err
	}
	return text, t.skip(behind)
}

// xlsCell is where a cell's value stands in the stream. Texts are made of it only
// when its row is emitted.
type xlsCell struct {
	row, column uint16
	kind        uint16
	at          uint32 // of the record, or of the number in a record of several
}

// rows emits a sheet's rows in their order, in which few programs don't save them.
func (b *xlsBook) rows(sheet xlsSheet, emit Emit) error {
	cells, err := b.cells(int(sheet.at))
	if err != nil {
		return err
	}
	for len(cells) > 0 {
		end := 1
		for end < len(cells) && cells[end].row == cells[0].row {
			end++
		}
		if err := b.ctx.Err(); err != nil {
			return stopped{err}
		}
		row := make([]string, cells[end-1].column+1)
		for _, c := range cells[:end] {
			if row[c.column], err = b.text(c); err != nil {
				return fmt.Errorf("row %d, column %d: %w", c.row+1, c.column+1, err)
			}
		}
		number := int64(cells[0].row) + 1
		cells = cells[end:]
		if row = trimRow(row); len(row) == 0 {
			continue
		}
		if err := emit(number, row); err != nil {
			return stopped{err}
		}
	}
	return nil
}

// cells finds the cells of the sheet whose records begin at a place.
func (b *xlsBook) cells(at int) ([]xlsCell, error) {
	var cells []xlsCell
	for depth, count := 0, 0; ; count++ {
		if count%(1<<16) == 0 && b.ctx.Err() != nil {
			return nil, stopped{b.ctx.Err()}
		}
		kind, data, next, err := b.record(at)
		if err != nil {
			return nil, err
		}
		if depth == 0 && kind != recBOF {
			return nil, errors.New("its records do not begin where the workbook says")
		}
		switch kind {
		case recBOF: // charts have their own, inside the sheet's
			depth++
		case recEOF:
			if depth--; depth == 0 {
				return ordered(cells), nil
			}
		case recNumber, recLabel, recRString, recBoolErr, recRK, recLabelSST, recFormula, recMulRK:
			if depth == 1 {
				if cells, err = appendCells(cells, kind, data, at); err != nil {
					return nil, err
				}
			}
		}
		at = next
	}
}

func appendCells(cells []xlsCell, kind uint16, data []byte, at int) ([]xlsCell, error) {
	if len(data) < 8 {
		return nil, io.ErrUnexpectedEOF
	}
	row, column := binary.LittleEndian.Uint16(data), binary.LittleEndian.Uint16(data[2:])
	count, kept := 1, uint32(at)
	if kind == recMulRK {
		count = (len(data) - 6) / 6
	}
	if int(column)+count > maxXLSColumns {
		return nil, fmt.Errorf("row %d: more than %d columns", row+1, maxXLSColumns)
	}
	for i := range count {
		if kind == recMulRK {
			kept = uint32(at + 4 + 4 + 6*i + 2)
		}
		cells = append(cells, xlsCell{row, column + uint16(i), kind, kept})
	}
	return cells, nil
}

// ordered sorts cells by row and column; of two in one place the later counts.
func ordered(cells []xlsCell) []xlsCell {
	compare := func(a, b xlsCell) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	}
	if !slices.IsSortedFunc(cells, compare) {
		slices.SortStableFunc(cells, compare)
	}
	return cells
}

func (b *xlsBook) text(c xlsCell) (string, error) {
	if c.kind == recMulRK {
		return rkText(binary.LittleEndian.Uint32(b.stream[c.at:])), nil
	}
	_, data, next, err := b.record(int(c.at))
	if err != nil {
		return "", err
	}
	value := data[6:] // appendCells saw that it has at least two bytes
	need := map[uint16]int{recNumber: 8, recFormula: 8, recRK: 4, recLabelSST: 4}[c.kind]
	if len(value) < need {
		return "", io.ErrUnexpectedEOF
	}
	switch c.kind {
	case recNumber:
		return floatText(math.Float64frombits(binary.LittleEndian.Uint64(value))), nil
	case recRK:
		return rkText(binary.LittleEndian.Uint32(value)), nil
	case recBoolErr:
		if value[1] != 0 { // an error such as #N/A
			return "", nil
		}
		return strconv.FormatBool(value[0] != 0), nil
	case recLabelSST:
		i := binary.LittleEndian.Uint32(value)
		text, ok := b.texts.at(int(i))
		if !ok {
			return "", fmt.Errorf("text number %d is not in the workbook", i)
		}
		return text, nil
	case recFormula:
		return b.formulaText(value[:8], next)
	default:
		return b.labelText(&xlsText{parts: [][]byte{value}})
	}
}

// labelText reads a text that stands in the cell's own record.
func (b *xlsBook) labelText(t *xlsText) (string, error) {
	length, err := t.bytes(2)
	if err != nil {
		return "", err
	}
	wide := false
	n := int(binary.LittleEndian.Uint16(length))
	if n > 0 && !b.old {
		flags, err := t.bytes(1)
		if err != nil {
			return "", err
		}
		wide = flags[0]&1 != 0
	}
	return b.characters(t, n, wide)
}

// formulaText is the result that was saved with a formula. A text stands in the
// next record, behind the formula that cells share or its array.
func (b *xlsBook) formulaText(value []byte, next int) (string, error) {
	if binary.LittleEndian.Uint16(value[6:]) != 0xffff {
		return floatText(math.Float64frombits(binary.LittleEndian.Uint64(value))), nil
	}
	switch value[0] {
	case 0:
		for range 3 {
			kind, _, after, err := b.record(next)
			if err != nil {
				return "", err
			}
			if kind == recString {
				t, err := b.continued(next)
				if err != nil {
					return "", err
				}
				return b.labelText(t)
			}
			next = after
		}
	case 1:
		return strconv.FormatBool(value[2] != 0), nil
	}
	return "", nil // an error, or an empty text
}

// rkText reads the short form of numbers: a whole number or the upper half of a
// float, perhaps in hundredths.
func rkText(rk uint32) string {
	if rk&2 == 0 {
		f := math.Float64frombits(uint64(rk&^3) << 32)
		if rk&1 != 0 {
			f /= 100
		}
		return floatText(f)
	}
	n := int64(int32(rk) >> 2)
	if rk&1 == 0 {
		return strconv.FormatInt(n, 10)
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%s%d.%02d", sign, n/100, n%100), "0"), ".")
}

func floatText(f float64) string {
	switch {
	case math.IsNaN(f), math.IsInf(f, 0):
		return ""
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
