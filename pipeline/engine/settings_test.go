package engine_test

import (
	"testing"

	"entrepot/pipeline/engine"
)

// The steps of DuckDB's optimizer that fail on some tables are off.
func TestOptimizerThatFails(t *testing.T) {
	db, err := engine.Open(t.Context(), "", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var off string
	if err := db.QueryRowContext(t.Context(), "SELECT current_setting('disabled_optimizers')").Scan(&off); err != nil || off != "statistics_propagation,top_n_window_elimination" {
		t.Errorf("%q is off (%v)", off, err)
	}
}
