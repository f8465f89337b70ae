package decode

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// archiveOf makes a zip archive of members of that content.
func archiveOf(t *testing.T, contents ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, content := range contents {
		member, err := w.Create(fmt.Sprintf("%d.csv", i))
		if err == nil {
			_, err = member.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pointed lets the directory's entry of a member lead to the first one's content.
func pointed(archive []byte, member int) []byte {
	at := 0
	for range member + 1 {
		at += bytes.Index(archive[at:], []byte("PK\x01\x02")) + 4
	}
	binary.LittleEndian.PutUint32(archive[at-4+42:], 0)
	return archive
}

// Archives that unpack to far more than they hold are refused by their directory, before
// any of it is unpacked.
func TestDishonestArchives(t *testing.T) {
	many := make([]byte, alwaysAllowed/2)
	for name, test := range map[string]struct {
		archive []byte
		want    string
	}{
		"sound":                 {archiveOf(t, []byte("a,b\n"), nil, nil, []byte("c,d\n")), ""},
		"members in one place":  {pointed(archiveOf(t, []byte("a,b\n1,2\n"), []byte("c,d\n")), 1), "members lie in the same place"},
		"empty ones, too":       {pointed(archiveOf(t, nil, nil), 1), "members lie in the same place"},
		"large together":        {archiveOf(t, many, many, []byte("a")), "unpacks to more than 200 times its size"},
		"large, but not beyond": {archiveOf(t, many, many[:len(many)-1]), ""},
	} {
		path := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(path, test.archive, 0o644); err != nil {
			t.Fatal(err)
		}
		_, sheets, err := Members(t.Context(), path)
		switch {
		case sheets:
			t.Errorf("%s: taken for a workbook", name)
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (!IsRefusal(err) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want a refusal with %q", name, err, test.want)
		}
	}
}

// A bomb is refused while it is unpacked: an error that comes with bytes would be lost in
// bufio's WriteTo, and all of the bomb written.
func TestGrowthLimitStops(t *testing.T) {
	const allowed = 1 << 20
	limited := &growthLimit{r: io.LimitReader(zeros{}, 64*allowed), left: allowed}
	n, err := io.Copy(io.Discard, bufio.NewReaderSize(limited, 64<<10))
	if n > allowed || !IsRefusal(err) {
		t.Errorf("%d bytes came through where %d may, and then %v", n, allowed, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
