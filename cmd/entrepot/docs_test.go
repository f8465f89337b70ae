package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"entrepot/fixtures/sample"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

var (
	consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
	duration     = regexp.MustCompile(`\((\d+m)?\d+(\.\d+)?(ms|s)\)`)
	differing    = regexp.MustCompile(`\((\d+m)?\d+(\.\d+)?(ms|s)\)|[Rr]elease [0-9a-f]{12}`)
)

// TestDocs runs the console examples of each page one after another in a folder of the
// page's own, and compares what they print. The folder has the sample's files in
// downloads. TestExtending does more with its page.
func TestDocs(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(page) == "extending.md" || !consoleBlock.Match(text) {
			continue
		}
		ran++
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			testPage(t, page, string(text))
		})
	}
	if ran < 4 {
		t.Errorf("%d pages have console examples: are the others found?", ran)
	}
}

// testPage compares a page with what its examples print, or rewrites it.
func testPage(t *testing.T, page, text string) {
	dir := t.TempDir()
	if err := sample.Write(filepath.Join(dir, "downloads")); err != nil {
		t.Fatal(err)
	}
	for name, from := range examples {
		if err := os.Symlink(absolute(t, "../../fixtures/sources/"+from), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	made := consoleBlock.ReplaceAllStringFunc(text, func(block string) string {
		now := "```console\n" + runConsole(t, dir, consoleBlock.FindStringSubmatch(block)[1]) + "```"
		if duration.ReplaceAllString(now, "") == duration.ReplaceAllString(block, "") {
			return block // how long it took here is no reason to rewrite it
		}
		return now
	})
	made = quotation.ReplaceAllStringFunc(made, func(string) string { return finding(t, filepath.Join(dir, "sample-out", "current")) })
	if *update {
		if err := os.WriteFile(page, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	without := func(text string) string { return differing.ReplaceAllString(text, "…") }
	if diff := cmp.Diff(without(text), without(made)); diff != "" {
		t.Errorf("the page shows what the commands do not print (-page +printed); 'just fixtures' corrects it:\n%s", diff)
	}
}

// quotation is the finding to which the tutorial leads.
var quotation = regexp.MustCompile(`(?m)^> (.|\n> )*$`)

// finding says in words what the tables of a release have, so that no number of it is typed by hand.
func finding(t *testing.T, release string) (text string) {
	t.Helper()
	query, err := os.ReadFile("testdata/finding.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the setting is of the session
	if _, err := db.ExecContext(t.Context(), "SET file_search_path = '"+strings.ReplaceAll(release, "'", "''")+"'"); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRowContext(t.Context(), string(query)).Scan(&text); err != nil {
		t.Fatalf("the finding does not hold: %v", err)
	}
	return text
}

// examples are the files that pages name beside downloads, and what stands for them.
var examples = map[string]string{"wits.csv": "wits.csv", "full202001.dat": "comext_full202001.dat"}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runConsole runs the lines that begin with "$ " and returns them with what they
// print on standard output. "[…]" alone on a line stands for lines left out. What a
// check finds in files is no failure of an example.
func runConsole(t *testing.T, dir, block string) string {
	t.Helper()
	var out strings.Builder
	for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
		line, shown, _ := strings.Cut(part, "\n")
		command := exec.Command("sh", "-c", strings.ReplaceAll(line, "go run ./cmd/entrepot", "entrepot"))
		command.Dir = dir
		printed, err := command.Output()
		var ended *exec.ExitError
		found := strings.HasPrefix(line, "entrepot sources check ") && errors.As(err, &ended) && ended.ExitCode() == exitIncomplete
		if err != nil && !found {
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

var link = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)\s]*)?\)`)

// TestLinks follows the links from page to page.
func TestLinks(t *testing.T) {
	followed := 0
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/decisions/*.md", "../../fixtures/cases/README.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("no pages %s: %v", pattern, err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllSubmatch(text, -1) {
				followed++
				if _, err := os.Stat(filepath.Join(filepath.Dir(page), string(m[1]))); err != nil {
					t.Errorf("%s leads to %s: %v", page, m[1], err)
				}
			}
		}
	}
	if followed < 30 {
		t.Errorf("%d links were found", followed)
	}
}
