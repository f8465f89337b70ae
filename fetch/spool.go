package fetch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// The sizes beyond which an answer is no data.
const (
	mostWire  = 1 << 30 // bytes as they are sent
	mostRaw   = 4 << 30 // bytes unpacked
	mostRatio = 400     // unpacked to sent, of what is large
)

// spool is the body of an answer on disk, as it was sent.
type spool struct {
	file   *os.File
	header http.Header
	bytes  int64
}

// spool writes a body to disk, so that memory does not grow with it.
func (f *folder) spool(body io.Reader, header http.Header, beat func()) (s *spool, err error) {
	file, err := os.CreateTemp(f.path("incoming"), "answer-*.tmp")
	if err != nil {
		return nil, err
	}
	s = &spool{file: file, header: header}
	if s.bytes, err = io.Copy(file, io.LimitReader(&pulse{body, beat}, mostWire+1)); err == nil && s.bytes > mostWire {
		err = fmt.Errorf("more than %d bytes", mostWire)
	}
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func (s *spool) remove() {
	_ = s.file.Close() // nothing of it is kept
	_ = os.Remove(s.file.Name())
}

// open gives the unpacked body from its beginning.
func (s *spool) open() (io.Reader, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	buffered := bufio.NewReaderSize(s.file, 64<<10)
	if !strings.EqualFold(s.header.Get("Content-Encoding"), "gzip") {
		return buffered, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return &bounded{from: unpacked, left: min(mostRaw, max(64<<20, s.bytes*mostRatio))}, nil
}

// bounded refuses what unpacks to far more than it was.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errors.New("it unpacks to more than can be trade data")
	}
	return n, err
}

// message is what an answer says that is no data: the site has many forms for it.
func (s *spool) message() string {
	body, err := s.open()
	if err != nil {
		return "an answer that can't be unpacked"
	}
	text, err := io.ReadAll(io.LimitReader(body, 4096))
	if err != nil && len(text) == 0 {
		return "an answer that can't be read"
	}
	var forms struct {
		Message, Error, ErrorMessage string
		ErrorObject                  struct{ ErrorMessage string }
	}
	if json.Unmarshal(text, &forms) == nil {
		for _, found := range []string{forms.Message, forms.Error, forms.ErrorMessage, forms.ErrorObject.ErrorMessage} {
			if found != "" {
				return found
			}
		}
	}
	line := strings.Join(strings.Fields(string(text)), " ")
	if len(line) > 200 {
		line = line[:200] + "…"
	}
	if line == "" {
		line = "nothing"
	}
	return line
}
