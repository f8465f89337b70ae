package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"entrepot/sources/decode/decodetest"
)

// The embedded tables are those that the UN's workbooks and lists make.
func TestEmbeddedTablesAreMade(t *testing.T) {
	folder := filepath.Dir(decodetest.RealFile(t, "reference", "classificationH0.json"))
	out := t.TempDir()
	if err := run(t.Context(), []string{folder, out}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hs_codes.csv.gz", "hs_changes.csv", "hs_successors.csv", "hs_names.csv.gz"} {
		if read(t, filepath.Join(out, name)) != read(t, filepath.Join("..", "..", "..", "schemas", "reference", name)) {
			t.Errorf("%s is not what the workbooks make; 'go run ./sources/untables/maketables FOLDER' mends it", name)
		}
	}
}

// read is what a table has, compressed or not.
func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil && filepath.Ext(path) == ".gz" {
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(bytes.NewReader(content)); err == nil {
			content, err = io.ReadAll(unpacked)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestFolderIsAsked(t *testing.T) {
	if err := run(t.Context(), nil); err == nil {
		t.Error("no folder is no error")
	}
	if err := run(t.Context(), []string{t.TempDir()}); err == nil {
		t.Error("an empty folder is no error")
	}
}
