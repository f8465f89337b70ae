package decode

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// What is read ahead is what stands there, with the error behind it.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("0123456789", 300_000)
	broken := errors.New("broken")
	for name, source := range map[string]io.Reader{"whole": strings.NewReader(text), "in small pieces": iotest.HalfReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text))} {
		a := readAhead(io.MultiReader(source, iotest.ErrReader(broken)))
		got, err := io.ReadAll(a)
		if !errors.Is(err, broken) || string(got) != text {
			t.Errorf("%s: %d bytes of %d: %v", name, len(got), len(text), err)
		}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, broken) {
			t.Errorf("%s: %v behind the end", name, err)
		}
		a.Close()
	}
}

// faulty panics where it is read.
type faulty struct{}

func (faulty) Read([]byte) (int, error) { panic("a fault of the reader") }

// A panic comes out where the stream is read, behind what was read before it.
func TestReadAheadOfPanic(t *testing.T) {
	t.Parallel()
	a := readAhead(io.MultiReader(strings.NewReader("some"), faulty{}))
	defer a.Close()
	var got bytes.Buffer
	err := func() (err error) {
		defer recovered(&err)
		_, err = io.Copy(&got, a)
		return err
	}()
	if !IsRefusal(err) || !strings.Contains(err.Error(), "a fault of the reader") || got.String() != "some" {
		t.Errorf("%q: %v", got.String(), err)
	}
}

// endless counts how often it is read.
type endless struct{ reads *int }

func (e endless) Read(p []byte) (int, error) {
	*e.reads++
	return len(p), nil
}

// Once it is closed the stream is nobody's, and before no more is read than fits.
func TestReadAheadEnds(t *testing.T) {
	t.Parallel()
	reads := 0
	a := readAhead(endless{&reads})
	if _, err := io.ReadFull(a, make([]byte, 3*blockBytes)); err != nil {
		t.Fatal(err)
	}
	a.Close()
	if most := 3 + blocksAhead + 1; reads < 3 || reads > most {
		t.Errorf("%d blocks were read for 3, want no more than %d", reads, most)
	}
}
