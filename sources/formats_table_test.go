package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/sources/decode"

	"github.com/google/go-cmp/cmp"
)

// The table in the documentation is made from the table of formats.
func TestFormatsAreDocumented(t *testing.T) {
	const begin, end = "| source | files | unit | recognised by | what the file does not say |\n", "\n\n"
	path := filepath.Join("..", "docs", "sources.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	table, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no table that begins with %q", path, begin)
	}
	want := "| --- | --- | --- | --- | --- |\n" + strings.Join(documented(), "\n")
	if *Update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("%s is not as the formats are (-update writes it): %s", path, diff)
	}
}

// documented are the rows of the table, the formats of a source together.
func documented() []string {
	var rows []string
	order := append(DefaultOrder(), described.Key)
	for _, key := range order {
		for _, f := range append(slices.Clone(formats), mapping) {
			if f.source.Key != key {
				continue
			}
			signs := f.about.recognised
			if signs == "" {
				signs = "`" + strings.Join(f.header, "`, `") + "`"
			}
			source := "`" + key + "`, " + f.source.Publisher
			if f == mapping {
				source = "your own"
			}
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |", source, f.about.files, f.about.unit, signs, f.about.lacks))
		}
	}
	return rows
}

// Each row of the table is whole, and what is made from it is as users know it.
func TestFormatsTable(t *testing.T) {
	trust := map[int]string{}
	for _, f := range formats {
		if (f.read == nil) == (f.readAll == nil) {
			t.Errorf("%s: it has not one reader", f.name)
		}
		if f.header != nil && f.title == "" || f.name == "" || f.source.Publisher == "" || f.about.files == "" || f.about.unit == "" || f.about.lacks == "" {
			t.Errorf("%s: something is missing", f.name)
		}
		if known, ok := trust[f.source.trust]; ok && known != f.source.Key {
			t.Errorf("%s and %s are trusted alike", known, f.source.Key)
		}
		trust[f.source.trust] = f.source.Key
		for _, name := range f.header {
			if _, known := f.names[decode.PlainName(name)]; f.readAll == nil && !known {
				t.Errorf("%s: the name %q of its header is none of a column", f.name, name)
			}
		}
	}
	if diff := cmp.Diff([]string{"comtrade", "wits", "itc", "baci", "comext"}, DefaultOrder()); diff != "" {
		t.Error(diff)
	}
	for format, want := range map[string]string{"comtrade-csv": "UN Comtrade", "comtrade-legacy-bulk-csv": "UN Comtrade", "wits-csv": "World Bank WITS", "wits-xlsx": "World Bank WITS",
		"itc-html": "ITC Trade Map", "baci-csv": "CEPII BACI", "baci-countries": "CEPII BACI", "comext-tsv": "Eurostat Comext", "comext-csv": "Eurostat Comext", "other": "other"} {
		if got := Publisher(format); got != want {
			t.Errorf("%s is of %s, want %s", format, got, want)
		}
	}
}

// Every file that reads data is in the version, so that a change of it reads files anew.
func TestVersionIsWhole(t *testing.T) {
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if filepath.Ext(name) != ".go" && filepath.Ext(name) != ".sql" {
			continue
		}
		_, err := code.ReadFile(name)
		if isTest := strings.HasSuffix(name, "_test.go"); isTest == (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
