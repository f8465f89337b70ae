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
	"unicode/utf8"
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
	Bytes   int64  // that were hashed
	Size    int64  // of Plain
	Vintage string // see vintage
	Head    []byte // the first bytes of Plain, without a byte-order mark
	UTF8    bool   // Plain is valid UTF-8; else it is read as latin-1
	Records int64  // lines that are neither blank nor inside quotes, header included
	OpenAt  int64  // the line on which a quote opens that nothing closes, or 0

	shifts []shift
	temp   bool
	mtime  time.Time
}

// shift says that from the record with this number (1 is the header) a record's
// line is its number plus by. Blank lines and line breaks inside quotes shift.
type shift struct{ record, by int64 }

// Close removes the unpacked copy, if there is one.
func (p *Prepared) Close() error {
	if !p.temp {
		return nil
	}
	return os.Remove(p.Plain)
}

// Changed tells whether the file on disk was modified since Prepare read it.
func (p *Prepared) Changed() (bool, error) {
	info, err := os.Stat(p.Path)
	if err != nil {
		return false, err
	}
	return !info.ModTime().Equal(p.mtime), nil
}

// Prepare unpacks the input if it is compressed, hashes it, and learns its lines
// in one pass. Unpacked copies go to the folder temp. A file that can't be
// unpacked gives a *Refusal.
func Prepare(ctx context.Context, in Input, temp string) (p *Prepared, err error) {
	file, err := os.Open(in.Path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", in.Name, err)
	}
	p = &Prepared{Input: in, Plain: in.Path, UTF8: true, mtime: info.ModTime()}
	hash := sha256.New()
	content, archived, err := p.open(file, watched{hash, in.Watch})
	if err != nil {
		return nil, err
	}
	var lines lineScanner
	targets := []io.Writer{&lines}
	if p.temp {
		copied, err := os.CreateTemp(temp, "unpacked-*.csv")
		if err != nil {
			return nil, fmt.Errorf("unpack %s: %w", in.Name, err)
		}
		p.Plain = copied.Name()
		defer func() {
			err = errors.Join(err, copied.Close())
			if err != nil {
				err = errors.Join(err, p.Close())
			}
		}()
		targets = append(targets, copied)
	}
	limited := &growthLimit{r: &ctxReader{ctx, content}, left: max(alwaysAllowed, info.Size()*maxGrowth), name: in.Name}
	if _, err = io.CopyBuffer(onlyWriter{io.MultiWriter(targets...)}, limited, make([]byte, 1<<20)); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if isRefusal(err) {
			return nil, err
		}
		if p.temp {
			return nil, refuse("can't be unpacked: %v; download it again", err)
		}
		return nil, fmt.Errorf("read %s: %w", in.Name, err)
	}
	if _, err = io.Copy(hash, file); in.Member == "" && err != nil { // what stands behind the last gzip member
		return nil, fmt.Errorf("read %s: %w", in.Name, err)
	}
	lines.close()
	p.SHA256, p.Bytes = hex.EncodeToString(hash.Sum(nil)), info.Size()
	p.Size, p.Head, p.UTF8, p.Records, p.shifts = lines.size, bytes.TrimPrefix(lines.head, bom), lines.utf8(), lines.records, lines.shifts
	if lines.inQuotes {
		p.OpenAt = lines.openAt
	}
	p.Vintage = vintage(in.Name, archived)
	return p, nil
}

var bom = []byte("\xef\xbb\xbf")

// open returns the input's plain bytes; every byte that identifies it passes
// through hash on the way. The time is the one that the archive keeps.
func (p *Prepared) open(file *os.File, hash io.Writer) (io.Reader, time.Time, error) {
	if p.Member != "" {
		p.temp = true
		return openMember(file, p.Member, hash)
	}
	raw := bufio.NewReaderSize(io.TeeReader(file, hash), 1<<20)
	magic, _ := raw.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, time.Time{}, refuse("can't be unpacked: %v; download it again", err)
		}
		p.temp = true
		return unzipped, unzipped.ModTime, nil
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")):
		if members, err := zipMembers(p.Path); err != nil || len(members) == 0 {
			return nil, time.Time{}, refuse("is a damaged or empty zip archive; download it again")
		}
	}
	return raw, time.Time{}, nil
}

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
	head     []byte
	size     int64
	records  int64
	line     int64 // line breaks so far
	openAt   int64
	shifts   []shift
	inQuotes bool
	content  bool // the record at hand has a character
	badUTF8  bool
	partial  []byte // of a character at the end of the last write
}

func (s *lineScanner) Write(p []byte) (int, error) {
	if room := headBytes - len(s.head); room > 0 {
		s.head = append(s.head, p[:min(room, len(p))]...)
	}
	s.size += int64(len(p))
	s.checkUTF8(p)
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			s.take(rest)
			break
		}
		s.take(rest[:end])
		s.endLine()
		rest = rest[end+1:]
	}
	return len(p), nil
}

// take reads a part of a line.
func (s *lineScanner) take(part []byte) {
	if len(part) == 0 || !s.content && len(part) == 1 && part[0] == '\r' {
		return
	}
	if !s.content && !s.inQuotes {
		s.content = true
		s.records++
		if by := s.line + 1 - s.records; len(s.shifts) > 0 && by != s.shifts[len(s.shifts)-1].by || len(s.shifts) == 0 && by != 0 {
			s.shifts = append(s.shifts, shift{s.records, by})
		}
	}
	if quotes := bytes.Count(part, []byte{'"'}); quotes%2 == 1 {
		s.inQuotes = !s.inQuotes
		s.openAt = s.line + 1
	}
}

func (s *lineScanner) endLine() {
	s.line++
	if !s.inQuotes {
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
	name string
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
