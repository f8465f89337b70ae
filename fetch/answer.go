package fetch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// answer is what a call brought, by cell.
type answer struct {
	cells map[string]*rows // by Cell.String
	rows  int
	bytes int64 // as they were sent
}

// rows are those of one cell.
type rows struct {
	revision string
	lines    []line
}

// line is a row as it is stored, with what it is sorted by.
type line struct {
	partner int
	code    string
	text    []byte
}

// errCut is an answer that may have been cut off at a limit; see cutError.
var errCut = errors.New("the answer is as long as an answer may be, so that rows may be missing")

// cutError is errCut with the number of rows.
type cutError struct{ rows int }

func (e *cutError) Error() string { return fmt.Sprintf("%v (%d rows)", errCut, e.rows) }
func (e *cutError) Unwrap() error { return errCut }

// limits are the numbers of rows at which the tiers of the site stop without a word.
var limits = []int{500, 100_000, 250_000}

// refuse makes the error of an answer that is not what was asked for. It is tried again,
// as one that arrives damaged is.
func refuse(format string, args ...any) error { return &transportError{fmt.Errorf(format, args...)} }

// counted reads the answer of countOnly.
func counted(s *spool) (int, error) {
	body, err := s.open()
	if err != nil {
		return 0, refuse("the count can't be unpacked: %w", err)
	}
	var answer struct {
		Count *int
		Error string
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return 0, refuse("the count is no JSON: %w", err)
	}
	if answer.Count == nil || answer.Error != "" {
		return 0, refuse("the answer has no count, or an error %q", answer.Error)
	}
	return *answer.Count, nil
}

// reader reads the answer to a call row by row, and refuses it at the first thing that
// is not as it should be.
type reader struct {
	call    Call
	most    int
	partner map[int]bool // nil: all
	text    *json.Decoder
	budget  *budget
	record  record
	answer  *answer
	count   int
	counted bool
	fault   string
	last    *rows
	lastOf  Cell
	arena   []byte
}

// mostRecord is how long a record may be.
const mostRecord = 1 << 20

// budget lets no more than a record's worth be read at a time.
type budget struct {
	from io.Reader
	left int
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a record has more than %d bytes", mostRecord)
	}
	n, err := b.from.Read(p)
	b.left -= n
	return n, err
}

// read reads the answer to a call of which an answer may have less than most rows.
func (c Call) read(s *spool, most int) (*answer, error) {
	if kind := s.header.Get("Content-Type"); !strings.Contains(kind, "json") {
		return nil, refuse("the answer is no JSON but %q: %s", kind, s.message())
	}
	body, err := s.open()
	if err != nil {
		return nil, refuse("the answer can't be unpacked: %w", err)
	}
	r := &reader{call: c, most: most, budget: &budget{from: body}, answer: &answer{cells: map[string]*rows{}, bytes: s.bytes}}
	r.text = json.NewDecoder(r.budget)
	if c.Some != nil {
		r.partner = map[int]bool{}
		for _, p := range c.Some {
			r.partner[p] = true
		}
	}
	if err := r.envelope(); err != nil {
		var known *transportError
		if errors.Is(err, errCut) || errors.As(err, &known) {
			return nil, err
		}
		return nil, refuse("the answer is not whole: %w", err)
	}
	return r.answer, r.whole()
}

// envelope reads what stands around the rows, and the rows.
func (r *reader) envelope() error {
	r.budget.left = mostRecord
	if err := r.delimiter('{'); err != nil {
		return err
	}
	for r.text.More() {
		name, err := r.text.Token()
		if err != nil {
			return err
		}
		switch name {
		case "count":
			err = r.text.Decode(&r.count)
			r.counted = true
			if err == nil && r.isCut(r.count) {
				return &cutError{r.count}
			}
		case "data":
			err = r.data()
		case "error":
			err = r.text.Decode(&r.fault)
		default:
			var other any
			err = r.text.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if err := r.delimiter('}'); err != nil {
		return err
	}
	if _, err := r.text.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind its end")
	}
	return nil
}

// isCut tells whether an answer of n rows may have been cut off.
func (r *reader) isCut(n int) bool { return n >= r.most || slices.Contains(limits, n) }

func (r *reader) delimiter(want json.Delim) error {
	token, err := r.text.Token()
	if err != nil {
		return unexpected(err)
	}
	if token != want {
		return fmt.Errorf("it has %v in the place of %v", token, want)
	}
	return nil
}

// unexpected is the end of a text that is not over.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *reader) data() error {
	if err := r.delimiter('['); err != nil {
		return err
	}
	for r.text.More() {
		r.record.reset()
		r.budget.left = mostRecord
		if err := r.text.Decode(&r.record); err != nil {
			return unexpected(err)
		}
		if r.answer.rows++; r.answer.rows >= r.most {
			return &cutError{r.answer.rows}
		}
		if err := r.row(); err != nil {
			return err
		}
	}
	return r.delimiter(']')
}

// row checks a row and keeps it.
func (r *reader) row() error {
	cell, partner, code, err := r.record.place()
	if err != nil {
		return refuse("row %d: %w", r.answer.rows, err)
	}
	switch {
	case !slices.Contains(r.call.Reporters, cell.Reporter), !slices.Contains(r.call.Periods, cell.Period), cell.Flow != r.call.Flow:
		return refuse("row %d is of %s, which was not asked for", r.answer.rows, cell)
	case r.call.Partners == withWorld && partner != 0, r.partner != nil && !r.partner[partner]:
		return refuse("row %d is of partner %d, which was not asked for", r.answer.rows, partner)
	}
	cell.Partners = r.call.Partners
	if r.last == nil || r.lastOf != cell {
		if r.last = r.answer.cells[cell.String()]; r.last == nil {
			r.last = &rows{revision: text(r.record.ClassificationCode)}
			r.answer.cells[cell.String()] = r.last
		}
		r.lastOf = cell
	}
	if r.last.revision != text(r.record.ClassificationCode) {
		return refuse("row %d is in %s, and others of its dataset in %s", r.answer.rows, text(r.record.ClassificationCode), r.last.revision)
	}
	from := len(r.arena)
	if cap(r.arena)-from < 2048 {
		r.arena, from = make([]byte, 0, 1<<20), 0
	}
	r.arena = r.record.line(r.arena)
	r.last.lines = append(r.last.lines, line{partner, code, r.arena[from:len(r.arena):len(r.arena)]})
	return nil
}

// whole checks what only the end tells.
func (r *reader) whole() error {
	a := r.answer
	switch {
	case r.fault != "":
		return refuse("the answer says %q", r.fault)
	case !r.counted || r.count != a.rows:
		return refuse("the answer has %d rows, and says that it has %d", a.rows, r.count)
	case r.isCut(a.rows):
		return &cutError{a.rows}
	}
	for name, rows := range a.cells {
		if err := rows.sort(name); err != nil {
			return err
		}
	}
	return nil
}

// sort brings rows into their order, the same whatever that of the answer was.
func (r *rows) sort(name string) error {
	slices.SortFunc(r.lines, func(a, b line) int { return cmp.Or(cmp.Compare(a.partner, b.partner), cmp.Compare(a.code, b.code)) })
	for i := 1; i < len(r.lines); i++ {
		if a, b := r.lines[i-1], r.lines[i]; a.partner == b.partner && a.code == b.code {
			return refuse("%s has code %s with partner %d twice", name, a.code, a.partner)
		}
	}
	return nil
}

// add adds the rows of an answer to another part of the same call.
func (a *answer) add(b *answer) error {
	a.rows, a.bytes = a.rows+b.rows, a.bytes+b.bytes
	for name, more := range b.cells {
		there := a.cells[name]
		if there == nil {
			a.cells[name] = more
			continue
		}
		if there.revision != more.revision {
			return refuse("%s is in %s in one answer and in %s in another", name, there.revision, more.revision)
		}
		there.lines = append(there.lines, more.lines...)
		if err := there.sort(name); err != nil {
			return err
		}
	}
	return nil
}

// value is a value of a record as it was sent.
type value = json.RawMessage

// record is what is kept of a row. Its fields are those of the API, by their names; what
// they are for is in docs/fetch.md.
type record struct {
	TypeCode, FreqCode, RefYear, RefMonth, Period, ReporterCode, FlowCode, PartnerCode, Partner2Code value
	ClassificationCode, IsOriginalClassification, CmdCode, AggrLevel, CustomsCode, MosCode, MotCode  value
	QtyUnitCode, Qty, IsQtyEstimated, NetWgt, IsNetWgtEstimated                                      value
	CIFValue, FOBValue, PrimaryValue                                                                 value
	LegacyEstimationFlag, IsReported, IsAggregate                                                    value
}

// header is the first line of a file, in the order of columns.
const header = "typeCode,freqCode,refYear,refMonth,period,reporterCode,flowCode,partnerCode,partner2Code," +
	"classificationCode,isOriginalClassification,cmdCode,aggrLevel,customsCode,mosCode,motCode," +
	"qtyUnitCode,qty,isQtyEstimated,netWgt,isNetWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,isReported,isAggregate\n"

func (r *record) columns() [27]*value {
	return [...]*value{&r.TypeCode, &r.FreqCode, &r.RefYear, &r.RefMonth, &r.Period, &r.ReporterCode, &r.FlowCode, &r.PartnerCode, &r.Partner2Code,
		&r.ClassificationCode, &r.IsOriginalClassification, &r.CmdCode, &r.AggrLevel, &r.CustomsCode, &r.MosCode, &r.MotCode,
		&r.QtyUnitCode, &r.Qty, &r.IsQtyEstimated, &r.NetWgt, &r.IsNetWgtEstimated, &r.CIFValue, &r.FOBValue, &r.PrimaryValue,
		&r.LegacyEstimationFlag, &r.IsReported, &r.IsAggregate}
}

// reset empties the fields, whose memory the next record uses.
func (r *record) reset() {
	for _, c := range r.columns() {
		*c = (*c)[:0]
	}
}

// place says of which cell, partner and code a record is, and what makes it no part of any.
func (r *record) place() (cell Cell, partner int, code string, err error) {
	reporter, err := strconv.Atoi(text(r.ReporterCode))
	if err != nil {
		return cell, 0, "", fmt.Errorf("reporterCode %q is no number", text(r.ReporterCode))
	}
	if partner, err = strconv.Atoi(text(r.PartnerCode)); err != nil {
		return cell, 0, "", fmt.Errorf("partnerCode %q is no number", text(r.PartnerCode))
	}
	cell = Cell{Reporter: reporter, Period: text(r.Period), Flow: text(r.FlowCode)}
	code = text(r.CmdCode)
	level := "6"
	if code == "TOTAL" {
		level = "0"
	} else if len(code) != 6 {
		return cell, 0, "", fmt.Errorf("cmdCode %q was not asked for", code)
	}
	for _, part := range []struct{ name, is, must string }{
		{"partner2Code", text(r.Partner2Code), "0"}, {"customsCode", text(r.CustomsCode), "C00"}, {"motCode", text(r.MotCode), "0"},
		{"aggrLevel", text(r.AggrLevel), level}, {"typeCode", text(r.TypeCode), "C"},
	} {
		if part.is != part.must {
			return cell, 0, "", fmt.Errorf("%s is %q and must be %s", part.name, part.is, part.must)
		}
	}
	if _, err := strconv.ParseFloat(string(r.PrimaryValue), 64); err != nil {
		return cell, 0, "", fmt.Errorf("primaryValue %s is no number", r.PrimaryValue)
	}
	return cell, partner, code, nil
}

// text is a value as text: of a string what it says, without blanks around it; of null "".
func text(v value) string {
	if len(v) == 0 || bytes.Equal(v, []byte("null")) {
		return ""
	}
	if v[0] != '"' {
		return string(v)
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return strings.TrimSpace(string(v[1 : len(v)-1]))
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return string(v)
	}
	return strings.TrimSpace(s)
}

// line adds a record as a line of CSV. Numbers stay as they were sent, to the last digit.
func (r *record) line(b []byte) []byte {
	for i, c := range r.columns() {
		if i > 0 {
			b = append(b, ',')
		}
		v := *c
		switch {
		case len(v) == 0 || v[0] == 'n':
		case v[0] != '"' && v[0] != '{' && v[0] != '[':
			b = append(b, v...)
		default:
			b = append(b, field(text(v))...)
		}
	}
	return append(b, '\n')
}

// field quotes a text where CSV needs it.
func field(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
