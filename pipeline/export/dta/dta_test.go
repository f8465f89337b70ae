package dta_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/quick"

	"entrepot/pipeline/export/dta"

	"github.com/google/go-cmp/cmp"
)

var long = strings.Repeat("très long ", 300)

// set has a variable of each type, and values at the ends of what each holds.
var (
	set = dta.Dataset{Label: "Éverything", Stamp: "27 Nov 2026 14:36", Notes: []string{"made by hand"}, Rows: 3,
		Variables: []dta.Variable{
			{Name: "b", Label: "A flag", Type: dta.Byte, Labels: "yesno"},
			{Name: "i", Label: "An int", Type: dta.Int, Notes: []string{"first", "second"}},
			{Name: "l", Label: strings.Repeat("ü", 90), Type: dta.Long},
			{Name: "d", Label: "A double", Type: dta.Double},
			{Name: "s", Label: "A text", Type: dta.Text, Bytes: 6},
			{Name: "strl", Label: "A long text", Type: dta.Text, Bytes: len(long)},
		},
		Labels: []dta.LabelSet{{Name: "yesno", Values: []dta.ValueLabel{{Value: 0, Text: "no"}, {Value: 1, Text: "yes"}}}}}
	rows = [][]any{
		{true, int64(32740), int64(2147483620), 0.1, "010121", long},
		{false, int64(-32767), int64(-2147483647), -1e300, "é", ""},
		{nil, nil, nil, nil, nil, nil},
	}
)

func write(t *testing.T, set dta.Dataset, rows [][]any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.dta")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := dta.NewWriter(file, filepath.Dir(path), set)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".long-texts-*")); len(left) > 0 || err != nil {
		t.Errorf("files are left: %v, %v", left, err)
	}
	return path
}

// The map tells where each section begins, and the last entry is the size of the file.
func TestMap(t *testing.T) {
	content, err := os.ReadFile(write(t, set, rows))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(content, []byte("<map>")) + len("<map>")
	offsets := make([]uint64, 14)
	if err := binary.Read(bytes.NewReader(content[at:]), binary.LittleEndian, offsets); err != nil {
		t.Fatal(err)
	}
	for i, tag := range []string{"<stata_dta>", "<map>", "<variable_types>", "<varnames>", "<sortlist>", "<formats>", "<value_label_names>",
		"<variable_labels>", "<characteristics>", "<data>", "<strls>", "<value_labels>", "</stata_dta>", ""} {
		if offsets[i] > uint64(len(content)) || !bytes.HasPrefix(content[offsets[i]:], []byte(tag)) {
			t.Errorf("section %d is at %d, where there is no %s", i+1, offsets[i], tag)
		}
	}
	if got := offsets[13]; got != uint64(len(content)) {
		t.Errorf("the file ends at %d, its map says %d", len(content), got)
	}
	const width = 1 + 2 + 4 + 8 + 6 + 8
	if got := offsets[10] - offsets[9] - uint64(len("<data></data>")); got != 3*width {
		t.Errorf("the rows have %d bytes, want %d", got, 3*width)
	}
}

// Readers that other people wrote read what was written.
func TestOtherReaders(t *testing.T) {
	python := os.Getenv("ENTREPOT_PYTHON")
	if python == "" {
		t.Skip("ENTREPOT_PYTHON names no Python interpreter with pandas (notebooks/requirements.txt)")
	}
	const script = `
import sys, json, pandas as pd
plain = lambda v: None if pd.isna(v) else v.item() if hasattr(v, "item") else v
frame = pd.read_stata(sys.argv[1], convert_categoricals=False)
out = {"pandas": [[plain(v) for v in row] for row in frame.itertuples(index=False)],
       "labelled": [None if pd.isna(v) else v for v in pd.read_stata(sys.argv[1])["b"]]}
reader = pd.io.stata.StataReader(sys.argv[1])
out["labels"], out["data_label"], out["stamp"] = list(reader.variable_labels().values()), reader.data_label, reader.time_stamp
try:
    import pyreadstat
except ImportError:
    out["other"] = out["pandas"]
else:
    other, meta = pyreadstat.read_dta(sys.argv[1], apply_value_formats=False)
    out["other"] = [[plain(v) for v in row] for row in other.itertuples(index=False)]
print(json.dumps(out))`
	text, err := exec.CommandContext(t.Context(), python, "-c", script, write(t, set, rows)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var got, want any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	cells := [][]any{{1, 32740, 2147483620, 0.1, "010121", long}, {0, -32767, -2147483647, -1e300, "é", ""}, {nil, nil, nil, nil, "", ""}}
	expected, err := json.Marshal(map[string]any{"pandas": cells, "other": cells, "labelled": []any{"yes", "no", nil},
		"labels": []string{"A flag", "An int", strings.Repeat("ü", 79) + "…", "A double", "A text", "A long text"}, "data_label": "Éverything", "stamp": "27 Nov 2026 14:36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(expected, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

// What a variable can't hold is an error that names row and variable, never another value.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		kind  dta.Type
		value any
		want  string
	}{
		{dta.Byte, int64(101), "row 1, variable x: 101 is too large for the variable's type"},
		{dta.Int, int64(32741), "too large"},
		{dta.Long, int64(math.MinInt32), "too large"},
		{dta.Byte, 0.5, "no whole number"},
		{dta.Double, "1", "no number"},
		{dta.Text, int64(1), "no text"},
		{dta.Text, "longer", "6 bytes, the variable 3"},
		{dta.Text, "a\x00", "NUL"},
		{dta.Text, []byte("x"), "no way to write a []uint8"},
	} {
		file, err := os.Create(filepath.Join(t.TempDir(), "x.dta"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := dta.NewWriter(file, t.TempDir(), dta.Dataset{Rows: 1, Variables: []dta.Variable{{Name: "x", Type: c.kind, Bytes: 3}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row([]any{c.value}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.value, err, c.want)
		}
		if err := w.Close(); err == nil || !strings.Contains(err.Error(), "0 rows were written, 1 were announced") {
			t.Errorf("a dataset without its row ends with %v", err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	twice := dta.Dataset{Variables: []dta.Variable{{Name: "a"}, {Name: "a"}}}
	if _, err := dta.NewWriter(nil, "", twice); err == nil {
		t.Error("two variables may have the same name")
	}
}

func TestNames(t *testing.T) {
	got := dta.Names([]string{"year", "unlisted_manufactures_export_share", "in", "2019", "str12", "a b", "a_b", "unlisted_manufactures_export_shares"})
	want := []string{"year", "unlisted_manufactur_export_share", "v_in", "v_2019", "v_str12", "a_b", "a_b_2", "unlisted_manufactu_export_shares"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Names are short, each once, the same every time, and those that fit stay.
func TestNamesOfAnything(t *testing.T) {
	property := func(texts []string, repeated uint8) bool {
		for i := range texts {
			texts[i] = strings.Repeat(texts[i], 1+int(repeated)%4)
		}
		texts = append(texts, texts...)
		names, again, seen := dta.Names(texts), dta.Names(texts), map[string]bool{}
		for i, name := range names {
			if name == "" || len(name) > dta.MostName || seen[name] || name != again[i] {
				return false
			}
			seen[name] = true
		}
		return len(names) == len(texts)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

// The smallest type that holds the numbers is theirs.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		low, high int64
		want      dta.Type
	}{
		{0, 100, dta.Byte}, {0, 101, dta.Int}, {-128, 0, dta.Int}, {0, 32740, dta.Int}, {0, 32741, dta.Long},
		{0, 2147483620, dta.Long}, {0, 2147483621, dta.Double}, {math.MinInt32, 0, dta.Double},
	} {
		if got := dta.Fits(c.low, c.high); got != c.want {
			t.Errorf("%d to %d: type %d, want %d", c.low, c.high, got, c.want)
		}
	}
}
