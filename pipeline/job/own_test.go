package job_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline/config"
	"entrepot/pipeline/job"

	"github.com/google/go-cmp/cmp"
)

// files are the measures and checks of a test, by their paths.
type files map[string]string

// weighty is a sound measure with a parameter, of codes and not of sectors.
var weighty = files{
	"measures/weighty.sql": "SELECT year, hs_revision, hs6, reporter, imports_usd\nFROM import_dependence_hs6\nWHERE imports_usd >= CAST($floor AS DECIMAL(18,3))\n",
	"measures/weighty.yaml": `title: Codes with large imports
key: [reporter, year, hs_revision, hs6]
columns:
  - year
  - hs_revision
  - hs6
  - reporter
  - {name: imports_usd, type: double, unit: US dollars, description: Imports from World.}
parameters:
  - {name: floor, type: number, default: 1000000, description: Imports from which a code is listed.}
`,
}

// with are files with some replaced: old text, new text, in the file of that path.
func (f files) with(path, old, now string) files {
	all := files{}
	for p, text := range f {
		all[p] = text
	}
	if old != "" && !strings.Contains(all[path], old) {
		panic(path + " has no " + old)
	}
	if old == "" {
		all[path] = now
	} else {
		all[path] = strings.Replace(all[path], old, now, 1)
	}
	return all
}

func (f files) without(path string) files {
	all := f.with(path, "", "")
	delete(all, path)
	return all
}

// prepared is the job of a configuration file beside the files.
func prepared(t *testing.T, f files, settings string) (*job.Job, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for path, text := range f {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("entrepot.yaml", []byte(settings), 0o644); err != nil {
		t.Fatal(err)
	}
	c := config.New()
	if err := c.ReadFile("entrepot.yaml"); err != nil {
		return nil, err
	}
	return job.New(c, job.Selection{}, slog.New(slog.DiscardHandler))
}

// What is wrong with a measure or a check is told before any data are read, with file, line
// and column, and with the way out.
func TestMistakesInOwnMeasures(t *testing.T) {
	const sql, yaml = "measures/weighty.sql", "measures/weighty.yaml"
	const title = "title: no deficit\n"
	check := func(query, about string) files {
		return weighty.with("checks/deficits.sql", "", query).with("checks/deficits.yaml", "", about)
	}
	for name, test := range map[string]struct {
		files    files
		settings string
		want     string
	}{
		"no YAML":        {weighty.without(yaml), "", sql + `: nothing says what it makes: describe it in weighty.yaml beside it (title, key, columns; docs/extending.md)`},
		"no SQL":         {weighty.without(sql), "", yaml + `: it describes a SELECT that is not there: write it in weighty.sql beside it`},
		"bad YAML":       {weighty.with(yaml, "columns:\n", "columns: [\n"), "", yaml + `:3: it is no YAML: did not find expected node content`},
		"unknown key":    {weighty.with(yaml, "key:", "keys:"), "", yaml + `:2:1: there is no key "keys"; did you mean key?`},
		"key missing":    {weighty.with(yaml, "key: [reporter, year, hs_revision, hs6]\n", ""), "", yaml + `:1:1: it has no key`},
		"key of nothing": {weighty.with(yaml, "[reporter, year", "[reporter, yaer"), "", yaml + `:2:17: the key has yaer, which is none of columns; did you mean year?`},
		"no type": {weighty.with(yaml, "type: double", "type: money"), "",
			yaml + `:8:5: column imports_usd: type "money" is not allowed: it must be smallint, integer, double, boolean or varchar`},
		"no description": {weighty.with(yaml, ", description: Imports from World.", ""), "",
			yaml + `:8:5: column imports_usd: it has no description, and is none of those that need none (` +
				`year, reporter, flow, sector, hs6, hs_revision, code_basis, reporter_reported, world, value_coverage, low_coverage, partial, split_usd, split_basis)`},
		"syntax":         {weighty.with(sql, "WHERE", "WERE x"), "", sql + `:3:6: syntax error at or near "x"`},
		"two statements": {weighty.with(sql, "\nFROM", ";\nFROM"), "", sql + `: 2 statements, want one SELECT`},
		"writing":        {weighty.with(sql, "", "COPY facts TO 'x.csv'"), "", sql + `: it must be one SELECT, and nothing that changes or describes tables`},
		"no column":      {weighty.with(sql, "hs6, reporter", "hs66, reporter"), "", sql + `:1:27: Referenced column "hs66" not found in FROM clause; candidate bindings: "hs6", "hs_revision"`},
		"no table":       {weighty.with(sql, "_hs6\n", "_hs8\n"), "", sql + `:2:6: there is no table import_dependence_hs8; did you mean import_dependence_hs6?`},
		"a file": {weighty.with(sql, "FROM import", "FROM 'mine.csv', import"), "",
			sql + `:2:6: it reads "mine.csv": a measure reads tables and no files; put data into the data folder, or into a table of settings (groups, products, markets)`},
		"a function that reads": {weighty.with(sql, "FROM import", "FROM read_csv('mine.csv'), import"), "",
			sql + `:2:6: read_csv() reads what is no table of entrepot: a measure reads neither files nor the network; put data into the data folder, or into a table of settings (groups, products, markets)`},
		"another schema": {weighty.with(sql, "FROM import", "FROM information_schema.tables, import"), "",
			sql + `:2:6: name the table without information_schema: a measure reads the tables of entrepot alone`},
		"rows as they came": {weighty.with(sql, "FROM import", "FROM staged, import"), "",
			sql + `:2:6: staged has rows as they came, in the order of their files, and so is not for measures; facts has those that count`},
		"chance": {weighty.with(sql, "imports_usd >= ", "random() < 0.5 AND imports_usd >= "), "",
			sql + `:3:7: random() has another value each time, and a release must come out the same; declare a parameter for what you want to set`},
		"today": {weighty.with(sql, "imports_usd >= ", "year < year(current_date) AND imports_usd >= "), "",
			sql + `:3:19: current_date has another value each time, and a release must come out the same; declare a parameter for what you want to set`},
		"sample": {weighty.with(sql, "_hs6\n", "_hs6 TABLESAMPLE 10%\n"), "", sql + `:2:6: a sample has other rows each time, and a release must come out the same`},
		"order of chance": {weighty.with(sql, "imports_usd\n", "any_value(imports_usd) AS imports_usd\n"), "",
			sql + `:1:42: any_value() depends on the order in which rows happen to come: write any_value(… ORDER BY …), or use min() or max()`},
		"limit without order": {weighty.with(sql, "(18,3))\n", "(18,3)) LIMIT 5\n"), "",
			sql + `: LIMIT without ORDER BY takes whichever rows happen to come first: add ORDER BY, by what tells the rows apart`},
		"no parameter": {weighty.with(sql, "$floor", "$flour"), "",
			sql + `:3:27: nothing declares the parameter $flour; did you mean floor?, or declare it under parameters in ` + yaml},
		"not described": {weighty.with(sql, "imports_usd\n", "imports_usd, exports_usd\n"), "",
			yaml + `:3:1: the SELECT gives a column exports_usd (DECIMAL(38,3)) that columns does not describe; did you mean imports_usd?`},
		"not selected": {weighty.with(sql, "hs6, reporter, imports_usd", "hs6, reporter"), "",
			yaml + `:8:5: the SELECT gives no column imports_usd; there are year, hs_revision, hs6, reporter`},
		"another type": {weighty.with(sql, "reporter, imports_usd", "reporter, imports_usd::VARCHAR AS imports_usd"), "",
			yaml + `:8:5: column imports_usd is DOUBLE, but the SELECT gives VARCHAR: correct the type, or CAST(… AS DOUBLE) in ` + sql},
		"a name that is taken": {files{"measures/dominance.sql": weighty[sql], "measures/dominance.yaml": weighty[yaml]}, "",
			`measures/dominance.sql: entrepot has a table dominance itself: give the measure, and so its two files, another name`},
		"a circle": {weighty.with("measures/twice.sql", "", "FROM weighty").with("measures/twice.yaml", "", strings.Split(weighty[yaml], "parameters:")[0]).
			with(sql, "FROM import_dependence_hs6", "FROM twice"), "", sql + `: it reads what is made of it: weighty reads twice reads weighty`},
		"evidence of nothing": {weighty.with(yaml, "parameters:", "behind:\n  - {table: exporterz, on: [year], columns: [rank]}\nparameters:"), "",
			yaml + `:10:6: there is no published table exporterz; did you mean exporters?`},
		"evidence without its column": {weighty.with(yaml, "parameters:", "behind:\n  - {table: dominance_hs6, on: [year], columns: [exports]}\nparameters:"), "",
			yaml + `:10:50: table dominance_hs6 has no column exports; did you mean exporters?`},
		"evidence that is no expression": {weighty.with(yaml, "parameters:", "behind:\n  - {table: dominance_hs6, on: [year], columns: [exports_usd], part: 1) FROM (SELECT 1}\nparameters:"), "",
			yaml + `:10:70: behind[1].part: syntax error at or near ")"`},
		"evidence of a wrong column": {weighty.with(yaml, "parameters:", "behind:\n  - {table: dominance_hs6, on: [year], columns: [exports_usd], part: e.exports}\nparameters:"), "",
			yaml + `:10:64: part: Table "e" does not have a column named "exports"; candidate bindings: "exports_usd", "exporters", "exporters_unknown", "export_share", "reporter"`},
		"picture without ratio": {weighty.with(yaml, "parameters:", "picture: {caption: Much}\nparameters:"), "",
			yaml + `:9:1: a picture is drawn of a ratio by sector and year: it needs ratio, and the key [reporter, sector, year]`},
		"key without its reporter": {weighty.with(yaml, "[reporter, year, ", "[year, reporter, "), "", yaml + `:2:1: the key must begin with reporter, by which tables are shown and compared`},
		"terminal of values": {weighty.with(yaml, "parameters:", "terminal: {rows: hs6, columns: year}\nparameters:"), "",
			yaml + `:9:1: the terminal shows how many of how many: it needs a ratio whose part and of are integer, and the column reporter`},
		"level of no codes": {weighty.with(yaml, "key:", "level: sector\nkey:"), "", yaml + `:2:1: the level is sector, and the key has no column sector`},
		"no level":          {weighty.with(yaml, "key:", "level: 8\nkey:"), "", yaml + `:2:1: level "8" is not allowed: it must be 2, 4, 6 or sector`},
		"parameter of a setting": {weighty.with(yaml, "name: floor", "name: partner"), "",
			yaml + `:10:5: entrepot has a setting partner itself: give the parameter another name`},
		"parameter that is none": {weighty, "parameters:\n  flor: 5\n", `entrepot.yaml:2: no measure and no check declares a parameter flor; did you mean floor?`},
		"parameter of a type":    {weighty, "parameters: {floor: much}\n", `entrepot.yaml:1: parameter floor: "much" is no number`},
		"default of a type":      {weighty.with(yaml, "1000000", "much"), "", yaml + `:10:5: parameter floor: default "much" is no number`},
		"folder that is none":    {weighty, "measures_folder: mine\n", `entrepot.yaml:1: there is no folder mine`},
		"check that is taken": {files{"checks/levels.sql": "FROM years", "checks/levels.yaml": title}, "",
			`checks/levels.sql: entrepot has a check or a table levels itself: give the check, and so its two files, another name`},
		"check without severity": {check("FROM weighty", title+"severity: error\n"), "", `checks/deficits.yaml:2:1: severity "error" is not allowed: it must be warn, fail or off`},
		"check of two tables": {check("FROM weighty, dominance", title), "",
			`checks/deficits.yaml:1: it reads several tables or none (dominance, weighty): say with 'examines: TABLE' whose rows it looks at, for the number that checks shows`},
		"check of no table":    {check("FROM weighty, dominance", title+"examines: dominanze\n"), "", `checks/deficits.yaml:2:1: examines: there is no table dominanze; did you mean dominance?`},
		"severity of no check": {weighty, "checks: deficit=fail\n", `entrepot.yaml:1: checks "deficit=fail" is not allowed: it must be a list such as levels=fail, mirror=off; a check (`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := prepared(t, test.files, test.settings)
			if err == nil {
				t.Fatalf("no error, want %s", test.want)
			}
			if got := err.Error(); got != test.want && !(strings.HasSuffix(test.want, "(") && strings.HasPrefix(got, test.want)) {
				t.Errorf("error (-want +got):\n%s", cmp.Diff(test.want, got))
			}
		})
	}
}
