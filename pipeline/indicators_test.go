package pipeline_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/pipeline/config"

	"github.com/google/go-cmp/cmp"
)

// indicatorColumns are the columns of each table that testdata/indicators.py works out, in
// its order; beside them, which rows it has.
var indicatorColumns = map[string][2]string{
	"exporters":              {"year, level, code, exporter, rank, exports_usd, world_exports_usd, export_share, change, partial", "true"},
	"exporter_concentration": {"year, level, code, exporters, world_exports_usd, concentration, largest_exporter, largest_share, largest_three_share", "true"},
	"suppliers": {"reporter, year, level, code, partner, rank, partners, imports_usd, world_imports_usd, partner_imports_usd, import_share, partner_share, partial",
		"true"},
	"supplier_concentration": {`reporter, year, level, code, partners, partner_imports_usd, imports_usd, partner_coverage, concentration, largest_partner,
		largest_share, largest_three_share, partial`, "true"},
	"top_products":         {"reporter, year, flow, level, code, rank, value_usd, flow_usd, flow_share, change, partial", "true"},
	"intra_industry_trade": {"reporter, year, level, code, codes_covered, codes_unknown, imports_usd, exports_usd, grubel_lloyd, grubel_lloyd_of_sums", "true"},
	"balance_of_trade":     {"reporter, year, level, code, imports_usd, exports_usd, balance_usd, balance_share", "true"},
	"growth":               {"reporter, year, flow, level, code, value_usd, change, first_year, compound_growth, constant_usd, real_change, real_compound_growth, partial", "true"},
	"unit_values": {`reporter, year, flow, code, value_usd, net_weight_kg, usd_per_kg, partners, partner_weighed_usd, estimated_share, median_usd_per_kg, outliers,
		guarded_usd_per_kg, guarded_share, change`, "true"},
	"comparative_advantage": {"reporter, year, level, code, exports_usd, world_exports_usd, advantage_ratio, has_advantage", "exports_usd IS NOT NULL"},
	"strategic_dependencies": {`reporter, year, code, home_group, outside_imports_usd, outside_suppliers, concentration, outside_share,
		is_concentrated, is_mostly_outside, exceeds_exports, dependency`, "true"},
}

// The tables of who trades what, and the indicators, are in every cell what a program in
// Python, which shares nothing with the SQL, makes of the same rows.
func TestIndicatorsInPython(t *testing.T) {
	t.Parallel()
	const interpreter = "ENTREPOT_PYTHON"
	python := os.Getenv(interpreter)
	if python == "" {
		t.Skip(interpreter + " names no Python interpreter, such as /usr/bin/python3; the indicators are compared with a program in Python")
	}
	w := newIndicatorWorld(t)
	run(t, w.config)
	command := exec.CommandContext(t.Context(), python, "testdata/indicators.py", w.input)
	var faults bytes.Buffer
	command.Stderr = &faults
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, faults.String())
	}
	want := map[string][][]any{}
	if err := json.Unmarshal(answer, &want); err != nil {
		t.Fatal(err)
	}
	for name, columns := range indicatorColumns {
		got := cells(t, fmt.Sprintf("SELECT %s FROM '%s/current/%s.parquet' WHERE %s", columns[0], w.config.Out, name, columns[1]))
		if len(got) < 20 {
			t.Errorf("%s has %d rows: too few to compare", name, len(got))
		}
		if diff := cmp.Diff(asText(want[name]), asText(got)); diff != "" {
			t.Errorf("%s (-Python +pipeline):\n%.3000s", name, diff)
		}
	}
}

// cells are the rows of a query.
func cells(t *testing.T, query string) [][]any {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// asText writes rows in one way, sorted; numbers to eleven digits, as the two divide and
// take roots in ways of their own.
func asText(rows [][]any) []string {
	all := []string{}
	for _, row := range rows {
		var texts []string
		for _, cell := range row {
			switch cell := cell.(type) {
			case float64:
				texts = append(texts, fmt.Sprintf("%.11g", cell))
			default:
				texts = append(texts, fmt.Sprint(cell))
			}
		}
		all = append(all, strings.Join(texts, " "))
	}
	slices.Sort(all)
	return all
}

// indicatorWorld is made-up trade in a few sectors, once as files and once as Python reads it.
type indicatorWorld struct {
	config *config.Config
	input  string // what the program in Python reads
	random *rand.Rand
	rows   []fixtures.Row // of files with all codes
	part   []fixtures.Row // of a file with some
}

const (
	trader   = 156 // trades with itself, too
	excerpt  = 484 // of which the files have a few codes in the last year
	american = 842 // likewise in the last year
	absent   = 276 // has no exports in 2016
)

func newIndicatorWorld(t *testing.T) *indicatorWorld {
	t.Helper()
	w := &indicatorWorld{random: rand.New(rand.NewPCG(22, 4))}
	listed := map[string]string{"280461": "silicon", "280469": "silicon", "280530": "rare earths", "284610": "rare earths", "284690": "rare earths",
		"854140": "chips", "854231": "chips", "854232": "chips", "854233": "chips", "854239": "chips", "854290": "chips"}
	codes, sizes := w.codes(t, listed)
	years := []int{2015, 2016, 2017}
	whole := [][3]any{}
	for _, reporter := range []int{trader, american, absent, 392, 251, excerpt} {
		for _, year := range years {
			some := year == 2017 && (reporter == american || reporter == excerpt)
			if reporter == excerpt && !some {
				continue
			}
			for _, flow := range []string{"M", "X"} {
				if reporter == absent && flow == "X" && year == 2016 {
					continue
				}
				if !some {
					whole = append(whole, [3]any{reporter, year, flow})
				}
				w.trade(fixtures.Row{Reporter: reporter, Year: year, Flow: flow, Revision: "H4"}, codes, some)
			}
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "all.csv"), fixtures.API, w.rows)
	write(t, filepath.Join(dir, "some.csv"), fixtures.Web, w.part)
	list := "sector,hs_revision,code,reason\n"
	for _, code := range codes {
		if listed[code] != "" {
			list += fmt.Sprintf("%s,H4,%s,\n", listed[code], code)
		}
	}
	sectors := filepath.Join(t.TempDir(), "sectors.csv")
	if err := os.WriteFile(sectors, []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	prices := filepath.Join(t.TempDir(), "prices.csv")
	if err := os.WriteFile(prices, []byte("flow,year,index\nM,2015,97.123456\nX,2015,97.1\nM,2016,100\nX,2016,104.5\nM,2017,103.25\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.config = configure(t, dir, "reporter", "CHN, USA, DEU", "sectors", sectors,
		"deflator", prices)
	content, err := os.ReadFile(filepath.Join(dir, "all.csv"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	w.config.IsWhole = func(hash string) bool { return hash == hex.EncodeToString(sum[:]) }
	w.write(t, map[string]any{"listed": listed, "reporters": []int{trader, american, absent}, "years": years,
		"eu": []int{276, 251, 528, 380}, "heading_sizes": sizes, "whole": whole,
		"indices": [][3]any{{"M", 2015, "97.123456"}, {"X", 2015, "97.1"}, {"M", 2016, "100"}, {"X", 2016, "104.5"}, {"M", 2017, "103.25"}}})
	return w
}

// codes are those that are listed, all of their headings, and others; and how many codes
// each heading has.
func (w *indicatorWorld) codes(t *testing.T, listed map[string]string) (codes []string, sizes map[string]int) {
	t.Helper()
	headings := map[string]bool{}
	for code := range listed {
		headings[code[:4]] = true
	}
	sizes = map[string]int{}
	for i, c := range readCSV(t, "../schemas/reference/hs_codes.csv.gz") {
		if c[0] != "H4" {
			continue
		}
		sizes[c[1][:4]]++
		if headings[c[1][:4]] || i%45 == 0 && c[1] != "999999" {
			codes = append(codes, c[1])
		}
	}
	return codes, sizes
}

// trade adds a flow of a year. Values are few, so that many are equal; some are 0.
func (w *indicatorWorld) trade(row fixtures.Row, codes []string, some bool) {
	for _, code := range codes {
		if w.random.IntN(5) == 0 || some && w.random.IntN(4) > 0 {
			continue
		}
		world := row
		world.Code, world.Mills = code, int64(w.random.IntN(40))*250_000_123
		if some {
			world.Mills += 1_000
		}
		world.Kilos = w.kilos(world.Mills)
		w.add(world, some)
		if row.Flow == "X" {
			continue
		}
		rest := world.Mills
		for _, partner := range []int{392, 842, 276, 251, 156, 899, 826, 528, 380, 36, 76, 124, 699, 410, 702, 757, 764, 704, 458, 360, 608, 643, 710, 554} {
			if w.random.IntN(4) == 0 || rest == 0 || partner == row.Reporter && row.Reporter != trader {
				continue
			}
			one := world
			one.Partner, one.Mills = partner, min(rest, world.Mills/int64(2+w.random.IntN(30))/1000*1000)
			rest -= one.Mills
			one.Kilos, one.Guessed = w.kilos(one.Mills), w.random.IntN(3) == 0
			w.add(one, some)
		}
	}
}

// kilos is a weight of goods of some dollars a kilogram; now and then it is not known, or wrong.
func (w *indicatorWorld) kilos(mills int64) int64 {
	switch kilos := mills / 1000 / int64(3+w.random.IntN(40)); w.random.IntN(12) {
	case 0:
		return 0
	case 1:
		return kilos * 1000
	case 2:
		return kilos / 1000
	default:
		return kilos
	}
}

func (w *indicatorWorld) add(row fixtures.Row, some bool) {
	if some {
		w.part = append(w.part, row)
		return
	}
	w.rows = append(w.rows, row)
}

// write says in JSON what the rows are.
func (w *indicatorWorld) write(t *testing.T, given map[string]any) {
	t.Helper()
	var rows [][8]any
	for _, r := range slices.Concat(w.rows, w.part) {
		rows = append(rows, [8]any{r.Reporter, r.Year, r.Flow, r.Partner, r.Code, r.Mills, r.Kilos, r.Guessed})
	}
	given["rows"] = rows
	content, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	w.input = filepath.Join(t.TempDir(), "rows.json")
	if err := os.WriteFile(w.input, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
