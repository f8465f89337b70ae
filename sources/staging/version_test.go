package staging

import (
	"path/filepath"
	"strings"
	"testing"
)

// Every file that reads data is in the version, so that a change of it reads files anew.
func TestVersionIsWhole(t *testing.T) {
	files, err := filepath.Glob("*")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		if filepath.Ext(name) != ".go" && filepath.Ext(name) != ".sql" {
			continue
		}
		_, err := code.ReadFile(name)
		if isTest := strings.HasSuffix(name, "_test.go"); isTest == (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
