package decode

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"
)

// An .xlsx file is a zip archive of XML parts. It is read here part by part with
// the standard library instead of with excelize, because trade data need what
// excelize's row iterator does not give: whether a cell is a number, a text or an
// error (a code saved as the text 1E5 is no number), an error when a part is cut
// short, and the names of the sheets without unpacking them.
type workbook struct {
	ctx    context.Context
	closer io.Closer
	parts  map[string]*zip.File // by lower-case name
	left   int64                // that may still be unpacked
	sheets []workbookSheet
	texts  string // name of the part with the shared texts
	styles string // name of the part with the styles

	since1904 bool // days are counted from 1904, as old Macintoshes did
	slow      bool // nothing is read quickly
}

type workbookSheet struct {
	sheetLabel
	part string
}

// xlsxSheets names the sheets of a workbook. Each is read up to its first cell that has
// anything.
func xlsxSheets(ctx context.Context, path string) (names sheetNames, err error) {
	defer recovered(&err)
	book, err := openWorkbook(ctx, path)
	if err != nil {
		return names, asRefusal(err)
	}
	defer book.closer.Close()
	return sheetsWithRows(book.sheets, func(s workbookSheet, emit Emit) (sheetLabel, error) {
		return s.sheetLabel, book.readSheet(s.part, nil, emit)
	})
}

// XLSX emits the rows of one sheet of a workbook. Numbers are plain decimals,
// digit for digit as they were saved; truth values are true and false; texts are
// as they are; a cell with an error such as #N/A is empty, and so are all cells of
// a merged range but its first.
func XLSX(ctx context.Context, path, sheet string, emit Emit) (err error) {
	return readXLSX(ctx, path, sheet, emit, false)
}

// readXLSX is XLSX; slow leaves all to the decoder.
func readXLSX(ctx context.Context, path, sheet string, emit Emit, slow bool) (err error) {
	defer recovered(&err)
	book, err := openWorkbook(ctx, path)
	if err != nil {
		return asRefusal(err)
	}
	defer book.closer.Close()
	book.slow = slow
	i := slices.IndexFunc(book.sheets, func(s workbookSheet) bool { return s.name == sheet })
	if i < 0 {
		return Refuse("has no sheet %q", sheet)
	}
	texts, err := book.sharedTexts()
	if err == nil {
		texts.dates, err = book.dateStyles()
	}
	if err == nil {
		err = book.readSheet(book.sheets[i].part, texts, emit)
	}
	if err != nil {
		return asRefusal(fmt.Errorf("sheet %q: %w", sheet, err))
	}
	return nil
}

func openWorkbook(ctx context.Context, path string) (*workbook, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, stopped{fmt.Errorf("open workbook: %w", err)}
	}
	info, err := file.Stat()
	if err != nil {
		return nil, stopped{errors.Join(fmt.Errorf("open workbook: %w", err), file.Close())}
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	book := &workbook{ctx: ctx, closer: file, parts: map[string]*zip.File{}, left: max(partAlwaysFine, info.Size()*maxPartGrowth)}
	for _, part := range archive.File {
		book.parts[partName(part.Name)] = part
	}
	if err := book.readParts(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return book, nil
}

// partName is how a part is looked up: some programs write backslashes or another case.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// readParts learns from the workbook's index which part holds which sheet.
func (b *workbook) readParts() error {
	root, err := b.relations("_rels/.rels", "")
	if err != nil {
		return err
	}
	main := "xl/workbook.xml"
	for _, r := range root {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.part
		}
	}
	folder, name := path.Split(main)
	relations, err := b.relations(folder+"_rels/"+name+".rels", folder)
	if err != nil {
		return err
	}
	b.texts, b.styles = folder+"sharedstrings.xml", folder+"styles.xml"
	for _, r := range relations {
		if strings.HasSuffix(r.kind, "/styles") {
			b.styles = r.part
		}
		if strings.HasSuffix(r.kind, "/sharedStrings") {
			b.texts = r.part
		}
	}
	seen := map[string]bool{}
	return b.elements(main, func(_ *xmlPart, start xml.StartElement) error {
		if start.Name.Local == "workbookPr" {
			b.since1904 = attribute(start, "date1904") == "1" || attribute(start, "date1904") == "true"
		}
		if start.Name.Local != "sheet" {
			return nil
		}
		r, ok := relations[attribute(start, "id")]
		if ok && strings.HasSuffix(r.kind, "/worksheet") { // others are charts and macros
			state := attribute(start, "state") // hidden, or veryHidden: only a program can show it
			if seen[r.part] {
				return Refuse("has two sheets that are one part, as in a workbook that is made to take for ever")
			}
			seen[r.part] = true
			b.sheets = append(b.sheets, workbookSheet{sheetLabel{attribute(start, "name"), strings.HasSuffix(strings.ToLower(state), "hidden")}, r.part})
		}
		return nil
	})
}

type relation struct{ kind, part string }

func (b *workbook) relations(part, folder string) (map[string]relation, error) {
	relations := map[string]relation{}
	if b.parts[partName(part)] == nil && folder == "" {
		return relations, nil
	}
	err := b.elements(part, func(_ *xmlPart, start xml.StartElement) error {
		if start.Name.Local == "Relationship" {
			target := attribute(start, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(folder, target)
			}
			relations[attribute(start, "Id")] = relation{attribute(start, "Type"), partName(target)}
		}
		return nil
	})
	return relations, err
}

func attribute(start xml.StartElement, name string) string {
	value := ""
	for _, a := range start.Attr {
		// A sheet's id has a prefix (r:id), and its number is called sheetId.
		if a.Name.Local == name && (value == "" || a.Name.Space != "") {
			value = a.Value
		}
	}
	return value
}

func (b *workbook) open(name string) (io.ReadCloser, error) {
	file := b.parts[partName(name)]
	if file == nil {
		return nil, fmt.Errorf("part %s is missing", name)
	}
	content, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", name, err)
	}
	return content, nil
}

// xmlPart reads the tags and texts of a part, and tells when it is cut short.
type xmlPart struct {
	decoder *xml.Decoder
	in      *partReader
	window  *window  // from which the decoder takes byte by byte, and no more than it has read
	open    []string // the elements around
	foreign bool     // it is in another encoding than UTF-8
	lines   int      // ends of lines that the decoder did not see
}

const (
	maxDepth      = 64
	maxSharedWork = 4 << 30 // to read the texts of all sheets for each of them
)

func (b *workbook) newPart(content io.Reader) *xmlPart {
	in := &partReader{ctx: b.ctx, r: content, left: &b.left, what: "its content"}
	p := &xmlPart{in: in, window: &window{r: in}}
	p.decoder = xml.NewDecoder(p.window)
	p.decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		p.foreign = true
		return charset.NewReaderLabel(label, input)
	}
	return p
}

func (p *xmlPart) next() (xml.Token, error) {
	p.in.burst = 0
	token, err := p.decoder.RawToken()
	switch t := token.(type) {
	case xml.StartElement:
		if p.open = append(p.open, t.Name.Local); len(p.open) > maxDepth {
			return nil, Refuse("has more than %d tags inside each other, so it is no table", maxDepth)
		}
	case xml.EndElement:
		last := len(p.open) - 1
		if last < 0 || p.open[last] != t.Name.Local {
			return nil, fmt.Errorf("closing tag %q without an opening one", Abbreviate(t.Name.Local, 20))
		}
		p.open = p.open[:last]
	}
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF) && len(p.open) > 0:
		err = io.ErrUnexpectedEOF
	case errors.As(err, &syntax):
		err = &xml.SyntaxError{Msg: syntax.Msg, Line: syntax.Line + p.lines}
	}
	return token, err
}

// skip passes over the rest of the element that was just opened.
func (p *xmlPart) skip() error {
	for depth := len(p.open); len(p.open) >= depth; {
		if _, err := p.next(); err != nil {
			return err
		}
	}
	return nil
}

// elements calls visit for each start of an element of a part.
func (b *workbook) elements(name string, visit func(*xmlPart, xml.StartElement) error) error {
	content, err := b.open(name)
	if err != nil {
		return err
	}
	defer content.Close()
	var in io.Reader = content
	if b.parts[partName(name)].UncompressedSize64 > worthAhead {
		unpacked := readAhead(content)
		defer unpacked.Close()
		in = unpacked
	}
	return b.newPart(in).elements(name, visit)
}

// elements calls visit for each start of an element of the part of that name.
func (p *xmlPart) elements(name string, visit func(*xmlPart, xml.StartElement) error) error {
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("part %s: %w", name, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := visit(p, start); err != nil {
				return err
			}
		}
	}
}

// sharedTexts reads the texts that cells refer to by number.
func (b *workbook) sharedTexts() (*sharedTexts, error) {
	texts := &sharedTexts{}
	part := b.parts[partName(b.texts)]
	if part == nil {
		return texts, nil
	}
	// Each sheet is read by itself, and the texts with it.
	if work := int64(min(part.UncompressedSize64, 1<<40)) * int64(len(b.sheets)); work > maxSharedWork {
		return nil, Refuse("has %d sheets with %d MB of texts, which would have to be read for each; save them as CSV", len(b.sheets), part.UncompressedSize64>>20)
	}
	reader := &textReader{sharedTexts: texts, part: b.texts, slow: b.slow}
	if err := b.elements(b.texts, reader.start); err != nil {
		return nil, err
	}
	texts.done()
	return texts, nil
}

// richText joins the pieces of a text up to the end of its element. How the text
// is pronounced (rPh) is not part of it.
func richText(part *xmlPart) (string, error) {
	var text strings.Builder
	inText := false
	for depth := 1; depth > 0; {
		token, err := part.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "rPh" {
				if err := part.skip(); err != nil {
					return "", err
				}
				continue
			}
			inText = token.Name.Local == "t"
			depth++
		case xml.EndElement:
			inText = false
			depth--
		case xml.CharData:
			if inText {
				text.Write(token)
			}
		}
		if text.Len() > maxCellBytes {
			return "", Refuse("has a cell of more than %d bytes, so it is no table", maxCellBytes)
		}
	}
	return unescapeText(text.String()), nil
}

var escaped = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescapeText undoes how workbooks write what XML can't: _x000D_ is a carriage return.
func unescapeText(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(s string) string {
		n, err := strconv.ParseUint(s[2:6], 16, 16)
		if err != nil {
			return s
		}
		return string(rune(n))
	})
}

// readSheet emits the rows of a sheet's part.
func (b *workbook) readSheet(name string, texts *sharedTexts, emit Emit) error {
	s := &sheetReader{texts: texts, emit: emit, slow: b.slow}
	return b.elements(name, s.start)
}

func sheetRow(part *xmlPart, texts *sharedTexts) ([]string, error) {
	var cells []string
	next := 0
	for {
		token, err := part.next()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.EndElement: // cellText has taken those of the cells
			return cells, nil
		case xml.StartElement:
			if token.Name.Local != "c" {
				if err := part.skip(); err != nil {
					return nil, err
				}
				continue
			}
			column := next
			if r := attribute(token, "r"); r != "" {
				if column, err = columnOf(r); err != nil {
					return nil, err
				}
			}
			if column >= maxGridColumns {
				return nil, fmt.Errorf("more than %d columns", maxGridColumns)
			}
			text, err := cellText(part, token, texts)
			if err != nil {
				return nil, fmt.Errorf("column %d: %w", column+1, err)
			}
			if text != "" {
				for len(cells) <= column {
					cells = append(cells, "")
				}
				cells[column] = text
			}
			next = column + 1
		}
	}
}

// columnOf is the column, from 0, of a cell such as AB12.
func columnOf(reference string) (int, error) {
	column := 0
	for i, c := range []byte(reference) {
		switch {
		case c >= 'A' && c <= 'Z':
			column = column*26 + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			column = column*26 + int(c-'a') + 1
		case c >= '0' && c <= '9' && i > 0:
			return column - 1, nil
		default:
			return 0, fmt.Errorf("cell %q", Abbreviate(reference, 20))
		}
		if column > maxGridColumns {
			break
		}
	}
	return 0, fmt.Errorf("cell %q", Abbreviate(reference, 20))
}

// cellText reads a cell up to its end.
func cellText(part *xmlPart, cell xml.StartElement, texts *sharedTexts) (string, error) {
	value, inline := "", ""
	for {
		token, err := part.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.EndElement:
			text, err := cellValue(attribute(cell, "t"), value, inline, texts)
			if kind := attribute(cell, "t"); err == nil && texts != nil && (kind == "" || kind == "n") {
				text = texts.dates.text(attribute(cell, "s"), text)
			}
			return text, err
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				value, err = plainText(part)
			case "is":
				inline, err = richText(part)
			default: // a formula; its result is in v
				err = part.skip()
			}
			if err != nil {
				return "", err
			}
		}
	}
}

func plainText(part *xmlPart) (string, error) {
	text := ""
	for {
		token, err := part.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			if text += string(token); len(text) > maxCellBytes {
				return "", Refuse("has a cell of more than %d bytes, so it is no table", maxCellBytes)
			}
		case xml.EndElement:
			return text, nil
		case xml.StartElement:
			if err := part.skip(); err != nil {
				return "", err
			}
		}
	}
}

func cellValue(kind, value, inline string, texts *sharedTexts) (string, error) {
	switch kind {
	case "s":
		if value == "" {
			return "", nil
		}
		i, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			return "", fmt.Errorf("text number %q", Abbreviate(value, 20))
		}
		text, ok := texts.at(i)
		if !ok {
			return "", fmt.Errorf("text number %d is not in the workbook", i)
		}
		return text, nil
	case "str":
		return unescapeText(value), nil
	case "inlineStr":
		if inline == "" {
			return unescapeText(value), nil
		}
		return inline, nil
	case "b":
		switch strings.TrimSpace(value) {
		case "1", "true", "TRUE":
			return "true", nil
		case "0", "false", "FALSE":
			return "false", nil
		}
		return value, nil
	case "e":
		return "", nil
	default:
		return plainDecimal(strings.TrimSpace(value)), nil
	}
}
