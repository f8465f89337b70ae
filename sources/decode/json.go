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
)

// Answers is what answers of a publisher's API look like. Names of fields are as
// PlainName has them.
type Answers struct {
	API     string       // as messages name it
	Lists   []string     // fields that hold the list of records
	Count   string       // field that says how many records there are
	Faults  []string     // fields that hold an error message
	Others  []string     // fields that an answer has beside these
	Records []RecordForm // the kinds of records
	CutAt   []int64      // numbers of records at which the API stops without a word
}

// RecordForm is what the records of one version of an API have. An API leaves fields
// out that are empty, so that the first record may lack some of the Fields.
type RecordForm struct {
	Sign   string // a field that only these records have
	Fields []string
}

const (
	// What one record may have. A value takes forty times its text in memory.
	maxRecordBytes  = 16 << 20
	maxRecordValues = 100_000
	maxJSONDepth    = 64
)

var errTooLong = fmt.Errorf("has a record of more than %d MB, so it is no trade data", maxRecordBytes>>20)

// readJSON emits the records of a file: of an API's answer, of a list of answers or of
// records, or of answers or records one behind the other, as in JSON lines. The first row
// has the names of the fields; a record's number is its place in the file. The notes tell
// what a user should know.
func readJSON(content io.Reader, o Options, emit Emit) (notes []string, err error) {
	return readRecords(content, o, emit, false)
}

// readRecords is readJSON; slow leaves every record to the decoder.
func readRecords(content io.Reader, o Options, emit Emit, slow bool) (notes []string, err error) {
	known := o.Answers
	if known == nil {
		known = &Answers{}
	}
	marked := bufio.NewReader(content)
	if head, _ := marked.Peek(len(bom)); bytes.Equal(head, bom) {
		_, _ = marked.Discard(len(bom)) // they are there
	}
	f := &jsonFile{Answers: known, emit: emit, slow: slow}
	f.begin(marked)
	head, _ := marked.Peek(maxSaid)
	head = bytes.Clone(head)
	if err := f.read(); err != nil {
		if f.records == 0 && o.Fault != nil && errors.As(err, new(*json.SyntaxError)) { // such as what Python prints
			if refusal := o.Fault(string(head)); refusal != nil {
				return nil, refusal
			}
		}
		return nil, f.error(err)
	}
	if fault := f.fault(o); fault != nil {
		return nil, fault
	}
	return f.verdict()
}

// error tells what is wrong with the file from a fault of the machine.
func (f *jsonFile) error(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return Refuse("is cut off: its JSON ends in the middle; download it again")
	case errors.As(err, &syntax):
		// The decoder's own number leaves out some of what it read.
		return Refuse("is no valid JSON (%v, behind byte %d); download it again", err, f.decoder.InputOffset()+f.offset)
	}
	return err
}

// jsonFile is what was read of a file so far.
type jsonFile struct {
	*Answers
	decoder *json.Decoder
	limit   *recordLimit
	window  *window
	offset  int64 // of the file where the decoder began
	emit    Emit

	names   []string // as PlainName has them
	places  places
	slow    bool            // no record is read quickly
	odd     int             // tries in a row to read quickly that read nothing, as a sum of powers
	wait    int             // records until the next try
	many    bool            // the answers stand in a list
	raw     json.RawMessage // the record at hand
	records int64
	bare    int64 // records that stand in no answer
	listed  bool  // there was a list of records
	answers []answer
	held    map[string]field // the only object, of which nothing tells what it is
}

// answer is what one answer of the API says beside its records.
type answer struct {
	records  int64
	reported int64 // number of records that it says it has, or -1
	fault    string
}

// field is a value with its name as the file spells it.
type field struct {
	name  string
	value any
}

func (f *jsonFile) begin(content io.Reader) {
	f.window = &window{r: content}
	f.limit = &recordLimit{r: f.window}
	f.resume(inNothing, true)
}

func (f *jsonFile) read() error {
	for n := 0; ; n++ {
		if err := f.quickRecords(inNothing, false); err != nil {
			return err
		}
		f.limit.restart()
		first, err := f.decoder.Token()
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if f.held != nil { // it was not the only one
			if err := f.add(f.held); err != nil {
				return err
			}
			f.held, f.bare = nil, f.bare+1
		}
		switch first {
		case json.Delim('['):
			f.listed, f.many = true, true
			err = f.list(false)
			f.many = false
		case json.Delim('{'):
			err = f.object(true)
		default:
			err = Refuse("is JSON, but neither an object nor a list")
		}
		if err != nil {
			return err
		}
	}
}

// list reads the elements of a list that was opened.
func (f *jsonFile) list(ofAnswer bool) error {
	where := inList
	switch {
	case ofAnswer && f.many:
		where = inListOfMany
	case ofAnswer:
		where = inAnswer
	}
	for first := true; ; first = false {
		if err := f.quickRecords(where, first); err != nil {
			return err
		}
		if !f.decoder.More() {
			break
		}
		f.limit.restart()
		if ofAnswer {
			f.raw = f.raw[:0]
			if err := f.decoder.Decode(&f.raw); err != nil {
				return err
			}
			if err := f.record(f.raw); err != nil {
				return err
			}
			continue
		}
		open, err := f.decoder.Token()
		if err != nil {
			return err
		}
		switch {
		case open == json.Delim('{'):
			err = f.object(false)
		case open == nil:
			err = f.add(nil)
		default:
			err = Refuse("is JSON of another form than %s's: there is %v in a list of records", f.API, open)
		}
		if err != nil {
			return err
		}
	}
	_, err := f.decoder.Token()
	return err
}

// record reads a record of an answer, of which all is here.
func (f *jsonFile) record(text []byte) error {
	whole := f.decoder
	defer func() { f.decoder = whole }()
	f.decoder = json.NewDecoder(bytes.NewReader(text))
	f.decoder.UseNumber()
	switch open, err := f.decoder.Token(); {
	case err != nil:
		return err
	case open == nil:
		return f.add(nil)
	case open != json.Delim('{'):
		return Refuse("is JSON of another form than %s's: there is %v in a list of records", f.API, open)
	}
	fields := map[string]field{}
	for f.decoder.More() {
		name, value, err := f.field()
		if err != nil {
			return err
		}
		if err := f.setField(fields, name, value); err != nil {
			return err
		}
	}
	return f.add(fields)
}

// object reads an answer or a record; which of them it is, its fields tell. Its brace
// was opened.
func (f *jsonFile) object(atTop bool) error {
	fields, before, isAnswer := map[string]field{}, f.records, false
	for f.decoder.More() {
		name, first, err := f.name()
		if err != nil {
			return err
		}
		if slices.Contains(f.Lists, PlainName(name)) && (first == nil || first == json.Delim('[')) {
			isAnswer = true
			if first != nil {
				f.listed = true
				if err := f.list(true); err != nil {
					return err
				}
				f.limit.restart()
			}
			continue
		}
		value, err := f.value(first, 0)
		if err != nil {
			return err
		}
		if err := f.setField(fields, name, value); err != nil {
			return err
		}
	}
	if _, err := f.decoder.Token(); err != nil {
		return err
	}
	switch {
	case isAnswer || f.isEnvelope(fields):
		f.answers = append(f.answers, f.answerOf(fields, f.records-before))
		return nil
	case atTop && f.records == 0 && !f.isRecord(fields):
		f.held = fields
		return nil
	}
	f.bare++
	return f.add(fields)
}

// isEnvelope tells whether an object has only what answers have beside their records.
func (f *jsonFile) isEnvelope(fields map[string]field) bool {
	for name := range fields {
		if !f.besideRecords(name) {
			return false
		}
	}
	return len(fields) > 0
}

// besideRecords tells whether a name is that of what answers have beside their records.
func (f *jsonFile) besideRecords(name string) bool {
	return name == f.Count || slices.Contains(f.Faults, name) || slices.Contains(f.Others, name)
}

func (f *jsonFile) isRecord(fields map[string]field) bool {
	return slices.ContainsFunc(f.Records, func(form RecordForm) bool { return fields[form.Sign].value != nil })
}

func (f *jsonFile) answerOf(fields map[string]field, records int64) answer {
	a := answer{records: records, reported: -1}
	if n, ok := fields[f.Count].value.(json.Number); ok {
		if whole, err := n.Int64(); err == nil {
			a.reported = whole
		}
	}
	for _, name := range f.Faults {
		if a.fault == "" {
			a.fault = faultText(fields[name].value)
		}
	}
	return a
}

// name reads the name of a field and the first token of its value.
func (f *jsonFile) name() (string, json.Token, error) {
	key, err := f.decoder.Token()
	if err != nil {
		return "", nil, err
	}
	first, err := f.decoder.Token()
	name, _ := key.(string)
	return name, first, err
}

func (f *jsonFile) field() (string, any, error) {
	name, first, err := f.name()
	if err != nil {
		return "", nil, err
	}
	value, err := f.value(first, 0)
	return name, value, err
}

// value reads the rest of a value that begins with a token.
func (f *jsonFile) value(first json.Token, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, Refuse("is JSON with more than %d objects inside each other, so it is no trade data", maxJSONDepth)
	}
	if f.limit.values++; f.limit.values > maxRecordValues {
		return nil, Refuse("has a record of more than %d values, so it is no trade data", maxRecordValues)
	}
	switch first {
	case json.Delim('{'):
		object := map[string]any{}
		for f.decoder.More() {
			name, first, err := f.name()
			if err != nil {
				return nil, err
			}
			if object[name], err = f.value(first, depth+1); err != nil {
				return nil, err
			}
		}
		_, err := f.decoder.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for f.decoder.More() {
			first, err := f.decoder.Token()
			if err != nil {
				return nil, err
			}
			element, err := f.value(first, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, element)
		}
		_, err := f.decoder.Token()
		return list, err
	}
	return first, nil
}

// setField notes a field of a record. Of two of one name, or of names that differ in case
// only, none is chosen.
func (f *jsonFile) setField(fields map[string]field, name string, value any) error {
	plain := PlainName(name)
	was, twice := fields[plain]
	if was, is := compact(was.value), compact(value); twice && was != is {
		return Refuse("has %q = %s and %q = %s in record %d, and nothing tells which of them counts; leave one",
			fields[plain].name, Abbreviate(was, 40), name, Abbreviate(is, 40), f.records+1)
	}
	fields[plain] = field{name, value}
	return nil
}

// add emits a record, behind a row of names before the first. Fields that later
// records have besides are of no use unless they are among the known names.
func (f *jsonFile) add(fields map[string]field) error {
	f.records++
	if f.names == nil {
		if err := f.setNames(fields); err != nil {
			return err
		}
	}
	cells := make([]string, len(f.names))
	for i, name := range f.names {
		cells[i] = compact(fields[name].value)
	}
	return f.emit(f.records, cells)
}

func (f *jsonFile) setNames(fields map[string]field) error {
	spelled := map[string]string{}
	for _, form := range f.Records {
		if fields[form.Sign].value == nil {
			continue
		}
		for _, name := range form.Fields {
			spelled[name] = name
		}
		break
	}
	for plain, each := range fields {
		spelled[plain] = each.name
	}
	f.names = slices.Sorted(maps.Keys(spelled))
	header := make([]string, len(f.names))
	for i, name := range f.names {
		header[i] = spelled[name]
	}
	return f.emit(0, header)
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

// faultText is the message in a field that holds one, or in the objects inside it; ""
// for none, as in {"status": {"name": "Ok"}}.
func faultText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		if v.String() == "0" {
			return ""
		}
		return v.String()
	case []any:
		if len(v) > 0 {
			return faultText(v[0])
		}
	case map[string]any:
		plain := map[string]any{}
		for name, each := range v {
			plain[PlainName(name)] = each
		}
		for _, name := range []string{"errormessage", "message", "description", "detail", "label", "title", "error", "status", "name", "code"} {
			if text := faultText(plain[name]); text != "" && PlainName(text) != "ok" {
				return text
			}
		}
	}
	return ""
}

// fault is the refusal of a file of which an answer is an error message.
func (f *jsonFile) fault(o Options) error {
	at := slices.IndexFunc(f.answers, func(a answer) bool { return a.fault != "" })
	if at < 0 {
		return nil
	}
	text := f.answers[at].fault
	if f.records > 0 && len(f.answers) > 1 {
		return Refuse("has an error message in place of data in answer %d of %d (%q): what was asked for there is missing; download it again",
			at+1, len(f.answers), Abbreviate(text, 160))
	}
	if o.Fault != nil {
		if refusal := o.Fault(text); refusal != nil {
			return refusal
		}
	}
	return Refuse("is an error message of the API (%q), no data; download it again", Abbreviate(text, 160))
}

func (f *jsonFile) verdict() (notes []string, err error) {
	switch {
	case f.held != nil, !f.listed && f.records == 0:
		return nil, Refuse("is JSON, but has no list of records (data); save the API's answer as it came")
	case f.records == 0 && len(f.answers) > 1:
		return nil, Refuse("is %d empty answers of the API: the queries found nothing; a wrong period, flow or area has no other sign", len(f.answers))
	case f.records == 0:
		return nil, Refuse("is an empty answer of the API: the query found nothing; a wrong period, flow or area has no other sign")
	}
	empty := 0
	for i, a := range f.answers {
		which := "it"
		if len(f.answers) > 1 {
			which = fmt.Sprintf("answer %d of %d", i+1, len(f.answers))
		}
		if a.reported >= 0 && a.reported != a.records {
			return nil, Refuse("says that %s has %d records (%s), but has %d: it is cut off; download it again", which, a.reported, f.Count, a.records)
		}
		if a.records == 0 {
			empty++
		}
		notes = append(notes, f.mayBeCut(which, a.records)...)
	}
	if empty > 0 {
		notes = append(notes, fmt.Sprintf("%d of its %d answers are empty: these queries found nothing", empty, len(f.answers)))
	}
	return append(notes, f.mayBeCut("it", f.bare)...), nil
}

// mayBeCut is the note on a number of records at which the API stops.
func (f *jsonFile) mayBeCut(what string, records int64) []string {
	if !slices.Contains(f.CutAt, records) {
		return nil
	}
	return []string{fmt.Sprintf("%s has exactly %d records, a number at which %s's API cuts off without a word: make sure that none are missing", what, records, f.API)}
}

// recordLimit bounds what one record may take of memory.
type recordLimit struct {
	r      io.Reader
	read   int64
	values int
}

func (l *recordLimit) restart() { l.read, l.values = 0, 0 }

func (l *recordLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.read += int64(n); l.read > maxRecordBytes {
		return 0, Refuse("%v", errTooLong) // the decoder loses an error that comes with bytes
	}
	return n, err
}
