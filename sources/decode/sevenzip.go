package decode

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/bodgit/sevenzip"
)

var sevenZipMagic = []byte{'7', 'z', 0xbc, 0xaf, 0x27, 0x1c}

// isSevenZip tells whether a file is a 7z archive.
func isSevenZip(file io.ReaderAt) bool {
	magic := make([]byte, len(sevenZipMagic))
	_, err := file.ReadAt(magic, 0)
	return err == nil && bytes.Equal(magic, sevenZipMagic)
}

// sevenZipMembers lists the data files inside a 7z archive. It returns none for any other
// file.
func sevenZipMembers(ctx context.Context, path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if !isSevenZip(file) {
		return nil, nil
	}
	archive, _, err := openSevenZip(ctx, file)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, member := range archive.File {
		if !member.FileInfo().IsDir() && !Hidden(filepath.Base(member.Name)) {
			names = append(names, member.Name)
		}
	}
	return names, nil
}

// openSevenZip reads the directory of a 7z archive, if it is sound and asks for no more
// memory than may be used, and returns the size of the archive.
func openSevenZip(ctx context.Context, file *os.File) (_ *sevenzip.Reader, size int64, err error) {
	defer noPanic(&err)
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	content := ctxReaderAt{ctx, file}
	if err := checkSevenZip(content, info.Size()); err != nil {
		return nil, 0, err
	}
	archive, err := sevenzip.NewReader(content, info.Size())
	if err != nil {
		return nil, 0, sevenZipError(err)
	}
	return archive, info.Size(), nil
}

// whySevenZip is the refusal of an archive that is no list of members.
func whySevenZip(ctx context.Context, file *os.File) error {
	if _, _, err := openSevenZip(ctx, file); err != nil {
		return err
	}
	return Refuse("is an empty 7z archive")
}

// sevenZipMember is the content of a member.
func sevenZipMember(ctx context.Context, file *os.File, name string) (_ io.Reader, err error) {
	defer noPanic(&err)
	archive, size, err := openSevenZip(ctx, file)
	if err != nil {
		return nil, err
	}
	before := map[int]int64{} // what stands before a member in its stream
	for _, member := range archive.File {
		if member.Name != name {
			before[member.Stream] += int64(min(member.UncompressedSize, uint64(budget(size))))
			continue
		}
		if before[member.Stream] > budget(size) {
			return nil, TooLarge()
		}
		content, err := member.Open()
		if err != nil {
			return nil, sevenZipError(err)
		}
		return &checkedReader{content: content, want: member.CRC32, left: int64(member.UncompressedSize)}, nil
	}
	return nil, Refuse("is no longer in the archive")
}

// noPanic makes an error of what the reader of damaged archives may throw.
func noPanic(err *error) {
	if thrown := recover(); thrown != nil {
		*err = Refuse("is a damaged 7z archive (%v); download it again", thrown)
	}
}

func sevenZipError(err error) error {
	var failed *sevenzip.ReadError
	switch {
	case errors.As(err, new(*os.PathError)), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &failed) && failed.Encrypted:
		return Refuse("is a 7z archive with a password; unpack it")
	}
	return Refuse("is a damaged 7z archive: %v; download it again", err)
}

// checkedReader compares what was read with the checksum that the archive has of it.
type checkedReader struct {
	content io.Reader
	want    uint32
	left    int64
	sum     uint32
}

func (c *checkedReader) Read(p []byte) (n int, err error) {
	defer noPanic(&err)
	n, err = c.content.Read(p)
	c.sum = crc32.Update(c.sum, crc32.IEEETable, p[:n])
	c.left -= int64(n)
	switch {
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF):
		return n, sevenZipError(err)
	case c.left > 0:
		return n, sevenZipError(io.ErrUnexpectedEOF)
	case c.want != 0 && c.want != c.sum:
		return n, sevenZipError(errors.New("a checksum is wrong"))
	}
	return n, io.EOF
}

// ctxReaderAt stops when the context does.
type ctxReaderAt struct {
	ctx context.Context
	r   io.ReaderAt
}

func (c ctxReaderAt) ReadAt(p []byte, offset int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.ReadAt(p, offset)
}

const (
	// The directory of an archive says how many members there are, and how much memory
	// unpacking them takes. It is believed within these bounds only.
	maxSevenZipHeader = 1 << 20
	maxSevenZipMemory = maxZstdWindow
)

// checkSevenZip refuses an archive whose directory claims more members than it has room
// for, or more memory than may be used: what reads it believes that, and makes room.
func checkSevenZip(file io.ReaderAt, size int64) error {
	start := make([]byte, 32)
	if _, err := file.ReadAt(start, 0); err != nil {
		return sevenZipError(err)
	}
	offset, length := binary.LittleEndian.Uint64(start[12:]), binary.LittleEndian.Uint64(start[20:])
	if length == 0 {
		return Refuse("is an empty 7z archive")
	}
	if room := uint64(size) - 32; offset > room || length > room-offset {
		return Refuse("is a cut or damaged 7z archive: its directory is missing; download it again")
	}
	if length > maxSevenZipHeader {
		return errSevenZipDirectory()
	}
	header := make([]byte, length)
	if _, err := file.ReadAt(header, int64(32+offset)); err != nil {
		return sevenZipError(err)
	}
	h := &sevenZipHeader{rest: header}
	if h.next() == sevenZipPacked {
		packed := h.streams(0)
		if h.err != nil {
			return h.refusal()
		}
		var err error
		if header, err = packed.unpack(file, size); err != nil {
			return err
		}
		h = &sevenZipHeader{rest: header}
		h.next()
	}
	h.directory()
	return h.refusal()
}

func errSevenZipDirectory() error {
	return Refuse("is a 7z archive with a directory too large for trade data, or of a form that no program writes; unpack it by hand if it is sound")
}
