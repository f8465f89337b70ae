package phrase_test

import (
	"encoding/json"
	"strings"
	"testing"

	"entrepot/pipeline/phrase"
)

func TestVisible(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"Côte d'Ivoire\t中国\n", "Côte d'Ivoire\t中国\n"},
		{"a\x1b[2Jb", `a\u001b[2Jb`},
		{"a\rb", `a\u000db`},
		{"\u202egnp.exe", `\u202egnp.exe`},
		{"x\u2066y\u061cz", `x\u2066y\u061cz`},
		{"\u009b31m", `\u009b31m`},
		{"a\u2028b", `a\u2028b`},
		{"na\xffme", `na\ufffdme`},
		{"\U000e0041", `\U000e0041`},
		{"می\u200cخواهم", "می\u200cخواهم"},
	} {
		if got := phrase.Visible(test.text); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

// What is JSON stays JSON, of the same value.
func TestScreenKeepsJSON(t *testing.T) {
	var b strings.Builder
	const name = "a\u202eb\x1bc\u0085"
	if err := json.NewEncoder(phrase.Screen(&b)).Encode(name); err != nil {
		t.Fatal(err)
	}
	var back string
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil || back != name || strings.ContainsAny(b.String(), "\u202e\x1b\u0085") {
		t.Errorf("%q: %q, %v", b.String(), back, err)
	}
}
