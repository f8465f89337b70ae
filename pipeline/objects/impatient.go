package objects

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// impatient ends a request when no byte moved for so long, in either direction. A limit
// of the whole would end the upload of a large file over a slow line.
type impatient struct {
	next http.RoundTripper
	idle time.Duration
}

// RoundTrip makes one request.
func (i impatient) RoundTrip(request *http.Request) (*http.Response, error) {
	stalled := fmt.Errorf("nothing moved for %s", i.idle)
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(i.idle, func() { cancel(stalled) })
	moved := func() { timer.Reset(i.idle) }
	end := func() {
		timer.Stop()
		cancel(nil)
	}
	why := func(err error) error {
		if err != nil && err != io.EOF && context.Cause(ctx) == stalled {
			return stalled
		}
		return err
	}
	sent := request.Clone(ctx)
	switch {
	case request.ContentLength == 0:
		sent.Body = http.NoBody // any other body of no length is sent in chunks, which S3 refuses
	case request.Body != nil:
		sent.Body = &moving{request.Body, moved, func() {}, why}
	}
	response, err := i.next.RoundTrip(sent)
	if err != nil {
		err = why(err)
		end()
		return nil, err
	}
	moved()
	response.Body = &moving{response.Body, moved, end, why}
	return response, nil
}

// moving tells of each byte that moves.
type moving struct {
	io.ReadCloser
	moved, end func()
	why        func(error) error
}

func (m *moving) Read(into []byte) (int, error) {
	n, err := m.ReadCloser.Read(into)
	if n > 0 {
		m.moved()
	}
	return n, m.why(err)
}

func (m *moving) Close() error {
	m.end()
	return m.ReadCloser.Close()
}
