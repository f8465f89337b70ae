package report_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entrepot/pipeline/report"

	"entrepot/pipeline/usage"
	"github.com/google/go-cmp/cmp"
)

// draw writes the report of an output folder and returns its folder.
func draw(t *testing.T, o report.Options) (string, *report.Summary) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "report")
	}
	s, err := report.Write(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Dir, s
}

// The pictures of the sample, as they are committed. Look at them after -update.
func TestGoldenPictures(t *testing.T) {
	dir, _ := draw(t, report.Options{Out: sampleData(t), Caution: "Invented values: this is the built-in sample of entrepot."})
	asCommitted(t, dir, map[string]string{
		"figure14.svg":             "testdata/figure14.svg",
		"figure27.svg":             "testdata/figure27.svg",
		"sensitivity-figure14.svg": "testdata/sensitivity-figure14.svg",
		"figure33-power.svg":       "testdata/figure33-power.svg",
	})
	real, _ := draw(t, report.Options{Out: rawMaterials(t)})
	asCommitted(t, real, map[string]string{"figure14.svg": "../../docs/figure14.svg"})
}

// asCommitted compares pictures with those that are committed, but for the release's id.
func asCommitted(t *testing.T, dir string, pictures map[string]string) {
	t.Helper()
	release := regexp.MustCompile(`release [0-9a-f]{12}`)
	without := func(text string) string { return release.ReplaceAllString(text, "release …") }
	for name, golden := range pictures {
		got := read(t, dir, name)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(without(read(t, golden)), without(got)); diff != "" {
			t.Errorf("%s (-expected +got):\n%s", golden, diff)
		}
	}
}

// The same release gives the same bytes.
func TestSameBytes(t *testing.T) {
	out := sampleData(t)
	first, s := draw(t, report.Options{Out: out})
	second, _ := draw(t, report.Options{Out: out})
	files, err := os.ReadDir(first)
	if err != nil {
		t.Fatal(err)
	}
	if want := 2*len(s.Drawn) + 2; len(files) != want {
		t.Errorf("%d files, expected two for each figure, the page and the summary: %d", len(files), want)
	}
	for _, f := range files {
		if read(t, first, f.Name()) != read(t, second, f.Name()) {
			t.Errorf("%s differs when it is drawn again", f.Name())
		}
	}
}

// withoutProducts leaves out the column of a picture that begins under the word Product:
// names of headings speak of other headings.
func withoutProducts(t *testing.T, picture string) string {
	t.Helper()
	at := regexp.MustCompile(`<text x="([\d.]+)"[^>]*>Product</text>`).FindStringSubmatch(picture)
	if at == nil {
		t.Fatal("the picture has no column of products")
	}
	return regexp.MustCompile(`<text x="`+regexp.QuoteMeta(at[1])+`"[^>]*>[^<]*</text>`).ReplaceAllString(picture, "")
}

// texts lists what stands in a picture, in the order in which it is drawn.
func texts(t *testing.T, picture string) []string {
	t.Helper()
	var all []string
	decoder := xml.NewDecoder(strings.NewReader(picture))
	inText := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			inText = x.Name.Local == "text"
		case xml.CharData:
			if inText {
				all = append(all, string(x))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

// column reads a text column of a query; %s stands for the release's folder.
func column(t *testing.T, dir, query string) []string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(strings.ReplaceAll(query, "%s", dir))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

const shown = "year IN (2015, 2018, 2019, 2023)"

// Every number that a picture shows is that of the published file: the texts of
// each kind are those that an SQL query makes of the Parquet.
func TestPicturesShowTheFiles(t *testing.T) {
	out := rich(t)
	dir, s := draw(t, report.Options{Out: out, Years: []int{2015, 2018, 2019, 2023}})
	if len(s.NotDrawn) > 0 {
		t.Errorf("not drawn: %v", s.NotDrawn)
	}
	for _, test := range []struct {
		figure, form, query string
	}{
		{"figure14", `^(\d+% \(\d+/\d+\)|no data)$`,
			"SELECT coalesce(" + counted("dependent_share", "codes_dependent", "codes_traded") + ", 'no data') FROM '%s/import_dependence.parquet' WHERE " + shown},
		{"figure27", `^(\d+% \(\d+/\d+\)\*?|no data)$`,
			"SELECT coalesce(" + counted("dominated_share", "codes_dominated", "codes_exported") + " || CASE WHEN low_coverage THEN '*' ELSE '' END, 'no data') FROM '%s/dominance.parquet' WHERE " + shown},
		{"figure26", `^(\d+\.\d%\*?|no data)$`,
			`SELECT coalesce(printf('%.1f%%', 100 * v) || CASE WHEN low_coverage THEN '*' ELSE '' END, 'no data') FROM (
				SELECT sector, year, export_share AS v, low_coverage FROM '%s/export_share.parquet'
				UNION ALL SELECT DISTINCT 'all', year, manufactures_export_share, low_coverage FROM '%s/export_share.parquet'
				UNION ALL SELECT DISTINCT 'none', year, unlisted_manufactures_export_share, low_coverage FROM '%s/export_share.parquet') WHERE ` + shown},
		{"table7-partner-share", `^(\d+\.\d%\*?|no data)$`,
			`SELECT coalesce(printf('%.1f%%', 100 * group_share) || CASE WHEN partner_coverage < 0.95 THEN '*' ELSE '' END, 'no data') FROM '%s/partner_group_share.parquet' WHERE ` + shown},
		{"figure17-18", `^\d+\.\d%$`, `SELECT printf('%.1f%%', 100 * import_share) FROM '%s/market_share.parquet'`},
		{"tables5-10-ratings", `^(low|medium|high|strong|mixed|weak|unknown)\*?$|^no data$`,
			`SELECT coalesce(dependence_level, 'no data') FROM '%s/ratings.parquet' WHERE ` + shown + `
				UNION ALL SELECT coalesce(competitiveness_rating || CASE WHEN low_coverage THEN '*' ELSE '' END, 'no data') FROM '%s/ratings.parquet' WHERE ` + shown},
		{"tables5-10-ratings", `^\((strong|mixed|weak)\)$`, `SELECT '(' || dependence_rating || ')' FROM '%s/ratings.parquet' WHERE dependence_rating IS NOT NULL AND ` + shown},
		{"sensitivity-figure14", `^\d+%\*?$`, "SELECT printf('%.0f%%', 100 * dependent_share) FROM '%s/import_dependence_sensitivity.parquet' WHERE year = 2023"},
		{"sensitivity-figure14", `^\(\d+(, \d+ near)?\)$`,
			"SELECT '(' || codes_dependent || CASE WHEN codes_near > 0 THEN ', ' || codes_near || ' near' ELSE '' END || ')' FROM '%s/import_dependence_sensitivity.parquet' WHERE year = 2023"},
		{"sensitivity-figure27", `^\d+%\*$`, "SELECT printf('%.0f%%*', 100 * dominated_share) FROM '%s/dominance_sensitivity.parquet' WHERE year = 2023"},
		{"table7-vulnerabilities", `^\d{4}$`, "SELECT hs4 FROM '%s/vulnerabilities.parquet' WHERE class <> 'none'"},
		{"table7-vulnerabilities", `^(severe|high|easing)$`, "SELECT class FROM '%s/vulnerabilities.parquet' WHERE class <> 'none'"},
		{"table7-vulnerabilities", `^\d+%$`, "SELECT printf('%.0f%%', 100 * group_share) FROM '%s/vulnerabilities.parquet' WHERE class <> 'none'"},
		{"table7-vulnerabilities", `^\d+\.\d$`, "SELECT printf('%.1f', import_export_ratio) FROM '%s/vulnerabilities.parquet' WHERE class <> 'none'"},
		{"figure7", `^All goods`, `SELECT printf('All goods %.1f%%', 100 * partner_share) FROM '%s/partner_trend.parquet' WHERE sector = 'all_codes' AND year = 2023`},
		{"figure7-dollars", `^(Imports|Sales of affiliates) \$`, `SELECT printf('Imports $%.0fm', from_partner_usd / 1e6) FROM '%s/partner_trend.parquet' WHERE sector = 'all_codes' AND year = 2023
			UNION ALL SELECT printf('Sales of affiliates $%.0fm', affiliate_sales_usd / 1e6) FROM '%s/partner_trend.parquet' WHERE sector = 'all_codes' AND year = 2023`},
		{"figure16", `^(Total|Electronics) \d`, `SELECT demand_activity_name || printf(' %.1f%%', 100 * group_share) FROM '%s/final_demand_origin.parquet' WHERE year = 2018`},
		{"figure15", `^Imports \$`, `SELECT printf('Imports $%.0fm', imports_usd / 1e6) FROM '%s/high_tech_monthly.parquet' WHERE sector = 'all_sectors' AND year = 2023 AND month = 12`},
		{"figure33-power", `^China \$`, `SELECT printf('China $%.0fm', exports_usd / 1e6) FROM '%s/group_exports.parquet' WHERE sector = 'power' AND exporter = 'CHN' AND year = 2023`},
	} {
		var got []string
		form := regexp.MustCompile(test.form)
		picture := read(t, dir, test.figure+".svg")
		if test.form == `^\d{4}$` {
			picture = withoutProducts(t, picture)
		}
		for _, text := range texts(t, picture) {
			if form.MatchString(text) {
				got = append(got, text)
			}
		}
		want := column(t, filepath.Join(out, "current"), test.query)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("%s, %d texts such as %s (-file +picture):\n%s", test.figure, len(want), test.form, diff)
		}
	}
}

// A bar is as long as its share says.
func TestBarsAreInProportion(t *testing.T) {
	out := rich(t)
	dir, _ := draw(t, report.Options{Out: out})
	picture := read(t, dir, "figure14.svg")
	// A bar is a filled box, and its text comes after it; the white box is below the text.
	pattern := regexp.MustCompile(`(?s)<path d="M([\d.]+),[\d.]+L([\d.]+),[^"]*" style="fill:#([0-9A-F]{6})" />\s*<path [^>]*fill:#FFFFFF" />\s*<text [^>]*>(\d+)% \((\d+)/(\d+)\)<`)
	bars := pattern.FindAllStringSubmatch(picture, -1)
	if len(bars) < 30 {
		t.Fatalf("%d bars found", len(bars))
	}
	scale := 0.0
	for _, b := range bars {
		from, to, part, of := parse(t, b[1]), parse(t, b[2]), parse(t, b[5]), parse(t, b[6])
		long := (to - from) / (part / of)
		if scale == 0 {
			scale = long
		}
		if math.Abs(long-scale) > 0.01*scale {
			t.Errorf("the bar of %s/%s is %.2f points long, in proportion it would be %.2f", b[5], b[6], to-from, scale*part/of)
		}
	}
}

func parse(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// onPage is what the tests read of the page's data.
type onPage struct {
	Modes   []struct{ Release string }
	Figures []struct {
		ID       string
		Choices  []string
		Variants []struct {
			Mode, Choice, Weight int
			Figure               struct{ Bars *struct{ Groups []group } }
			All                  *struct{ Groups []group }
		}
		Codes []struct {
			Part string
			Rows [][]any `json:"-"`
		}
	}
	Tables []onPageTable
}

type onPageTable struct {
	Name, Part string
	Columns    []struct{ Name string }
	Key        string
	Rows       [][]any `json:"-"`
	Names      map[string][]string
}

// written is the page's data as it is written.
type written struct {
	Modes   []struct{ Release string }
	Tables  []onPageTable
	Country onPage
	Parts   []rowsPart
	Places  []struct{ Key, Script string }
}

type rowsPart struct {
	Key  string
	Rows [][]any
}

// readSides adds the parts that lie beside the page, in their order.
func (w *written) readSides(t *testing.T, dir string) {
	t.Helper()
	done := map[string]bool{}
	for _, p := range w.Places {
		if done[p.Script] {
			continue
		}
		done[p.Script] = true
		text := read(t, dir, p.Script)
		if len(text) > 1<<20 {
			t.Errorf("%s has %d bytes", p.Script, len(text))
		}
		_, text, _ = strings.Cut(strings.TrimSuffix(text, ");\n"), ", ")
		var side struct{ Parts []rowsPart }
		if err := json.Unmarshal([]byte(text), &side); err != nil {
			t.Fatalf("%s: %v", p.Script, err)
		}
		w.Parts = append(w.Parts, side.Parts...)
	}
}

// rows are those of a key, from all parts that have some.
func (w written) rows(key string) (rows [][]any) {
	for _, p := range w.Parts {
		if p.Key == key {
			rows = append(rows, p.Rows...)
		}
	}
	return rows
}

type group struct {
	Key  string
	Bars []struct {
		Year  int
		Share *float64
		Text  string
	}
}

func pageData(t *testing.T, dir string) onPage {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(read(t, dir, report.PageFile))
	if found == nil {
		t.Fatal("the page has no data")
	}
	var w written
	if err := json.Unmarshal([]byte(found[1]), &w); err != nil {
		t.Fatal(err)
	}
	w.readSides(t, dir)
	return w.country(w.Country)
}

// country is what the page knows of a country, with its rows.
func (w written) country(p onPage) onPage {
	p.Modes = w.Modes
	for i := range p.Figures {
		for j, c := range p.Figures[i].Codes {
			p.Figures[i].Codes[j].Rows = w.rows(c.Part)
		}
	}
	for i := range p.Tables {
		p.Tables[i].Rows = w.rows(p.Tables[i].Key)
		for _, meaning := range w.Tables {
			if meaning.Name == p.Tables[i].Name {
				p.Tables[i].Columns, p.Tables[i].Part = meaning.Columns, meaning.Part
			}
		}
	}
	return p
}

// The tables of the page are those of the release, to the last digit.
func TestPageHasTheTables(t *testing.T) {
	out := sampleData(t)
	dir, _ := draw(t, report.Options{Out: out})
	p := pageData(t, dir)
	if len(p.Tables) < 20 {
		t.Errorf("%d tables", len(p.Tables))
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range p.Tables {
		if table.Part != "" {
			continue // browser_test.go compares codes
		}
		want := column(t, filepath.Join(out, "current"), "SELECT to_json(t)::VARCHAR FROM '%s/"+table.Name+".parquet' t")
		var got []string
		for _, row := range table.Rows {
			var b bytes.Buffer
			for i, c := range table.Columns {
				if names, ok := table.Names[c.Name]; ok && row[i] != nil {
					row[i] = names[int(row[i].(float64))]
				}
				value, err := json.Marshal(row[i])
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "%s=%s\n", c.Name, value)
			}
			got = append(got, b.String())
		}
		for i, text := range want {
			var fields map[string]any
			if err := json.Unmarshal([]byte(text), &fields); err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			for _, c := range table.Columns {
				value, err := json.Marshal(fields[c.Name])
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "%s=%s\n", c.Name, value)
			}
			want[i] = b.String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-file +page):\n%s", table.Name, diff)
		}
	}
}

// The codes that count at each cut-off are as many as the sensitivity tables say,
// in every mode: those with splits, families, and codes as reported.
func TestVerdictsOnPage(t *testing.T) {
	out := rich(t)
	dir, _ := draw(t, report.Options{Out: out, Modes: []string{"families", "H6", "as-reported"}})
	p := pageData(t, dir)
	compared := 0
	for _, figure := range p.Figures {
		query, ok := map[string]string{
			"figure14": "SELECT format('{} {} {}', sector, year, codes_dependent) FROM '%s/import_dependence_sensitivity.parquet' WHERE codes_dependent IS NOT NULL ORDER BY ratio, sector, year",
			"figure27": "SELECT format('{} {} {}', sector, year, codes_dominated) FROM '%s/dominance_sensitivity.parquet' WHERE codes_dominated IS NOT NULL ORDER BY share, sector, year",
		}[figure.ID]
		if !ok {
			continue
		}
		for mode, codes := range figure.Codes {
			want := column(t, filepath.Join(out, "releases", p.Modes[mode].Release), query)
			per := len(want) / len(figure.Choices)
			for i, cell := range want {
				var sector string
				var year, count int
				if _, err := fmt.Sscan(cell, &sector, &year, &count); err != nil {
					t.Fatal(err)
				}
				got := 0
				for _, row := range codes.Rows {
					if row[0] == sector && row[1] == float64(year) && row[len(row)-1].(string)[i/per] == '1' {
						got++
					}
				}
				compared++
				if got != count {
					t.Errorf("%s, %s at %s: %d codes count on the page, %d in the table (mode %d)", figure.ID, cell, figure.Choices[i/per], got, count, mode)
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d cells were compared", compared)
	}
}

// A sector's name is data: it can't end the script that it stands in.
func TestPageEscapesInBrowser(t *testing.T) {
	list := filepath.Join(t.TempDir(), "sectors.csv")
	const name = `</script><script>document.title='broken'</script><!--`
	if err := os.WriteFile(list, []byte("sector,hs_revision,hs6,reason\n\""+name+"\",H4,880220,\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir, _ := draw(t, report.Options{Out: sampleData(t, "sectors", list)})
	text := read(t, dir, report.PageFile)
	if strings.Contains(text, "<script>document.title") {
		t.Error("the name stands in the page as markup")
	}
	if n := strings.Count(text, "</script>"); n != 10 {
		t.Errorf("%d scripts end, the page has 10", n)
	}
	if !strings.Contains(fmt.Sprint(pageData(t, dir).Tables), name) {
		t.Error("the name is not in the page's data")
	}
	for _, picture := range []string{"figure14.svg", "figure27.svg"} {
		if strings.Contains(read(t, dir, picture), "<script>") {
			t.Errorf("%s has a script", picture)
		}
		texts(t, read(t, dir, picture)) // is well-formed
	}
	inBrowsers(t, dir, func(t *testing.T, b *browser) {
		if title := ask[string](b, "document.title"); title != "China's trade by sector" {
			t.Errorf("title %q", title)
		}
	})
}

// What fails leaves the old report, and nothing beside it.
func TestFailureLeavesTheOldReport(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out") // it gets damaged
	if err := os.CopyFS(out, os.DirFS(sampleData(t))); err != nil {
		t.Fatal(err)
	}
	dir, _ := draw(t, report.Options{Out: out})
	before := read(t, dir, "report.json")
	var usage *usage.Error
	for _, o := range []report.Options{
		{Out: out, Dir: dir, Release: "000000000000"},
		{Out: out, Dir: dir, Years: []int{1999}},
		{Out: out, Dir: dir, Modes: []string{"H5"}},
		{Out: out, Dir: filepath.Dir(dir)}, // holds something else
	} {
		if _, err := report.Write(t.Context(), o); !errors.As(err, &usage) {
			t.Errorf("%+v: %v, expected an error of usage", o, err)
		}
	}
	// A file of the release that is damaged.
	damaged := filepath.Join(out, "current", "ratings.parquet")
	if err := os.WriteFile(damaged, []byte("no Parquet"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Write(t.Context(), report.Options{Out: out, Dir: dir}); err == nil || !strings.Contains(err.Error(), "ratings") {
		t.Errorf("with a damaged file: %v", err)
	}
	if read(t, dir, "report.json") != before {
		t.Error("the old report changed")
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("beside the report there are %v", left)
	}
}

// The page says how to cite the release, and the terms of those who published the files.
func TestPageIsCited(t *testing.T) {
	out := sampleData(t)
	dir, s := draw(t, report.Options{Out: out})
	page := read(t, dir, report.PageFile)
	for _, want := range []string{
		"<p id=\"cite\">Entrepot: Measures of the trade of China, release " + s.Release + ", computed by entrepot ",
		"<dt>UN Comtrade</dt><dd>United Nations Statistics Division, UN Comtrade database. The data are for internal use",
		`<a href="https://comtrade.un.org/db/help/PolicyOnUseAndRedissemination.pdf">Terms</a>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}
