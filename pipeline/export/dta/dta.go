// Package dta writes Stata datasets in format 118, which Stata 14 and all later versions
// read (https://www.stata.com/help.cgi?dta).
//
// A Writer writes row after row, so that memory does not grow with them; what a dataset
// must say before its rows (how many they are, how long texts get) its maker knows.
package dta

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// Type is how Stata stores a variable. Text is Bytes wide, or in the pool of long texts
// (strL) when these are too many.
type Type int

// The types, by the numbers that they hold.
const (
	Byte   Type = iota // whole, -127 to 100
	Int                // whole, -32,767 to 32,740
	Long               // whole, -2,147,483,647 to 2,147,483,620
	Double             // any
	Text
)

// Fits is the smallest type that holds the whole numbers from low to high.
func Fits(low, high int64) Type {
	switch {
	case low >= -127 && high <= 100:
		return Byte
	case low >= -32767 && high <= 32740:
		return Int
	case low >= -2147483647 && high <= 2147483620:
		return Long
	}
	return Double
}

// Variable is a column of a dataset.
type Variable struct {
	Name   string
	Label  string // at most 80 characters; the rest is cut
	Type   Type
	Bytes  int    // of the longest text
	Format string // how Stata shows it, such as %9.0g; "" for what suits the type
	Labels string // name of the set of labels of its values; "" for none
	Notes  []string
}

// ValueLabel says what a whole number stands for.
type ValueLabel struct {
	Value int32
	Text  string
}

// LabelSet is named labels of values, which variables refer to.
type LabelSet struct {
	Name   string
	Values []ValueLabel // each value once
}

// Dataset is all that a file says beside its rows.
type Dataset struct {
	Label     string // at most 80 characters; the rest is cut
	Stamp     string // when it was made, as "27 Nov 2026 14:36"; "" for never
	Notes     []string
	Variables []Variable
	Labels    []LabelSet
	Rows      int64
}

// The limits of the format.
const (
	longestText  = 2045 // bytes of a text that stands in its row
	mostLabel    = 80   // characters of a label
	mostColumns  = 32767
	nameWidth    = 129
	formatWidth  = 57
	labelWidth   = 321
	longestNote  = 67783
	sections     = 14
	missingFloat = 0x7fe0000000000000
)

// codes of the types in the file. Those of texts that stand in their row are their bytes.
var typeCodes = map[Type]uint16{Byte: 65530, Int: 65529, Long: 65528, Double: 65526}

const longText uint16 = 32768

// Writer writes the rows of a dataset.
type Writer struct {
	set     Dataset
	file    io.WriteSeeker
	out     *bufio.Writer
	at      int64   // bytes written
	offsets []int64 // where the sections begin
	mapsAt  int64   // where the offsets stand
	pool    *pool
	written int64
	row     []byte
}

// NewWriter begins a dataset. Long texts wait in a temporary file in dir until Close.
func NewWriter(file io.WriteSeeker, dir string, set Dataset) (*Writer, error) {
	if err := set.check(); err != nil {
		return nil, err
	}
	w := &Writer{set: set, file: file, out: bufio.NewWriterSize(file, 1<<20)}
	if set.hasLong() {
		p, err := newPool(dir)
		if err != nil {
			return nil, fmt.Errorf("keep long texts: %w", err)
		}
		w.pool = p
	}
	if err := w.head(); err != nil {
		return nil, errors.Join(err, w.pool.close())
	}
	return w, nil
}

func (d Dataset) check() error {
	if len(d.Variables) > mostColumns {
		return fmt.Errorf("%d variables are more than the %d of a Stata dataset", len(d.Variables), mostColumns)
	}
	seen := map[string]bool{}
	for _, v := range d.Variables {
		if v.Name == "" || len(v.Name) > MostName || seen[v.Name] {
			return fmt.Errorf("variable %q: a name has 1 to %d characters and is there once", v.Name, MostName)
		}
		seen[v.Name] = true
	}
	return nil
}

func (d Dataset) hasLong() bool {
	for _, v := range d.Variables {
		if v.isLong() {
			return true
		}
	}
	return false
}

func (v Variable) isLong() bool { return v.Type == Text && v.Bytes > longestText }

func (v Variable) code() uint16 {
	switch {
	case v.isLong():
		return longText
	case v.Type == Text:
		return uint16(max(1, v.Bytes))
	}
	return typeCodes[v.Type]
}

func (v Variable) format() string {
	switch {
	case v.Format != "":
		return v.Format
	case v.isLong():
		return "%9s"
	case v.Type == Text:
		return fmt.Sprintf("%%-%ds", max(1, min(v.Bytes, 60)))
	case v.Type == Double:
		return "%10.0g"
	case v.Type == Long:
		return "%12.0g"
	}
	return "%8.0g"
}

// head writes all that stands before the rows.
func (w *Writer) head() error {
	d := w.set
	w.section("")
	w.text("<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>")
	w.number(uint16(len(d.Variables)))
	w.text("</K><N>")
	w.number(uint64(d.Rows))
	w.text("</N><label>")
	label := cut(d.Label, mostLabel)
	w.number(uint16(len(label)))
	w.text(label + "</label><timestamp>")
	w.number(uint8(len(d.Stamp)))
	w.text(d.Stamp + "</timestamp></header>")
	w.section("<map>")
	w.mapsAt = w.at
	w.number(make([]int64, sections))
	w.text("</map>")
	w.each("variable_types", func(v Variable) { w.number(v.code()) })
	w.each("varnames", func(v Variable) { w.fixed(v.Name, nameWidth) })
	w.section("<sortlist>")
	w.number(make([]uint16, len(d.Variables)+1)) // sorted by nothing that Stata may count on
	w.text("</sortlist>")
	w.each("formats", func(v Variable) { w.fixed(v.format(), formatWidth) })
	w.each("value_label_names", func(v Variable) { w.fixed(v.Labels, nameWidth) })
	w.each("variable_labels", func(v Variable) { w.fixed(cut(v.Label, mostLabel), labelWidth) })
	w.characteristics()
	w.section("<data>")
	return w.out.Flush()
}

// each writes a section that has something of each variable.
func (w *Writer) each(name string, write func(Variable)) {
	w.section("<" + name + ">")
	for _, v := range w.set.Variables {
		write(v)
	}
	w.text("</" + name + ">")
}

// characteristics writes notes, as Stata's command notes keeps them: note0 says how many
// there are.
func (w *Writer) characteristics() {
	w.section("<characteristics>")
	w.notes("_dta", w.set.Notes)
	for _, v := range w.set.Variables {
		w.notes(v.Name, v.Notes)
	}
	w.text("</characteristics>")
}

func (w *Writer) notes(of string, notes []string) {
	if len(notes) == 0 {
		return
	}
	w.characteristic(of, "note0", fmt.Sprint(len(notes)))
	for i, note := range notes {
		w.characteristic(of, fmt.Sprintf("note%d", i+1), note)
	}
}

func (w *Writer) characteristic(of, name, value string) {
	value = cutBytes(strings.ReplaceAll(value, "\x00", " "), longestNote) + "\x00"
	w.text("<ch>")
	w.number(uint32(2*nameWidth + len(value)))
	w.fixed(of, nameWidth)
	w.fixed(name, nameWidth)
	w.text(value + "</ch>")
}

// Row writes a row: for each variable nil, an int64, a float64, a bool or a string. A
// missing text is an empty one, for Stata knows no other.
func (w *Writer) Row(values []any) error {
	if len(values) != len(w.set.Variables) {
		return fmt.Errorf("a row has %d values for %d variables", len(values), len(w.set.Variables))
	}
	w.row = w.row[:0]
	for i, v := range w.set.Variables {
		if err := w.value(v, values[i]); err != nil {
			return fmt.Errorf("row %d, variable %s: %w", w.written+1, v.Name, err)
		}
	}
	w.written++
	w.at += int64(len(w.row))
	_, err := w.out.Write(w.row)
	return err
}

func (w *Writer) value(v Variable, value any) error {
	switch value := value.(type) {
	case nil:
		w.missing(v)
	case string:
		return w.string(v, value)
	case bool:
		if value {
			return w.whole(v, 1)
		}
		return w.whole(v, 0)
	case int64:
		return w.whole(v, value)
	case float64:
		if v.Type != Double {
			return fmt.Errorf("%v is no whole number", value)
		}
		w.double(value)
	default:
		return fmt.Errorf("no way to write a %T", value)
	}
	return nil
}

func (w *Writer) missing(v Variable) {
	switch v.Type {
	case Byte:
		w.row = append(w.row, 101)
	case Int:
		w.row = binary.LittleEndian.AppendUint16(w.row, 32741)
	case Long:
		w.row = binary.LittleEndian.AppendUint32(w.row, 2147483621)
	case Double:
		w.row = binary.LittleEndian.AppendUint64(w.row, missingFloat)
	case Text:
		width := max(1, v.Bytes)
		if v.isLong() {
			width = 8 // the reference to no text
		}
		w.row = append(w.row, make([]byte, width)...)
	}
}

// double writes a number. What is no number, or larger than Stata's largest, is missing.
func (w *Writer) double(value float64) {
	bits := math.Float64bits(value)
	if math.IsNaN(value) || math.IsInf(value, 0) || math.Abs(value) >= math.Float64frombits(missingFloat) {
		bits = missingFloat
	}
	w.row = binary.LittleEndian.AppendUint64(w.row, bits)
}

func (w *Writer) whole(v Variable, value int64) error {
	if v.Type == Text {
		return fmt.Errorf("%d is no text", value)
	}
	if Fits(value, value) > v.Type {
		return fmt.Errorf("%d is too large for the variable's type", value)
	}
	switch v.Type {
	case Byte:
		w.row = append(w.row, byte(value))
	case Int:
		w.row = binary.LittleEndian.AppendUint16(w.row, uint16(value))
	case Long:
		w.row = binary.LittleEndian.AppendUint32(w.row, uint32(value))
	default:
		w.double(float64(value))
	}
	return nil
}

func (w *Writer) string(v Variable, value string) error {
	switch {
	case v.Type != Text:
		return fmt.Errorf("the text %q is no number", value)
	case strings.Contains(value, "\x00"):
		return fmt.Errorf("the text %q has a NUL, which Stata can't hold", value)
	case v.isLong():
		return w.long(v, value)
	case len(value) > max(1, v.Bytes):
		return fmt.Errorf("the text has %d bytes, the variable %d", len(value), v.Bytes)
	}
	w.row = append(w.row, value...)
	w.row = append(w.row, make([]byte, max(1, v.Bytes)-len(value))...)
	return nil
}

// long puts a text into the pool and a reference to it, by variable and row, into its row.
func (w *Writer) long(v Variable, value string) error {
	if value == "" {
		w.missing(v)
		return nil
	}
	number := uint16(0)
	for i, other := range w.set.Variables {
		if other.Name == v.Name {
			number = uint16(i + 1)
		}
	}
	row := uint64(w.written + 1)
	w.row = binary.LittleEndian.AppendUint64(w.row, uint64(number)|row<<16)
	return w.pool.add(uint32(number), row, value)
}

// Close ends the dataset. It does not close the file.
func (w *Writer) Close() (err error) {
	defer func() { err = errors.Join(err, w.pool.close()) }()
	if w.written != w.set.Rows {
		return fmt.Errorf("%d rows were written, %d were announced", w.written, w.set.Rows)
	}
	w.text("</data>")
	w.section("<strls>")
	n, err := w.pool.copyTo(w.out)
	w.at += n
	if err != nil {
		return fmt.Errorf("write long texts: %w", err)
	}
	w.text("</strls>")
	w.section("<value_labels>")
	for _, set := range w.set.Labels {
		w.labelSet(set)
	}
	w.text("</value_labels>")
	w.section("</stata_dta>")
	w.section("")
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.fillMap()
}

// Abandon gives up a dataset whose rows can't be written.
func (w *Writer) Abandon() error { return w.pool.close() }

// fillMap writes where the sections begin, which is known now.
func (w *Writer) fillMap() error {
	if len(w.offsets) != sections {
		return fmt.Errorf("internal error: %d sections in a Stata dataset, not %d; please report it", len(w.offsets), sections)
	}
	if _, err := w.file.Seek(w.mapsAt, io.SeekStart); err != nil {
		return err
	}
	if err := binary.Write(w.file, binary.LittleEndian, w.offsets); err != nil {
		return err
	}
	_, err := w.file.Seek(0, io.SeekEnd)
	return err
}

func (w *Writer) labelSet(set LabelSet) {
	var texts []byte
	var offsets []uint32
	var values []int32
	for _, v := range set.Values {
		offsets = append(offsets, uint32(len(texts)))
		values = append(values, v.Value)
		texts = append(append(texts, strings.ReplaceAll(v.Text, "\x00", " ")...), 0)
	}
	w.text("<lbl>")
	w.number(uint32(8 + 8*len(values) + len(texts)))
	w.fixed(set.Name, nameWidth)
	w.text("\x00\x00\x00")
	w.number(uint32(len(values)))
	w.number(uint32(len(texts)))
	w.number(offsets)
	w.number(values)
	w.text(string(texts) + "</lbl>")
}

// section notes where a section begins, and writes its first tag.
func (w *Writer) section(tag string) {
	w.offsets = append(w.offsets, w.at)
	w.text(tag)
}

// text, number and fixed write to memory; errors come with the flush.
func (w *Writer) text(text string) {
	w.at += int64(len(text))
	_, _ = w.out.WriteString(text)
}

func (w *Writer) number(value any) {
	w.at += int64(binary.Size(value))
	_ = binary.Write(w.out, binary.LittleEndian, value)
}

// fixed writes a text with zeros behind it, at least one.
func (w *Writer) fixed(text string, width int) {
	text = cutBytes(strings.ReplaceAll(text, "\x00", " "), width-1)
	w.text(text + strings.Repeat("\x00", width-len(text)))
}

// pool is the long texts of a dataset, in a temporary file.
type pool struct {
	file *os.File
	out  *bufio.Writer
}

func newPool(dir string) (*pool, error) {
	file, err := os.CreateTemp(dir, ".long-texts-*.tmp")
	if err != nil {
		return nil, err
	}
	return &pool{file: file, out: bufio.NewWriter(file)}, nil
}

// add writes a text with its reference: "GSO", variable, row, kind (130 is a text that
// ends with a zero), length.
func (p *pool) add(variable uint32, row uint64, text string) error {
	head := binary.LittleEndian.AppendUint32([]byte("GSO"), variable)
	head = append(binary.LittleEndian.AppendUint64(head, row), 130)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(text)+1))
	if _, err := p.out.Write(head); err != nil {
		return err
	}
	_, err := p.out.WriteString(text + "\x00")
	return err
}

func (p *pool) copyTo(w io.Writer) (int64, error) {
	if p == nil {
		return 0, nil
	}
	if err := p.out.Flush(); err != nil {
		return 0, err
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return io.Copy(w, p.file)
}

func (p *pool) close() error {
	if p == nil || p.file == nil {
		return nil
	}
	err := errors.Join(p.file.Close(), os.Remove(p.file.Name()))
	p.file = nil
	return err
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return strings.TrimRight(string(runes[:most-1]), " ,.;:") + "…"
}

// cutBytes shortens a text to so many bytes, and leaves no half of a character.
func cutBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
