package pipeline_test

import (
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
)

// benchmarkRows is about how many rows the benchmarks' file has.
const benchmarkRows = 1_000_000

// benchmarkData writes one file in the API's spelling and returns its path and
// its rows.
func benchmarkData(b *testing.B) (path string, rows int) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "rows.csv")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	var codes []string
	for _, c := range readCSV(b, "../schemas/reference/hs_codes.csv.gz") {
		if c[0] == "H4" {
			codes = append(codes, c[1])
		}
	}
	var all []fixtures.Row
	for i := range benchmarkRows {
		all = append(all, fixtures.Row{Year: 2015 + i%9, Reporter: []int{156, 842, 276, 392}[i%4], Flow: []string{"X", "M"}[i/36%2], Partner: []int{0, 842, 76}[i/72%3],
			Revision: "H4", Code: codes[i/216%len(codes)], Mills: int64(i) * 1000})
	}
	if err := fixtures.WriteComtrade(file, fixtures.API, all); err != nil {
		b.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	return path, len(all)
}

// BenchmarkExtract reads a file into a new workspace.
func BenchmarkExtract(b *testing.B) {
	path, rows := benchmarkData(b)
	for b.Loop() {
		c := config.New()
		c.Data, c.Out = filepath.Dir(path), b.TempDir()
		if _, err := pipeline.RunStages(b.Context(), c, job.Selection{Only: job.StageExtract}, slog.New(slog.NewTextHandler(io.Discard, nil))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkBareReadCSV is the yardstick: DuckDB's own reader on the same file,
// with the same columns and declared types, into a table on disk.
func BenchmarkBareReadCSV(b *testing.B) {
	path, rows := benchmarkData(b)
	for b.Loop() {
		db, err := sql.Open("duckdb", filepath.Join(b.TempDir(), "bare.duckdb"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := db.ExecContext(b.Context(), fmt.Sprintf(`CREATE TABLE bare AS
			SELECT refYear::SMALLINT, reporterCode::SMALLINT, flowCode, partnerCode::SMALLINT, classificationCode, cmdCode, netWgt::DECIMAL(18,3), primaryValue::DECIMAL(18,3)
			FROM read_csv('%s', all_varchar = true)`, path)); err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
