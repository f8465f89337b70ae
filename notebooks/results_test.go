package notebooks_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures/sample"

	_ "github.com/duckdb/duckdb-go/v2"
)

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "entrepot")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "entrepot/cmd/entrepot").CombinedOutput(); err != nil {
		t.Fatalf("build entrepot: %v\n%s", err, out)
	}
	return binary
}

// results makes the two folders of results, at the same time.
func results(t *testing.T, entrepot string) (cutoffs, files string) {
	t.Helper()
	dir := t.TempDir()
	cutoffs, files = filepath.Join(dir, "it's results"), filepath.Join(dir, "it's other results")
	made := t.Run("results", func(t *testing.T) {
		t.Run("another cut-off", func(t *testing.T) {
			t.Parallel()
			anotherCutoff(t, entrepot, cutoffs)
		})
		t.Run("another file", func(t *testing.T) {
			t.Parallel()
			anotherFile(t, entrepot, files)
		})
	})
	if !made {
		t.FailNow()
	}
	return cutoffs, files
}

// anotherCutoff makes results of two releases that differ by a setting: of the real
// sample, which 'entrepot run' shows first.
func anotherCutoff(t *testing.T, entrepot, results string) {
	entrepotRun(t, entrepot, "", results, 0, "--dependence-ratio", "3")
	entrepotRun(t, entrepot, "", results, 0)
}

// anotherFile makes results of two releases that differ by a file, which lost a year
// and has a revised value in another. Codes are converted forwards, so that some
// are split, and a year that was asked for is in no file.
func anotherFile(t *testing.T, entrepot, results string) {
	data := filepath.Join(t.TempDir(), "it's data")
	if err := sample.Write(data); err != nil {
		t.Fatal(err)
	}
	settings := []string{"--harmonize", "H6", "--years", "2019-2021,2023"}
	entrepotRun(t, entrepot, data, results, 0, settings...)
	reviseAmerica(t, filepath.Join(data, "COMTRADE-FINAL-CA842HS[2026-04-20].gz"))
	entrepotRun(t, entrepot, data, results, 3, append(settings, "--allow-fewer-reporters")...)
}

// entrepotRun runs entrepot and wants the exit code.
func entrepotRun(t *testing.T, entrepot, data, results string, code int, settings ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), entrepot, append([]string{"run", "--quiet", "--out", results}, settings...)...)
	if data != "" {
		command.Args = append(command.Args, "--data", data)
	}
	if out, err := command.CombinedOutput(); command.ProcessState.ExitCode() != code {
		t.Fatalf("entrepot run %v: %v\n%s", settings, err, out)
	}
}

// reviseAmerica takes 2023 out of the file of American exports, and makes those of
// 841112 in 2021 a tenth of what they were.
func reviseAmerica(t *testing.T, file string) {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.SplitAfter(string(text), "\n")
	header := strings.Split(strings.TrimSpace(rows[0]), "\t")
	year, code, value := slices.Index(header, "refYear"), slices.Index(header, "cmdCode"), slices.Index(header, "primaryValue")
	var kept bytes.Buffer
	revised := 0
	w := gzip.NewWriter(&kept)
	for _, row := range rows {
		fields := strings.Split(row, "\t")
		if len(fields) == len(header) && fields[year] == "2023" {
			continue
		}
		if len(fields) == len(header) && fields[year] == "2021" && fields[code] == "841112" {
			fields[value] = "10000000"
			revised++
		}
		fmt.Fprint(w, strings.Join(fields, "\t"))
	}
	if err := w.Close(); err != nil || revised != 1 {
		t.Fatalf("revised %d rows of %s (%v), want 1", revised, file, err)
	}
	if err := os.WriteFile(file, kept.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wrong copies the releases of a results folder, with a table of the current one as a query selects it
// from itself, and returns the copy's folder. The manifest says the new size, as that of a wrong program
// would: a file that is not what its manifest says is refused before any notebook sees it.
func wrong(t *testing.T, results, table, selection string) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "it's wrong")
	current, err := os.Readlink(filepath.Join(results, "current"))
	if err == nil {
		err = os.CopyFS(filepath.Join(folder, "releases"), os.DirFS(filepath.Join(results, "releases")))
	}
	if err == nil {
		err = os.Symlink(current, filepath.Join(folder, "current"))
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "history.ndjson"), content(t, filepath.Join(results, "history.ndjson")))
	release := filepath.Join(folder, "current")
	file, manifest := filepath.Join(release, table+".parquet"), filepath.Join(release, "manifest.json")
	before := len(content(t, file))
	quoted := "'" + strings.ReplaceAll(file, "'", "''") + "'"
	db := duckdb(t)
	if _, err := db.ExecContext(t.Context(), fmt.Sprintf("CREATE TABLE t AS SELECT %s FROM %s; COPY t TO %s (FORMAT parquet)", selection, quoted, quoted)); err != nil {
		t.Fatal(err)
	}
	after := len(content(t, file))
	said := string(content(t, manifest))
	replaced := strings.Replace(said, fmt.Sprintf(`"bytes": %d`, before), fmt.Sprintf(`"bytes": %d`, after), 1)
	if replaced == said && before != after {
		t.Fatalf("the manifest has no file of %d bytes", before)
	}
	write(t, manifest, []byte(replaced))
	return folder
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// write replaces a file, which may not be writable.
func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func duckdb(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// keysHold looks at every row of a release: each table has as many as its data package says, no two with
// the same key, and a value wherever one is required.
func keysHold(t *testing.T, release string) {
	t.Helper()
	var d struct {
		Resources []struct {
			Name, Path string
			Rows       int
			Schema     struct {
				PrimaryKey []string
				Fields     []struct {
					Name        string
					Constraints struct{ Required bool }
				}
			}
		}
	}
	if err := json.Unmarshal(content(t, filepath.Join(release, "datapackage.json")), &d); err != nil || len(d.Resources) < 30 {
		t.Fatalf("the data package has %d tables: %v", len(d.Resources), err)
	}
	db := duckdb(t)
	for _, r := range d.Resources {
		var missing []string
		for _, f := range r.Schema.Fields {
			if f.Constraints.Required {
				missing = append(missing, quote(f.Name)+" IS NULL")
			}
		}
		key := make([]string, len(r.Schema.PrimaryKey))
		for i, name := range r.Schema.PrimaryKey {
			key[i] = quote(name)
		}
		query := fmt.Sprintf("SELECT count(*), count(DISTINCT (%s)), count(*) FILTER (%s) FROM read_parquet(?)",
			strings.Join(key, ", "), strings.Join(missing, " OR "))
		var rows, keys, without int
		if err := db.QueryRowContext(t.Context(), query, filepath.Join(release, r.Path)).Scan(&rows, &keys, &without); err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		if rows != r.Rows || keys != rows || without != 0 {
			t.Errorf("%s has %d rows of %d said, %d keys, and %d rows without a required value", r.Name, rows, r.Rows, keys, without)
		}
	}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
