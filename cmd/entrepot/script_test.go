package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts; read the difference before you commit it")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"entrepot": main, "crash": crash})
}

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
