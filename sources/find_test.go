package sources_test

import (
	"archive/zip"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"entrepot/sources"
)

// folderOf makes a folder of files; what ends with a slash is a folder.
func folderOf(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("a,b\n1,2\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skipf("no links here: %v", err)
	}
}

func packed(t *testing.T, file string, members ...string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	for _, m := range members {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: m, NonUTF8: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// found says what Find finds: a line each, with what is refused or skipped.
func found(t *testing.T, dir string, leave sources.Leave) []string {
	t.Helper()
	f, err := sources.Find(t.Context(), dir, leave)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, in := range f.Inputs {
		line := in.Name
		if in.Fault != "" {
			line += ": " + in.Fault
		}
		lines = append(lines, line)
	}
	for _, s := range f.Skipped {
		lines = append(lines, s.Name+" skipped: "+s.Reason)
	}
	return lines
}

func TestFind(t *testing.T) {
	tests := []struct {
		name  string
		files []string
		make  func(t *testing.T, dir string)
		leave func(dir string) sources.Leave
		want  []string
	}{
		{name: "folders below, in the order of names", files: []string{"b.csv", "a/c.csv", "a/b/d.csv"}, want: []string{"a/b/d.csv", "a/c.csv", "b.csv"}},
		{name: "hidden files and locks of spreadsheets", files: []string{".hidden.csv", ".git/a.csv", "~$a.xlsx", "a.csv"}, want: []string{"a.csv"}},
		{name: "downloads that are not finished", files: []string{"a.csv.part", "b.zip.crdownload", "C.PART", "part.csv"}, want: []string{"part.csv",
			"C.PART skipped: is a download that is not finished, as its name says", "a.csv.part skipped: is a download that is not finished, as its name says",
			"b.zip.crdownload skipped: is a download that is not finished, as its name says"}},
		{name: "what is ignored", files: []string{"README.csv", "sub/README.csv", "drafts/a.csv", "sub/drafts/b.csv", "x.csv"},
			leave: func(string) sources.Leave {
				return sources.Leave{Patterns: []string{"README.*", "sub/drafts", "drafts/*"}}
			}, want: []string{"x.csv"}},
		{name: "links", files: []string{"real/a.csv", "b.csv"}, make: func(t *testing.T, dir string) {
			outside := folderOf(t, "o.csv")
			link(t, outside, filepath.Join(dir, "outside"))
			link(t, "b.csv", filepath.Join(dir, "c.csv"))
			link(t, filepath.Join(outside, "o.csv"), filepath.Join(dir, "real", "o.csv"))
		}, want: []string{"b.csv", "c.csv", "outside/o.csv", "real/a.csv", "real/o.csv"}},
		{name: "links in a ring", files: []string{"a/b/c.csv"}, make: func(t *testing.T, dir string) {
			link(t, "../..", filepath.Join(dir, "a", "b", "root"))
			link(t, ".", filepath.Join(dir, "a", "self"))
			link(t, "itself", filepath.Join(dir, "itself"))
		}, want: []string{"a/b/c.csv", "itself: can't be read (too many levels of symbolic links); see to it that entrepot may read it, or remove it",
			"a/b/root skipped: is a link to a folder that it is in", "a/self skipped: is a link to a folder that it is in"}},
		{name: "a link to nothing", files: []string{"a.csv"}, make: func(t *testing.T, dir string) { link(t, "nowhere", filepath.Join(dir, "x.csv")) },
			want: []string{"a.csv", "x.csv: is a link to what is not there; mend or remove it"}},
		{name: "a link to what is left out", files: []string{"a.csv", "out/current/b.csv"}, make: func(t *testing.T, dir string) { link(t, "out", filepath.Join(dir, "results")) },
			leave: func(dir string) sources.Leave {
				return sources.Leave{Folders: []string{filepath.Join(dir, "out")}}
			}, want: []string{"a.csv"}},
		{name: "pipes and sockets", files: []string{"a.csv"}, make: func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(filepath.Join(dir, "p.csv"), 0o644); err != nil {
				t.Skip(err)
			}
			listener, err := net.Listen("unix", filepath.Join(dir, "s.csv"))
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { listener.Close() })
			link(t, "p.csv", filepath.Join(dir, "l.csv"))
		}, want: []string{"a.csv", "l.csv skipped: is a pipe, not a file", "p.csv skipped: is a pipe, not a file", "s.csv skipped: is a socket, not a file"}},
		{name: "names that no text can hold", files: []string{"a.csv", "\xff\xfe.csv", "sub\xc3/b.csv"},
			want: []string{"\\xff\\xfe.csv: has a name that is no UTF-8 text; rename it", "a.csv", "sub\\xc3: has a name that is no UTF-8 text; rename it"}},
		{name: "names that are patterns for DuckDB", files: []string{"a*.csv", `b\*.csv`, `c\d.csv`, "[d].csv"}, want: []string{"[d].csv", "a*.csv",
			`b\*.csv: has a name that DuckDB takes for a pattern, with a \ and one of *?[ in it; rename it`, `c\d.csv`}},
		{name: "members of archives", files: []string{"x.zip!b.csv"}, make: func(t *testing.T, dir string) {
			packed(t, filepath.Join(dir, "x.zip"), "a.csv", "b.csv", "\xc4\xea.csv", `sub\d.csv`)
			packed(t, filepath.Join(dir, "twice.zip"), "a.csv", "a.csv", "c.csv")
		}, want: []string{
			"twice.zip!a.csv: has a name that stands for several files here, and they can't be told apart; rename one", "twice.zip!c.csv",
			`x.zip!\xc4\xea.csv: has a name that is no UTF-8 text; unpack the archive and pack it anew`, "x.zip!a.csv",
			"x.zip!b.csv: has a name that stands for several files here, and they can't be told apart; rename one",
			`x.zip!sub\d.csv: has a name with a \ in it, of which nobody knows whether it is a folder; unpack the archive and pack it anew`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := folderOf(t, test.files...)
			if test.make != nil {
				test.make(t, dir)
			}
			var leave sources.Leave
			if test.leave != nil {
				leave = test.leave(dir)
			}
			if got := found(t, dir, leave); !slices.Equal(got, test.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// The folder itself may be a link.
func TestFindThroughALink(t *testing.T) {
	dir := folderOf(t, "a.csv")
	name := filepath.Join(t.TempDir(), "link")
	link(t, dir, name)
	if got := found(t, name, sources.Leave{}); !slices.Equal(got, []string{"a.csv"}) {
		t.Errorf("found %q", got)
	}
}

func TestUnreadableIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := folderOf(t, "a.csv", "no/b.csv", "c.csv")
	for _, name := range []string{"no", "c.csv"} {
		if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "no"), 0o755) })
	f, err := sources.Find(t.Context(), dir, sources.Leave{})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Inputs) != 3 || f.Inputs[2].Fault == "" {
		t.Fatalf("found %+v", f.Inputs)
	}
	if _, err := sources.Prepare(t.Context(), f.Inputs[1], t.TempDir(), sources.Settings{}); !refused(t, err) {
		t.Error("a file without permission was read")
	}
}

// What a name says of a file of an object store is what Find says of one in a folder.
func TestPassedOver(t *testing.T) {
	names := []string{"a.csv", "sub/b.csv", ".hidden", "sub/.hidden/c.csv", "~$d.xlsx", "e.csv.part", "drafts/f.csv", "README.csv", "sub/README.csv"}
	found, err := sources.Find(t.Context(), folderOf(t, names...), sources.Leave{Patterns: []string{"README.csv", "drafts"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		read := slices.ContainsFunc(found.Inputs, func(in sources.Input) bool { return in.Name == name })
		if passed := sources.PassedOver(name, []string{"README.csv", "drafts"}); passed == read {
			t.Errorf("%s is passed over: %t; Find reads it: %t", name, passed, read)
		}
	}
}

// A file that is known to be one input is not opened: an archive would be listed by what it
// holds. Each input says what its file was when it was found.
func TestClosed(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.zip", "b.zip"} {
		packed(t, filepath.Join(dir, name), "x.csv", "y.csv")
	}
	f, err := sources.Find(t.Context(), dir, sources.Leave{Closed: func(name string, info os.FileInfo) bool { return name == "a.zip" && info.Size() > 0 }})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, in := range f.Inputs {
		names = append(names, in.Name)
		if now, err := os.Stat(in.Path); err != nil || in.Info == nil || !os.SameFile(in.Info, now) {
			t.Errorf("%s: found as %v, %v", in.Name, in.Info, err)
		}
	}
	if want := []string{"a.zip", "b.zip!x.csv", "b.zip!y.csv"}; !slices.Equal(names, want) {
		t.Errorf("found %v, expected %v", names, want)
	}
}
