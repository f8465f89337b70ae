package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"entrepot/pipeline/usage"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

// wire sends requests to UN Comtrade: within the rate, counted, tried again where that
// helps, with the key only where it belongs.
type wire struct {
	base    *url.URL
	http    *http.Client
	key     Key
	agent   string
	clock   Clock
	limiter *rate.Limiter
	ledger  *ledger
	folder  *folder
	timeout time.Duration
	most    int // keyed calls of this run; 0 is no limit
	calls   int // keyed calls of this run
	keyless int
	warn    func(message string, args ...any)
}

func newWire(base *url.URL, o Options, l *ledger, f *folder) *wire {
	w := &wire{base: base, key: o.Key, agent: o.Agent, clock: o.Clock, ledger: l, folder: f, timeout: o.Timeout, most: o.MaxCalls,
		limiter: rate.NewLimiter(rate.Limit(o.CallsPerSecond), 1), warn: o.Log.Warn}
	last := l.last()
	if last.IsZero() {
		last = o.Clock.Now() // a plan may have come before, which notes nothing where nothing was fetched
	}
	w.limiter.ReserveN(last, 1) // the pace goes on from the run before
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	transport.ResponseHeaderTimeout = o.Timeout
	// A connection that is used again lets the transport send a request twice by itself, and
	// the second one would be counted and paced by nobody.
	transport.DisableKeepAlives = true
	transport.DisableCompression = true // the packed bytes are kept and counted
	w.http = &http.Client{Transport: &keyed{transport, w}, CheckRedirect: w.mayFollow}
	return w
}

type withKey struct{}

// keyed adds the key to requests that are meant to have it and go to the API's own host.
// No other header of a request holds it, so that no redirect takes it along.
type keyed struct {
	next http.RoundTripper
	wire *wire
}

func (k *keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(withKey{}) != nil && r.URL.Host == k.wire.base.Host && r.URL.Scheme == k.wire.base.Scheme && secure(r.URL) {
		r = r.Clone(r.Context())
		r.Header.Set("Ocp-Apim-Subscription-Key", k.wire.key.text)
	}
	return k.next.RoundTrip(r)
}

// secure tells whether a key may go to a URL: by TLS, or to this machine.
func secure(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func (w *wire) mayFollow(r *http.Request, before []*http.Request) error {
	if len(before) > 5 {
		return errors.New("more than five redirects")
	}
	if !secure(r.URL) {
		return fmt.Errorf("a redirect to %s, which is not https", r.URL.Host)
	}
	return nil
}

// answerError is an answer that is no data.
type answerError struct {
	status int
	text   string
	wait   time.Duration // that the server asks for; 0 when it does not say
	kind   failure
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s answered %d: %s", server, e.status, e.text)
}

const server = "UN Comtrade"

// failure says what to do about an answer that is no data.
type failure int

const (
	permanent failure = iota // this call will not be answered: our fault, or no such path
	tooFast
	unwell // the server, or the way to it
	quotaUsed
	keyRefused
)

// transportError is a fault of the way to the server, or an answer that did not arrive whole.
type transportError struct{ err error }

func (e *transportError) Error() string { return e.err.Error() }
func (e *transportError) Unwrap() error { return e.err }

// get asks for a path with a query, and hands the answer to read, which returns an error
// of its own for one that is not what it should be: a *transportError is tried again.
func (w *wire) get(ctx context.Context, path, query string, withKey bool, read func(*spool) error) error {
	waits := &waits{ctx: ctx, clock: w.clock, tooFast: exponential(2*time.Second, 2), unwell: exponential(5*time.Second, 4), wire: w}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := w.once(ctx, path, query, withKey, read)
		waits.last = err
		var answer *answerError
		var way *transportError
		if err == nil || errors.As(err, &answer) && (answer.kind == tooFast || answer.kind == unwell) || errors.As(err, &way) {
			return struct{}{}, err
		}
		return struct{}{}, backoff.Permanent(err)
	}, backoff.WithBackOff(waits), backoff.WithMaxElapsedTime(0))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func exponential(first time.Duration, factor float64) *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: first, Multiplier: factor, RandomizationFactor: 0.25, MaxInterval: time.Minute}
}

// waits waits between two tries by the clock that tests move, as long as the last error
// asks for, and says when it is enough.
type waits struct {
	ctx             context.Context
	clock           Clock
	wire            *wire
	last            error
	fast, ill       int
	tooFast, unwell *backoff.ExponentialBackOff
}

func (b *waits) Reset() {}

// NextBackOff has waited when it returns 0.
func (b *waits) NextBackOff() time.Duration {
	var answer *answerError
	wait := time.Duration(0)
	if errors.As(b.last, &answer) && answer.kind == tooFast {
		if b.fast++; b.fast >= 5 {
			return backoff.Stop
		}
		b.wire.limiter.SetLimitAt(b.clock.Now(), b.wire.limiter.Limit()/2)
		wait = max(b.tooFast.NextBackOff(), answer.wait+answer.wait/4)
	} else {
		if b.ill++; b.ill >= 3 {
			return backoff.Stop
		}
		wait = b.unwell.NextBackOff()
		if answer != nil {
			wait = max(wait, answer.wait)
		}
	}
	b.wire.warn("trying again", "error", b.wire.key.redact(b.last.Error()), "in", wait.Round(time.Second))
	if b.clock.Sleep(b.ctx, wait) != nil {
		return backoff.Stop
	}
	return 0
}

// once sends a request once.
func (w *wire) once(ctx context.Context, path, query string, needsKey bool, read func(*spool) error) error {
	if err := w.pace(ctx); err != nil {
		return err
	}
	if needsKey {
		if w.most > 0 && w.calls >= w.most {
			return &QuotaError{w.clock.Now(), fmt.Sprintf("all %d calls of this run (--max-calls) are made", w.most)}
		}
		if err := w.ledger.take(); err != nil {
			return err
		}
		w.calls++
		ctx = context.WithValue(ctx, withKey{}, true)
	} else {
		w.keyless++
		if err := w.ledger.pass(); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base.String()+path+"?"+query, nil)
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	request.Header.Set("User-Agent", w.agent)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	idle := time.AfterFunc(w.timeout, stop)
	defer idle.Stop()
	response, err := w.http.Do(request)
	if err != nil {
		return &transportError{fmt.Errorf("ask %s: %s", server, w.key.redact(plain(err)))}
	}
	defer func() { _ = response.Body.Close() }() // what was read of it counts
	s, err := w.folder.spool(response.Body, response.Header, func() { idle.Reset(w.timeout) })
	if err != nil {
		return &transportError{fmt.Errorf("read the answer of %s: %s", server, w.key.redact(plain(err)))}
	}
	defer s.remove()
	if needsKey {
		if err := w.ledger.add(s.bytes); err != nil {
			return err
		}
	}
	if response.StatusCode != http.StatusOK {
		return w.problem(response, s, needsKey)
	}
	return read(s)
}

// plain is the error of a request without its URL, which is long and tells nothing.
func plain(err error) string {
	var in *url.Error
	if errors.As(err, &in) {
		err = in.Err
	}
	if errors.Is(err, context.Canceled) || os.IsTimeout(err) {
		return "no answer in the time that fetch_timeout allows"
	}
	return err.Error()
}

// pace waits until the rate allows another call.
func (w *wire) pace(ctx context.Context) error {
	r := w.limiter.ReserveN(w.clock.Now(), 1)
	return w.clock.Sleep(ctx, r.DelayFrom(w.clock.Now()))
}

var replenished = regexp.MustCompile(`replenished in (?:(\d+)\.)?(\d\d):(\d\d):(\d\d)`)
var againIn = regexp.MustCompile(`(?i)try again in (\d+) seconds`)

// problem makes the error of an answer with another status than 200.
func (w *wire) problem(response *http.Response, s *spool, keyed bool) error {
	e := &answerError{status: response.StatusCode, text: w.key.redact(s.message()), wait: retryAfter(response, s)}
	switch {
	case e.status == http.StatusTooManyRequests:
		e.kind = tooFast
	case e.status == http.StatusForbidden && strings.Contains(e.text, "quota"):
		until := w.clock.Now().Add(e.wait)
		if e.wait == 0 {
			until = w.clock.Now().Add(time.Hour)
		}
		if keyed {
			if err := w.ledger.block(until); err != nil {
				return err
			}
		}
		return &QuotaError{until, strings.TrimSuffix(e.text, ".")}
	case e.status == http.StatusUnauthorized || e.status == http.StatusForbidden:
		e.kind = keyRefused
		if keyed {
			return usage.Errorf("%w; see that %s has the key of a subscription to the product Free APIs (or Premium) at comtradedeveloper.un.org", e, KeyVariable)
		}
	case e.status >= 500:
		e.kind = unwell
	}
	return e
}

// retryAfter is how long the server asks to wait: by its header, else in its text.
func retryAfter(response *http.Response, s *spool) time.Duration {
	if n, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && n > 0 && n < math.MaxInt32 {
		return time.Duration(n) * time.Second
	}
	text := s.message()
	if m := replenished.FindStringSubmatch(text); m != nil {
		days, _ := strconv.Atoi(m[1]) // "" is none
		hours, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi(m[3])
		seconds, _ := strconv.Atoi(m[4])
		return time.Duration(days)*day + time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second
	}
	if m := againIn.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return time.Duration(n) * time.Second
	}
	return 0
}

var _ io.Reader = (*pulse)(nil)

// pulse tells each read, so that an answer that goes on arriving is not given up.
type pulse struct {
	from io.Reader
	beat func()
}

func (p *pulse) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	if n > 0 {
		p.beat()
	}
	return n, err
}
