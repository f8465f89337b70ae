package report_test

import (
	"strings"
	"testing"

	"entrepot/pipeline/report"
)

// The note under the group's share says which membership counts.
func TestMembershipNote(t *testing.T) {
	for membership, want := range map[string]string{"current": "in its present membership", "historical": "in its membership of each year"} {
		dir, _ := draw(t, report.Options{Out: sampleData(t, "membership", membership)})
		if text := read(t, dir, report.PageFile); !strings.Contains(text, want) {
			t.Errorf("membership %s: the page does not say %q", membership, want)
		}
	}
}
