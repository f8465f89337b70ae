package decode

import (
	"strings"
	"testing"

	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
)

var testAnswers = &Answers{API: "Somebody", Lists: []string{"data"}, Count: "count", Faults: []string{"error", "message"}, Others: []string{"statuscode"},
	Records: []RecordForm{{Sign: "value", Fields: []string{"value", "code"}}}, CutAt: []int64{2}}

// Records and answers come alone, in lists, and one behind the other.
func TestJSON(t *testing.T) {
	for _, test := range []struct{ name, text, want, notes string }{
		{"an answer", `{"count":1,"data":[{"Value":1.5e3,"note":"a"}],"error":""}`, "0:code|note|Value\n1:|a|1500", ""},
		{"a list of records", `[{"v":1},{"v":null,"w":2},{}]`, "0:v\n1:1\n2:\n3:", ""},
		{"a list of answers", `[{"data":[{"v":1}]},{"data":[{"v":2},{"v":3}],"count":2}]`, "0:v\n1:1\n2:2\n3:3",
			"answer 2 of 2 has exactly 2 records, a number at which Somebody's API cuts off without a word: make sure that none are missing"},
		{"a record and an answer", `[{"v":1},{"data":[{"v":2}]}]`, "0:v\n1:1\n2:2", ""},
		{"lines of records", "{\"v\":1}\n{\"v\":2}\n\n{\"v\":{\"a\":[1,null]}}\n", "0:v\n1:1\n2:2\n3:{\"a\":[1,null]}", ""},
		{"a line of a known record", `{"value":1}`, "0:code|value\n1:|1", ""},
		{"lines of answers", "{\"data\":[{\"v\":1}],\"count\":1}\n{\"data\":[],\"count\":0}\n{\"data\":null}", "0:v\n1:1", "2 of its 3 answers are empty: these queries found nothing"},
		{"lines of lists", "[{\"v\":1}]\n[{\"v\":2}]", "0:v\n1:1\n2:2", "it has exactly 2 records, a number at which Somebody's API cuts off without a word: make sure that none are missing"},
		{"the same twice", `[{"cmd_code":"1","cmdCode":1}]`, "0:cmdCode\n1:1", ""},
		{"behind a mark", "\xef\xbb\xbf" + `[{"v":1}]`, "0:v\n1:1", ""},
		{"a column that is called as an error", `[{"year":1,"error":"0.5"},{"year":2,"error":"0.7"},{"year":3}]`, "0:error|year\n1:0.5|1\n2:0.7|2\n3:|3", ""},
		{"a column that is called as a list", `[{"year":1,"data":"x"},{"year":2,"data":"y"},{"year":2}]`, "0:data|year\n1:x|1\n2:y|2\n3:|2", ""},
	} {
		var rows []decodetest.Row
		notes, err := readJSON(strings.NewReader(test.text), Options{Answers: testAnswers}, decodetest.Collect(&rows))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, decodetest.Text(rows)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if diff := cmp.Diff(test.notes, strings.Join(notes, "; ")); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestJSONRefusals(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"cut", `[{"v":1},{"v":`, "is cut off: its JSON ends in the middle"},
		{"cut behind a line", "{\"value\":1}\n{\"va", "is cut off: its JSON ends in the middle"},
		{"followed by other text", `[{"v":1}] done`, "is no valid JSON (invalid character 'd'"},
		{"one object", `{"a":1}`, "has no list of records (data)"},
		{"two spellings", `[{"v":1},{"cmdCode":"1","CMDCODE":"2"}]`, `has "cmdCode" = 1 and "CMDCODE" = 2 in record 2, and nothing tells which of them counts`},
		{"one name twice", `{"data":[{"v":1,"v":2}]}`, `has "v" = 1 and "v" = 2 in record 1`},
		{"no object", `[[1,2]]`, "is JSON of another form than Somebody's"},
		{"empty", `[]`, "is an empty answer"},
		{"empty answers", `[{"data":[]},{"data":[]}]`, "is 2 empty answers of the API"},
		{"an error", `{"statusCode":4,"message":"no"}`, `is an error message of the API ("no"), no data`},
		{"an error inside", `{"error":{"code":5,"errors":[],"Message":"so"}}`, `is an error message of the API ("so"), no data`},
		{"an error among answers", `[{"data":[{"v":1}]},{"message":"slow down"}]`, `has an error message in place of data in answer 2 of 2 ("slow down")`},
		{"a wrong count", "{\"count\":1,\"data\":[{\"v\":1}]}\n{\"count\":9,\"data\":[{\"v\":1}]}", "says that answer 2 of 2 has 9 records (count), but has 1"},
		{"deep", `[{"v":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}]`, "more than 64 objects inside each other"},
		{"a record without an end", `[{"v":"` + strings.Repeat("x", 17<<20), "has a record of more than 16 MB"},
		{"many values", `[{"v":[` + strings.Repeat("0,", 100_000) + `0]}]`, "has a record of more than 100000 values"},
		{"many fields", `{"a":"` + strings.Repeat("x", 8<<20) + `","b":"` + strings.Repeat("x", 8<<20) + `","c":"` + strings.Repeat("x", 8<<20) + `"}`, "has a record of more than 16 MB"},
	} {
		_, err := readJSON(strings.NewReader(test.text), Options{Answers: testAnswers}, func(int64, []string) error { return nil })
		if !IsRefusal(err) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, expected %q in it", test.name, err, test.want)
		}
	}
}
