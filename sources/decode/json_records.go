package decode

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// places is where the fields of records stand, by their names as the file spells them.
// Those that are no column have places behind the columns.
type places struct {
	of    map[string]int
	plain []string // by place, as PlainName has them
	cells []string // of the record at hand
	seen  []int64  // by place: the last record that has it
}

// mostPlaces is how many names of fields are known at once. Records have some fifty.
const mostPlaces = 2000

// recordAtOnce reads a record of an answer. Answers have up to 250,000 of them, nearly all
// of which hold plain texts and numbers under the names of the first one: these need not be
// taken apart name by name. Any other is read by record.
func (f *jsonFile) recordAtOnce() error {
	f.raw = f.raw[:0]
	if err := f.decoder.Decode(&f.raw); err != nil {
		return err
	}
	// What stands behind a backslash, and what is no UTF-8, is for the whole reader.
	if f.names == nil || f.raw[0] != '{' || bytes.IndexByte(f.raw, '\\') >= 0 || !utf8.Valid(f.raw) || !f.plainRecord() {
		return f.record(f.raw)
	}
	f.records++
	return f.emit(f.records, slices.Clone(f.places.cells[:len(f.names)]))
}

// plainRecord puts the fields of the record at hand into their cells. It is false for a
// record with objects or lists in it, or with two fields of one name.
func (f *jsonFile) plainRecord() bool {
	p := &f.places
	if p.of == nil {
		p.of, p.plain = map[string]int{}, slices.Clone(f.names)
		p.cells, p.seen = make([]string, len(p.plain)), make([]int64, len(p.plain))
	}
	clear(p.cells)
	plain := true
	gjson.ParseBytes(f.raw).ForEach(func(name, value gjson.Result) bool {
		at := p.place(name.Str)
		if value.Type == gjson.JSON || len(p.plain) > mostPlaces || p.seen[at] == f.records+1 {
			plain = false
			return false
		}
		p.seen[at] = f.records + 1
		p.cells[at] = cellOf(value)
		return true
	})
	if !plain { // what was seen of it does not count
		clear(p.seen)
	}
	return plain
}

// place is where a field stands.
func (p *places) place(name string) int {
	if at, known := p.of[name]; known {
		return at
	}
	plain := PlainName(name)
	at := slices.Index(p.plain, plain)
	if at < 0 {
		at = len(p.plain)
		p.plain, p.cells, p.seen = append(p.plain, plain), append(p.cells, ""), append(p.seen, 0)
	}
	p.of[string([]byte(name))] = at // the record that it stands in is let go
	return at
}

// cellOf is a plain value as the text of a cell, as compact has it.
func cellOf(value gjson.Result) string {
	switch value.Type {
	case gjson.Null:
		return ""
	case gjson.String:
		return value.Str
	case gjson.Number:
		return plainDecimal(value.Raw)
	}
	return value.Raw // true or false
}
