package remote_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/objects"
	"entrepot/pipeline/objects/objectstest"
	"entrepot/pipeline/release"
	"entrepot/pipeline/remote"
)

func TestMain(m *testing.M) { objectstest.Main(m) }

// made is a release of small files, whose content depends on the name and version.
func made(t *testing.T, id string, age int, files int) *release.Release {
	t.Helper()
	r := &release.Release{ID: id, Dir: filepath.Join(t.TempDir(), id), Manifest: &release.Manifest{Release: id}}
	r.Manifest.Run.Finished = time.Date(2026, 1, 1, 0, 0, -age, 0, time.UTC).Format(time.RFC3339Nano)
	if err := os.Mkdir(r.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		name := fmt.Sprintf("table%d.parquet", i)
		content := strings.Repeat(fmt.Sprintf("%s of %s\n", name, id), 100)
		write(t, filepath.Join(r.Dir, name), content)
		sum := sha256.Sum256([]byte(content))
		r.Manifest.Files = append(r.Manifest.Files, release.FileEntry{Name: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])})
	}
	describe(t, r)
	return r
}

func describe(t *testing.T, r *release.Release) {
	t.Helper()
	text, err := json.Marshal(r.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(r.Dir, "manifest.json"), string(text))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func to(t *testing.T, url string) *remote.Copy {
	t.Helper()
	at, err := objects.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	return &remote.Copy{Store: at, Folder: "one", Log: slog.New(slog.DiscardHandler), Now: time.Now,
		IsCurrent: func(string) (bool, error) { return true, nil }}
}

func follow(t *testing.T, c *remote.Copy, r *release.Release, keep int) remote.Done {
	t.Helper()
	done, err := c.Follow(t.Context(), r, keep)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// checkReader reads what a reader of the store reads: the pointer, the manifest, and every
// file of it.
func checkReader(get func(key string) string) (id string, err error) {
	var p remote.Pointer
	text := get("figures/current.json")
	if text == "" {
		return "", nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return "", err
	}
	var m release.Manifest
	if err := json.Unmarshal([]byte(get("figures/"+p.Path+"manifest.json")), &m); err != nil {
		return "", fmt.Errorf("the manifest of %s: %w", p.Release, err)
	}
	if m.Release != p.Release {
		return "", fmt.Errorf("the pointer says %s, the manifest %s", p.Release, m.Release)
	}
	for _, f := range m.Files {
		sum := sha256.Sum256([]byte(get("figures/" + p.Path + f.Name)))
		if hex.EncodeToString(sum[:]) != f.SHA256 {
			return "", fmt.Errorf("%s of %s is not what the manifest says", f.Name, p.Release)
		}
	}
	return p.Release, nil
}

func expectReader(t *testing.T, s *objectstest.Server, want string) {
	t.Helper()
	id, err := checkReader(func(key string) string { return s.Get(t, key) })
	if err != nil || id != want {
		t.Errorf("a reader sees release %q, %v; expected %q", id, err, want)
	}
}

// A release is copied once; after that nothing is written until something is another.
func TestFollow(t *testing.T) {
	s := objectstest.Start(t)
	c := to(t, s.At("figures"))
	first, second := made(t, "aaa", 2, 5), made(t, "bbb", 1, 5)
	if done := follow(t, c, first, 10); !done.Moved || done.Written != 6 || done.Was != "" {
		t.Errorf("the first copy: %+v", done)
	}
	written := s.Written()
	if n := len(written); n != 8 || written[n-1] != "figures/current.json" || written[n-2] != "figures/releases/aaa/objects.json" ||
		written[n-3] != "figures/releases/aaa/manifest.json" {
		t.Errorf("written in a wrong order: %q", written)
	}
	expectReader(t, s, "aaa")
	s.Break(nil)
	if done := follow(t, c, first, 10); done.Moved || done.Written != 0 || len(s.Written()) != 0 {
		t.Errorf("nothing had changed, and %+v: %q", done, s.Written())
	}
	if n := len(s.Requests()); n > 3 {
		t.Errorf("nothing had changed, and there were %d requests: %q", n, s.Requests())
	}
	if done := follow(t, c, second, 10); !done.Moved || done.Was != "aaa" {
		t.Errorf("the second copy: %+v", done)
	}
	expectReader(t, s, "bbb")
	s.Break(nil)
	if done := follow(t, c, first, 10); !done.Moved || done.Written != 0 || len(s.Written()) != 1 {
		t.Errorf("back to what is there: %+v: %q", done, s.Written())
	}
	expectReader(t, s, "aaa")
}

// What is lost, damaged or changed in the store is written again, and nothing else.
func TestFollowMends(t *testing.T) {
	s := objectstest.Start(t)
	c := to(t, s.At("figures"))
	r := made(t, "aaa", 1, 3)
	follow(t, c, r, 10)
	at := "figures/releases/aaa/"
	for _, trial := range []struct {
		name    string
		damage  func()
		written []string
	}{
		{"a file is gone", func() { s.Delete(t, at+"table1.parquet") }, []string{at + "table1.parquet"}},
		{"a file has other content of the same size", func() { s.Put(t, at+"table1.parquet", strings.Repeat("x", int(r.Manifest.Files[1].Bytes))) },
			[]string{at + "table1.parquet"}},
		{"a file is cut", func() { s.Put(t, at+"table1.parquet", "x") }, []string{at + "table1.parquet"}},
		{"the list is gone", func() { s.Delete(t, at+"objects.json") }, []string{at + "objects.json"}},
		{"the list is no JSON", func() { s.Put(t, at+"objects.json", "{") }, []string{at + "objects.json"}},
		{"the pointer is no JSON", func() { s.Put(t, "figures/current.json", "{") }, []string{"figures/current.json"}},
		{"the pointer is gone", func() { s.Delete(t, "figures/current.json") }, []string{"figures/current.json"}},
		{"the manifest was described anew", func() { r.Manifest.Inputs = []release.InputEntry{{Name: "new"}}; describe(t, r) },
			[]string{at + "manifest.json", at + "objects.json"}},
	} {
		trial.damage()
		s.Break(nil)
		follow(t, c, r, 10)
		if written := s.Written(); !slices.Equal(written, trial.written) {
			t.Errorf("%s: %q were written", trial.name, written)
		}
		expectReader(t, s, "aaa")
	}
}

// A release that is damaged in the output folder is not copied.
func TestFollowRefusesDamaged(t *testing.T) {
	s := objectstest.Start(t)
	c := to(t, s.At("figures"))
	follow(t, c, made(t, "aaa", 2, 3), 10)
	r := made(t, "bbb", 1, 3)
	write(t, filepath.Join(r.Dir, "table1.parquet"), strings.Repeat("x", int(r.Manifest.Files[1].Bytes)))
	_, err := c.Follow(t.Context(), r, 10)
	if err == nil || !strings.Contains(err.Error(), "table1.parquet of the output folder is damaged; 'entrepot run --force' writes it anew") {
		t.Errorf("damaged, and %v", err)
	}
	expectReader(t, s, "aaa")
}

// Old releases go by the times in their manifests, with what cut copies left of others.
func TestFollowRetires(t *testing.T) {
	s := objectstest.Start(t)
	for _, url := range []string{s.At("figures"), "file://" + t.TempDir() + "/figures"} {
		c := to(t, url)
		old, older, newest := made(t, "old", 2, 2), made(t, "aolder", 3, 2), made(t, "new", 1, 2)
		for _, r := range []*release.Release{older, newest, old, newest} {
			follow(t, c, r, 0)
		}
		if err := objects.WriteBytes(t.Context(), c.Store, "releases/half/table0.parquet", []byte("half")); err != nil {
			t.Fatal(err)
		}
		kept := func() (ids []string) {
			all, err := c.Store.List(t.Context(), "releases/")
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range all {
				ids = append(ids, strings.Split(o.Key, "/")[1])
			}
			return slices.Compact(ids)
		}
		if follow(t, c, newest, 0); !slices.Equal(kept(), []string{"aolder", "half", "new", "old"}) {
			t.Errorf("0 keeps all, and there are %q", kept())
		}
		if follow(t, c, newest, 2); !slices.Equal(kept(), []string{"new", "old"}) {
			t.Errorf("two are kept, and there are %q", kept())
		}
		if follow(t, c, old, 1); !slices.Equal(kept(), []string{"old"}) {
			t.Errorf("one is kept, and there are %q", kept())
		}
	}
}

// The pointer stays when another release was made current while this one was copied.
func TestFollowOvertaken(t *testing.T) {
	s := objectstest.Start(t)
	c := to(t, s.At("figures"))
	follow(t, c, made(t, "aaa", 2, 2), 10)
	c.IsCurrent = func(string) (bool, error) { return false, nil }
	if done := follow(t, c, made(t, "bbb", 1, 2), 10); done.Moved {
		t.Error("the pointer moved")
	}
	expectReader(t, s, "aaa")
}

// A prefix has the releases of one output folder: another's copy is refused before it writes
// or removes anything, also when the first copies of both began together. Who may take the
// place of a folder that is gone says so by deleting the pointer.
func TestFollowOfTwoFolders(t *testing.T) {
	t.Parallel()
	for _, url := range []func(s *objectstest.Server) string{
		func(s *objectstest.Server) string { return s.At("figures") },
		func(*objectstest.Server) string { return "file://" + t.TempDir() + "/figures" },
	} {
		s := objectstest.Start(t)
		one := to(t, url(s))
		other := &remote.Copy{Store: one.Store, Folder: "other", Log: one.Log, Now: one.Now, IsCurrent: one.IsCurrent}
		ours, theirs := made(t, "aaa", 2, 2), made(t, "bbb", 1, 2)
		refused := func(c *remote.Copy, r *release.Release) {
			t.Helper()
			before := stored(t, one.Store)
			if _, err := c.Follow(t.Context(), r, 1); !errors.Is(err, remote.ErrOther) {
				t.Errorf("%s copied %s: %v", c.Folder, r.ID, err)
			}
			if after := stored(t, one.Store); !slices.Equal(before, after) {
				t.Errorf("refused, and the store has %+v, before %+v", after, before)
			}
		}
		follow(t, one, ours, 1)
		refused(other, theirs)
		refused(other, ours)
		if err := one.Store.Delete(t.Context(), "current.json"); err != nil {
			t.Fatal(err)
		}
		if done := follow(t, other, theirs, 1); !done.Moved {
			t.Errorf("the pointer was deleted, and %+v", done)
		}
		refused(one, ours)
		if err := one.Store.Delete(t.Context(), "current.json"); err != nil {
			t.Fatal(err)
		}
		one.IsCurrent = func(string) (bool, error) { follow(t, other, theirs, 0); return true, nil }
		if _, err := one.Follow(t.Context(), ours, 1); !errors.Is(err, remote.ErrOther) {
			t.Errorf("the other folder's first copy came first, and %v", err)
		}
	}
}

// stored are the keys and ETags of all that a store has.
func stored(t *testing.T, s objects.Store) []objects.Object {
	t.Helper()
	all, err := s.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A pointer that does not say yet whose it is gets that, and has not moved.
func TestFollowNotesItsFolder(t *testing.T) {
	t.Parallel()
	c := to(t, "file://"+t.TempDir()+"/figures")
	r := made(t, "aaa", 1, 2)
	follow(t, c, r, 10)
	old := `{"release": "aaa", "path": "releases/aaa/", "since": "2026-01-01T00:00:00Z"}`
	if err := objects.WriteBytes(t.Context(), c.Store, "current.json", []byte(old)); err != nil {
		t.Fatal(err)
	}
	if done := follow(t, c, r, 10); done.Moved || done.Written != 0 {
		t.Errorf("only the folder was not noted, and %+v", done)
	}
	var text bytes.Buffer
	if err := c.Store.Read(t.Context(), objects.Object{Key: "current.json"}, &text); err != nil {
		t.Fatal(err)
	}
	var p remote.Pointer
	if err := json.Unmarshal(text.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if want := (remote.Pointer{Release: "aaa", Path: "releases/aaa/", Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Folder: "one"}); p != want {
		t.Errorf("the pointer says %+v, expected %+v", p, want)
	}
}

// A fault that passes is not noticed; one that stays fails the copy, and readers keep what
// they have. The next copy goes on, and writes only what is not there.
func TestFaults(t *testing.T) {
	table := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "table3.parquet") }
	for _, trial := range []struct {
		name  string
		says  string // when it does not pass
		fault func(w http.ResponseWriter, r *http.Request, next http.Handler) bool
	}{
		{"the store fails", "write releases/bbb/table3.parquet: the store failed (500 Internal Server Error)", func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
			if table(r) {
				objectstest.Fails(w)
			}
			return table(r)
		}},
		{"an upload is cut", "write releases/bbb/table3.parquet: 127.0.0.1:", func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
			if table(r) && r.Method == http.MethodPut {
				objectstest.Cuts(w, r)
			}
			return false
		}},
		{"every connection is lost", "closed the connection", func(_ http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
			panic(http.ErrAbortHandler)
		}},
		{"bytes change on the way", "table3.parquet: what arrived was not what was sent", func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
			if !table(r) || r.Method != http.MethodPut {
				return false
			}
			objectstest.SpoilsSent(w, r, next)
			return true
		}},
		{"the pointer can't be written", "current.json", func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
			pointer := strings.HasSuffix(r.URL.Path, "current.json") && r.Method == http.MethodPut
			if pointer {
				objectstest.Fails(w)
			}
			return pointer
		}},
	} {
		for _, passes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, passes %t", trial.name, passes), func(t *testing.T) {
				t.Parallel()
				s := objectstest.Start(t)
				c := to(t, s.At("figures"))
				follow(t, c, made(t, "aaa", 2, 6), 10)
				s.Break(func(number int, w http.ResponseWriter, r *http.Request, next http.Handler) {
					if passes && number >= 2 || !trial.fault(w, r, next) {
						next.ServeHTTP(w, r)
					}
				})
				r := made(t, "bbb", 1, 6)
				_, err := c.Follow(t.Context(), r, 10)
				if passes {
					if err != nil {
						t.Error(err)
					}
					expectReader(t, s, "bbb")
					return
				}
				if err == nil || !strings.Contains(err.Error(), trial.says) {
					t.Errorf("the copy ended with %v", err)
				}
				expectReader(t, s, "aaa")
				before := s.Written()
				s.Break(nil)
				follow(t, c, r, 10)
				expectReader(t, s, "bbb")
				for _, key := range s.Written() {
					if slices.Contains(before, key) && !strings.HasSuffix(key, "table3.parquet") && !strings.HasSuffix(key, ".json") {
						t.Errorf("%s was there and was written again", key)
					}
				}
			})
		}
	}
}

var publications = flag.Int("publications", 12, "how many copies TestReaderDuringCopies makes")

// A reader that polls the pointer sees one whole release each time, however copies are cut.
// 'just publications' makes hundreds.
func TestReaderDuringCopies(t *testing.T) {
	t.Parallel()
	copies := *publications
	s := objectstest.Start(t)
	c := to(t, s.At("figures"))
	stop, ended := make(chan struct{}), make(chan struct{})
	seen := map[string]bool{}
	reads := 0
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
			}
			id, err := checkReader(func(key string) string { return s.Get(t, key) })
			if err != nil {
				t.Error(err)
				return
			}
			reads++
			seen[id] = true
			time.Sleep(time.Millisecond) // the copies need the processors, too
		}
	}()
	for i := range copies {
		if i%3 == 1 { // this one is cut
			s.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
				if strings.HasSuffix(r.URL.Path, "table4.parquet") {
					objectstest.Cuts(w, r)
				}
				next.ServeHTTP(w, r)
			})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			if _, err := c.Follow(ctx, made(t, fmt.Sprintf("id%04d", i), copies-i, 8), 4); err == nil {
				t.Error("a cut copy ended well")
			}
			cancel()
			s.Break(nil)
		}
		follow(t, c, made(t, fmt.Sprintf("id%04d", i), copies-i, 8), 4)
	}
	close(stop)
	<-ended
	t.Logf("%d copies, %d reads of %d releases", copies, reads, len(seen))
	if reads < copies || len(seen) < 5 {
		t.Errorf("the reader came to %d reads of %d releases", reads, len(seen))
	}
}

// A copy ends at once when it is told to, whatever the store does.
func TestFollowEnds(t *testing.T) {
	s := objectstest.Start(t)
	c := to(t, s.At("figures"))
	s.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut {
			s.Hangs(r, time.Minute)
		}
		next.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := c.Follow(ctx, made(t, "aaa", 1, 3), 10)
	if took := time.Since(began); took > time.Second || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended after %s: %v", took, err)
	}
}
