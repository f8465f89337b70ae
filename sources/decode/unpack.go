package decode

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	// A compressed file may grow by this much; trade files shrink to between a
	// tenth and a fiftieth, so more is an archive bomb.
	maxGrowth     = 200
	alwaysAllowed = 8 << 20
)

// open returns the input's plain bytes; every byte that identifies it passes
// through hash on the way.
func (p *Prepared) open(ctx context.Context, file *os.File, hash io.Writer) (io.Reader, error) {
	if p.Member != "" {
		if p.Sheet {
			return io.TeeReader(file, hash), nil
		}
		p.packed, p.fromZip = true, true
		if isSevenZip(file) {
			content, err := sevenZipMember(ctx, file, p.Member)
			if err != nil {
				return nil, err
			}
			return io.TeeReader(content, hash), nil
		}
		return openMember(file, p.Member, hash)
	}
	if isSevenZip(file) {
		return nil, whySevenZip(ctx, file)
	}
	raw := bufio.NewReaderSize(io.TeeReader(file, hash), roomFor(p.Bytes))
	if magic, _ := raw.Peek(4); bytes.HasPrefix(magic, []byte("PK\x03\x04")) {
		if sheets, err := sheetsOf(ctx, p.Path); err != nil {
			return nil, err
		} else if len(sheets.shown)+len(sheets.hidden) == 0 {
			return nil, Refuse("is a damaged or empty zip archive or workbook; download it again")
		}
	}
	return p.unpack(raw)
}

// unpack returns what a compressed stream holds, or the stream itself when it is not
// compressed.
func (p *Prepared) unpack(raw *bufio.Reader) (io.Reader, error) {
	magic, _ := raw.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(raw)
		if err != nil {
			return nil, Refuse("can't be unpacked: %v; download it again", err)
		}
		p.packed = true
		return unzipped, nil
	case bytes.HasPrefix(magic, zstdMagic):
		unpacked, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxZstdWindow))
		if err != nil {
			return nil, Refuse("can't be unpacked: %v; download it again", err)
		}
		p.packed = true
		return unpacked.IOReadCloser(), nil
	}
	return raw, nil
}

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// maxZstdWindow bounds the memory that unpacking takes.
const maxZstdWindow = 256 << 20

// zipMembers lists the data files inside a zip archive. It returns none for a
// file that is no zip archive, and none for a spreadsheet, which is one inside.
func zipMembers(_ context.Context, path string) ([]string, error) {
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
		if !member.FileInfo().IsDir() && !Hidden(base) && !strings.HasPrefix(member.Name, "__MACOSX/") {
			names = append(names, member.Name)
		}
	}
	return names, honest(archive.File, size(file))
}

// honest refuses an archive whose members lie in the same place, or unpack together to far
// more than trade data do.
func honest(members []*zip.File, size int64) error {
	type span struct{ from, to int64 }
	var spans []span
	left := budget(size)
	for _, m := range members {
		if left -= int64(min(m.UncompressedSize64, math.MaxInt64/2)); left < 0 {
			return TooLarge()
		}
		if from, err := m.DataOffset(); err == nil { // else opening it says what is wrong
			spans = append(spans, span{from, from + int64(min(m.CompressedSize64, math.MaxInt64/2))})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to || spans[i].from == spans[i-1].from {
			return Refuse("is an archive whose members lie in the same place, as in one that is made to fill the disk")
		}
	}
	return nil
}

func size(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

func openMember(file *os.File, name string, hash io.Writer) (io.Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, Refuse("is a damaged zip archive: %v; download it again", err)
	}
	for _, member := range archive.File {
		if member.Name != name {
			continue
		}
		content, err := member.Open()
		if err != nil {
			return nil, Refuse("can't be unpacked: %v; download it again", err)
		}
		return io.TeeReader(content, hash), nil
	}
	return nil, Refuse("is no longer in the archive")
}

// growthLimit refuses an archive that unpacks to far more than trade data can.
type growthLimit struct {
	r    io.Reader
	left int64
}

func (g *growthLimit) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if g.left -= int64(n); g.left < 0 {
		return 0, TooLarge() // bufio loses an error that comes with bytes
	}
	return n, err
}

// TooLarge is the refusal of what unpacks to far more than trade data can.
func TooLarge() error {
	return Refuse("unpacks to more than %d times its size: not loaded, because trade files do not; unpack it by hand if it is sound", maxGrowth)
}

// budget is how many bytes a file of that size may unpack to.
func budget(size int64) int64 { return max(alwaysAllowed, size*maxGrowth) }

// Excess is how many bytes the text has beyond what trade files unpack to. A small file may
// have some; many of them together are a bomb, too.
func (p *Prepared) Excess() int64 { return max(0, p.Size-p.Bytes*maxGrowth) }

// Hidden tells whether a file of that name is none of the user's: it is hidden, or the
// lock of a spreadsheet.
func Hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$")
}

// Members lists what a file holds that is read by itself: the members of a zip or 7z
// archive, or the sheets of a workbook that has several with data. It lists none for any other
// file. No more is opened than directories of archives and the first cells of workbooks.
func Members(ctx context.Context, path string) (names []string, sheets bool, err error) {
	kind, err := fileKind(path)
	if err != nil || kind != "xlsx" && kind != "xls" && kind != "7z" {
		return nil, true, err
	}
	for _, list := range []func(context.Context, string) ([]string, error){zipMembers, sevenZipMembers} {
		if names, err = list(ctx, path); err != nil || len(names) > 0 {
			return names, false, err
		}
	}
	// A workbook of one sheet is one input, as a CSV is.
	if names, err = WorkbookSheets(ctx, path); len(names) == 1 {
		names = nil
	}
	return names, true, err
}
