package pipeline_test

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline"
	"entrepot/pipeline/config"
	"entrepot/pipeline/engine/trino/trinotest"
	"entrepot/pipeline/job"
	"entrepot/pipeline/workspace"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
	"entrepot/transforms/portable"
)

func seam(t *testing.T, out, lake string) {
	db, err := sql.Open("duckdb", workspace.Database(out))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w, err := portable.NewWriter(t.Context(), conn, schemas.Base{}.Workspace(), portable.Options{Dialect: "duckdb", Lake: true})
	if err != nil {
		t.Fatal(err)
	}
	columns, of := w.LakeColumns()
	list := []string{"CAST(file_id AS VARCHAR) AS object"}
	for i, c := range columns {
		list = append(list, of[i]+" AS "+sqltext.Name(c.Name))
	}
	folder := filepath.Join(lake, "staged/seam/rows")
	os.MkdirAll(folder, 0o755)
	if _, err := conn.ExecContext(t.Context(), "COPY (SELECT "+strings.Join(list, ", ")+" FROM staged) TO '"+folder+"/a.parquet'; COPY (SELECT * REPLACE ('stale' AS object) FROM '"+folder+"/a.parquet') TO '"+folder+"/b.parquet'; CREATE TABLE objects_in_force AS SELECT file_id, CAST(file_id AS VARCHAR) AS object FROM files"); err != nil {
		t.Fatal(err)
	}
}

func TestOnCluster(t *testing.T) {
	lake := t.TempDir()
	s := trinotest.Start(t, lake)
	c := configure(t, sampleData(t))
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if _, err := pipeline.RunStages(t.Context(), c, job.Selection{Only: job.StageExtract}, log); err != nil {
		t.Fatal(err)
	}
	seam(t, c.Out, lake)
	c.Engine, c.Lake = s.Address(), lake
	on, err := pipeline.RunStages(t.Context(), c, job.Selection{From: job.StageTransform}, log)
	if err != nil {
		t.Fatal(err)
	}
	here := *c
	here.Engine, here.Out = config.EmbeddedEngine, filepath.Join(t.TempDir(), "out")
	at, err := pipeline.Run(t.Context(), &here, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if on.Release != at.Release {
		t.Errorf("%s %s", on.Release, at.Release)
	}
}
