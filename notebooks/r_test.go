package notebooks_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const script = "4-who-else-could-supply.R"

// rscript is the program that runs R, or "".
func rscript() string {
	program, err := exec.LookPath("Rscript")
	if err != nil {
		return ""
	}
	return program
}

// testR runs the script in R on what export writes of each of the results: its answers are those of
// the Parquet files, and on wrong tables it fails.
func testR(t *testing.T, entrepot, cutoffs, files string) {
	if rscript() == "" {
		t.Skip("Rscript is missing: apt-get install r-base-core, or https://cran.r-project.org")
	}
	for name, results := range map[string]string{"another cut-off": cutoffs, "another file": files} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chart := filepath.Join(t.TempDir(), "chart.pdf")
			out, err := runScript(t, exported(t, entrepot, results), chart)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range answers(t, filepath.Join(results, "current")) {
				if !strings.Contains(out, want) {
					t.Errorf("it says\n%s\nwant %q", out, want)
				}
			}
			if drawn := content(t, chart); !strings.HasPrefix(string(drawn), "%PDF") || len(drawn) < 2000 {
				t.Errorf("the chart has %d bytes", len(drawn))
			}
		})
	}
	for _, c := range []struct{ table, wrong, want string }{
		{"import_dependence_hs6", "* REPLACE (NOT dependent AS dependent)", "nrow(codes) == "},
		{"exporters", "* REPLACE (export_share / 2 AS export_share)", "tapply(world$export_share"},
	} {
		t.Run("wrong "+c.table, func(t *testing.T) {
			t.Parallel()
			out, err := runScript(t, exported(t, entrepot, wrong(t, cutoffs, c.table, c.wrong)), filepath.Join(t.TempDir(), "chart.pdf"))
			if err == nil || !strings.Contains(out, c.want) {
				t.Errorf("it ends with %v and says\n%s\nwant %q", err, out, c.want)
			}
		})
	}
	t.Run("no export", func(t *testing.T) {
		t.Parallel()
		out, err := runScript(t, filepath.Join(t.TempDir(), "nothing"), filepath.Join(t.TempDir(), "chart.pdf"))
		if err == nil || !strings.Contains(out, "is missing: entrepot export --format csv --to ") {
			t.Errorf("it ends with %v and says\n%s", err, out)
		}
	})
}

func runScript(t *testing.T, folder, chart string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), rscript(), "--vanilla", script, folder, chart).CombinedOutput()
	return string(out), err
}

// exported writes the tables of the current release as CSV and returns their folder.
func exported(t *testing.T, entrepot, results string) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "it's csv")
	if out, err := exec.CommandContext(t.Context(), entrepot, "export", "--format", "csv", "--out", results, "--to", folder).CombinedOutput(); err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}
	return folder
}

// answers are sentences that the script must say, made of the Parquet files of a release by DuckDB.
func answers(t *testing.T, release string) (sentences []string) {
	t.Helper()
	query, err := os.ReadFile("testdata/answers.sql")
	if err != nil {
		t.Fatal(err)
	}
	db := duckdb(t)
	db.SetMaxOpenConns(1) // the setting is of the session
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf("SET file_search_path = '%s'", strings.ReplaceAll(release, "'", "''"))); err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(t.Context(), string(query))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var sentence string
		if err := rows.Scan(&sentence); err != nil {
			t.Fatal(err)
		}
		sentences = append(sentences, sentence)
	}
	if err := rows.Err(); err != nil || len(sentences) < 3 {
		t.Fatalf("%d sentences: %v", len(sentences), err)
	}
	return sentences
}
