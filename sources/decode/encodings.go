package decode

import (
	"bytes"
	"errors"
	"io"
	"os"
	stdunicode "unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// kindOf tells what a content is by its first bytes.
func kindOf(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "xlsx"
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "xls"
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "parquet"
	case bytes.HasPrefix(head, sevenZipMagic):
		return "7z"
	case foreignKind(head) != "":
		return foreignKind(head)
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
	line, _, _ := bytes.Cut(head[:min(len(head), MaxHeaderBytes)], []byte{'\n'})
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
