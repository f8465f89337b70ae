package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"entrepot/fixtures"

	"github.com/google/go-cmp/cmp"
)

var (
	consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	differing    = regexp.MustCompile(`\(\d+(\.\d+)?(ms|s)\)|release [0-9a-f]{12}`)
)

// TestReadme runs the console examples of the README one after another in one
// folder and compares what they print. The folder has the sample's files in
// downloads.
func TestReadme(t *testing.T) {
	const readme = "../../README.md"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := fixtures.WriteSample(filepath.Join(dir, "downloads")); err != nil {
		t.Fatal(err)
	}
	blocks := 0
	made := consoleBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		blocks++
		return "```console\n" + runConsole(t, dir, consoleBlock.FindStringSubmatch(block)[1]) + "```"
	})
	if blocks == 0 {
		t.Error("the README has no console examples")
	}
	if *update {
		if err := os.WriteFile(readme, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	without := func(text string) string { return differing.ReplaceAllString(text, "…") }
	if diff := cmp.Diff(without(string(text)), without(made)); diff != "" {
		t.Errorf("the README shows what the commands do not print (-README +printed); 'just fixtures' mends it:\n%s", diff)
	}
}

// runConsole runs the lines that begin with "$ " and returns them with what they
// print on standard output. "[…]" alone on a line stands for lines left out.
func runConsole(t *testing.T, dir, block string) string {
	t.Helper()
	var out strings.Builder
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		line, shown, _ := strings.Cut(part, "\n")
		command := exec.Command("sh", "-c", strings.ReplaceAll(line, "go run ./cmd/entrepot", "entrepot"))
		command.Dir = dir
		printed, err := command.Output()
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		out.WriteString("$ " + line + "\n" + abridge(string(printed), shown))
	}
	return out.String()
}

// abridge leaves out of printed what shown leaves out.
func abridge(printed, shown string) string {
	head, tail, cut := strings.Cut("\n"+shown, "\n[…]\n")
	if !cut {
		return printed
	}
	lines := strings.SplitAfter(printed, "\n")
	first, last := strings.Count(head, "\n"), strings.Count(strings.TrimSuffix(tail, "\n")+"\n", "\n")
	if tail == "" {
		last = 0
	}
	if first+last > len(lines)-1 {
		return printed
	}
	return strings.Join(lines[:first], "") + "[…]\n" + strings.Join(lines[len(lines)-1-last:], "")
}
