package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"

	"entrepot/pipeline/engine"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts; read the difference before you commit it")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"entrepot": main, "crash": crash, "hold": hold})
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
