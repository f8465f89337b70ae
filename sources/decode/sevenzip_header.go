package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// The properties in the directory of a 7z archive.
const (
	sevenZipEnd        = 0x00
	sevenZipMain       = 0x04
	sevenZipFiles      = 0x05
	sevenZipPackInfo   = 0x06
	sevenZipUnpackInfo = 0x07
	sevenZipSubStreams = 0x08
	sevenZipSize       = 0x09
	sevenZipCRC        = 0x0a
	sevenZipFolder     = 0x0b
	sevenZipUnpackSize = 0x0c
	sevenZipStreams    = 0x0d
	sevenZipPacked     = 0x17
)

var (
	sevenZipLZMA  = []byte{3, 1, 1}
	sevenZipLZMA2 = []byte{0x21}
	sevenZipPPMd  = []byte{3, 4, 1}
	sevenZipAES   = []byte{6, 0xf1, 7, 1}
)

// sevenZipHeader walks through the directory of an archive. It notes nothing of the
// members, but that the directory has room for all that it counts: a reader makes lists
// of so many before it reads the first.
type sevenZipHeader struct {
	rest []byte
	err  error
}

var errSevenZipForm = errors.New("its directory is none")

func (h *sevenZipHeader) fail(err error) {
	if h.err == nil {
		h.err = err
	}
	h.rest = nil
}

func (h *sevenZipHeader) refusal() error {
	if h.err == nil || IsRefusal(h.err) {
		return h.err
	}
	return sevenZipError(h.err)
}

func (h *sevenZipHeader) next() byte {
	if len(h.rest) == 0 {
		h.fail(errSevenZipForm)
		return sevenZipEnd
	}
	first := h.rest[0]
	h.rest = h.rest[1:]
	return first
}

func (h *sevenZipHeader) take(n uint64) []byte {
	if n > uint64(len(h.rest)) {
		h.fail(errSevenZipForm)
		return nil
	}
	taken := h.rest[:n]
	h.rest = h.rest[n:]
	return taken
}

// number reads a number: the ones at the beginning of its first byte say how many follow.
func (h *sevenZipHeader) number() uint64 {
	first := h.next()
	var n uint64
	for i, mask := 0, byte(0x80); i < 8; i, mask = i+1, mask>>1 {
		if first&mask == 0 {
			return n | uint64(first&(mask-1))<<(8*i)
		}
		n |= uint64(h.next()) << (8 * i)
	}
	return n
}

// count reads how many things follow, of which each takes a bit at least.
func (h *sevenZipHeader) count() uint64 {
	n := h.number()
	if n > uint64(len(h.rest))*8 {
		h.fail(errSevenZipDirectory())
		return 0
	}
	return n
}

func (h *sevenZipHeader) numbers(n uint64) (all []uint64) {
	for ; n > 0 && h.err == nil; n-- {
		all = append(all, h.number())
	}
	return all
}

// digests passes over the checksums of n streams.
func (h *sevenZipHeader) digests(n uint64) {
	known := n
	if h.next() == 0 {
		known = 0
		for _, bits := range h.take((n + 7) / 8) {
			for ; bits > 0; bits &= bits - 1 {
				known++
			}
		}
	}
	h.take(4 * known)
}

// expect reads a property that must be there.
func (h *sevenZipHeader) expect(property byte) {
	if h.next() != property {
		h.fail(errSevenZipForm)
	}
}

// sevenZipStreamsInfo is what the first folder of packed streams says: where it is packed,
// with which coder, and how large it is unpacked.
type sevenZipStreamsInfo struct {
	position, packed, unpacked uint64
	coders                     []sevenZipCoder
}

type sevenZipCoder struct{ id, properties []byte }

// streams passes over the description of packed streams. limit is how many members there
// may be in them; 0 for the directory itself, which is one.
func (h *sevenZipHeader) streams(limit uint64) (first sevenZipStreamsInfo) {
	var outs []uint64 // of each folder
	property := h.next()
	if property == sevenZipPackInfo {
		first.position = h.number()
		n := h.count()
		property = h.next()
		if property == sevenZipSize {
			if sizes := h.numbers(n); len(sizes) > 0 {
				first.packed = sizes[0]
			}
			property = h.next()
		}
		if property == sevenZipCRC {
			h.digests(n)
			property = h.next()
		}
		h.require(property, sevenZipEnd)
		property = h.next()
	}
	if property == sevenZipUnpackInfo {
		h.expect(sevenZipFolder)
		n := h.count()
		h.expect(0) // the folders stand here
		for i := uint64(0); i < n && h.err == nil; i++ {
			coders, out := h.folder()
			if outs = append(outs, out); i == 0 {
				first.coders = coders
			}
		}
		h.expect(sevenZipUnpackSize)
		for i, out := range outs {
			if sizes := h.numbers(out); i == 0 && len(sizes) > 0 {
				first.unpacked = sizes[0]
			}
		}
		if property = h.next(); property == sevenZipCRC {
			h.digests(n)
			property = h.next()
		}
		h.require(property, sevenZipEnd)
		property = h.next()
	}
	if property == sevenZipSubStreams {
		h.subStreams(outs, limit)
		property = h.next()
	}
	h.require(property, sevenZipEnd)
	return first
}

func (h *sevenZipHeader) require(got, want byte) {
	if got != want {
		h.fail(errSevenZipForm)
	}
}

// folder passes over how a stream is packed, and returns its coders and how many streams
// come out of them.
func (h *sevenZipHeader) folder() (coders []sevenZipCoder, out uint64) {
	n, in := h.count(), uint64(0)
	for ; n > 0 && h.err == nil; n-- {
		form := h.next()
		coder := sevenZipCoder{id: h.take(uint64(form & 0xf))}
		ins, outs := uint64(1), uint64(1)
		if form&0x10 != 0 {
			ins, outs = h.count(), h.count()
		}
		if form&0x20 != 0 {
			coder.properties = h.take(h.number())
		}
		if coder.memory() > maxSevenZipMemory {
			h.fail(Refuse("is a 7z archive that takes more than %d MB of memory to unpack; unpack it by hand", maxSevenZipMemory>>20))
		}
		coders, in, out = append(coders, coder), in+ins, out+outs
	}
	if out == 0 || in > uint64(len(h.rest))*8 || out > uint64(len(h.rest))*8 {
		h.fail(errSevenZipForm)
		return nil, 0
	}
	h.numbers(2 * (out - 1))
	if in > out {
		h.numbers(in - out + 1)
	}
	return coders, out
}

// memory is how many bytes a coder takes.
func (c sevenZipCoder) memory() uint64 {
	switch {
	case bytes.Equal(c.id, sevenZipLZMA) && len(c.properties) == 5, bytes.Equal(c.id, sevenZipPPMd) && len(c.properties) == 5:
		return uint64(binary.LittleEndian.Uint32(c.properties[1:]))
	case bytes.Equal(c.id, sevenZipLZMA2) && len(c.properties) == 1 && c.properties[0] <= 40:
		return dictionaryLZMA2(c.properties[0])
	}
	return 0
}

// dictionaryLZMA2 is the size of a dictionary by its number, up to 40.
func dictionaryLZMA2(number byte) uint64 {
	return (2 | uint64(number&1)) << (number/2 + 11)
}

// subStreams passes over how many members stand in each stream.
func (h *sevenZipHeader) subStreams(folders []uint64, limit uint64) {
	members, streams := uint64(len(folders)), uint64(len(folders))
	property := h.next()
	if property == sevenZipStreams {
		members, streams = 0, 0
		for range folders {
			n := h.number()
			if n > limit || members+n > limit {
				h.fail(errSevenZipDirectory())
				return
			}
			members += n
			if n > 0 {
				streams++
			}
		}
		property = h.next()
	}
	if property == sevenZipSize {
		h.numbers(members - streams) // the last of each stream is what is left of it
		property = h.next()
	}
	if property == sevenZipCRC {
		h.digests(members)
		property = h.next()
	}
	h.require(property, sevenZipEnd)
}

// directory checks the directory of an archive, up to the number of its members. Each has
// a name, of two bytes at least.
func (h *sevenZipHeader) directory() {
	size := uint64(len(h.rest))
	property := h.next()
	if property == sevenZipMain {
		h.streams(size / 2)
		property = h.next()
	}
	switch property {
	case sevenZipEnd:
	case sevenZipFiles:
		if h.number() > uint64(len(h.rest)/2) {
			h.fail(errSevenZipDirectory())
		}
	default:
		h.fail(errSevenZipForm)
	}
}

// unpack gives the directory that was packed itself, as 7-Zip does.
func (s sevenZipStreamsInfo) unpack(file io.ReaderAt, size int64) ([]byte, error) {
	if len(s.coders) == 0 {
		return nil, sevenZipError(errSevenZipForm)
	}
	coder := s.coders[len(s.coders)-1]
	switch {
	case bytes.Equal(s.coders[0].id, sevenZipAES):
		return nil, Refuse("is a 7z archive with a password; unpack it")
	case s.unpacked > maxSevenZipHeader, len(s.coders) > 1:
		return nil, errSevenZipDirectory()
	case s.position > uint64(size) || s.packed > uint64(size)-s.position:
		return nil, sevenZipError(errSevenZipForm)
	}
	packed := io.NewSectionReader(file, int64(32+s.position), int64(s.packed))
	var unpacked io.Reader
	var err error
	switch {
	case bytes.Equal(coder.id, sevenZipLZMA) && len(coder.properties) == 5:
		head := binary.LittleEndian.AppendUint64(bytes.Clone(coder.properties), s.unpacked)
		unpacked, err = lzma.NewReader(io.MultiReader(bytes.NewReader(head), packed))
	case bytes.Equal(coder.id, sevenZipLZMA2) && len(coder.properties) == 1:
		config := lzma.Reader2Config{DictCap: int(max(lzma.MinDictCap, min(coder.memory(), maxSevenZipHeader)))}
		unpacked, err = config.NewReader2(packed)
	default:
		return nil, errSevenZipDirectory()
	}
	if err != nil {
		return nil, sevenZipError(err)
	}
	header := make([]byte, s.unpacked)
	if _, err := io.ReadFull(unpacked, header); err != nil {
		return nil, sevenZipError(err)
	}
	return header, nil
}
