package objects

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/objects/objectstest"
)

func TestMain(m *testing.M) { objectstest.Main(m) }

// What is wrong with a URL is said at once, without what may be a password in it.
func TestCheck(t *testing.T) {
	for text, says := range map[string]string{
		"s3://bucket/prefix": "", "s3://bucket": "", "s3://bucket?endpoint=http://localhost:9000&region=eu": "", "file:///srv/x": "",
		"s3://":                               "the name of the bucket is missing",
		"s3://key:hunter2@bucket":             "it holds credentials",
		"gs://bucket":                         `there is no kind of store "gs"`,
		"folder":                              `there is no kind of store ""`,
		"s3://bucket?secret=hunter2":          `there is no option "secret"; there are: endpoint, region`,
		"s3://bucket?endpoint=localhost":      "its endpoint is the address of a server",
		"s3://bucket?endpoint=http://a:b@c/":  "its endpoint is the address of a server",
		"file://host/x":                       "the path of a file URL is absolute",
		"s3://key:hunter2%zz@bucket":          "it is no URL",
		"s3://bucket/prefix?endpoint=ftp://x": "its endpoint is the address of a server",
	} {
		err := Check(text)
		switch {
		case says == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case says != "" && (err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Both kinds of stores keep what is written, list it, and say what is not there.
func TestStores(t *testing.T) {
	s := objectstest.Start(t)
	for _, url := range []string{s.At("a/b"), s.At(""), "file://" + t.TempDir() + "/new"} {
		at, err := Open(url)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := at.List(t.Context(), ""); err != nil || len(all) != 0 {
			t.Errorf("%s: an empty store has %v, %v", url, all, err)
		}
		path := filepath.Join(t.TempDir(), "file")
		for _, content := range []string{"one", "", strings.Repeat("much ", 100_000)} {
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			o, err := Write(t.Context(), at, "x/y z+ü", path)
			if err != nil {
				t.Fatal(err)
			}
			all, err := at.List(t.Context(), "x/")
			if err != nil || len(all) != 1 || all[0] != o || o.Bytes != int64(len(content)) {
				t.Errorf("%s: the list is %v, %v; expected %v", url, all, err, o)
			}
			var back bytes.Buffer
			o.ETag = "" // this server has another ETag for those who read
			if err := at.Read(t.Context(), o, &back); err != nil || back.String() != content {
				t.Errorf("%s: %d bytes came back, %v", url, back.Len(), err)
			}
			if same, err := Same(t.Context(), at, o, path); !same || err != nil {
				t.Errorf("%s: the same file is another: %v", url, err)
			}
		}
		if err := at.Read(t.Context(), Object{Key: "none"}, io.Discard); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: an object that is not there: %v", url, err)
		}
		for range 2 {
			if err := at.Delete(t.Context(), "x/y z+ü"); err != nil {
				t.Errorf("%s: %v", url, err)
			}
		}
		if all, err := at.List(t.Context(), ""); err != nil || len(all) != 0 {
			t.Errorf("%s: there is %v after all was deleted, %v", url, all, err)
		}
	}
}

// A large file is sent in parts, and its ETag can be told.
func TestParts(t *testing.T) {
	s := objectstest.StartTLS(t)
	at, err := Open(s.At("big"))
	if err != nil {
		t.Fatal(err)
	}
	const least = 5 << 20 // that the client takes for a part
	at.(*s3).part = least
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, bytes.Repeat([]byte("0123456789abcdef"), (least+1000)/16), 0o644); err != nil {
		t.Fatal(err)
	}
	o, err := Write(t.Context(), at, "file", path)
	if err != nil || !strings.HasSuffix(o.ETag, "-2") {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, request := range s.Requests() {
		if strings.HasPrefix(request, "GET") && strings.HasSuffix(request, "file") {
			t.Error("the ETag was not what was expected, and the object was read back")
		}
	}
	var back bytes.Buffer
	o.ETag = "" // this server has another ETag for those who read
	if err := at.Read(t.Context(), o, &back); err != nil || int64(back.Len()) != o.Bytes {
		t.Errorf("%d bytes came back, %v", back.Len(), err)
	}
}

// A download that is cut goes on where it was; one of which nothing comes fails, and so does
// one that is not what the store has, or that was replaced meanwhile.
func TestRead(t *testing.T) {
	content := strings.Repeat("0123456789", 10_000)
	for _, trial := range []struct {
		name, says string
		fault      objectstest.Fault
	}{
		{"cut twice", "", func(number int, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if number < 2 {
				objectstest.CutsAnswer(w, r, next)
			}
			next.ServeHTTP(w, r)
		}},
		{"fails twice", "", func(number int, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if number < 2 {
				objectstest.Fails(w)
				return
			}
			next.ServeHTTP(w, r)
		}},
		{"spoilt", "what came is not what the store has", func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
			objectstest.SpoilsAnswer(w, r, next)
		}},
		{"lost", "closed the connection", func(int, http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(trial.name, func(t *testing.T) {
			t.Parallel()
			s := objectstest.Start(t)
			s.Put(t, "file", content)
			at, err := Open(s.At(""))
			if err != nil {
				t.Fatal(err)
			}
			all, err := at.List(t.Context(), "")
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			s.Break(trial.fault)
			var got bytes.Buffer
			err = at.Read(t.Context(), all[0], &got)
			switch {
			case trial.says != "" && (err == nil || !strings.Contains(err.Error(), trial.says)):
				t.Errorf("it ended with %v", err)
			case trial.says == "" && (err != nil || got.String() != content):
				t.Errorf("%d bytes came, %v", got.Len(), err)
			}
			s.Break(nil)
			s.Put(t, "file", "another")
			if err := at.Read(t.Context(), all[0], io.Discard); err == nil || !strings.Contains(err.Error(), "it was replaced while it was read") {
				t.Errorf("it was replaced, and %v", err)
			}
		})
	}
}

// A request in which nothing moves ends; a slow one does not.
func TestImpatient(t *testing.T) {
	for _, trial := range []struct {
		slow, idle time.Duration
		ends       bool
	}{{10 * time.Millisecond, 10 * time.Second, false}, {10 * time.Second, 100 * time.Millisecond, true}} {
		s := objectstest.Start(t)
		s.Put(t, "file", strings.Repeat("x", 20))
		s.Break(func(_ int, w http.ResponseWriter, r *http.Request, _ http.Handler) {
			for range 20 {
				_, _ = io.WriteString(w, "x")
				_ = http.NewResponseController(w).Flush()
				s.Hangs(r, trial.slow)
			}
		})
		client := http.Client{Transport: impatient{http.DefaultTransport, trial.idle}}
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.URL+"/trade/file", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(answer.Body)
		if ended := err != nil && strings.Contains(err.Error(), "nothing moved for 100ms"); ended != trial.ends {
			t.Errorf("a byte each %s: %v", trial.slow, err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Without credentials, or with wrong ones, the error says where they come from.
func TestRefused(t *testing.T) {
	s := objectstest.Start(t)
	s.Break(func(_ int, w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>")
	})
	at, err := Open(s.At("x"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = at.List(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), "credentials come from AWS_ACCESS_KEY_ID") || strings.Contains(err.Error(), objectstest.Secret) {
		t.Error(err)
	}
}

// Credentials are those of the environment, looked for anew only when they expire; without
// any, requests are not signed, as for a public bucket.
func TestCredentials(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true") // or the test would ask the machine's service for credentials
	t.Setenv("HOME", t.TempDir())
	for _, key := range []string{"key", ""} {
		t.Setenv("AWS_ACCESS_KEY_ID", key)
		if key == "" {
			t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		}
		c := fromEnvironment()
		if found, err := c.GetWithContext(nil); err != nil || found.AccessKeyID != key || c.IsExpired() {
			t.Errorf("with %q: %q, %v, expired %t", key, found.AccessKeyID, err, c.IsExpired())
		}
	}
	s := objectstest.Start(t)
	s.Put(t, "file", "public")
	at, err := Open(s.At(""))
	if err != nil {
		t.Fatal(err)
	}
	var signed string
	s.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
		signed = r.Header.Get("Authorization")
		next.ServeHTTP(w, r)
	})
	if all, err := at.List(t.Context(), ""); err != nil || len(all) != 1 || signed != "" {
		t.Errorf("%v, %v, signed %q", all, err, signed)
	}
}
