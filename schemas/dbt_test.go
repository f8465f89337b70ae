package schemas_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entrepot/schemas"

	"github.com/google/go-cmp/cmp"
)

// The sources of the dbt example have every published table and column, as the dictionary
// has. With -update, they are written anew.
func TestDBTSources(t *testing.T) {
	const file = "../docs/examples/dbt/models/sources.yml"
	made := dbtSources(schemas.Outputs())
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
		t.Errorf("%s is out of date; 'go test ./schemas -run DBT -update' mends it (-written +made):\n%s", file, diff)
	}
}

func dbtSources(outputs []schemas.Output) string {
	var b strings.Builder
	b.WriteString(`# The published tables. 'go test ./schemas -run DBT -update' writes this file.
version: 2
sources:
  - name: entrepot
    description: The current release of the trade figures.
    config:
      external_location: "read_parquet('{{ env_var('ENTREPOT_OUT', 'out') }}/current/{name}.parquet')"
    tables:
`)
	for _, o := range outputs {
		fmt.Fprintf(&b, "      - name: %s\n        description: %s\n%s        columns:\n", o.Name, yamlText(o.Description), dbtConfig(o))
		for _, c := range o.Columns {
			fmt.Fprintf(&b, "          - name: %s\n            data_type: %s\n            description: %s\n", c.Name, strings.ToLower(string(c.Type)), yamlText(c.Description))
			if slices.Contains(o.SortBy, c.Name) && !c.Nullable {
				b.WriteString("            data_tests: [not_null]\n")
			}
		}
	}
	return b.String()
}

// dbtConfig is what a table needs that not every release has, or that has more than one file.
func dbtConfig(o schemas.Output) string {
	var lines string
	if o.Setting != "" {
		lines += fmt.Sprintf("          enabled: \"{{ (env_var('ENTREPOT_%s', 'no') != 'no') | as_bool }}\"\n", strings.ToUpper(o.Setting))
	}
	if o.Partition != "" {
		lines += "          external_location: \"read_parquet('{{ env_var('ENTREPOT_OUT', 'out') }}/current/{name}/*.parquet')\"\n"
	}
	if lines == "" {
		return ""
	}
	return "        config:\n" + lines
}

// yamlText is a text in quotes that YAML and dbt's templates leave as it is.
func yamlText(text string) string {
	return strconv.Quote(strings.NewReplacer("{{", "{ {", "{%", "{ %").Replace(text))
}
