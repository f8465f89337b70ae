package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/release"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

// Beside every code that is published stands what it is called in the HS revision of its
// row, in the table of areas, in the sector list.
func TestCodesHaveNames(t *testing.T) {
	t.Parallel()
	const codes = `(SELECT unnest(string_split(hs_revisions, ' ')) AS hs_revision, code, name
		FROM read_csv('../schemas/reference/hs_names.csv.gz', all_varchar = true))`
	const areas = "read_csv('../schemas/reference/areas.csv', types = {'code': 'SMALLINT', 'iso3': 'VARCHAR', 'name': 'VARCHAR'}, nullstr = '')"
	for _, mode := range []string{"H4", "H6", "families", "as-reported"} {
		c := configure(t, sampleData(t), "harmonize", mode, "partner", "276", "exporters", "CHN,EU,USA")
		run(t, c)
		named := map[schemas.Kind]int{}
		for _, o := range schemas.Always() {
			for _, code := range o.Computed() {
				if code.Kind == "" {
					continue
				}
				named[code.Kind]++
				is, from := "", fmt.Sprintf("FROM '%%s/%s.parquet' t LEFT JOIN ", o.Name)
				key, names := "t."+sqltext.Name(code.Name), o.NamesOf(code.Name)
				switch code.Kind {
				case schemas.Goods:
					from += codes + " n ON n.code = " + key + " AND n.hs_revision = t." + sqltext.Name(names[0].Revision)
					is = "t.product = n.name"
					if code.Nullable { // it may be TOTAL, or no code at all
						is = "t.product IS NOT DISTINCT FROM n.name"
					}
					if _, byLevel := o.Column("level"); byLevel && code.Name == "code" { // of a sector's row it is the sector
						is = "CASE WHEN t.level = 0 THEN t.product IS NULL AND t.code = t.sector ELSE " + is + " END"
					}
				case schemas.Areas:
					from += areas + " a ON a.code = " + key
					is = fmt.Sprintf("t.%s_iso3 IS NOT DISTINCT FROM a.iso3 AND t.%[1]s_name IS NOT DISTINCT FROM a.name AND (a.name <> '' OR %s IS NULL)", code.Name, key)
				case schemas.Sectors:
					from += `(VALUES ('power', 'Power equipment'), ('cnc_robotics', 'Machine tools and robotics'), ('all_sectors', 'All sectors'))
						l(sector, label) ON l.sector = ` + key
					is = fmt.Sprintf("(t.%s_label IS NULL) = (%s IS NULL) AND coalesce(t.%[1]s_label = coalesce(l.label, t.%[1]s_label) AND t.%[1]s_label <> '', true)", code.Name, key)
				}
				if wrong := published(t, c, "SELECT DISTINCT COLUMNS('^("+code.Name+"|.*_name|.*_iso3|.*_label|product)$') "+from+" WHERE NOT coalesce("+is+", false)"); len(wrong) > 0 {
					t.Errorf("%s, %s.%s: %d codes are named wrongly, such as %s", mode, o.Name, code.Name, len(wrong), wrong[0])
				}
			}
		}
		if named[schemas.Goods] < 9 || named[schemas.Areas] < 15 || named[schemas.Sectors] < 15 {
			t.Errorf("columns with names, by kind: %v", named)
		}
	}
}

// A sector list says what its sectors are called, or else their names do; a name that
// changes makes another release.
func TestSectorLabels(t *testing.T) {
	t.Parallel()
	c := configure(t, sampleData(t))
	c.Sectors = filepath.Join(t.TempDir(), "list.csv")
	list := func(label string) string {
		t.Helper()
		text := "sector,hs_revision,code,label\ngas_turbines,H4,841182,\nwind,H4,850231," + label + "\n"
		if err := os.WriteFile(c.Sectors, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return run(t, c).Release
	}
	first := list("Wind power")
	got := published(t, c, "SELECT DISTINCT sector, sector_label FROM '%s/import_dependence.parquet' ORDER BY 1")
	if fmt.Sprint(got) != "[gas_turbines Gas turbines wind Wind power]" {
		t.Errorf("labels are %v", got)
	}
	if list("Wind turbines") == first {
		t.Error("another label gives the same release")
	}
}

// A release of a version that did not publish names is explained and compared without them.
func TestReleaseWithoutNames(t *testing.T) {
	t.Parallel()
	data := sampleData(t)
	c := configure(t, data)
	was := run(t, c).Release
	for _, o := range schemas.Always() {
		var names []string
		for _, column := range o.Columns {
			if column.NameOf != "" {
				names = append(names, sqltext.Name(column.Name))
			}
		}
		if len(names) == 0 {
			continue
		}
		path := filepath.Join(c.Out, "releases", was, o.Name+".parquet")
		ask(t, "", fmt.Sprintf("COPY (SELECT * EXCLUDE (%s) FROM '%s') TO '%[2]s.new' (FORMAT parquet)", strings.Join(names, ", "), path))
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		sizes(t, filepath.Dir(path), o.Name+".parquet")
	}
	set(t, c, "dominance_share", "0.5")
	run(t, c)
	e, err := release.Explain(t.Context(), release.Question{Out: c.Out, Release: was, Table: "figure14", Lines: true,
		Where: []release.Condition{{Column: "sector", Value: "power"}, {Column: "year", Value: "2023"}}})
	if err != nil {
		t.Fatal(err)
	}
	behind := e.Behind[0]
	if behind.Names != 0 || slices.Contains(behind.Columns, "product") || e.Rows[0].Value("sector_label") != nil || behind.Rows[0].Lines[0].ReporterName != "" {
		t.Errorf("explained with names: %+v", e)
	}
	d, err := release.Diff(t.Context(), release.Comparison{Out: c.Out, From: was, Tables: []string{"dominance_hs6"}})
	if err != nil {
		t.Fatal(err)
	}
	if rows := d.Tables[0].Rows; len(d.Tables) != 1 || d.Tables[0].New+d.Tables[0].Gone > 0 || rows[0].Names.Value("product") == nil {
		t.Errorf("compared with a release that has names: %+v", d.Tables)
	}
}

// sizes brings the size of a file in the manifest of a release up to date.
func sizes(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, "manifest.json")
	var m map[string]any
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	info, statErr := os.Stat(filepath.Join(dir, name))
	if err = errors.Join(err, statErr); err != nil {
		t.Fatal(err)
	}
	for _, f := range m["files"].([]any) {
		if file := f.(map[string]any); file["name"] == name {
			file["bytes"] = info.Size()
		}
	}
	if text, err = json.Marshal(m); err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
