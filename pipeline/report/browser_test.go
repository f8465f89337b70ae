package report_test

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/pipeline/report"
)

// view is the script's object of a figure.
func view(figure string) string {
	return fmt.Sprintf("views.find(v => v.figure.id === %q)", figure)
}

// place scrolls to the dot of a sector and year, and returns where it is.
func (b *browser) place(figure, sector string, year int) []float64 {
	b.t.Helper()
	return ask[[]float64](b, fmt.Sprintf(`(() => {
		const m = %s.marks.find(m => m.group.key === %q && m.bar.year === %d);
		m.node.scrollIntoView({block: "center", behavior: "instant"});
		const box = m.node.getBoundingClientRect();
		return [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
	})()`, view(figure), sector, year))
}

// tip moves the mouse to a dot and returns what the page shows.
func (b *browser) tip(figure, sector string, year int) string {
	b.t.Helper()
	at := b.place(figure, sector, year)
	b.must(b.move(b.ctx, at[0], at[1]))
	b.waitFor("!" + view(figure) + ".tip.hidden")
	return ask[string](b, view(figure)+".tip.textContent")
}

func (b *browser) choose(figure, control, option string) {
	b.t.Helper()
	ok := ask[bool](b, fmt.Sprintf(`(() => {
		const s = document.getElementById(%q), o = [...s.options].find(o => o.text === %q);
		if (!o) return false;
		s.value = o.value;
		s.dispatchEvent(new Event("change"));
		return true;
	})()`, figure+"-"+control, option))
	if !ok {
		b.t.Fatalf("the switch %s of %s has no %q", control, figure, option)
	}
}

// parquet asks the published files of a release; %s stands for its folder.
func parquet[T any](t *testing.T, dir, query string) T {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var value T
	if err := db.QueryRow(strings.ReplaceAll(query, "%s", dir)).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// counted is SQL of a text such as "33% (1/3)".
func counted(share, part, of string) string {
	return "printf('%.0f%% (%d/%d)', 100 * " + share + ", " + part + ", " + of + ")"
}

// In dark colours, too, the page can be read by all.
func TestDarkPageInBrowser(t *testing.T) {
	dir, _ := draw(t, report.Options{Out: rich(t)})
	for _, which := range browsers {
		t.Run(which.name, func(t *testing.T) {
			b := openPage(t, which.name, dir, true)
			if !ask[bool](b, "matchMedia('(prefers-color-scheme: dark)').matches") {
				t.Fatal("the browser asks for no dark colours")
			}
			b.do("document.querySelectorAll('details').forEach(d => { d.open = true })")
			b.widths(t, "dark")
			b.accessible(t)
		})
	}
}

func TestPageInBrowser(t *testing.T) {
	out := rich(t)
	dir := filepath.Join(t.TempDir(), "report")
	if _, err := report.Write(t.Context(), report.Options{Out: out, Dir: dir, Modes: []string{"families"}}); err != nil {
		t.Fatal(err)
	}
	inBrowsers(t, dir, func(t *testing.T, b *browser) { b.page(t, out) })
}

// page looks at what a page with all figures shows, and at what its controls do.
func (b *browser) page(t *testing.T, out string) {
	current := filepath.Join(out, "current")

	// Pointing at a bar shows the value of the file.
	want := parquet[string](t, current, "SELECT 'Power equipment, 2023: ' || "+counted("dependent_share", "codes_dependent", "codes_traded")+
		" FROM '%s/import_dependence.parquet' WHERE sector = 'power' AND year = 2023")
	if got := b.tip("figure14", "power", 2023); !strings.HasPrefix(got, want) {
		t.Errorf("the bar shows %q, the file has %q", got, want)
	}

	// The switch of cut-offs shows that of the sensitivity table.
	b.choose("figure14", "cut-off", "5×")
	want = parquet[string](t, current, "SELECT 'Power equipment, 2023: ' || "+counted("dependent_share", "codes_dependent", "codes_traded")+
		" FROM '%s/import_dependence_sensitivity.parquet' WHERE sector = 'power' AND year = 2023 AND ratio = 5")
	if got := b.tip("figure14", "power", 2023); !strings.HasPrefix(got, want) {
		t.Errorf("at 5 times the bar shows %q, the file has %q", got, want)
	}
	if title := ask[string](b, view("figure14")+".subtitle.textContent"); !strings.Contains(title, "at least 5 times") {
		t.Errorf("subtitle %q", title)
	}
	b.choose("figure14", "cut-off", "2×")

	// The switch of modes shows another release.
	other := ask[string](b, "page.modes[1].release")
	b.choose("figure27", "to", "2023") // of low coverage: it is not what the page compares by itself
	b.choose("figure27", "codes", ask[string](b, "page.modes[1].name"))
	want = parquet[string](t, filepath.Join(out, "releases", other), "SELECT 'Power equipment, 2023: ' || "+counted("dominated_share", "codes_dominated", "codes_exported")+
		" || '*' FROM '%s/dominance.parquet' WHERE sector = 'power' AND year = 2023")
	if got := b.tip("figure27", "power", 2023); !strings.HasPrefix(got, want) {
		t.Errorf("in families the bar shows %q, the file has %q", got, want)
	}

	// What a figure is said to show is what the file has.
	wantTitle := parquet[string](t, current, `SELECT format('China''s import dependence fell in {} of {} sectors between 2015 and 2023', count(*) FILTER (b.dependent_share < a.dependent_share), count(*))
		FROM '%s/import_dependence.parquet' a JOIN '%s/import_dependence.parquet' b USING (sector) WHERE a.year = 2015 AND b.year = 2023`)
	if got := ask[string](b, view("figure14")+".title.textContent"); got != wantTitle {
		t.Errorf("the title is %q, the file says %q", got, wantTitle)
	}
	wantTitle = parquet[string](t, current, `SELECT format('China''s share of world exports rose in {} of {} sectors between 2015 and 2022', count(*) FILTER (b.export_share > a.export_share), count(*))
		FROM '%s/export_share.parquet' a JOIN '%s/export_share.parquet' b USING (sector) WHERE a.year = 2015 AND b.year = 2022`) // 2023 is of low coverage
	if got := ask[string](b, view("figure26")+".title.textContent"); got != wantTitle {
		t.Errorf("the title is %q, the file says %q", got, wantTitle)
	}
	wantTitle = parquet[string](t, current, `SELECT format('{} of China''s imports in 2023, {} from {} in 2015', printf('%.1f%%', 100 * b.partner_share), if(b.partner_share > a.partner_share, 'up', 'down'), printf('%.1f%%', 100 * a.partner_share))
		FROM '%s/partner_trend.parquet' a JOIN '%s/partner_trend.parquet' b USING (sector) WHERE sector = 'all_codes' AND a.year = 2015 AND b.year = 2023`)
	if got := ask[string](b, view("figure7")+".title.textContent"); !strings.HasSuffix(got, " supplied "+wantTitle) {
		t.Errorf("the title is %q, the file says %s", got, wantTitle)
	}
	if got := ask[string](b, view("figure7-dollars")+".variant().lines.unit"); got != "usd" {
		t.Errorf("the figure of dollars shows %q", got)
	}

	t.Run("click", func(t *testing.T) { b.behind(t) })
	t.Run("csv", func(t *testing.T) { b.csv(t, current) })
	t.Run("keyboard", func(t *testing.T) { b.keyboard(t, current) })
	t.Run("card", func(t *testing.T) { b.card(t) })
	t.Run("width", func(t *testing.T) { b.widths(t, "light") })
	t.Run("accessible", func(t *testing.T) { b.accessible(t) })
}

// Each country of a release can be chosen; links restore what was; values are those of the file.
func TestCountriesInBrowser(t *testing.T) {
	out := sampleData(t, "reporter", "CHN,USA,DEU")
	dir, _ := draw(t, report.Options{Out: out})
	inBrowsers(t, dir, func(t *testing.T, b *browser) { b.countries(t, out, dir) })
}

func (b *browser) countries(t *testing.T, out, dir string) {
	current := filepath.Join(out, "current")
	if got, want := ask[string](b, "[...document.getElementById('country').options].map(o => o.text).join()"), "China,Germany,USA"; got != want {
		t.Errorf("countries %s, want %s", got, want)
	}
	value := func(reporter int) string {
		return parquet[string](t, current, fmt.Sprintf("SELECT printf('%%.1f%%%%', 100 * export_share) FROM '%%s/export_share.parquet' WHERE reporter = %d AND sector = 'power' AND year = 2023", reporter))
	}
	shown := "(g => g.bars.find(b => b.year === 2023).text.replace('*', ''))(" + view("figure26") + ".variant().bars.groups.find(g => g.key === 'power'))"
	if got := ask[string](b, shown); got != value(156) {
		t.Errorf("China first: %s, the file has %s", got, value(156))
	}
	ask[bool](b, "(s => { s.value = 'USA'; s.dispatchEvent(new Event('change')); return true })(document.getElementById('country'))")
	b.waitFor("country.id === 'USA'")
	if got := ask[string](b, "document.title"); got != "The United States' trade by sector" {
		t.Errorf("title %q", got)
	}
	if got := ask[string](b, shown); got != value(842) {
		t.Errorf("USA: %s, the file has %s", got, value(842))
	}
	if hash := ask[string](b, "location.hash"); hash != "#country=USA" {
		t.Errorf("the address says %q", hash)
	}
	ask[bool](b, "document.getElementById('sector-power').click(); true")
	if n := ask[int](b, view("figure26")+".all().groups.filter(g => g.key === 'power').length"); n != 0 {
		t.Error("a sector that is not chosen is shown")
	}
	link := ask[string](b, view("figure26")+".link().split('#')[1]")
	all := ask[int](b, view("figure26")+".variant().bars.groups.length")
	b.restore(dir, "#"+link)
	if n := ask[int](b, view("figure26")+".all().groups.length"); n != all-1 || ask[bool](b, "document.getElementById('sector-power').checked") {
		t.Errorf("the link %s shows %d of %d groups", link, n, all)
	}
	if got := ask[string](b, "country.id"); got != "USA" {
		t.Errorf("the link shows %s", got)
	}
	b.restore(dir, "#country=DEU&figure=figure27&figure27.choice=3")
	if got := ask[string](b, "country.id + document.getElementById('figure27-cut-off').selectedOptions[0].text"); got != "DEU50%" {
		t.Errorf("a link restores %q", got)
	}
	text := ask[string](b, `textOf("import_dependence", country)`)
	want := parquet[int](t, current, "SELECT count(*) FROM '%s/import_dependence.parquet' WHERE reporter = 276")
	if got := strings.Count(text, "\r\n") - 1; got != want {
		t.Errorf("the CSV of Germany has %d rows, the file %d", got, want)
	}
	b.expect("ERR_FILE_NOT_FOUND")
	usa := filepath.Join(dir, "countries", "USA.js")
	b.must(os.Rename(usa, usa+".gone"))
	t.Cleanup(func() { b.must(os.Rename(usa+".gone", usa)) }) // for the next browser
	ask[bool](b, "choose('USA').then(() => true)")
	if got := ask[string](b, "document.getElementById('wrong').textContent"); !strings.Contains(got, "countries/USA.js can't be read") {
		t.Errorf("of a script that is gone the page says %q", got)
	}
}

// behind lists the codes of a bar.
func (b *browser) behind(t *testing.T) {
	b.tip("figure27", "rail", 2015)
	at := b.place("figure27", "rail", 2015)
	b.must(b.click(b.ctx, at[0], at[1]))
	b.waitFor("!" + view("figure27") + ".codes.hidden")
	got := ask[string](b, view("figure27")+`.codes.querySelector("h3").textContent`)
	counts := ask[int](b, view("figure27")+`.codes.querySelectorAll("tr.counts").length`)
	if want := fmt.Sprintf("(%d/", counts); !strings.HasPrefix(got, "Rail equipment, 2015: ") || !strings.Contains(got, want) {
		t.Errorf("a click lists %q with %d codes that count", got, counts)
	}
}

// csv is what a button of a table saves.
func (b *browser) csv(t *testing.T, current string) {
	text := ask[string](b, `textOf("export_share", country)`)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	at, year, label := slices.Index(rows[0], "export_share"), slices.Index(rows[0], "year"), slices.Index(rows[0], "sector_label")
	for _, r := range rows[1:] {
		got = append(got, r[0]+" "+r[label]+" "+r[year]+" "+r[at])
	}
	want := parquet[string](t, current, "SELECT string_agg(sector || ' ' || sector_label || ' ' || year || ' ' || coalesce(export_share::VARCHAR, ''), chr(10) ORDER BY sector, year) FROM '%s/export_share.parquet'")
	if strings.Join(got, "\n") != want {
		t.Errorf("the CSV has\n%s\nthe file has\n%s", strings.Join(got, "\n"), want)
	}
}

// keyboard goes from the top of the page to the codes of a bar without a mouse.
func (b *browser) keyboard(t *testing.T, current string) {
	b.must(b.reload(b.ctx))
	b.ready()
	b.press("Tab")
	if first := ask[string](b, "document.activeElement.className"); first != "skip" {
		t.Errorf("the first stop is %q, not the skip link", first)
	}
	reached := false
	for range 80 {
		b.press("Tab")
		if reached = ask[bool](b, "document.activeElement === "+view("figure14")+".box"); reached {
			break
		}
	}
	if !reached {
		t.Fatal("Tab does not lead to the chart of Figure 14")
	}
	if outline := ask[string](b, "getComputedStyle(document.activeElement).outlineStyle"); outline != "solid" {
		t.Errorf("the focus is not to be seen: outline %s", outline)
	}
	b.press("ArrowDown", "ArrowDown", "ArrowDown")
	sector := ask[string](b, view("figure14")+".marks["+view("figure14")+".at].group.key")
	year := ask[int](b, view("figure14")+".marks["+view("figure14")+".at].bar.year")
	if year != 2023 {
		t.Errorf("the fourth bar is of %d", year)
	}
	if said := ask[string](b, "document.getElementById('said').textContent"); !strings.Contains(said, ", 2023: ") {
		t.Errorf("a screen reader hears %q", said)
	}
	b.press("Enter")
	b.waitFor("document.activeElement === " + view("figure14") + ".codes") // Enter leads to the codes
	got := ask[string](b, `[...document.activeElement.querySelectorAll("tbody tr")].map(r => r.cells[0].textContent + " " + r.cells[1].textContent + " " + r.cells[3].textContent + " " + r.cells[4].textContent + " " + r.cells[2].textContent).join("\n")`)
	want := parquet[string](t, current, fmt.Sprintf(`SELECT string_agg(hs6 || ' ' || product || ' $' || format('{:,}', round(imports_usd)::BIGINT) || ' $' || format('{:,}', round(exports_usd)::BIGINT)
		|| CASE WHEN dependent THEN ' yes' ELSE ' no' END, chr(10) ORDER BY dependent DESC, imports_usd DESC, hs6)
		FROM '%%s/import_dependence_hs6.parquet' WHERE sector = '%s' AND year = 2023 AND traded`, sector))
	if got != want || want == "" {
		t.Errorf("the codes of %s are\n%s\nthe file has\n%s", sector, got, want)
	}
	b.press("Escape")
	if !ask[bool](b, "document.activeElement === "+view("figure14")+".box") {
		t.Error("Escape does not lead back to the chart")
	}
	b.press("Enter")

	ask[bool](b, view("figure15")+".box.focus(); true")
	b.press("End")
	want = parquet[string](t, current, "SELECT printf('2023-12: Imports $%.0fm, Exports $%.0fm', imports_usd / 1e6, exports_usd / 1e6) FROM '%s/high_tech_monthly.parquet' WHERE sector = 'all_sectors' AND year = 2023 AND month = 12")
	if said := ask[string](b, "document.getElementById('said').textContent"); said != want {
		t.Errorf("at the end of the lines a screen reader hears %q, the file has %q", said, want)
	}
}

// card uses the buttons of a figure: its table, its pictures, its address.
func (b *browser) card(t *testing.T) {
	b.choose("figure14", "show", "all years")
	if n := ask[int](b, view("figure14")+".marks.filter(m => m.node).length"); n < 30 {
		t.Errorf("all years are %d dots", n)
	}
	hash := ask[string](b, view("figure14")+".link().split('#')[1]")
	if hash != "figure=figure14&figure14.view=1" {
		t.Errorf("the address of the view is %q", hash)
	}
	picture := ask[string](b, view("figure14")+".picture().text")
	title := ask[string](b, view("figure14")+".title.textContent")
	said := strings.Join(texts(t, picture), " ")
	if !strings.HasPrefix(said, "Figure 14 ") || !strings.Contains(strings.ReplaceAll(said, "\u2019", "'"), strings.Fields(title)[0]) || !strings.Contains(said, "Source: ") {
		t.Errorf("the picture says %q", said)
	}
	if size := ask[int](b, "png("+view("figure14")+".picture()).then(p => p.size)"); size < 10_000 {
		t.Errorf("the PNG has %d bytes", size)
	}
	// A figure with none of the sectors has no picture of what was there before.
	b.do(`state.set({sectors: "none_such"}); ` + view("figure14") + ".show()")
	if offered := ask[string](b, "[...document.querySelectorAll('[aria-label$=\"of Figure 14\"]')].filter(b => !b.disabled).map(b => b.textContent).join()"); offered != "Table,CSV,Link,Cite,Embed" {
		t.Errorf("without its sectors the figure offers %s", offered)
	}
	b.do("state.set({sectors: null}); " + view("figure14") + ".show()")
	if shut := ask[int](b, "document.querySelectorAll('.bar :disabled').length"); shut != 0 {
		t.Errorf("with its sectors %d buttons are shut", shut)
	}
	ask[bool](b, view("figure14")+".toggleTable(); true")
	rows := ask[int](b, view("figure14")+".extra.querySelectorAll('tbody tr').length")
	if groups := ask[int](b, view("figure14")+".all().groups.length"); rows != groups || rows == 0 {
		t.Errorf("the table has %d rows for %d sectors", rows, groups)
	}
	got := ask[string](b, `(() => {
		const table = `+view("table7-vulnerabilities")+`.stage.querySelector("table"), head = [...table.querySelectorAll("button.sort")].find(s => s.textContent === "Imports");
		head.click();
		return [...table.querySelectorAll("tbody tr")].map(r => r.cells[0].textContent).join();
	})()`)
	want := ask[string](b, view("table7-vulnerabilities")+`.variant().grid.rows.toSorted((a, b) => a.cells[2].value - b.cells[2].value).map(r => r.name).join()`)
	if got != want {
		t.Errorf("sorted by imports the headings are %s, want %s", got, want)
	}
}

// accessible lets axe-core, where ENTREPOT_AXE names its file axe.min.js, look at the page.
func (b *browser) accessible(t *testing.T) {
	file := os.Getenv("ENTREPOT_AXE")
	if file == "" {
		t.Skip("ENTREPOT_AXE does not name axe.min.js of the npm package axe-core")
	}
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ask[bool](b, string(script)+"; true")
	found := ask[string](b, `axe.run().then(r => r.violations.map(v => v.impact + " " + v.id + ": " + v.nodes.length + " " + v.nodes[0].target + " " + v.nodes[0].failureSummary).join("\n"))`)
	if found != "" {
		t.Error(found)
	}
}

func (b *browser) widths(t *testing.T, scheme string) {
	for name, width := range map[string]int64{"desktop": 1280, "phone": 390} {
		b.must(b.resize(b.ctx, width, 800))
		b.waitFor(fmt.Sprintf("innerWidth === %d", width))
		b.do("await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn, 100)))")
		if wide := ask[int64](b, "document.documentElement.scrollWidth"); wide > width {
			t.Errorf("at a width of %d the page is %d wide", width, wide)
		}
		b.shoot(name + "-" + scheme)
	}
}
