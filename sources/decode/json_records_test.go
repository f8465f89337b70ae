package decode

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Records of an answer, which are read at once, give what the same records give in a list
// of their own, which is read name by name.
func TestRecordsAtOnce(t *testing.T) {
	t.Parallel()
	values := []string{`1`, `-2.50`, `1.5E3`, `1e-7`, `null`, `true`, `false`, `""`, `"text"`, `"T\u00fcrkiye"`, `"Türkiye"`, `"a\"b"`, "\"bad \xff utf\"",
		`{"a":1}`, `[1,"x"]`, `" padded "`, `12345678901234567890`, `0.1000000000000000055`}
	names := []string{"period", "Period", "cmd Code", "cmdCode", "qty", "x1", "1", "na\\\\me", "ü"}
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 3000 {
		var records []string
		for range 1 + random.IntN(4) {
			if random.IntN(40) == 0 {
				records = append(records, "null")
				continue
			}
			var fields []string
			for range 1 + random.IntN(6) {
				fields = append(fields, fmt.Sprintf(`"%s" : %s`, names[random.IntN(len(names))], values[random.IntN(len(values))]))
			}
			records = append(records, "{"+strings.Join(fields, ",")+"}")
		}
		list := "[" + strings.Join(records, ",\n") + "]"
		bare, bareErr := rowsOf(list)
		inAnswer, answerErr := rowsOf(`{"count":` + fmt.Sprint(len(records)) + `,"data":` + list + `,"error":""}`)
		if (bareErr == nil) != (answerErr == nil) || bareErr != nil && bareErr.Error() != answerErr.Error() {
			t.Fatalf("%s\nin a list: %v\nin an answer: %v", list, bareErr, answerErr)
		}
		if bareErr != nil {
			refused++
			continue
		}
		if diff := cmp.Diff(bare, inAnswer); diff != "" {
			t.Fatalf("%s\n(-in a list +in an answer):\n%s", list, diff)
		}
	}
	if refused == 0 || refused > 2500 {
		t.Errorf("%d of 3000 files were refused", refused)
	}
}

func rowsOf(text string) (rows [][]string, err error) {
	_, err = readJSON(strings.NewReader(text), Options{Answers: &Answers{API: "the API", Lists: []string{"data"}, Count: "count", Faults: []string{"error"},
		Records: []RecordForm{{Sign: "period", Fields: []string{"period", "cmdcode", "qty"}}}}}, func(n int64, cells []string) error {
		rows = append(rows, append([]string{fmt.Sprint(n)}, cells...))
		return nil
	})
	return rows, err
}

// Names that change with each record take no memory for ever.
func TestManyNames(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 3 * mostPlaces {
		records = append(records, fmt.Sprintf(`{"period":%d,"name%d":1}`, i, i))
	}
	rows, err := rowsOf(`{"data":[` + strings.Join(records, ",") + `]}`)
	if err != nil || len(rows) != len(records)+1 || rows[len(rows)-1][3] == "" && rows[len(rows)-1][2] == "" {
		t.Errorf("%d rows, the last is %v: %v", len(rows), rows[len(rows)-1], err)
	}
}
