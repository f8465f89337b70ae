package release

import "testing"

// A word that a version renamed is no change of every row that repeats it.
func TestWordsOfToday(t *testing.T) {
	for _, test := range []struct{ set, column, want string }{
		{"proposed", "code_basis", `replace("code_basis", 'proposed', 'corrected')`},
		{"corrected", "code_basis", `"code_basis"`},
		{"official", "code_basis", `"code_basis"`},
		{"proposed", "sector", `"sector"`},
	} {
		r := &Release{Manifest: &Manifest{Parameters: map[string]any{"conversion": test.set}}}
		if got := r.today(test.column); got != test.want {
			t.Errorf("conversion %s: column %s is %s, want %s", test.set, test.column, got, test.want)
		}
	}
}
