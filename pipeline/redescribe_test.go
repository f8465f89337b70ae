package pipeline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/release"
)

// A file that no table has anything of is renamed, so that the description and the manifest
// of the release are replaced, one after the other. Killed between them, the release is not
// taken for whole, though no file of it has another size; a run heals it, be it one of the
// renamed file or one in which the name is the old one again.
func TestKilledBetweenDescriptions(t *testing.T) {
	t.Parallel()
	for _, last := range []string{"x.csv", "y.csv"} {
		t.Run(last, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			write(t, filepath.Join(data, "a.csv"), fixtures.API, base())
			write(t, filepath.Join(data, "x.csv"), fixtures.API, []fixtures.Row{{Year: 2019, Reporter: 156, Flow: "M", Revision: "H4", Code: "010121", Mills: usd}})
			c := configure(t, data)
			id := run(t, c).Release
			file := func(name string) string { return filepath.Join(c.Out, "releases", id, name) }
			manifest, described := readFile(t, file("manifest.json")), readFile(t, file(release.PackageName))
			rename(t, filepath.Join(data, "x.csv"), filepath.Join(data, "y.csv"))
			if got := run(t, c).Release; got != id {
				t.Fatalf("release %s is published after a file that is not used was renamed, expected %s again", got, id)
			}
			now := readFile(t, file(release.PackageName))
			if bytes.Equal(now, described) || len(now) != len(described) {
				t.Fatal("the description is the same, or has another size")
			}
			if err := os.WriteFile(file("manifest.json"), manifest, 0o644); err != nil {
				t.Fatal(err)
			}
			if r, err := release.Find(c.Out, id); err == nil {
				t.Errorf("release %s is taken for whole: %q", id, r.Incomplete())
			}
			if last == "x.csv" {
				rename(t, filepath.Join(data, "y.csv"), filepath.Join(data, "x.csv"))
			}
			run(t, c)
			r, err := release.Find(c.Out, "")
			if err != nil {
				t.Fatal(err)
			}
			if damaged, err := r.Damaged(t.Context()); r.ID != id || len(damaged) > 0 || err != nil {
				t.Errorf("release %s after the next run; %v of it are damaged: %v", r.ID, damaged, err)
			}
			if got := r.Manifest.Inputs[1].Name; got != last {
				t.Errorf("the manifest says %s, expected %s", got, last)
			}
		})
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
