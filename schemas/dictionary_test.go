package schemas_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"entrepot/schemas"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/dictionary.md")

// The data dictionary in the docs is made of Outputs.
func TestDictionary(t *testing.T) {
	const file = "../docs/dictionary.md"
	made := dictionary(schemas.Outputs())
	if *update {
		if err := os.WriteFile(file, []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), made); diff != "" {
		t.Errorf("%s is out of date; 'go test ./schemas -run Dictionary -update' mends it (-written +made):\n%s", file, diff)
	}
}

func dictionary(outputs []schemas.Output) string {
	var b strings.Builder
	b.WriteString(`# Data dictionary

Every table of a release, ` + "`current/NAME.parquet`" + `, with its columns. The files say the same of
themselves, in the metadata of their columns, and so does ` + "`datapackage.json`" + ` beside them.
[measures.md](measures.md) has the definitions.

This page is made of the tables in ` + "`schemas/outputs_measures.go`" + ` and ` + "`schemas/outputs_quality.go`" + `: ` + "`go test ./schemas -run Dictionary -update`" + ` writes it.

`)
	for _, o := range outputs {
		fmt.Fprintf(&b, "- [%s](#%s): %s", o.Name, o.Name, o.Title)
		if o.Figure != "" {
			fmt.Fprintf(&b, " (%s)", o.Figure)
		}
		b.WriteString("\n")
	}
	for _, o := range outputs {
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s Key: `%s`.\n\n| column | type | unit | null | meaning |\n| --- | --- | --- | --- | --- |\n",
			o.Name, o.Title, o.Description, strings.Join(o.SortBy, "`, `"))
		for _, c := range o.Columns {
			null := ""
			if c.Nullable {
				null = "yes"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Name, c.Type, c.Unit, null, strings.ReplaceAll(c.Description, "|", `\|`))
		}
	}
	return b.String()
}
