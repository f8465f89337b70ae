package extract

import (
	"testing"

	"entrepot/pipeline/workspace"
)

// A few files may unpack to more than trade data do; many may not, in whatever order.
func TestExcess(t *testing.T) {
	var x excess
	for range maxExcess >> 20 {
		if err := x.add(workspace.File{Excess: 1 << 20}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.add(workspace.File{}); err != nil {
		t.Errorf("a file like others is blamed: %v", err)
	}
	if err := x.add(workspace.File{Excess: 1}); err == nil {
		t.Error("there is no end of it")
	}
}
