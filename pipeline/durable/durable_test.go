package durable_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"entrepot/pipeline/durable"
)

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A write that fails leaves the old file, and nothing beside it.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	if err := durable.WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no more")
	err := durable.Write(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "ne"); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("content %q, want the old one", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%d entries in the folder, %v; want the file alone", len(entries), err)
	}
	if err := durable.Replace(path, []byte("new")); err != nil || content(t, path) != "new" {
		t.Errorf("not replaced: %v", err)
	}
}

// A new file is never made over another.
func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	write := func(w io.Writer) error { _, err := io.WriteString(w, "rows"); return err }
	if err := durable.Create(path, write); err != nil || content(t, path) != "rows" {
		t.Fatal(err)
	}
	if err := durable.Create(path, write); !errors.Is(err, os.ErrExist) {
		t.Errorf("error %v, want that it exists", err)
	}
}

// A line that a crash cut short does not swallow the next one.
func TestAppendLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	for _, step := range []struct{ before, line, want string }{
		{"", "one", "one\n"}, {"", "two", "one\ntwo\n"}, {"thr", "four", "one\ntwo\nthr\nfour\n"},
	} {
		if step.before != "" {
			if err := os.WriteFile(path, []byte(content(t, path)+step.before), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := durable.AppendLine(path, []byte(step.line)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != step.want {
			t.Errorf("content %q, want %q", got, step.want)
		}
	}
}
