package decode_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/sources/decode"

	"github.com/google/go-cmp/cmp"
)

// Archives of several programs and methods: their members are read each by itself.
func TestSevenZip(t *testing.T) {
	one, two, three := "a,b\n1,2\n", "a,b\n3,4\n", "a,b\n5,6\n"
	for _, test := range []struct {
		file string
		want map[string]string
	}{
		{"solid.7z", map[string]string{"one.csv": one, "sub/two.csv": two, "three.csv": three, "empty.csv": ""}},
		{"lzma.7z", map[string]string{"one.csv": one, "three.csv": three}},
		{"py7zr.7z", map[string]string{"one.csv": one, "three.csv": three}},
		{"ppmd.7z", map[string]string{"one.csv": one}},
		{"copy.7z", map[string]string{"one.csv": one}},
		{"bzip2.7z", map[string]string{"one.csv": one}},
		{"bcj.7z", map[string]string{"one.csv": one}},
	} {
		t.Run(test.file, func(t *testing.T) {
			path := filepath.Join("testdata", "7z", test.file)
			names, sheets, err := decode.Members(t.Context(), path)
			if err != nil || sheets {
				t.Fatal(err, sheets)
			}
			got := map[string]string{}
			for _, name := range names {
				p, err := decode.Prepare(t.Context(), decode.Input{Path: path, Member: name, Name: test.file + "!" + name}, t.TempDir(), decode.Options{})
				if err != nil {
					t.Fatal(name, err)
				}
				text, err := os.ReadFile(p.Plain)
				if err != nil {
					t.Fatal(err)
				}
				got[name] = string(text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What can't be unpacked, or only with too much of the disk or of memory, is refused.
func TestSevenZipRefusals(t *testing.T) {
	sound := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join("testdata", "7z", name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	damaged := bytes.Clone(sound("copy.7z"))
	damaged[34] ^= 1
	for _, test := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"more than the disk holds", sound("zeros.7z"), "unpacks to more than 200 times its size"},
		{"four gigabytes of memory", archive([]byte{1, 4, 7, 0xb, 1, 0, 1, 0x21, 0x21, 1, 40, 0xc, 9, 0, 0, 5, 0, 0}), "takes more than 256 MB of memory"},
		{"a password", sound("password.7z"), "with a password"},
		{"a password for the names", sound("password-names.7z"), "with a password"},
		{"a cut file", sound("solid.7z")[:100], "is a cut or damaged 7z archive"},
		{"a sign alone", sound("solid.7z")[:6], "is a damaged 7z archive"},
		{"a wrong checksum", damaged, "a checksum is wrong"},
		{"no members", archive([]byte{1, 5, 0, 0, 0}), "7z archive"},
		{"four billion members", archive([]byte{1, 5, 0xf0, 0xff, 0xff, 0xff, 0xff, 0, 0}), "a directory too large for trade data"},
		{"four billion streams", archive([]byte{1, 4, 6, 0, 0xf0, 0xff, 0xff, 0xff, 0xff, 9, 0, 0}), "a directory too large for trade data"},
		{"four billion folders", archive([]byte{1, 4, 7, 0xb, 0xf0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0}), "a directory too large for trade data"},
		{"four billion members of a stream", archive([]byte{1, 4, 7, 0xb, 1, 0, 1, 1, 0, 0xc, 9, 0, 8, 0xd, 0xf0, 0xff, 0xff, 0xff, 0xff, 0, 0}), "a directory too large for trade data"},
		{"a packed directory of a gigabyte", archive([]byte{0x17, 6, 0, 1, 9, 1, 0, 7, 0xb, 1, 0, 1, 0x23, 3, 1, 1, 5, 0x5d, 0, 0, 1, 0, 0xc, 0xf0, 0, 0, 0, 0x40, 0, 0}), "a directory too large for trade data"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.7z")
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			names, _, _ := decode.Members(t.Context(), path)
			if len(names) == 0 {
				names = []string{""}
			}
			for _, name := range names {
				_, err := decode.Prepare(t.Context(), decode.Input{Path: path, Member: name, Name: "a.7z"}, t.TempDir(), decode.Options{})
				if !decode.IsRefusal(err) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%q: %v, expected that it %s", name, err, test.want)
				}
			}
		})
	}
}

// archive is a 7z archive without data, with this directory.
func archive(directory []byte) []byte {
	start := binary.LittleEndian.AppendUint64(nil, 0)
	start = binary.LittleEndian.AppendUint64(start, uint64(len(directory)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(directory))
	head := append([]byte{'7', 'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4}, binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	return append(append(head, start...), directory...)
}

// Unpacking stops when it is told to.
func TestSevenZipStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	path := filepath.Join("testdata", "7z", "solid.7z")
	_, err := decode.Prepare(ctx, decode.Input{Path: path, Member: "one.csv", Name: "a"}, t.TempDir(), decode.Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, expected that it stops", err)
	}
}

func FuzzSevenZip(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "7z", "*.7z"))
	if err != nil || len(files) == 0 {
		f.Fatal(err, files)
	}
	for _, file := range files {
		if filepath.Base(file) == "zeros.7z" {
			continue // it takes long
		}
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	temp := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		// Without sums that are right, a directory is not read at all.
		if len(content) >= 32 {
			copy(content, "7z\xbc\xaf\x27\x1c")
			offset, length := binary.LittleEndian.Uint64(content[12:]), binary.LittleEndian.Uint64(content[20:])
			if offset <= uint64(len(content)-32) && length <= uint64(len(content)-32)-offset {
				binary.LittleEndian.PutUint32(content[28:], crc32.ChecksumIEEE(content[32+offset:32+offset+length]))
			}
			binary.LittleEndian.PutUint32(content[8:], crc32.ChecksumIEEE(content[12:32]))
		}
		path := filepath.Join(temp, "a.7z")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		names, _, _ := decode.Members(t.Context(), path)
		for _, name := range names[:min(len(names), 3)] {
			p, err := decode.Prepare(t.Context(), decode.Input{Path: path, Member: name, Name: name}, temp, decode.Options{})
			switch {
			case err == nil:
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			case !decode.IsRefusal(err):
				t.Errorf("%v is no refusal", err)
			}
		}
	})
}
