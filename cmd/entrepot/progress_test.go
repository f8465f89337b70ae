package main

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"entrepot/fixtures/sample"

	"github.com/creack/pty"
)

// On a terminal a run shows bars; elsewhere it logs plain lines and draws nothing.
func TestProgressOnTerminalsOnly(t *testing.T) {
	data := t.TempDir()
	if err := sample.Write(data); err != nil {
		t.Fatal(err)
	}
	terminal, err := pty.Start(exec.Command("entrepot", "run", "--data", data, "--out", t.TempDir()))
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer terminal.Close()
	var shown bytes.Buffer
	// Linux ends the reading of a terminal that its process has left with EIO.
	if _, err := io.Copy(&shown, terminal); err != nil && !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	for _, want := range []string{" rows ", " kB", "computing tables", "s]", "Figure 14"} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("on a terminal nothing shows %q in %d bytes", want, shown.Len())
		}
	}
	plain, err := exec.Command("entrepot", "run", "--data", data, "--out", t.TempDir()).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "computing tables") || strings.ContainsAny(string(plain), "\r\x1b") {
		t.Errorf("without a terminal there are bars or control characters:\n%q", plain)
	}
}
