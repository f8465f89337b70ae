package release_test

import (
	"strings"
	"testing"

	"entrepot/pipeline/release"
)

// A citation names the release, who published the files that are in it, and of when they are.
func TestCitation(t *testing.T) {
	m := release.Manifest{Release: "4f1c0a9be27d", Version: "0.2.0", Inputs: []release.InputEntry{
		{Format: "comtrade-csv", Vintage: "2026-04-17T11:54:35", Staged: 5},
		{Format: "comtrade-json", Vintage: "2026-05-02T09:03:07", Staged: 5},
		{Format: "baci-csv", Vintage: "2025-01", Staged: 1},
		{Format: "wits-csv", Vintage: "2026-06-01T00:00:00", Refusal: "it is empty"},
	}}
	c := m.Citation("China")
	if want := "Entrepot: Measures of the trade of China, release 4f1c0a9be27d, computed by entrepot 0.2.0 from " +
		"CEPII BACI (version 2025-01) and UN Comtrade (downloads to 2026-05-02)."; c.Text != want {
		t.Errorf("%s\nwant\n%s", c.Text, want)
	}
	text := c.String()
	for _, want := range []string{c.Text, "\nCEPII BACI\n  Cite: Gaulier", "  Licence: Etalab Open Licence 2.0\n", "\nUN Comtrade\n", "may not be re-disseminated", "Apache License"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "WITS") {
		t.Errorf("a file that nothing came of is cited:\n%s", text)
	}
	none := release.Manifest{Release: "4f1c0a9be27d", Version: "0.2.0"}
	if got := none.Citation("China"); len(got.Terms) != 0 || !strings.HasSuffix(got.Text, "entrepot 0.2.0.") {
		t.Errorf("without files: %+v", got)
	}
}
