package pipeline

import (
	"errors"
	"testing"
)

// A run that fails when it has published says so; one that changed nothing does not.
func TestAfterPublishing(t *testing.T) {
	full := errors.New("the disk is full")
	for _, test := range []struct {
		name string
		s    *Summary
		want string
	}{
		{"before it began", nil, "the disk is full"},
		{"before a release", &Summary{}, "the disk is full"},
		{"nothing changed", &Summary{Release: "abc"}, "the disk is full"},
		{"beside a pinned release", &Summary{Release: "abc", Fresh: true, Pinned: "old"}, "release abc was written, but then the run failed: the disk is full"},
		{"switched", &Summary{Release: "abc", Fresh: true, Switched: true}, "release abc was published and o/current points to it, but then the run failed: the disk is full"},
		{"switched back", &Summary{Release: "abc", Switched: true}, "release abc was published and o/current points to it, but then the run failed: the disk is full"},
	} {
		err := test.s.afterPublishing("o", full)
		if err.Error() != test.want || !errors.Is(err, full) {
			t.Errorf("%s: %v, expected %s", test.name, err, test.want)
		}
		if err := test.s.afterPublishing("o", nil); err != nil {
			t.Errorf("%s: %v without a failure", test.name, err)
		}
	}
}
