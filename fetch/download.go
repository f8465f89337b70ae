package fetch

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crypto/sha256"

	"entrepot/pipeline/durable"

	"github.com/cenkalti/backoff/v5"
)

// Download is a file that is brought as it is: a version of BACI, a month of Comext.
type Download struct {
	Key     string    `json:"key"`     // such as baci/HS12 or comext/2023
	Version string    `json:"version"` // as its publisher says
	File    string    `json:"file"`    // below the data folder
	URL     string    `json:"url"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	Fetched time.Time `json:"fetched_at"`
}

// site sends requests to a site that asks for no key.
type site struct {
	name    string
	http    *http.Client
	agent   string
	clock   Clock
	folder  *folder
	timeout time.Duration
	watch   func(done, total int64)
	warn    func(message string, args ...any)
}

func newSite(name string, o Options, f *folder) *site {
	w := &wire{} // of it only what redirects may be followed
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = o.Timeout
	transport.DisableCompression = true
	return &site{name: name, http: &http.Client{Transport: transport, CheckRedirect: w.mayFollow}, agent: o.Agent, clock: o.Clock, folder: f,
		timeout: o.Timeout, watch: o.WatchBytes, warn: o.Log.Warn}
}

// request makes a request and gives its answer, whatever its status.
func (s *site) request(ctx context.Context, method, url string, header map[string]string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	request.Header.Set("User-Agent", s.agent)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, &transportError{fmt.Errorf("ask %s for %s: %s", s.name, url, plain(err))}
	}
	return response, nil
}

// retried does something until it is done, three times at most.
func (s *site) retried(ctx context.Context, do func() error) error {
	waits := &siteWaits{ctx: ctx, site: s, steps: exponential(5*time.Second, 4)}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := do()
		waits.last = err
		var way *transportError
		if err != nil && !errors.As(err, &way) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(3), backoff.WithMaxElapsedTime(0))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

type siteWaits struct {
	ctx   context.Context
	site  *site
	last  error
	steps *backoff.ExponentialBackOff
}

func (b *siteWaits) Reset() {}

// NextBackOff has waited when it returns 0.
func (b *siteWaits) NextBackOff() time.Duration {
	wait := b.steps.NextBackOff()
	b.site.warn("trying again", "error", b.last, "in", wait.Round(time.Second))
	if b.site.clock.Sleep(b.ctx, wait) != nil {
		return backoff.Stop
	}
	return 0
}

// page reads a page or list of a few megabytes at most.
func (s *site) page(ctx context.Context, url string) (text string, err error) {
	err = s.retried(ctx, func() error {
		response, err := s.request(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }() // what was read of it counts
		if response.StatusCode != http.StatusOK {
			return s.status(response, url)
		}
		content, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
		if err != nil {
			return &transportError{fmt.Errorf("read %s: %w", url, err)}
		}
		text = string(content)
		return nil
	})
	return text, err
}

// status is the error of an answer that is not 200.
func (s *site) status(response *http.Response, url string) error {
	err := fmt.Errorf("%s answered %s for %s", s.name, response.Status, url)
	if response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests {
		return &transportError{err}
	}
	return err
}

// head asks for the size of a file; -1 when it is not said, ok is false when there is none.
func (s *site) head(ctx context.Context, url string) (size int64, ok bool, err error) {
	err = s.retried(ctx, func() error {
		response, err := s.request(ctx, http.MethodHead, url, nil)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }() // it has none
		switch response.StatusCode {
		case http.StatusOK:
			size, ok = response.ContentLength, true
		case http.StatusNotFound:
		default:
			return s.status(response, url)
		}
		return nil
	})
	return size, ok, err
}

// partial is what is known of a download that was begun.
type partial struct {
	URL       string `json:"url"`
	Validator string `json:"validator"` // its ETag, else when it was changed last
	Size      int64  `json:"size"`
}

// get brings a file into the waiting room, and goes on where a download before it ended,
// if the file is still the same. check says whether what came is what it should be.
func (s *site) get(ctx context.Context, url, name string, size int64, check func(file string) error) (*Download, error) {
	part := s.folder.path(filepath.Join("incoming", name+".part"))
	if err := s.space(part, size); err != nil {
		return nil, err
	}
	if err := s.retried(ctx, func() error { return s.rest(ctx, url, part) }); err != nil {
		return nil, err
	}
	if err := check(part); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", url, err), os.Remove(part), os.Remove(part+".json"))
	}
	file, err := os.Open(part)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", name, err)
	}
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	err = errors.Join(err, file.Sync(), file.Close(), os.Rename(part, s.folder.path(filepath.Join("incoming", name))), os.Remove(part+".json"))
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", name, err)
	}
	return &Download{URL: url, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil)), Fetched: s.clock.Now().UTC().Truncate(time.Second)}, nil
}

// space refuses a download for which the disk has no room: twice its size, because it is
// unpacked when it is read.
func (s *site) space(part string, size int64) error {
	have := int64(0)
	if info, err := os.Stat(part); err == nil {
		have = info.Size()
	}
	free, err := freeBytes(filepath.Dir(part))
	if err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	if need := 2*size - have; size > 0 && free < need {
		return fmt.Errorf("the disk of %s has %d MB free, and %d MB are needed", s.folder.data, free>>20, need>>20)
	}
	return nil
}

// rest asks for what is missing of a file.
func (s *site) rest(ctx context.Context, url, part string) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	before, have := readPartial(part, url)
	header := map[string]string{}
	if have > 0 {
		header["Range"], header["If-Range"] = fmt.Sprintf("bytes=%d-", have), before.Validator
	}
	response, err := s.request(ctx, http.MethodGet, url, header)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // what was read of it counts
	flags := os.O_CREATE | os.O_WRONLY
	switch {
	case response.StatusCode == http.StatusPartialContent && have > 0 && strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
		flags |= os.O_APPEND
	case response.StatusCode == http.StatusOK:
		flags |= os.O_TRUNC
		have, before = 0, partial{URL: url, Validator: validator(response), Size: response.ContentLength}
		if err := before.write(part); err != nil {
			return err
		}
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable || response.StatusCode == http.StatusPartialContent:
		return &transportError{errors.Join(fmt.Errorf("%s can't go on with %s; it begins anew", s.name, url), os.Remove(part))}
	default:
		return s.status(response, url)
	}
	file, err := os.OpenFile(part, flags, 0o644)
	if err != nil {
		return fmt.Errorf("store a download: %w", err)
	}
	idle := time.AfterFunc(s.timeout, stop)
	defer idle.Stop()
	n, err := io.Copy(file, &pulse{response.Body, func() {
		idle.Reset(s.timeout)
		if info, err := file.Stat(); err == nil && s.watch != nil {
			s.watch(info.Size(), before.Size)
		}
	}})
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil && before.Size >= 0 && have+n != before.Size {
		err = fmt.Errorf("%d of %d bytes came", have+n, before.Size)
	}
	if err != nil {
		return &transportError{fmt.Errorf("read %s: %s", url, plain(err))}
	}
	return nil
}

// validator is by what a server knows whether a file is still the same; "" when it does
// not say, and then it is not gone on with. A weak ETag is none for that.
func validator(response *http.Response) string {
	if tag := response.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return response.Header.Get("Last-Modified")
}

func readPartial(part, url string) (p partial, have int64) {
	content, err := os.ReadFile(part + ".json")
	if err != nil || json.Unmarshal(content, &p) != nil || p.URL != url || p.Validator == "" {
		return partial{}, 0
	}
	info, err := os.Stat(part)
	if err != nil || p.Size >= 0 && info.Size() > p.Size {
		return partial{}, 0
	}
	return p, info.Size()
}

func (p partial) write(part string) error {
	content, err := json.Marshal(p)
	if err == nil {
		err = durable.WriteFile(part+".json", content)
	}
	if err != nil {
		return fmt.Errorf("note a download: %w", err)
	}
	return nil
}

// admit lets a download enter the folder, in the place of an older version of it.
func (f *folder) admit(s *state, d *Download) error {
	j := &journal{Downloads: []*Download{d}}
	if old := s.Downloads[d.Key]; old != nil && old.File != d.File {
		j.Leave = append(j.Leave, old.File)
	}
	return f.decide(s, j)
}
