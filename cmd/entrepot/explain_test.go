package main

import (
	"strings"
	"testing"

	"entrepot/pipeline/release"
)

func TestWriteLine(t *testing.T) {
	t.Parallel()
	l := release.Line{File: "a.csv", Line: 7, Flow: "M", Reporter: 156, ReporterName: "China", PartnerName: "World", Revision: "H4", HS6: "854140", Value: 50, Used: 50}
	summed, shared := l, l
	summed.Line = 0
	shared.Used = 20
	for want, l := range map[string]release.Line{
		"854140  a.csv:7  imports of China with World, H4 854140: 50 US dollars\n":                   l,
		"854140  a.csv (sum of its rows)  imports of China with World, H4 854140: 50 US dollars\n":   summed,
		"854140  a.csv:7  imports of China with World, H4 854140: 50 US dollars, of which 20 here\n": shared,
	} {
		var b strings.Builder
		if writeLine(&b, l.HS6, l); b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	}
}
