package pipeline_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/pipeline/workspace"
)

// A damaged workspace is made again from the input files, which is said, and what is
// published is what a run from nothing publishes.
func TestDamagedWorkspace(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	write(t, filepath.Join(data, "a.csv"), fixtures.API, base())
	clean := configure(t, data, "dominance_share", "41%")
	want := run(t, clean)
	sound := configure(t, data)
	run(t, sound)
	content, err := os.ReadFile(workspace.Database(sound.Out))
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(content []byte) []byte{
		"a byte of its header": func(content []byte) []byte { content[100] ^= 0xff; return content },
		"bytes all over it": func(content []byte) []byte {
			for at := 20000; at < len(content); at += 50000 {
				content[at] ^= 0xff
			}
			return content
		},
		"its end is gone": func(content []byte) []byte { return content[:len(content)/2] },
	} {
		if err := os.WriteFile(workspace.Database(sound.Out), damage(bytes.Clone(content)), 0o644); err != nil {
			t.Fatal(err)
		}
		set(t, sound, "dominance_share", "41%")
		var log bytes.Buffer
		got, err := pipeline.Run(t.Context(), sound, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Release != want.Release || differing(t, sound.Out, clean.Out) != "" {
			t.Errorf("%s: release %s, a run from nothing publishes %s", name, got.Release, want.Release)
		}
		if !strings.Contains(log.String(), "moved aside") {
			t.Errorf("%s: nothing is said of it:\n%s", name, log.String())
		}
	}
}
