package decode

import (
	"io"
	"sync"
)

// ahead reads a stream on another processor: what comes next is unpacked or hashed while
// what was read is looked at. Close ends it, and with it all use of the stream.
type ahead struct {
	blocks chan block
	used   chan []byte // blocks to be filled
	stop   chan struct{}
	ended  sync.WaitGroup

	at    block
	rest  []byte // of it
	begun bool
}

// block is what was read, and what came behind it: an error, or a panic.
type block struct {
	text  []byte
	err   error
	fault any
}

const (
	blocksAhead = 4
	blockBytes  = 256 << 10

	worthAhead = 1 << 20 // so many bytes and more
)

func readAhead(r io.Reader) *ahead {
	a := &ahead{blocks: make(chan block, blocksAhead), used: make(chan []byte, blocksAhead+2), stop: make(chan struct{})}
	for range blocksAhead {
		a.used <- make([]byte, blockBytes)
	}
	a.ended.Go(func() { a.fill(r) })
	return a
}

// fill reads blocks until the stream or its reader ends.
func (a *ahead) fill(r io.Reader) {
	for {
		var buffer []byte
		select {
		case buffer = <-a.used:
		case <-a.stop:
			return
		}
		b := nextBlock(r, buffer[:cap(buffer)])
		select {
		case a.blocks <- b:
		case <-a.stop:
			return
		}
		if b.err != nil || b.fault != nil {
			return
		}
	}
}

// nextBlock fills a buffer; a panic comes out where the block is read, because nobody
// recovers here.
func nextBlock(r io.Reader, buffer []byte) (b block) {
	defer func() { b.fault = recover() }()
	b.text = buffer[:0]
	for len(b.text) < len(buffer) && b.err == nil {
		var n int
		n, b.err = r.Read(buffer[len(b.text):])
		b.text = buffer[:len(b.text)+n]
	}
	return b
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		switch {
		case a.at.fault != nil:
			panic(a.at.fault)
		case a.at.err != nil:
			return 0, a.at.err
		case a.begun:
			a.used <- a.at.text
		}
		a.at, a.begun = <-a.blocks, true
		a.rest = a.at.text
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close waits until nothing is read any more.
func (a *ahead) Close() {
	close(a.stop)
	a.ended.Wait()
}
