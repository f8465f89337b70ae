package pipeline_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/schemas"
	"entrepot/transforms"

	"entrepot/pipeline/job"
	"entrepot/pipeline/release"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
)

// Each published file is what its schema says when arrow-go reads it: columns,
// types, descriptions, units, compression, and what it was made with.
func TestParquetReadByArrow(t *testing.T) {
	t.Parallel()
	c, s := publishedSample(t)
	for _, o := range schemas.Always() {
		in, err := os.Open(filepath.Join(c.Out, "current", o.Name+".parquet"))
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		parquet, err := file.NewParquetReader(in)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := pqarrow.NewFileReader(parquet, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		table, err := reader.ReadTable(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer table.Release()
		if empty := slices.Contains([]string{"missing_reporters", "market_share", "final_demand_origin"}, o.Name); (table.NumRows() == 0) != empty || int(table.NumCols()) != len(o.Columns) {
			t.Errorf("%s: %d rows, %d columns", o.Name, table.NumRows(), table.NumCols())
		}
		for i, column := range o.Columns {
			field := table.Schema().Field(i)
			description, _ := field.Metadata.GetValue("description")
			unit, _ := field.Metadata.GetValue("unit")
			got := []any{field.Name, field.Nullable, description, unit}
			if diff := cmp.Diff([]any{column.Name, column.Nullable, column.Description, column.Unit}, got); diff != "" {
				t.Errorf("%s, column %d: %s", o.Name, i, diff)
			}
			if number := column.Type == schemas.Double || column.Type == schemas.Integer; number && column.Unit == "" || column.Description == "" {
				t.Errorf("%s.%s lacks a description or a unit", o.Name, column.Name)
			}
			chunk, err := parquet.MetaData().RowGroup(0).ColumnChunk(i)
			if err != nil {
				t.Fatal(err)
			}
			if chunk.Compression() != compress.Codecs.Zstd {
				t.Errorf("%s.%s is compressed with %s", o.Name, column.Name, chunk.Compression())
			}
		}
		about := map[string]string{}
		for _, key := range []string{"title", "figure", "entrepot.version", "entrepot.run", "entrepot.parameters"} {
			value := parquet.MetaData().KeyValueMetadata().FindValue(key)
			if value == nil || *value == "" && key != "figure" {
				t.Fatalf("%s has no %s", o.Name, key)
			}
			about[key] = *value
		}
		var parameters map[string]any
		if err := json.Unmarshal([]byte(about["entrepot.parameters"]), &parameters); err != nil {
			t.Fatal(err)
		}
		if about["entrepot.run"] != s.Release || about["entrepot.version"] != job.Version || parameters["dependence_ratio"] != "2" {
			t.Errorf("%s says of itself %v", o.Name, about)
		}
		content, err := os.ReadFile(in.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), c.Out) {
			t.Errorf("%s holds the path of this machine", o.Name)
		}
	}
}

// DuckDB reads the same columns, types and order without a hint.
func TestParquetReadByDuckDB(t *testing.T) {
	t.Parallel()
	c, _ := publishedSample(t)
	for _, o := range schemas.Always() {
		var want []string
		for _, column := range o.Columns {
			want = append(want, fmt.Sprint(column.Name, " ", column.Type))
		}
		got := published(t, c, fmt.Sprintf("SELECT column_name || ' ' || column_type FROM (DESCRIBE FROM '%%s/%s.parquet')", o.Name))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", o.Name, diff)
		}
		key := strings.Join(o.SortBy, ", ")
		unsorted := published(t, c, fmt.Sprintf(`SELECT count(*), count(*) FILTER (here <= before) FROM (
			SELECT (%s) AS here, lag((%s)) OVER (ORDER BY file_row_number) AS before FROM read_parquet('%%s/%s.parquet', file_row_number = true))`, key, key, o.Name))
		if !strings.HasSuffix(unsorted[0], " 0") {
			t.Errorf("%s: rows, and rows that do not follow their predecessor by %s: %s", o.Name, key, unsorted)
		}
	}
}

// Each transform's SQL runs by hand in DuckDB on a finished workspace, and gives
// the table that the pipeline made.
func TestTransformsRunByHand(t *testing.T) {
	t.Parallel()
	c, _ := publishedSample(t)
	var manifest release.Manifest
	text, err := os.ReadFile(filepath.Join(c.Out, "current", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"list_revision": "'H4'", "code_basis": "'H4, corrected conversion'", "reporters": "'156'"}
	for name, value := range manifest.Parameters {
		values[name] = fmt.Sprint(value)
		if text, ok := value.(string); ok {
			values[name] = "'" + text + "'"
		}
	}
	values["years"] = "''" // the manifest says "all"
	db, err := sql.Open("duckdb", filepath.Join(c.Out, "work", "entrepot.duckdb")+"?access_mode=read_only")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, transform := range transforms.All() {
		var bound []string
		for _, name := range transform.Parameters {
			if values[name] == "" {
				t.Fatalf("%s binds $%s, which this test does not know", transform.Name, name)
			}
			bound = append(bound, name+" := "+values[name])
		}
		prepare := "PREPARE q AS " + transform.SQL
		execute := "EXECUTE q"
		if len(bound) > 0 {
			execute += "(" + strings.Join(bound, ", ") + ")"
		}
		byHand, made := sorted(askIn(t, db, prepare+";\n"+execute)), sorted(askIn(t, db, "FROM "+transform.Name))
		if !slices.Equal(made, byHand) {
			t.Errorf("%s (-pipeline +by hand): %.2000s", transform.Name, cmp.Diff(made, byHand))
		}
	}
}
