package main

import (
	"bytes"
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
	for _, name := range []string{"hs_codes.csv", "hs_changes.csv", "hs_successors.csv", "hs_names.csv.gz"} {
		made, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		embedded, err := os.ReadFile(filepath.Join("..", "..", "..", "schemas", "reference", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(made, embedded) {
			t.Errorf("%s is not what the workbooks make; 'go run ./sources/untables/maketables FOLDER' mends it", name)
		}
	}
}

func TestFolderIsAsked(t *testing.T) {
	if err := run(t.Context(), nil); err == nil {
		t.Error("no folder is no error")
	}
	if err := run(t.Context(), []string{t.TempDir()}); err == nil {
		t.Error("an empty folder is no error")
	}
}
