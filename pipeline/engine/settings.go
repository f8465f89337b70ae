package engine

import (
	"fmt"

	"entrepot/schemas/sqltext"
)

func (o Options) settings() []string {
	settings := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		// Of DuckDB 1.5.6: it fails on some tables with "Failed to cast expression to type"
		// where the first row of each group is asked for (QUALIFY row_number() … = 1). And where
		// one connection writes while another reads, a table's smallest and largest values were
		// seen to lag behind its rows ("Perfect hash aggregate: aggregate group … exceeded"):
		// plans that believe them are neither safe nor, here, faster.
		"SET disabled_optimizers = 'top_n_window_elimination,statistics_propagation'",
	}
	if o.Temp != "" {
		settings = append(settings, "SET temp_directory = "+sqltext.Literal(o.Temp))
	}
	if o.MemoryLimit != "" {
		settings = append(settings, "SET memory_limit = "+sqltext.Literal(o.MemoryLimit))
	}
	if o.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", o.Threads))
	}
	return settings
}
