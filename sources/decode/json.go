package decode

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Answers is what answers of a publisher's API look like.
type Answers struct {
	API     string       // as messages name it
	Lists   []string     // fields that hold the list of records, in lower case, as all names here
	Count   string       // field that says how many records there are
	Faults  []string     // fields that hold an error message
	Records []RecordForm // the kinds of records
	CutAt   []int64      // numbers of records at which the API stops without a word
}

// RecordForm is what the records of one version of an API have. An API leaves fields
// out that are empty, so that the first record may lack some of the Fields.
type RecordForm struct {
	Sign   string // a field that only these records have
	Fields []string
}

// maxRecordBytes is what one record may take of memory.
const maxRecordBytes = 64 << 20

var errTooLong = fmt.Errorf("has a record of more than %d MB, so it is no trade data", maxRecordBytes>>20)

// readJSON emits the records of an API's answer, or of a plain list of objects. The first row has the names of the
// fields; a record's number is its place in the list. The notes tell what a user
// should know.
func readJSON(content io.Reader, known *Answers, emit Emit) (notes []string, err error) {
	if known == nil {
		known = &Answers{}
	}
	marked := bufio.NewReader(content)
	if head, _ := marked.Peek(len(bom)); bytes.Equal(head, bom) {
		_, _ = marked.Discard(len(bom)) // they are there
	}
	limited := &recordLimit{r: marked}
	a := &answer{Answers: known, decoder: json.NewDecoder(limited), limit: limited, emit: emit}
	a.decoder.UseNumber()
	if err := a.read(); err != nil {
		return nil, a.error(err)
	}
	return a.verdict()
}

// error tells what is wrong with the file from a fault of the machine.
func (a *answer) error(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Refuse("is cut off: its JSON ends in the middle; download it again")
	case errors.As(err, &syntax):
		return Refuse("is no valid JSON (%v, byte %d); download it again", err, syntax.Offset)
	case errors.As(err, &kind):
		return Refuse("is JSON of another form than %s's: %v", a.API, err)
	}
	return err
}

// answer is what an API sent.
type answer struct {
	*Answers
	decoder *json.Decoder
	limit   *recordLimit
	emit    Emit

	names    []string
	records  int64
	listed   bool   // there was a list of records
	reported *int64 // number of records that it says it has
	fault    string
}

func (a *answer) read() error {
	first, err := a.decoder.Token()
	if err != nil {
		return err
	}
	if first == json.Delim('[') {
		return a.list()
	}
	if first != json.Delim('{') {
		return Refuse("is JSON, but neither an object nor a list")
	}
	for a.decoder.More() {
		key, err := a.decoder.Token()
		if err != nil {
			return err
		}
		a.limit.restart()
		name, _ := key.(string)
		if err := a.field(strings.ToLower(name)); err != nil {
			return err
		}
	}
	_, err = a.decoder.Token()
	return err
}

func (a *answer) field(name string) error {
	switch {
	case slices.Contains(a.Lists, name):
		open, err := a.decoder.Token()
		if err != nil || open == nil { // null
			return err
		}
		if open != json.Delim('[') {
			return Refuse("is JSON, but its field %s is no list of records", name)
		}
		return a.list()
	case name == a.Count:
		var count any
		if err := a.decoder.Decode(&count); err != nil {
			return err
		}
		if n, ok := count.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				a.reported = &whole
			}
		}
		return nil
	case slices.Contains(a.Faults, name):
		var value any
		if err := a.decoder.Decode(&value); err != nil {
			return err
		}
		if text := compact(value); text != "" && a.fault == "" {
			a.fault = text
		}
		return nil
	}
	var skipped json.RawMessage
	return a.decoder.Decode(&skipped)
}

func (a *answer) list() error {
	a.listed = true
	for a.decoder.More() {
		a.limit.restart()
		var record map[string]any
		if err := a.decoder.Decode(&record); err != nil {
			return err
		}
		a.records++
		if err := a.add(record); err != nil {
			return err
		}
	}
	_, err := a.decoder.Token()
	return err
}

// add emits a record, behind a row of names before the first. Fields that later
// records have besides are of no use unless they are among the known names.
func (a *answer) add(record map[string]any) error {
	folded := make(map[string]any, len(record))
	for name, value := range record {
		folded[strings.ToLower(name)] = value
	}
	if a.names == nil {
		known := maps.Clone(folded)
		for _, form := range a.Records {
			if folded[form.Sign] == nil {
				continue
			}
			for _, name := range form.Fields {
				known[name] = nil
			}
			break
		}
		a.names = slices.Sorted(maps.Keys(known))
		if err := a.emit(0, a.names); err != nil {
			return err
		}
	}
	cells := make([]string, len(a.names))
	for i, name := range a.names {
		cells[i] = compact(folded[name])
	}
	return a.emit(a.records, cells)
}

// compact is a JSON value as the text of a cell; null is no text.
func compact(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return plainDecimal(v.String())
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

func (a *answer) verdict() ([]string, error) {
	switch {
	case a.fault != "":
		return nil, Refuse("is an error message of the API, no data: %s", Abbreviate(a.fault, 200))
	case !a.listed:
		return nil, Refuse("is JSON, but has no list of records (data); save the API's answer as it came")
	case a.records == 0:
		return nil, Refuse("is an empty answer of the API: the query found nothing; a wrong period, flow or area has no other sign")
	case a.reported != nil && *a.reported != a.records:
		return nil, Refuse("says that it has %d records (%s), but has %d: it is cut off; download it again", *a.reported, a.Count, a.records)
	}
	if slices.Contains(a.CutAt, a.records) {
		return []string{fmt.Sprintf("it has exactly %d records, a number at which %s's API cuts off without a word: make sure that none are missing", a.records, a.API)}, nil
	}
	return nil, nil
}

// recordLimit bounds what one record may take of memory.
type recordLimit struct {
	r    io.Reader
	read int64
}

func (l *recordLimit) restart() { l.read = 0 }

func (l *recordLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.read += int64(n); l.read > maxRecordBytes {
		return n, Refuse("%v", errTooLong)
	}
	return n, err
}
