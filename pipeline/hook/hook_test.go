//go:build unix

package hook_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"entrepot/pipeline/hook"
)

func TestRun(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]struct{ printed, says string }{
		`echo "$WHO is here"; echo twice >&2`:          {"a reader is here\ntwice", ""},
		`echo before; echo "no such host" >&2; exit 3`: {"before\nno such host", "exit status 3: no such host"},
		`exit 1`:        {"", "exit status 1"},
		`exec sleep 60`: {"", "it did not end within 300ms (hook_timeout)"},
		`trap "" TERM; echo deaf; while :; do sleep 0.1; done`: {"deaf", "it did not end within 300ms (hook_timeout): deaf"},
		`seq 1 100000; exit 1`:                                 {"", "exit status 1: 100000"},
		`kill -9 $$`:                                           {"", "signal: killed"},
		"/no/such/program":                                     {"", "exit status 127"},
	} {
		printed, err := hook.Hook{Command: command, Timeout: 300 * time.Millisecond, Environ: []string{"WHO=a reader"}}.Run(t.Context())
		if want.says == "" && err != nil || want.says != "" && (err == nil || !strings.HasPrefix(err.Error(), want.says)) {
			t.Errorf("%s: %v", command, err)
		}
		if want.printed != "" && printed != want.printed || len(printed) > 10_000 {
			t.Errorf("%s printed %q", command, printed)
		}
	}
}

// With the run ends the command, and what it started.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := hook.Hook{Command: `sh -c 'trap "" TERM; echo $$ > ` + file + `; while :; do sleep 0.1; done' & wait`, Timeout: time.Minute}.Run(ctx)
	if took := time.Since(began); took > 2*time.Second || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended after %s: %v", took, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if err = syscall.Kill(pid, 0); err != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("what the command started goes on")
}
