package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Emit gets one row of a grid: its number in the sheet (1 is the first) and its
// cells as text. Rows without any text are passed over. The slice is the receiver's until
// it returns, the texts are its to keep.
type Emit func(number int64, cells []string) error

const (
	// What stands in a compressed workbook may be larger by this than the file;
	// trade data shrink to between a fifth and a thirtieth, so more is an archive bomb.
	maxPartGrowth  = 200
	partAlwaysFine = 64 << 20

	// No spreadsheet has more columns. A cell holds 32,767 characters in Excel.
	maxGridColumns = 16384
	maxCellBytes   = 1 << 20
)

// stopped is an error that the receiver of the rows returned, or of the context:
// it goes back as it is, because it says nothing against the file.
type stopped struct{ error }

func (s stopped) Unwrap() error { return s.error }

// asRefusal turns what went wrong inside a workbook into a *Refusal, but leaves
// what the receiver of the rows returned as it is.
func asRefusal(err error) error {
	var stop stopped
	var refusal *Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stop):
		return stop.error
	case errors.As(err, &refusal):
		return Refuse("%v", err) // with where it was
	}
	return Refuse("is damaged: %v; download it again", err)
}

// sheetLabel is what the index of a workbook says of a sheet.
type sheetLabel struct {
	name   string
	hidden bool // by who made it: it holds lists, drafts, or what was withdrawn
}

// sheetNames are the sheets of a workbook that have text or a number in any cell, in
// the workbook's order.
type sheetNames struct{ shown, hidden []string }

// sheetsWithRows names the sheets of which read emits a row. It stops reading a
// sheet at the first.
func sheetsWithRows[S any](sheets []S, read func(S, Emit) (sheetLabel, error)) (names sheetNames, err error) {
	found := errors.New("found")
	for _, s := range sheets {
		label, err := read(s, func(int64, []string) error { return found })
		switch {
		case errors.Is(err, found) && label.hidden:
			names.hidden = append(names.hidden, label.name)
		case errors.Is(err, found):
			names.shown = append(names.shown, label.name)
		case err != nil:
			return sheetNames{}, asRefusal(fmt.Errorf("sheet %q: %w", label.name, err))
		}
	}
	return names, nil
}

// recovered turns a panic into a *Refusal: one broken file must not end a run.
func recovered(err *error) {
	if fault := recover(); fault != nil {
		*err = Refuse("is damaged (%v); download it again", fault)
	}
}

// partReader reads at most left bytes and stops when the context is done. A
// reader that sets burst to 0 after each piece is safe from endless pieces.
type partReader struct {
	ctx   context.Context
	r     io.Reader
	left  *int64 // of the whole file
	what  string
	burst int
}

const maxBurst = 8 << 20

func (p *partReader) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, stopped{err}
	}
	n, err := p.r.Read(b)
	p.burst += n
	*p.left -= int64(n)
	if p.burst > maxBurst {
		return 0, Refuse("%s has a text or tag of more than %d bytes, so it is no table", p.what, maxBurst)
	}
	if *p.left < 0 {
		return 0, Refuse("%s is larger than any trade file, as in an archive that is made to fill the disk", p.what)
	}
	return n, err
}

// trimRow drops the empty cells at the end of a row.
func trimRow(cells []string) []string {
	end := len(cells)
	for end > 0 && cells[end-1] == "" {
		end--
	}
	return cells[:end]
}

var exponent = regexp.MustCompile(`^([+-]?)(\d*)(?:\.(\d*))?[eE]([+-]?\d{1,4})$`)

// plainDecimal writes a number such as 1.08579e+007 without the exponent, digit
// for digit: 10857900. Other text stays as it is, and so do numbers beyond what
// a workbook can hold (10^308).
func plainDecimal(text string) string {
	if !strings.ContainsAny(text, "eE") {
		return text
	}
	m := exponent.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" {
		return text
	}
	shift, err := strconv.Atoi(m[4])
	if err != nil || shift > 308 || shift < -324 {
		return text
	}
	digits, point := m[2]+m[3], len(m[2])+shift
	if point < 0 {
		digits, point = strings.Repeat("0", -point)+digits, 0
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole, part := strings.TrimLeft(digits[:point], "0"), strings.TrimRight(digits[point:], "0")
	if whole == "" {
		whole = "0"
	}
	sign := strings.TrimPrefix(m[1], "+")
	switch {
	case part != "":
		return sign + whole + "." + part
	case whole == "0":
		return "0"
	}
	return sign + whole
}

// Abbreviate cuts a text for a message.
func Abbreviate(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
