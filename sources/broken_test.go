package sources_test

import (
	"fmt"
	"strings"
	"testing"

	"entrepot/sources"

	"github.com/google/go-cmp/cmp"
)

// DuckDB keeps what it says of each broken line in memory, so a large file is first read
// without, and then by pieces if it has any. The lines, columns and reasons are the same.
func TestBrokenLinesOfLargeFiles(t *testing.T) {
	own := sources.Settings{Match: "*", Source: "mine", Unit: "USD", Columns: map[string]string{"year": "refYear", "reporter": "reporterCode", "flow": "flowCode",
		"partner": "partnerCode", "hs_revision": "classificationCode", "code": "cmdCode", "value": "primaryValue"}}
	const row = "2019,2019,156,China,M,0,H5,880240,600\n"
	broken := "2019,\"20\n19\",156,China,M,0,H5\n" + row + "\n2019,2019,156,China,M,0,H5,880240,600,7,8\n2019,2019,156,\"Chi\"na,M,0,H5,880240,600\n"
	for name, settings := range map[string]sources.Settings{"by types": {}, "as text": own} {
		t.Run(name, func(t *testing.T) {
			for _, rows := range []int{3, 12_000} {
				text := shortHeader + strings.Repeat(row, rows) + broken + strings.Repeat(row, rows) + broken
				o := take(t, "a.csv", []byte(text), settings)
				var want []string
				for _, before := range []int{rows, 2*rows + 6} {
					want = append(want, fmt.Sprintf("%d cmdCode 2019,\"20\n19\",156,China,M,0,H5 too_few_fields", before+2),
						fmt.Sprintf("%d  2019,2019,156,China,M,0,H5,880240,600,7,8 too_many_fields", before+6),
						fmt.Sprintf("%d reporterDesc 2019,2019,156,\"Chi\"na,M,0,H5,880240,600 bad_quotes", before+7))
				}
				for i, reject := range o.rejects { // DuckDB takes a blank line to the record behind it, if it may
					o.rejects[i] = strings.Replace(reject, "\n2019,2019", "2019,2019", 1)
				}
				if diff := cmp.Diff(want, o.rejects); diff != "" || o.refusal != "" {
					t.Errorf("%d rows: %s%s", rows, diff, o.refusal)
				}
				if len(o.staged) != 2*rows+2 {
					t.Errorf("%d rows: %d were staged: %+v", rows, len(o.staged), o.counts)
				}
			}
			o := take(t, "a.csv", []byte(shortHeader+strings.Repeat(row, 10)+strings.Repeat("2019,2019\n", 100_001)), settings)
			if want := "is no table: 100001 of its 100011 rows have too few fields"; !strings.HasPrefix(o.refusal, want) {
				t.Errorf("%q, expected %q", o.refusal, want)
			}
		})
	}
}
