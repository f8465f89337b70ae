package decode

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is read quickly is what the decoder reads, in all places where records stand.
func TestQuickRecords(t *testing.T) {
	t.Parallel()
	values := []string{`1`, `-2.50`, `1.5E3`, `1e-7`, `null`, `true`, `false`, `""`, `"text"`, `"T\u00fcrkiye"`, `"Türkiye"`, `"a\"b"`, "\"bad \xff utf\"",
		`{"a":1}`, `[1,"x"]`, `" padded "`, `12345678901234567890`, `0.1000000000000000055`, `"\\"`, `"\ud800"`, `-0`, `"a,b"`, `0`}
	wrong := []string{`01`, `.5`, `1.`, `+1`, `nul`, `tru e`, `"a`, "\"a\nb\"", `"\x"`, `1e`, `-`, `}`, `]`, ``, `,`, `NaN`, `"a"b`, `"a" "b"`}
	names := []string{"period", "cmdCode", "qty", "note", "unit", "Period", "cmd Code", "x1", "1", "na\\\\me", "ü", "data", "count", "error", "no\\u0074e"}
	random := rand.New(rand.NewPCG(1, 2))
	blank := func() string { return []string{"", "", "", " ", "\n", "\t\r\n"}[random.IntN(6)] }
	refused, quick := 0, 0
	for range 1000 {
		common := names[:1+random.IntN(len(names))]
		var records []string
		for range 1 + random.IntN(6) {
			switch random.IntN(200) {
			case 0:
				records = append(records, "null")
				continue
			case 1:
				records = append(records, `{"count":1,"data":[{"period":1,"qty":5},{"period":1,"qty":6}]}`, `{"data":[{"period":1},{"period":2},{"period":3}]}`)
				continue
			case 2:
				records = append(records, `{"error":"none"}`, `{}`, `3`)
				continue
			}
			var fields []string
			for n := range 1 + random.IntN(min(6, len(common))) {
				name, value := common[n], values[random.IntN(len(values))]
				switch random.IntN(40) {
				case 0:
					name = names[random.IntN(len(names))]
				case 1:
					if random.IntN(10) == 0 {
						value = wrong[random.IntN(len(wrong))]
					}
				}
				fields = append(fields, blank()+`"`+name+`"`+blank()+":"+blank()+value+blank())
			}
			records = append(records, "{"+strings.Join(fields, ",")+"}")
		}
		list := "[" + blank() + strings.Join(records, blank()+","+blank()) + blank() + "]"
		answer := `{"count":` + fmt.Sprint(len(records)) + `,"data":` + list + `,"error":""}`
		for _, text := range []string{list, answer, strings.Join(records, "\n"), strings.Join(records, ""), "[" + answer + "," + answer + "]", answer + answer,
			list + list, answer[:len(answer)/2], list + "1", answer + " x"} {
			got, gotErr := rowsOf(text)
			want, wantErr := slowRowsOf(text)
			if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
				t.Fatalf("%s\nquickly: %v\nby the decoder: %v", text, gotErr, wantErr)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s\n(-by the decoder +quickly):\n%s", text, diff)
			}
			if gotErr != nil {
				refused++
			} else {
				quick++
			}
		}
	}
	if refused < 1000 || quick < 1000 {
		t.Errorf("%d files were refused, and %d read", refused, quick)
	}
}

// A record is read whole where the bytes at hand end within it, and the numbers of records
// go on where the decoder takes over.
func TestRecordsOverWindows(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 4000 {
		odd := "null"
		if i%97 == 0 {
			odd = `{"why":"it is odd"}`
		}
		records = append(records, fmt.Sprintf(`{"period":%d,"qty":%s,"note":"%s"}`, i, odd, strings.Repeat("x", i%211)))
	}
	for name, text := range map[string]string{"an answer": `{"data":[` + strings.Join(records, ",") + `]}`, "a list": "[" + strings.Join(records, ",") + "]",
		"lines": strings.Join(records, "\n")} {
		got, err := rowsOf(text)
		want, wantErr := slowRowsOf(text)
		if err != nil || wantErr != nil {
			t.Fatal(name, err, wantErr)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != 4001 || got[4000][0] != "4000" {
			t.Errorf("%s: %d rows; (-by the decoder +quickly):\n%s", name, len(got), diff)
		}
	}
}

// Most of a file's records are read quickly, in whichever place they stand: what a record
// costs does not depend on it.
func TestMostRecordsAreQuick(t *testing.T) {
	t.Parallel()
	record := `{"period":2020,"qty":null,"note":"some text"}`
	records := slices.Repeat([]string{record}, 5000)
	for name, text := range map[string]string{"an answer": `{"count":5000,"data":[` + strings.Join(records, ",") + `]}`, "a list": "[" + strings.Join(records, ",") + "]",
		"lines": strings.Join(records, "\n"), "answers": "[" + strings.Repeat(`{"data":[`+strings.Join(records[:100], ",")+`]},`, 49) + `{"data":[` + strings.Join(records[:100], ",") + "]}]"} {
		f := &jsonFile{Answers: testFields.Answers, emit: func(int64, []string) error { return nil }}
		f.begin(strings.NewReader(text))
		if err := f.read(); err != nil || f.records != 5000 {
			t.Fatalf("%s: %d records, %v", name, f.records, err)
		}
		if f.places.tries < 4990 {
			t.Errorf("%s: %d of 5000 records were tried quickly", name, f.places.tries)
		}
	}
}

var testFields = Options{Answers: &Answers{API: "the API", Lists: []string{"data"}, Count: "count", Faults: []string{"error"},
	Records: []RecordForm{{Sign: "period", Fields: []string{"period", "cmdcode", "qty"}}}}}

func rowsOf(text string) ([][]string, error) { return readRows(text, false) }

// slowRowsOf leaves all to the decoder.
func slowRowsOf(text string) ([][]string, error) { return readRows(text, true) }

func readRows(text string, slow bool) (rows [][]string, err error) {
	_, err = readRecords(strings.NewReader(text), testFields, func(n int64, cells []string) error {
		rows = append(rows, append([]string{fmt.Sprint(n)}, cells...))
		return nil
	}, slow)
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
