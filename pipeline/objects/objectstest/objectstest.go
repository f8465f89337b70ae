// Package objectstest is an S3 server for tests, with a line to it that can fail.
package objectstest

import (
	"bytes"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
)

// Bucket is the bucket that a server has.
const Bucket = "trade"

// Server is an S3 server in memory.
type Server struct {
	URL string // of the server, for the option endpoint

	handler http.Handler
	lock    sync.Mutex
	fault   Fault
	seen    []string
	stop    chan struct{}
}

// Fault is what the line does to a request, which has a number among those of its method
// and key since the fault was set. It serves the request by next, or not.
type Fault func(number int, w http.ResponseWriter, r *http.Request, next http.Handler)

// Start starts a server.
func Start(t *testing.T) *Server {
	t.Helper()
	return start(t, httptest.NewServer)
}

// StartTLS starts one that is spoken to by TLS, and trusted in this test.
func StartTLS(t *testing.T) *Server {
	t.Helper()
	return start(t, func(h http.Handler) *httptest.Server {
		server := httptest.NewTLSServer(h)
		file := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Setenv("SSL_CERT_FILE", file)
		return server
	})
}

func start(t *testing.T, serve func(http.Handler) *httptest.Server) *Server {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(Bucket); err != nil {
		t.Fatal(err)
	}
	s := &Server{handler: gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server(), stop: make(chan struct{})}
	server := serve(s)
	s.URL = server.URL
	t.Cleanup(func() {
		close(s.stop)
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

// At is the URL of a prefix of the bucket, without credentials.
func (s *Server) At(prefix string) string {
	return "s3://" + Bucket + "/" + prefix + "?region=us-east-1&endpoint=" + s.URL
}

// Secret is what nothing may print.
const Secret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"

// Credentials are the variables of the environment that let a program in.
func Credentials() []string {
	return []string{"AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=" + Secret}
}

// Main runs the tests of a package with them. Requests that fail are tried again soon.
func Main(m *testing.M) {
	minio.DefaultRetryUnit = time.Millisecond
	for _, variable := range Credentials() {
		name, value, _ := strings.Cut(variable, "=")
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// Break lets the line do something to each request from now on; nil mends it.
func (s *Server) Break(fault Fault) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.fault, s.seen = fault, nil
}

// Requests lists the requests since the last Break, as "PUT key".
func (s *Server) Requests() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return append([]string(nil), s.seen...)
}

// Written lists the keys that were written since the last Break.
func (s *Server) Written() []string {
	var keys []string
	for _, request := range s.Requests() {
		if key, put := strings.CutPrefix(request, "PUT "); put {
			keys = append(keys, key)
		}
	}
	return keys
}

// ServeHTTP serves a request, or lets it fail.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := r.Method + " " + strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/"+Bucket), "/")
	s.lock.Lock()
	number := 0
	for _, earlier := range s.seen {
		if earlier == request {
			number++
		}
	}
	s.seen = append(s.seen, request)
	fault := s.fault
	s.lock.Unlock()
	if fault == nil {
		s.handler.ServeHTTP(w, r)
		return
	}
	fault(number, w, r, s.handler)
}

// Get reads an object beside the line.
func (s *Server) Get(t *testing.T, key string) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+Bucket+"/"+key, nil))
	if w.Code != http.StatusOK {
		return ""
	}
	return w.Body.String()
}

// Put writes an object beside the line.
func (s *Server) Put(t *testing.T, key, content string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPut, "/"+Bucket+"/"+key, strings.NewReader(content))
	r.Header.Set("Content-Length", strconv.Itoa(len(content)))
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("put %s: %d %s", key, w.Code, w.Body)
	}
}

// Delete deletes an object beside the line.
func (s *Server) Delete(t *testing.T, key string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/"+Bucket+"/"+key, nil))
	if w.Code >= http.StatusBadRequest {
		t.Fatalf("delete %s: %d %s", key, w.Code, w.Body)
	}
}

// Fails answers as a server that is out of order.
func Fails(w http.ResponseWriter) { http.Error(w, "out of order", http.StatusInternalServerError) }

// Cuts reads a part of what is sent and then loses the connection.
func Cuts(w http.ResponseWriter, r *http.Request) {
	_, _ = io.CopyN(io.Discard, r.Body, 10)
	panic(http.ErrAbortHandler)
}

// CutsAnswer sends half of the answer and then loses the connection.
func CutsAnswer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	send(w, answer, answer.Body.Bytes()[:answer.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// SpoilsSent changes a byte of what is sent.
func SpoilsSent(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(spoilt(body)))
	next.ServeHTTP(w, r)
}

// SpoilsAnswer changes a byte of the answer.
func SpoilsAnswer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	send(w, answer, spoilt(answer.Body.Bytes()))
}

func send(w http.ResponseWriter, answer *httptest.ResponseRecorder, body []byte) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body)
}

func spoilt(body []byte) []byte {
	body = bytes.Clone(body)
	if at := len(body) / 2; at < len(body) {
		body[at] ^= 1
	}
	return body
}

// Hangs holds a request for so long, or until the server ends.
func (s *Server) Hangs(r *http.Request, long time.Duration) {
	select {
	case <-time.After(long):
	case <-r.Context().Done():
	case <-s.stop:
	}
}
