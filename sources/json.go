package sources

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

// readJSON emits the records of an answer of UN Comtrade's API, today's or that
// before 2023, or of a plain list of objects. The first row has the names of the
// fields; a record's number is its place in the list. The notes tell what a user
// should know.
func readJSON(content io.Reader, emit emitRow) (notes []string, err error) {
	marked := bufio.NewReader(content)
	if head, _ := marked.Peek(len(bom)); bytes.Equal(head, bom) {
		_, _ = marked.Discard(len(bom)) // they are there
	}
	limited := &recordLimit{r: marked}
	a := &answer{decoder: json.NewDecoder(limited), limit: limited, emit: emit}
	a.decoder.UseNumber()
	if err := a.read(); err != nil {
		return nil, jsonError(err)
	}
	return a.verdict()
}

func jsonError(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refuse("is cut off: its JSON ends in the middle; download it again")
	case errors.As(err, &syntax):
		return refuse("is no valid JSON (%v, byte %d); download it again", err, syntax.Offset)
	case errors.As(err, &kind):
		return refuse("is JSON of another form than UN Comtrade's: %v", err)
	}
	return err
}

// answer is what an API sent.
type answer struct {
	decoder *json.Decoder
	limit   *recordLimit
	emit    emitRow

	names   []string
	records int64
	listed  bool // there was a list of records
	count   *int64
	fault   string
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
		return refuse("is JSON, but neither an object nor a list")
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
	switch name {
	case "data", "dataset":
		open, err := a.decoder.Token()
		if err != nil || open == nil { // null
			return err
		}
		if open != json.Delim('[') {
			return refuse("is JSON, but its field %s is no list of records", name)
		}
		return a.list()
	case "count":
		var count any
		if err := a.decoder.Decode(&count); err != nil {
			return err
		}
		if n, ok := count.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				a.count = &whole
			}
		}
		return nil
	case "error", "message", "errorobject", "statuscode", "exceptionmessage":
		var value any
		if err := a.decoder.Decode(&value); err != nil {
			return err
		}
		if text := compact(value); text != "" && name != "statuscode" && a.fault == "" {
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
		if has := folded["primaryvalue"]; has != nil {
			for name := range comtradeNames {
				known[name] = nil
			}
		} else if folded["tradevalue"] != nil {
			for name := range legacyJSONNames {
				known[name] = nil
			}
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

// cutAt are the numbers of records at which UN Comtrade's API stops without a word.
var cutAt = []int64{500, 100_000, 250_000}

func (a *answer) verdict() ([]string, error) {
	switch {
	case a.fault != "":
		return nil, refuse("is an error message of the API, no data: %s", abbreviate(a.fault, 200))
	case !a.listed:
		return nil, refuse("is JSON, but has no list of records (data); save the API's answer as it came")
	case a.records == 0:
		return nil, refuse("is an empty answer of the API: the query found nothing; a wrong period, flow or area has no other sign")
	case a.count != nil && *a.count != a.records:
		return nil, refuse("says that it has %d records (count), but has %d: it is cut off; download it again", *a.count, a.records)
	}
	if slices.Contains(cutAt, a.records) {
		return []string{fmt.Sprintf("it has exactly %d records, a number at which UN Comtrade's API cuts off without a word: make sure that none are missing", a.records)}, nil
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
		return n, refuse("%v", errTooLong)
	}
	return n, err
}
