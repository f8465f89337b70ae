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
	"entrepot/pipeline/config"
	"entrepot/pipeline/workspace"
)

// A damaged workspace is made again from the input files, which is said, and what is
// published is what a run from nothing publishes.
func TestDamagedWorkspace(t *testing.T) {
	data := t.TempDir()
	write(t, filepath.Join(data, "a.csv"), fixtures.API, base())
	for name, damage := range map[string]func(content []byte) []byte{
		"a byte of its header": func(content []byte) []byte { content[100] ^= 0xff; return content },
		"bytes all over it": func(content []byte) []byte {
			for at := 20000; at < len(content); at += 50000 {
				content[at] ^= 0xff
			}
			return content
		},
		"its end is gone": func(content []byte) []byte { return content[:len(content)/2] },
		"another file":    func([]byte) []byte { return bytes.Repeat([]byte("no database\n"), 1000) },
	} {
		t.Run(name, func(t *testing.T) {
			c := configure(t, data)
			run(t, c)
			path := workspace.Database(c.Out)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(content), 0o644); err != nil {
				t.Fatal(err)
			}
			heals(t, c, "dominance_share", "41%")
		})
	}
	t.Run("its log", func(t *testing.T) {
		c := configure(t, data)
		run(t, c)
		if err := os.WriteFile(workspace.Database(c.Out)+".wal", bytes.Repeat([]byte("no log\n"), 1000), 0o644); err != nil {
			t.Fatal(err)
		}
		heals(t, c, "dominance_share", "41%")
	})
}

func heals(t *testing.T, c *config.Config, setting, value string) {
	t.Helper()
	set(t, c, setting, value)
	clean := configure(t, c.Data, setting, value)
	want := run(t, clean)
	var log bytes.Buffer
	got, err := pipeline.Run(t.Context(), c, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Release != want.Release || differing(t, c.Out, clean.Out) != "" {
		t.Errorf("release %s, a run from nothing publishes %s", got.Release, want.Release)
	}
	if !strings.Contains(log.String(), "moved aside") && !strings.Contains(log.String(), "are repeated") {
		t.Errorf("nothing is said of it:\n%s", log.String())
	}
}
