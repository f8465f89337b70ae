// Package decode makes the text of a table out of what people download: it unpacks
// archives, turns workbooks (xlsx, xls), web pages, JSON and other encodings into
// CSV in UTF-8, and learns on the way where records and lines begin.
//
// It knows no publisher's format and imports nothing of the module: what depends on
// one, such as the fields of an API's answer, comes with Options. It is what all
// readers of files build on: package sources for trade data, sources/untables for the
// UN's tables of conversions.
package decode

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/text/transform"
)

const headBytes = 256 << 10

// MaxHeaderBytes is the longest first line that a table can have.
const MaxHeaderBytes = 64 << 10

// Input is one thing to read: a file, a member of an archive, or a sheet of a
// workbook that has several.
type Input struct {
	Path   string // of the file on disk
	Member string // name of the member or the sheet, or ""
	Sheet  bool   // Member is a sheet
	Name   string // how it is shown and ordered: relative to the data folder, "a.zip!b.csv" for a member

	Fault string // why it can't be read at all, or ""

	// Info is what the file was when it was found; nil when nobody looked.
	Info os.FileInfo

	// Watch is told how many bytes were read from disk now; nil when nobody watches.
	Watch func(n int)
}

// A Refusal is the reason why a whole file can't be used: it is not understood,
// or understood and of no use.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

// Refuse makes a *Refusal.
func Refuse(format string, args ...any) error {
	return &Refusal{fmt.Sprintf(format, args...)}
}

// Unreadable is the refusal of what the system does not let entrepot read.
func Unreadable(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return Refuse("can't be read (%v); see to it that entrepot may read it, or remove it", err)
}

// IsRefusal tells whether an error speaks against the file, and not of the machine.
func IsRefusal(err error) bool {
	var r *Refusal
	return errors.As(err, &r)
}

// Options are what the caller knows of the files.
type Options struct {
	Encoding string   // "utf-8", "utf-16", "windows-1252" or "gb18030"; "" to find out
	Answers  *Answers // what answers of APIs look like; nil when no JSON is expected
	Mark     Mark     // what a web page's cell says beside its text; nil for nothing

	// Parquet writes a Parquet file as CSV with a header, each row on a line; what would take
	// more than most bytes gives a *Refusal. nil when none is expected.
	Parquet func(ctx context.Context, path, to string, most int64) error

	// Fault is the refusal of a file that is nothing but this error message; nil for a text
	// that is none. It may be nil.
	Fault func(text string) error
}

// Prepared is an input that DuckDB can read: a plain text file, with what one
// pass over its bytes tells. Close removes what Prepare made.
type Prepared struct {
	Input
	Plain   string // the file to read; Path itself, or a link to it, when it was plain already
	SHA256  string // of the bytes on disk (of the member's content in an archive)
	Bytes   int64  // of the file on disk
	Size    int64  // of Plain
	Vintage string // of which version it is, as far as the caller knows
	Head    []byte // the first bytes of Plain, without a byte-order mark
	UTF8    bool   // Plain is valid UTF-8; else it is read as latin-1
	Kind    string // "csv", "xlsx", "xls", "html", "json" or "parquet": what Plain was made from
	// Numbered: the first field of Plain is the number of the row in what it was made from.
	Numbered bool
	// Delimiter stands between the fields of what was made from a workbook, a web page or JSON;
	// 0 for any other, of which its text tells.
	Delimiter rune
	// Marks is how many fields behind the cells have their marks, in the same order; 0 for
	// a file without any.
	Marks   int
	Said    string   // by a web page outside of its tables, its title first
	Notes   []string // what a user should know before trusting the file
	Records int64    // lines that are neither blank nor inside quotes, header included
	OpenAt  int64    // the line on which a quote opens that nothing closes, or 0
	Longest int64    // bytes of the longest record; some less when it is shorter than 64 KiB
	Lines   int64    // of Plain
	Unended bool     // the last line has no end, as in a text that was cut off
	// Exponents: some number may be written as 1.23E+10.
	Exponents bool
	LineEnd   string // "\n" or "\r\n"

	shifts      []shift
	rowShifts   []shift // from the records of Plain to the rows of what it was made from
	oneLineEach bool    // every line is a record: there are no quotes and no blank lines
	temp        bool    // Plain is a copy, or a link
	packed      bool    // the file is compressed or an archive
	fromZip     bool
	mtime       time.Time
}

// Close removes the unpacked copy or the link, if there is one.
func (p *Prepared) Close() error {
	if !p.temp {
		return nil
	}
	p.temp = false
	return os.Remove(p.Plain)
}

// Changed tells whether the file on disk was modified since Prepare read it.
func (p *Prepared) Changed() (bool, error) {
	info, err := os.Stat(p.Path)
	if err != nil {
		return false, err
	}
	return !info.ModTime().Equal(p.mtime) || info.Size() != p.Bytes, nil
}

// Prepare makes the input readable for DuckDB: it unpacks what is compressed,
// turns workbooks, web pages, JSON, Parquet and other encodings into UTF-8 text, hashes the
// file and learns its lines, in one pass. What it makes goes to the folder temp. A
// file that can't be read gives a *Refusal.
func Prepare(ctx context.Context, in Input, temp string, o Options) (*Prepared, error) {
	if in.Fault != "" {
		return nil, Refuse("%s", in.Fault)
	}
	file, err := os.Open(in.Path)
	if errors.Is(err, fs.ErrPermission) {
		return nil, Unreadable(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	p := &Prepared{Input: in, Plain: in.Path, UTF8: true, mtime: info.ModTime(), Bytes: info.Size()}
	if err := p.prepare(ctx, file, temp, o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Link gives a file whose path DuckDB's readers would take for a pattern a link without one,
// in the folder temp: for each pattern they list the whole folder, which may have many
// thousands of files.
func (p *Prepared) Link(temp string) error {
	if p.temp || !strings.ContainsAny(p.Plain, "*?[") {
		return nil
	}
	target, err := filepath.Abs(p.Plain)
	if err != nil {
		return fmt.Errorf("link %s: %w", p.Name, err)
	}
	link := filepath.Join(temp, "link-"+rand.Text())
	if err := os.Symlink(target, link); err != nil {
		return fmt.Errorf("link %s: %w", p.Name, err)
	}
	p.Plain, p.temp = link, true
	return nil
}

func (p *Prepared) prepare(ctx context.Context, file *os.File, temp string, o Options) error {
	hash := sha256.New()
	content, err := p.open(ctx, file, watched{hash, p.Watch})
	if err != nil {
		return err
	}
	limited := &growthLimit{r: &ctxReader{ctx, content}, left: budget(p.Bytes)}
	if err = p.read(ctx, limited, temp, o); err == nil {
		_, err = io.Copy(io.Discard, content) // what a workbook's reader left
	}
	if err != nil {
		return p.readError(ctx, err)
	}
	if !p.fromZip { // what stands behind the last gzip member
		if _, err = io.Copy(hash, file); err != nil {
			return fmt.Errorf("read %s: %w", p.Name, err)
		}
	}
	p.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// readError tells a damaged file from a fault of the machine.
func (p *Prepared) readError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case IsRefusal(err):
		return err
	case p.packed && !errors.As(err, new(*os.PathError)):
		return Refuse("can't be unpacked: %v; download it again", err)
	}
	return fmt.Errorf("read %s: %w", p.Name, err)
}

// read passes over the unpacked content once.
func (p *Prepared) read(ctx context.Context, content io.Reader, temp string, o Options) (err error) {
	room := roomFor(p.Bytes)
	if p.packed {
		room = 1 << 20
	}
	raw := bufio.NewReaderSize(content, room)
	if p.fromZip { // such as a .gz in a .zip
		inner, err := p.unpack(raw)
		if err != nil {
			return err
		}
		raw = bufio.NewReaderSize(&growthLimit{r: inner, left: budget(p.Bytes)}, 1<<20)
	}
	head, _ := raw.Peek(headBytes)
	p.Kind = kindOf(head)
	var decoder transform.Transformer
	if p.Kind == "csv" { // as far as can be seen; pages and workbooks name their encoding themselves
		decoder = decoderFor(head, o.Encoding)
	}
	if decoder != nil {
		raw = bufio.NewReaderSize(transform.NewReader(raw, decoder), room)
		head, _ = raw.Peek(headBytes)
		p.Kind = kindOf(head)
	}
	lines := newLineScanner()
	targets := []io.Writer{lines}
	if p.packed || p.Kind != "csv" || decoder != nil {
		copied, failed := os.CreateTemp(temp, "unpacked-*")
		if failed != nil {
			return fmt.Errorf("unpack: %w", failed)
		}
		p.Plain, p.temp = copied.Name(), true
		defer func() { err = errors.Join(err, copied.Close()) }()
		targets = append(targets, copied)
	}
	out := onlyWriter{io.MultiWriter(targets...)}
	if p.Kind != "csv" {
		err = p.convert(ctx, raw, temp, out, o)
	} else {
		_, err = raw.WriteTo(out)
	}
	if err != nil {
		return err
	}
	p.learn(lines)
	if p.Kind != "csv" && !p.Numbered {
		p.shifts = p.rowShifts
	}
	if lines.mixed() && p.Kind == "csv" {
		return p.evenLineEnds(temp, lines)
	}
	return nil
}

// roomFor is how many bytes of so many are read at a time: all of a small file, which may
// be one of many thousands.
func roomFor(bytes int64) int { return int(min(bytes+1, 1<<20)) }

// learn notes what one pass over Plain told.
func (p *Prepared) learn(lines *lineScanner) {
	lines.close()
	p.OpenAt = 0
	p.Size, p.Head, p.UTF8, p.Records, p.Longest, p.shifts = lines.size, bytes.TrimPrefix(lines.head, bom), lines.utf8(), lines.records, lines.longest, lines.shifts
	p.Lines = lines.line
	p.Unended, p.Exponents = lines.last != 0 || lines.content, lines.exponents
	if p.Unended {
		p.Lines++
	}
	p.oneLineEach, p.LineEnd = !lines.quotes.any && len(lines.shifts) == 0, "\n"
	if lines.returns > 0 {
		p.LineEnd = "\r\n"
	}
	if lines.quotes.inside {
		p.OpenAt = lines.openAt
	}
}
