package sources

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	stdunicode "unicode"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	headBytes = 256 << 10

	// A compressed file may grow by this much; trade files shrink to between a
	// tenth and a fiftieth, so more is an archive bomb.
	maxGrowth      = 200
	alwaysAllowed  = 64 << 20
	maxHeaderBytes = 64 << 10
)

// Prepared is an input that DuckDB can read: a plain text file, with what one
// pass over its bytes tells. Close removes what Prepare made.
type Prepared struct {
	Input
	Plain   string // the file to read; Path itself when it was plain already
	SHA256  string // of the bytes on disk (of the member's content in a zip archive)
	Bytes   int64  // of the file on disk
	Size    int64  // of Plain
	Vintage string // see vintage
	Head    []byte // the first bytes of Plain, without a byte-order mark
	UTF8    bool   // Plain is valid UTF-8; else it is read as latin-1
	Kind    string // "csv", "xlsx", "xls", "html" or "json": what Plain was made from; the last part of a format's name
	// Numbered: Plain was made from a workbook, a web page or JSON. Its first field
	// is the number of the row there, and its lines are nobody's.
	Numbered bool
	Notes    []string // what a user should know before trusting the file
	Records  int64    // lines that are neither blank nor inside quotes, header included
	OpenAt   int64    // the line on which a quote opens that nothing closes, or 0
	Longest  int64    // bytes of the longest record; some less when it is shorter than 64 KiB

	shifts      []shift
	oneLineEach bool   // every line is a record: there are no quotes and no blank lines
	lineEnd     string // "\n" or "\r\n"
	lines       int64
	temp        bool // Plain is a copy
	packed      bool // the file is compressed or an archive
	fromZip     bool
	mtime       time.Time
}

// shift says that from the record with this number (1 is the header) a record's
// line is its number plus by. Blank lines and line breaks inside quotes shift.
type shift struct{ record, by int64 }

// Close removes the unpacked copy, if there is one.
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
// turns workbooks, web pages, JSON and other encodings into UTF-8 text, hashes the
// file and learns its lines, in one pass. What it makes goes to the folder temp. A
// file that can't be read gives a *Refusal.
func Prepare(ctx context.Context, in Input, temp string, s Settings) (*Prepared, error) {
	file, err := os.Open(in.Path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	p := &Prepared{Input: in, Plain: in.Path, UTF8: true, mtime: info.ModTime(), Bytes: info.Size()}
	if err := p.prepare(ctx, file, temp, s); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Prepared) prepare(ctx context.Context, file *os.File, temp string, s Settings) error {
	hash := sha256.New()
	content, archived, err := p.open(file, watched{hash, p.Watch})
	if err != nil {
		return err
	}
	limited := &growthLimit{r: &ctxReader{ctx, content}, left: max(alwaysAllowed, p.Bytes*maxGrowth)}
	if err = p.read(ctx, limited, temp, s); err == nil {
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
	p.Vintage = vintage(p.Name, archived)
	return nil
}

// readError tells a damaged file from a fault of the machine.
func (p *Prepared) readError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case isRefusal(err):
		return err
	case p.packed && !errors.As(err, new(*os.PathError)):
		return refuse("can't be unpacked: %v; download it again", err)
	}
	return fmt.Errorf("read %s: %w", p.Name, err)
}

// read passes over the unpacked content once.
func (p *Prepared) read(ctx context.Context, content io.Reader, temp string, s Settings) (err error) {
	raw := bufio.NewReaderSize(content, 1<<20)
	if p.fromZip { // such as a .gz in a .zip
		inner, _, err := p.unpack(raw)
		if err != nil {
			return err
		}
		raw = bufio.NewReaderSize(&growthLimit{r: inner, left: max(alwaysAllowed, p.Bytes*maxGrowth)}, 1<<20)
	}
	head, _ := raw.Peek(headBytes)
	p.Kind = kindOf(head)
	var decoder transform.Transformer
	if p.Kind == "csv" { // as far as can be seen; pages and workbooks name their encoding themselves
		decoder = decoderFor(head, s.Encoding)
	}
	if decoder != nil {
		raw = bufio.NewReaderSize(transform.NewReader(raw, decoder), 1<<20)
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
		err = p.convert(ctx, raw, temp, out)
	} else {
		_, err = io.CopyBuffer(out, raw, make([]byte, 1<<20))
	}
	if err != nil {
		return err
	}
	p.learn(lines)
	if lines.mixed() && p.Kind == "csv" {
		return p.evenLineEnds(temp, lines)
	}
	return nil
}

// learn notes what one pass over Plain told.
func (p *Prepared) learn(lines *lineScanner) {
	lines.close()
	p.OpenAt = 0
	p.Size, p.Head, p.UTF8, p.Records, p.Longest, p.shifts = lines.size, bytes.TrimPrefix(lines.head, bom), lines.utf8(), lines.records, lines.longest, lines.shifts
	p.lines = lines.line
	if lines.last != 0 || lines.content {
		p.lines++ // the last has no end
	}
	p.oneLineEach, p.lineEnd = !lines.quotes.any && len(lines.shifts) == 0, "\n"
	if lines.returns > 0 {
		p.lineEnd = "\r\n"
	}
	if lines.quotes.inside {
		p.OpenAt = lines.openAt
	}
}

// unpack returns what a compressed stream holds and the time that it keeps, or the
// stream itself when it is not compressed.
func (p *Prepared) unpack(raw *bufio.Reader) (io.Reader, time.Time, error) {
	magic, _ := raw.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, time.Time{}, refuse("can't be unpacked: %v; download it again", err)
		}
		p.packed = true
		return unzipped, unzipped.ModTime, nil
	case bytes.HasPrefix(magic, zstdMagic):
		unpacked, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxZstdWindow))
		if err != nil {
			return nil, time.Time{}, refuse("can't be unpacked: %v; download it again", err)
		}
		p.packed = true
		return unpacked.IOReadCloser(), time.Time{}, nil
	}
	return raw, time.Time{}, nil
}

// evenLineEnds makes a copy in which every line ends with a line feed: DuckDB's
// reader gives up on a file that has two kinds of line ends, and takes a carriage
// return alone for another. In a file without line feeds it is one, as on old
// Macintoshes; elsewhere it is a blank.
func (p *Prepared) evenLineEnds(temp string, lines *lineScanner) (err error) {
	in, err := os.Open(p.Plain)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(temp, "unpacked-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	ends := &lineFeeds{alone: ' '}
	if lines.feeds+lines.returns == 0 {
		ends.alone = '\n'
	}
	even := newLineScanner()
	_, err = io.CopyBuffer(onlyWriter{io.MultiWriter(even, out)}, transform.NewReader(in, ends), make([]byte, 1<<20))
	p.learn(even)
	if p.temp {
		err = errors.Join(err, os.Remove(p.Plain))
	}
	p.Plain, p.temp = out.Name(), true
	return err
}

// lineFeeds drops the carriage return before a line feed, and replaces others.
type lineFeeds struct {
	transform.NopResetter
	alone byte
}

func (l *lineFeeds) Transform(dst, src []byte, atEOF bool) (written, read int, err error) {
	for read < len(src) {
		if src[read] == '\r' {
			if read+1 == len(src) && !atEOF {
				return written, read, transform.ErrShortSrc
			}
			if read+1 < len(src) && src[read+1] == '\n' {
				read++
				continue
			}
		}
		if written == len(dst) {
			return written, read, transform.ErrShortDst
		}
		if dst[written] = src[read]; src[read] == '\r' {
			dst[written] = l.alone
		}
		written++
		read++
	}
	return written, read, nil
}

// kindOf tells what a content is by its first bytes.
func kindOf(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "xlsx"
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "xls"
	case bytes.HasPrefix(text, []byte("<")):
		return "html"
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		return "json"
	}
	return "csv"
}

// decoderFor finds how the text becomes UTF-8; nil when it is UTF-8 already, or
// in a one-byte encoding that DuckDB reads.
func decoderFor(head []byte, named string) transform.Transformer {
	switch named {
	case "gb18030":
		return simplifiedchinese.GB18030.NewDecoder()
	case "utf-16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	case "utf-8", "windows-1252":
		return nil
	}
	line, _, _ := bytes.Cut(head[:min(len(head), maxHeaderBytes)], []byte{'\n'})
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
	case len(line) > 8 && bytes.Count(line, []byte{0})*5 >= len(line)*2: // every other byte
		order := unicode.LittleEndian
		if line[0] == 0 {
			order = unicode.BigEndian
		}
		return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()
	case !utf8.Valid(line) && isChinese(line):
		return simplifiedchinese.GB18030.NewDecoder()
	}
	return nil
}

// isChinese tells whether a line reads as Chinese in GB18030: half of its letters
// or more are Han, and no byte is left over.
func isChinese(line []byte) bool {
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(line)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return false
	}
	han, letters := 0, 0
	for _, r := range string(text) {
		if stdunicode.Is(stdunicode.Han, r) {
			han++
		}
		if stdunicode.IsLetter(r) {
			letters++
		}
	}
	return han*2 > letters
}

var bom = []byte("\xef\xbb\xbf")

// open returns the input's plain bytes; every byte that identifies it passes
// through hash on the way. The time is the one that the archive keeps.
func (p *Prepared) open(file *os.File, hash io.Writer) (io.Reader, time.Time, error) {
	if p.Member != "" {
		if p.Sheet {
			return io.TeeReader(file, hash), time.Time{}, nil
		}
		p.packed, p.fromZip = true, true
		return openMember(file, p.Member, hash)
	}
	raw := bufio.NewReaderSize(io.TeeReader(file, hash), 1<<20)
	if magic, _ := raw.Peek(4); bytes.HasPrefix(magic, []byte("PK\x03\x04")) {
		if sheets, err := workbookSheets(p.Path); err != nil {
			return nil, time.Time{}, err
		} else if len(sheets) == 0 {
			return nil, time.Time{}, refuse("is a damaged or empty zip archive or workbook; download it again")
		}
	}
	return p.unpack(raw)
}

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// maxZstdWindow bounds the memory that unpacking takes.
const maxZstdWindow = 256 << 20

// zipMembers lists the data files inside a zip archive. It returns none for a
// file that is no zip archive, and none for a spreadsheet, which is one inside.
func zipMembers(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	magic := make([]byte, 4)
	if _, err := io.ReadFull(file, magic); err != nil || !bytes.Equal(magic, []byte("PK\x03\x04")) {
		return nil, nil
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	var names []string
	for _, member := range archive.File {
		if member.Name == "[Content_Types].xml" {
			return nil, nil
		}
		base := filepath.Base(member.Name)
		if !member.FileInfo().IsDir() && !ignored(base) && !strings.HasPrefix(member.Name, "__MACOSX/") {
			names = append(names, member.Name)
		}
	}
	return names, nil
}

func openMember(file *os.File, name string, hash io.Writer) (io.Reader, time.Time, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, time.Time{}, refuse("is a damaged zip archive: %v; download it again", err)
	}
	for _, member := range archive.File {
		if member.Name != name {
			continue
		}
		content, err := member.Open()
		if err != nil {
			return nil, time.Time{}, refuse("can't be unpacked: %v; download it again", err)
		}
		return io.TeeReader(content, hash), member.Modified, nil
	}
	return nil, time.Time{}, refuse("is no longer in the archive")
}

// The dates that downloads carry in their names.
var (
	webName  = regexp.MustCompile(`TradeData_(\d{1,2})_(\d{1,2})_(\d{4})_(\d{1,2})_(\d{1,2})_(\d{1,2})`)
	dateName = regexp.MustCompile(`(?:^|\D)(\d{4})-(\d{2})-(\d{2})(?:\D|$)`)
)

// vintage tells when a file was downloaded, as far as that can be known from its
// name or its archive: "2026-04-17T11:54:35", or "" when neither says. The time
// stamp on disk is no help: copying changes it, and the same files must give the
// same figures on every machine.
func vintage(name string, archived time.Time) string {
	if m := webName.FindStringSubmatch(name); m != nil {
		if t, err := time.Parse("1 2 2006 15 4 5", strings.Join(m[1:], " ")); err == nil {
			return t.Format("2006-01-02T15:04:05")
		}
	}
	if m := dateName.FindStringSubmatch(name); m != nil {
		if t, err := time.Parse("2006 01 02", strings.Join(m[1:], " ")); err == nil {
			return t.Format("2006-01-02T15:04:05")
		}
	}
	if archived.Year() > 1980 { // the zero of both formats
		return archived.UTC().Format("2006-01-02T15:04:05")
	}
	return ""
}

// lineScanner learns, from the bytes that are written to it, where records
// start, whether the text is UTF-8, and what the file begins with.
type lineScanner struct {
	head    []byte
	size    int64
	records int64
	line    int64 // line breaks so far
	openAt  int64
	shifts  []shift
	quotes  quotes
	content bool // the record at hand has a character
	badUTF8 bool
	feeds   int64 // lines that end with a line feed alone
	returns int64 // lines that end with a carriage return and a line feed
	alone   int64 // carriage returns without a line feed
	last    byte
	length  int64 // of the record at hand so far
	longest int64
	partial []byte // of a character at the end of the last write
}

func newLineScanner() *lineScanner { return &lineScanner{quotes: quotes{opens: true}} }

func (s *lineScanner) Write(p []byte) (int, error) {
	if room := headBytes - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	s.size += int64(len(p))
	s.checkUTF8(p)
	if s.takeEven(p) {
		return len(p), nil
	}
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			s.alone += int64(bytes.Count(rest, []byte{'\r'}))
			s.take(rest)
			s.last = rest[len(rest)-1]
			break
		}
		s.alone += int64(bytes.Count(rest[:end], []byte{'\r'}))
		s.take(rest[:end])
		s.countEnd(rest[:end])
		s.endLine()
		rest = rest[end+1:]
	}
	return len(p), nil
}

// takeEven takes whole lines at once where nothing is special: no quotes, no carriage
// returns, no blank lines and none of more than eight kibibytes. It does nothing
// and tells so where something is.
func (s *lineScanner) takeEven(p []byte) bool {
	const window = 4 << 10
	last := bytes.LastIndexByte(p, '\n')
	if last < window || s.quotes.inside || s.last == '\r' || bytes.IndexByte(p, '"') >= 0 || bytes.IndexByte(p, '\r') >= 0 ||
		bytes.Contains(p, []byte("\n\n")) || p[0] == '\n' {
		return false
	}
	for at := 0; at+window <= last; at += window {
		if bytes.IndexByte(p[at:at+window], '\n') < 0 {
			return false
		}
	}
	first := bytes.IndexByte(p, '\n')
	s.take(p[:first])
	s.endLine()
	if n := int64(bytes.Count(p[first+1:last+1], []byte{'\n'})); n > 0 {
		// The second line may be the first record, so its shift is to be looked at.
		second := first + 1 + bytes.IndexByte(p[first+1:], '\n')
		s.take(p[first+1 : second])
		s.endLine()
		s.line += n - 1
		s.records += n - 1
		s.feeds += n
	}
	s.feeds++
	s.last = 0
	if tail := p[last+1:]; len(tail) > 0 {
		s.take(tail)
		s.last = tail[len(tail)-1]
	}
	return true
}

// take reads a part of a line.
func (s *lineScanner) take(part []byte) {
	if len(part) == 0 || !s.content && len(part) == 1 && part[0] == '\r' {
		return
	}
	if !s.content && !s.quotes.inside {
		s.content = true
		s.records++
		s.length = 0
		if by := s.line + 1 - s.records; len(s.shifts) > 0 && by != s.shifts[len(s.shifts)-1].by || len(s.shifts) == 0 && by != 0 {
			s.shifts = append(s.shifts, shift{s.records, by})
		}
	}
	s.length += int64(len(part))
	s.longest = max(s.longest, s.length)
	was := s.quotes.inside
	if s.quotes.take(part); s.quotes.inside && !was {
		s.openAt = s.line + 1
	}
}

// countEnd counts the kind of the line end behind the part. Those inside quotes
// do not count.
func (s *lineScanner) countEnd(part []byte) {
	last := s.last
	if len(part) > 0 {
		last = part[len(part)-1]
	}
	if last == '\r' {
		s.alone--
	}
	switch {
	case s.quotes.inside:
	case last == '\r':
		s.returns++
	default:
		s.feeds++
	}
	s.last = 0
}

// mixed tells whether the file has more than one kind of line ends.
func (s *lineScanner) mixed() bool { return s.feeds > 0 && s.returns > 0 || s.alone > 0 }

func (s *lineScanner) endLine() {
	s.line++
	s.quotes.endLine()
	if !s.quotes.inside {
		s.content = false
	}
}

func (s *lineScanner) close() {
	if len(s.partial) > 0 {
		s.badUTF8 = true
	}
}

func (s *lineScanner) utf8() bool { return !s.badUTF8 }

// checkUTF8 keeps an incomplete character at the end of p for the next write.
func (s *lineScanner) checkUTF8(p []byte) {
	if s.badUTF8 {
		return
	}
	if len(s.partial) > 0 {
		p = append(s.partial, p...)
		s.partial = nil
	}
	if utf8.Valid(p) {
		return
	}
	for tail := 1; tail < utf8.UTFMax && tail <= len(p); tail++ {
		if end := p[len(p)-tail:]; utf8.RuneStart(end[0]) {
			if !utf8.FullRune(end) && utf8.Valid(p[:len(p)-tail]) {
				s.partial = bytes.Clone(end)
				return
			}
			break
		}
	}
	s.badUTF8 = true
}

type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// growthLimit refuses an archive that unpacks to far more than trade data can.
type growthLimit struct {
	r    io.Reader
	left int64
}

func (g *growthLimit) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if g.left -= int64(n); g.left < 0 {
		return n, refuse("unpacks to more than %d times its size: not loaded, because trade files do not; unpack it by hand if it is sound", maxGrowth)
	}
	return n, err
}

// watched tells how many bytes go to a hash.
type watched struct {
	io.Writer
	watch func(int)
}

func (w watched) Write(p []byte) (int, error) {
	if w.watch != nil {
		w.watch(len(p))
	}
	return w.Writer.Write(p)
}

// onlyWriter hides ReadFrom, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

func isRefusal(err error) bool {
	var r *Refusal
	return errors.As(err, &r)
}
