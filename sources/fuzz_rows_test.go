package sources_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/schemas/sqltext"
	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// rowOf makes a row of eight bytes: some are sound, and others have an area, a code, a flow
// or a value that is none, or are parts of a total.
func rowOf(b []byte) (row fixtures.Row, sound bool) {
	pick := func(i, n int) int { return int(b[i]) % n }
	row = fixtures.Row{
		Reporter: []int{156, 842, 410, 97, 998}[pick(0, 5)],
		Partner:  []int{0, 410, 842, 899, 97, 9998}[pick(1, 6)],
		Flow:     []string{"M", "X", "M", "X", "RX", "DX", "Q"}[pick(2, 7)],
		Revision: "H5",
		Code:     []string{"854231", "010121", "TOTAL", "85", "8542", "999999", "850000"}[pick(3, 7)],
		Year:     2017 + pick(4, 5), Month: pick(4, 13),
		Mills: (int64(b[5])<<16 | int64(b[6])<<8 | int64(b[7])) - 1<<16,
	}
	parts := pick(4, 3) == 0 && pick(5, 2) == 0
	if parts {
		row.Transport = 1000
	}
	return row, !slices.Contains([]int{97, 998}, row.Reporter) && !slices.Contains([]int{97, 9998}, row.Partner) &&
		(row.Flow == "M" || row.Flow == "X") && row.Code != "850000" && row.Mills >= 0 && !parts
}

// cellsOf are the rows as a table with the API's names, as any program may save it.
func cellsOf(rows []fixtures.Row) [][]string {
	cells := [][]string{{"freqCode", "period", "reporterCode", "flowCode", "partnerCode", "classificationCode", "cmdCode", "motCode", "primaryValue"}}
	for _, r := range rows {
		period, frequency := strconv.Itoa(r.Year), "A"
		if r.Month > 0 {
			period, frequency = fmt.Sprintf("%d%02d", r.Year, r.Month), "M"
		}
		value := fmt.Sprintf("%d.%03d", max(r.Mills, -r.Mills)/1000, max(r.Mills, -r.Mills)%1000)
		if r.Mills < 0 {
			value = "-" + value
		}
		cells = append(cells, []string{frequency, period, strconv.Itoa(r.Reporter), r.Flow, strconv.Itoa(r.Partner), r.Revision, r.Code, strconv.Itoa(r.Transport), value})
	}
	return cells
}

// jsonOf is such a table as the records of an answer.
func jsonOf(t testing.TB, cells [][]string) []byte {
	t.Helper()
	var records []map[string]any
	for _, row := range cells[1:] {
		record := map[string]any{}
		for i, cell := range row {
			record[cells[0][i]] = cell
		}
		record["primaryValue"] = json.Number(row[len(row)-1])
		records = append(records, record)
	}
	content, err := json.Marshal(map[string]any{"count": len(records), "data": records, "error": ""})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// parquetOf is such a table as Parquet, with values as decimals.
func parquetOf(t testing.TB, cells [][]string) []byte {
	t.Helper()
	var values []string
	for _, row := range cells[1:] {
		var texts []string
		for _, cell := range row[:len(row)-1] {
			texts = append(texts, sqltext.Literal(cell))
		}
		values = append(values, "("+strings.Join(texts, ", ")+", "+row[len(row)-1]+"::DECIMAL(18,3))")
	}
	path := filepath.Join(t.TempDir(), "a.parquet")
	if _, err := referenceWorkspace(t).Exec("COPY (SELECT * FROM (VALUES " + strings.Join(values, ", ") + ") t(" + sqltext.Names(cells[0]) + ")) TO " +
		sqltext.Literal(path) + " (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// FuzzValues writes rows in one of eight forms, and asks of each what became of it: what is
// sound is staged on its line with its value to the tenth of a cent, and nothing else is.
func FuzzValues(f *testing.F) {
	referenceWorkspace(f)
	random := rand.New(rand.NewPCG(1, 2))
	for form := range 8 {
		content := []byte{byte(form)}
		for range 100 * 8 {
			content = append(content, byte(random.Uint32()))
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) < 9 || len(content) > 1000 {
			return
		}
		form, first := int(content[0])%8, 2
		var rows []fixtures.Row
		var sound []bool
		for b := range slices.Chunk(content[1:], 8) {
			if len(b) == 8 {
				row, ok := rowOf(b)
				rows, sound = append(rows, row), append(sound, ok)
			}
		}
		var file []byte
		name := "a.csv"
		switch form {
		case 5:
			file, first = jsonOf(t, cellsOf(rows)), 1
		case 6:
			file, first = parquetOf(t, cellsOf(rows)), 1
		case 7:
			file, name = workbook(t, sheet("Sheet1", cellsOf(rows)...)), "a.xlsx"
		default:
			var b bytes.Buffer
			if err := fixtures.WriteComtrade(&b, fixtures.Spelling(form), rows); err != nil {
				t.Fatal(err)
			}
			file = b.Bytes()
		}
		o := take(t, name, file, sources.Settings{})
		if o.refusal != "" {
			t.Fatalf("form %d is refused: %s", form, o.refusal)
		}
		var want []string
		for i, r := range rows {
			if !sound[i] {
				continue
			}
			period := strconv.Itoa(r.Year)
			if r.Month > 0 {
				period += fmt.Sprintf("%02d", r.Month)
			}
			want = append(want, fmt.Sprintf("%d %d %d %s %s %s %s %d.%03d", first+i, r.Reporter, r.Partner, r.Flow, period, r.Revision, r.Code, r.Mills/1000, r.Mills%1000))
		}
		if diff := cmp.Diff(want, o.staged); diff != "" {
			t.Errorf("form %d: %s\nrejects %q, left out %q", form, diff, o.rejects, o.leftOut)
		}
		if n := int(o.counts.Staged + o.counts.Rejected + o.counts.LeftOut); n != len(rows) || int(o.counts.Rejected) != len(o.rejects) {
			t.Errorf("form %d: %d of %d rows are accounted for, %d rejects of %d listed", form, n, len(rows), len(o.rejects), o.counts.Rejected)
		}
	})
}
