package download_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/pipeline/download"
	"entrepot/pipeline/objects"
	"entrepot/pipeline/objects/objectstest"
	"entrepot/pipeline/progress"
)

func TestMain(m *testing.M) { objectstest.Main(m) }

func folder(t *testing.T) download.Folder {
	t.Helper()
	return download.Folder{Dir: filepath.Join(t.TempDir(), "downloaded"), Log: slog.New(slog.DiscardHandler), Meter: &progress.Meter{},
		Leave: func(key string) bool { return strings.HasPrefix(key, ".") }}
}

func bring(ctx context.Context, t *testing.T, s *objectstest.Server, f download.Folder, prefix string) error {
	t.Helper()
	from, err := objects.Open(s.At(prefix))
	if err != nil {
		t.Fatal(err)
	}
	return f.Bring(ctx, from, "s3://trade/"+prefix)
}

// files are those of a folder, as "name content".
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all = append(all, filepath.ToSlash(name)+" "+string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// downloaded lists the objects that were asked for since the last Break.
func downloaded(s *objectstest.Server) (keys []string) {
	for _, request := range s.Requests() {
		if key, get := strings.CutPrefix(request, "GET "); get && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// The folder becomes what the store has, and only what is new or changed is downloaded.
func TestBring(t *testing.T) {
	t.Parallel()
	s := objectstest.Start(t)
	f := folder(t)
	for _, step := range []struct {
		name       string
		change     func()
		has        []string
		downloaded []string
	}{
		{"at first", func() {
			s.Put(t, "in/a.csv", "1")
			s.Put(t, "in/2023/b.csv", "2")
			s.Put(t, "in/.hidden", "3")
			s.Put(t, "other/c.csv", "4")
		}, []string{"2023/b.csv 2", "a.csv 1"}, []string{"in/2023/b.csv", "in/a.csv"}},
		{"as before", func() {}, []string{"2023/b.csv 2", "a.csv 1"}, nil},
		{"one changed, of the same size", func() { s.Put(t, "in/a.csv", "5") }, []string{"2023/b.csv 2", "a.csv 5"}, []string{"in/a.csv"}},
		{"one is gone, one came", func() { s.Delete(t, "in/2023/b.csv"); s.Put(t, "in/d.csv", "6") }, []string{"a.csv 5", "d.csv 6"}, []string{"in/d.csv"}},
		{"somebody wrote into the folder", func() {
			if err := os.WriteFile(filepath.Join(f.Dir, "a.csv"), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(f.Dir, "more.csv"), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, []string{"a.csv 5", "d.csv 6"}, []string{"in/a.csv"}},
		{"a file became a folder", func() { s.Delete(t, "in/d.csv"); s.Put(t, "in/d.csv/e.csv", "7") }, []string{"a.csv 5", "d.csv/e.csv 7"}, []string{"in/d.csv/e.csv"}},
		{"and a file again", func() { s.Delete(t, "in/d.csv/e.csv"); s.Put(t, "in/d.csv", "8") }, []string{"a.csv 5", "d.csv 8"}, []string{"in/d.csv"}},
		{"keys that are no paths", func() { s.Put(t, "in/../x", "9"); s.Put(t, "in//y", "9"); s.Put(t, "in/a.csv/z", "9") },
			[]string{"a.csv/z 9", "d.csv 8"}, []string{"in/a.csv/z"}},
	} {
		step.change()
		s.Break(nil)
		if err := bring(t.Context(), t, s, f, "in"); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if has := files(t, f.Dir); !slices.Equal(has, step.has) {
			t.Errorf("%s: there is %q", step.name, has)
		}
		got := downloaded(s)
		slices.Sort(got)
		if !slices.Equal(got, step.downloaded) {
			t.Errorf("%s: %q were downloaded", step.name, got)
		}
		if step.downloaded == nil && len(s.Requests()) > 1 {
			t.Errorf("%s: %d requests", step.name, len(s.Requests()))
		}
	}
	if err := bring(t.Context(), t, s, f, "other"); err != nil || !slices.Equal(files(t, f.Dir), []string{"c.csv 4"}) {
		t.Errorf("another store: %q, %v", files(t, f.Dir), err)
	}
}

// A download that is cut for good leaves the files that are whole, and no half of another;
// the next goes on.
func TestBringCut(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]objectstest.Fault{
		"cut": func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
			objectstest.CutsAnswer(w, r, next)
		},
		"fails": func(_ int, w http.ResponseWriter, _ *http.Request, _ http.Handler) { objectstest.Fails(w) },
		"spoilt": func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
			objectstest.SpoilsAnswer(w, r, next)
		},
	} {
		s := objectstest.Start(t)
		f := folder(t)
		s.Put(t, "in/a.csv", "small")
		s.Put(t, "in/b.csv", strings.Repeat("large", 1000))
		s.Break(func(number int, w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !strings.HasSuffix(r.URL.Path, "b.csv") {
				next.ServeHTTP(w, r)
				return
			}
			r.Header.Del("Range") // this store begins from the start each time
			fault(number, w, r, next)
		})
		err := bring(t.Context(), t, s, f, "in")
		if err == nil || !strings.Contains(err.Error(), "download the input files from s3://trade/in: read b.csv: ") {
			t.Errorf("%s: %v", name, err)
		}
		for _, file := range files(t, f.Dir) {
			if file != "a.csv small" {
				t.Errorf("%s: there is %.40q", name, file)
			}
		}
		s.Break(nil)
		if err := bring(t.Context(), t, s, f, "in"); err != nil || len(files(t, f.Dir)) != 2 {
			t.Errorf("%s: then %q, %v", name, files(t, f.Dir), err)
		}
	}
}

// Downloading ends at once when it is told to.
func TestBringEnds(t *testing.T) {
	t.Parallel()
	s := objectstest.Start(t)
	s.Put(t, "in/a.csv", "1")
	s.Break(func(_ int, w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "a.csv") {
			s.Hangs(r, time.Minute)
		}
		next.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := bring(ctx, t, s, folder(t), "in"); err != context.DeadlineExceeded || time.Since(began) > time.Second {
		t.Errorf("it ended after %s: %v", time.Since(began), err)
	}
}
