package decode

import (
	"context"
	"io"
)

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
