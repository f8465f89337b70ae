package sources_test

import (
	"testing"

	"entrepot/sources"
)

func TestExplore(t *testing.T) {
	inputs, err := sources.Find(t.Context(), realFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		o := takeInput(t, in, sources.Settings{}, nil)
		t.Logf("%s: %q %s unit=%s %+v rej=%d lo=%v notes=%s", in.Name, o.refusal, o.format, o.unit, o.counts, len(o.rejects), o.leftOut, o.notes)
		for i, r := range o.rejects {
			if i < 3 {
				t.Log("    ", r)
			}
		}
		for i, r := range o.staged {
			if i < 2 {
				t.Log("  + ", r)
			}
		}
	}
}
