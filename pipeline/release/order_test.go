package release_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"entrepot/pipeline/release"
)

// The newest release is that whose manifest says so, whatever the time stamps of files
// are, and however many digits the seconds have.
func TestReleasesAreOrderedByTheirManifests(t *testing.T) {
	out := t.TempDir()
	for i, finished := range []string{"2026-01-01T10:00:00.12Z", "2026-01-01T10:00:00.1Z", "2026-01-01T10:00:00Z", "2025-12-31T23:00:00.999Z"} {
		file := filepath.Join(out, "releases", fmt.Sprint("r", i), "manifest.json")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf(`{"release": "r%d", "run": {"finished": %q}}`, i, finished)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		restored := time.Now().Add(time.Duration(i) * time.Hour) // the oldest was restored last
		if err := os.Chtimes(file, restored, restored); err != nil {
			t.Fatal(err)
		}
	}
	all, err := release.List(out)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	if want := []string{"r0", "r1", "r2", "r3"}; !slices.Equal(ids, want) {
		t.Errorf("the releases are %v, expected %v", ids, want)
	}
}
