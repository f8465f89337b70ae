package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"entrepot/fixtures/sample"
	"entrepot/pipeline/engine"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts; read the difference before you commit it")

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"entrepot": main, "crash": crash, "hold": hold})
}

// tidy removes at the end what tests have in common.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	code := m.M.Run()
	if err := os.RemoveAll(inCommon.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

var inCommon struct {
	once sync.Once
	dir  string
	err  error
}

// publishedSample is a folder that tests share and must not change: data has the built-in sample,
// and at30 and at31 are output folders with what a run publishes at that share of dominance.
func publishedSample(t *testing.T) (dir string) {
	t.Helper()
	inCommon.once.Do(func() {
		if inCommon.dir, inCommon.err = os.MkdirTemp("", "entrepot-sample-"); inCommon.err != nil {
			return
		}
		data := filepath.Join(inCommon.dir, "data")
		if inCommon.err = sample.Write(data); inCommon.err != nil {
			return
		}
		for out, share := range map[string]string{"at30": "30%", "at31": "31%"} {
			text, err := exec.Command("entrepot", "run", "--quiet", "--data", data, "--out", filepath.Join(inCommon.dir, out), "--dominance-share", share).CombinedOutput()
			if err != nil {
				inCommon.err = fmt.Errorf("%w: %s", err, text)
				return
			}
		}
	})
	if inCommon.err != nil {
		t.Fatal(inCommon.err)
	}
	return inCommon.dir
}

// copyOf copies an output folder into a new one.
func copyOf(t *testing.T, out string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "out")
	if err := os.CopyFS(to, os.DirFS(out)); err != nil {
		t.Fatal(err)
	}
	return to
}

// hold has a database open, as a notebook would, until its standard input ends, and
// makes the file held when it has.
func hold() {
	db, err := engine.Open(context.Background(), os.Args[1], engine.Options{ReadOnly: true})
	if err == nil {
		err = errors.Join(os.WriteFile("held", nil, 0o644), ignore(io.Copy(io.Discard, os.Stdin)), db.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ignore(_ int64, err error) error { return err }

// crash is a fault of the program in one of its goroutines.
func crash() {
	tellCrashesApart()
	go func() { panic("a fault on purpose") }()
	select {}
}

// TestScripts drives the real binary by the scripts in testdata.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			if shared := os.Getenv("ENTREPOT_REAL_FILES"); shared != "" {
				env.Setenv("ENTREPOT_REAL_FILES", shared)
			}
			return nil
		},
	})
}
