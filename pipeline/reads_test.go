package pipeline_test

import (
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entrepot/transforms"

	"github.com/google/go-cmp/cmp"
)

var baseTable = regexp.MustCompile(`"table_name":"([a-z_0-9]+)"`)

// What a transform needs is what DuckDB's parse of its SQL names, and what is known here
// of the views among that; and every transform stands behind what it needs.
func TestTransformsReadWhatTheySay(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := transforms.All()
	var before []string
	for _, transform := range all {
		var tree string
		if err := db.QueryRow("SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", transform.SQL).Scan(&tree); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(tree, `"error":true`) {
			t.Fatalf("%s: %s", transform.Name, tree)
		}
		var read []string // CTEs are among them, but none has the name of a table
		for _, m := range baseTable.FindAllStringSubmatch(tree, -1) {
			read = append(read, m[1])
		}
		var needs []string
		for _, table := range read {
			if slices.ContainsFunc(all, func(t transforms.Transform) bool { return t.Name == table }) {
				needs = append(needs, table)
			}
			switch table { // views
			case "facts":
				needs = append(needs, "month_sums", "partner_sums", "superseded")
			case "control_totals", "facts_and_totals", "counted_rows":
				needs = append(needs, "partner_sums", "superseded")
			case "counted_sums":
				needs = append(needs, "code_sums", "month_sums", "superseded")
			case "usable_rows":
				needs = append(needs, "partner_sums")
			}
		}
		slices.Sort(needs)
		if diff := cmp.Diff(slices.Compact(needs), transform.Needs); diff != "" {
			t.Errorf("%s needs (-DuckDB +entrepot):\n%s", transform.Name, diff)
		}
		staged := slices.ContainsFunc(read, func(table string) bool {
			return slices.Contains([]string{"staged", "other_sides", "usable_rows", "counted_rows", "files", "used_files", "file_order", "rejects", "unknown_partners", "left_out", "facts", "control_totals", "facts_and_totals",
				"whole_by_content"}, table)
		})
		if staged != transform.Staged {
			t.Errorf("%s reads staged rows: %v, should be %v", transform.Name, transform.Staged, staged)
		}
		reference := slices.ContainsFunc(read, func(table string) bool {
			return slices.Contains([]string{"areas", "area_codes", "country_groups", "deflators", "successions", "hs_codes", "hs_steps", "hs_splits", "hs_ancestors", "sector_codes", "top_ten_firms", "markets", "affiliate_sales", "value_added", "activities", "product_codes", "facts", "control_totals", "facts_and_totals"}, table)
		})
		if reference != (len(transform.Reference) > 0) {
			t.Errorf("%s reads reference tables: %v, should be %v", transform.Name, transform.Reference, reference)
		}
		for _, need := range transform.Needs {
			if !slices.Contains(before, need) {
				t.Errorf("%s stands before %s, which it needs", transform.Name, need)
			}
		}
		before = append(before, transform.Name)
	}
}
