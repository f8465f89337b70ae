package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"entrepot/pipeline/report"
)

// partners writes imports of a country from many others, so many years long, into a folder.
func partners(t *testing.T, years ...int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n")
	for i, year := range years {
		total := 0
		for k, partner := range []int{842, 276, 392, 410, 826, 251, 380, 724, 528, 756, 899, 56, 752, 578, 208, 246, 40, 616, 203, 348, 702, 76, 490} {
			value := 1000 * (50 - k + 30*(i*k%7))
			total += value
			fmt.Fprintf(&b, "%d,%d,156,M,%d,H5,880240,%d\n", year, year, partner, value)
		}
		fmt.Fprintf(&b, "%d,%d,156,M,0,H5,880240,%d\n%d,%d,156,X,0,H5,880240,%d\n", year, year, total, year, year, total/4)
		fmt.Fprintf(&b, "%d,%d,842,X,0,H5,880240,%d\n%d,%d,276,X,0,H5,880240,%d\n", year, year, 3*total, year, year, 2*total)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "trade.csv"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The map, the ranks and the treemap show the values of the files, by pointer and keys; a link
// restores what was chosen.
func TestTradersInBrowser(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	publish(t, partners(t, 2021, 2022, 2023), out)
	dir, _ := draw(t, report.Options{Out: out})
	inBrowsers(t, dir, func(t *testing.T, b *browser) { b.traders(t, out, dir) })
}

func (b *browser) traders(t *testing.T, out, dir string) {
	current := filepath.Join(out, "current")
	first := parquet[string](t, current, `SELECT partner_name || printf('|%.1f%%', 100 * partner_share) FROM '%s/suppliers.parquet' a WHERE code = '880240' AND year = 2023 AND rank = 1`)
	name, share, _ := strings.Cut(first, "|")

	b.choose("suppliers", "code", ask[string](b, `[...document.getElementById("suppliers-code").options][1].text`))
	title := ask[string](b, view("suppliers")+".title.textContent")
	if want := "China's largest supplier of HS 880240: " + share + " of imports in 2023"; !strings.HasSuffix(title, want) || name == "" {
		t.Errorf("the title is %q, the file says %q of %s", title, want, name)
	}
	shapes := ask[int](b, view("suppliers")+".marks.filter(m => m.node && m.node.isConnected).length")
	if all := ask[int](b, view("suppliers")+".marks.length"); shapes != 9 || all != 10 {
		t.Errorf("%d of %d areas are on the map, want all but the one that has no place", shapes, all)
	}
	if legend := ask[string](b, view("suppliers")+".svg.textContent"); !strings.Contains(legend, "nothing, or not among the largest") || !strings.Contains(legend, "Not on the map: ") {
		t.Errorf("the map says %q", legend)
	}
	ask[bool](b, view("suppliers")+".box.focus(); true")
	b.press("ArrowDown", "Home")
	if said := ask[string](b, "document.getElementById('said').textContent"); !strings.HasPrefix(said, name+", 2023: "+share+", $") || !strings.Contains(said, "place 1") {
		t.Errorf("a screen reader hears %q, the file has %s", said, first)
	}
	if rows, all := ask[int](b, "("+view("suppliers")+".toggleTable(), "+view("suppliers")+".extra.querySelectorAll('tbody tr').length)"),
		parquet[int](t, current, "SELECT count(DISTINCT partner) FROM '%s/suppliers.parquet' WHERE code = '880240' AND rank <= 10"); rows != all {
		t.Errorf("the table has %d rows for %d suppliers", rows, all)
	}
	if size := ask[int](b, "png("+view("suppliers")+".picture()).then(p => p.size)"); size < 10_000 {
		t.Errorf("the PNG of the map has %d bytes", size)
	}

	// Pictures of every size hold their font, and what is shown stays as it was.
	sized := ask[string](b, "sizes.map(s => "+view("suppliers")+`.picture(s).text).map(t => t.match(/<svg[^>]*? viewBox="([^"]*)"/)[1].split(" ").slice(2, 4).join("x") + (t.match(/ width="\d+mm"/) || [""])[0] + t.includes("@font-face") + t.includes("<text")).join()`)
	if parts := strings.Split(sized, ","); len(parts) != 4 || parts[1] != "1280x720truetrue" || !strings.HasPrefix(parts[2], "400x") || !strings.Contains(parts[2], `width="85mm"truetrue`) || !strings.Contains(parts[3], `width="170mm"truetrue`) {
		t.Errorf("pictures have the sizes %s", sized)
	}

	// Ranks through the years.
	b.choose("suppliers", "show", "ranks through the years")
	want := parquet[string](t, current, `SELECT string_agg(partner_name || ' ' || rank, ', ' ORDER BY rank) FROM '%s/suppliers.parquet' WHERE code = '880240' AND year = 2021 AND rank <= 8`)
	got := ask[string](b, view("suppliers")+`.marks.filter(m => m.said.includes(", 2021: ")).map(m => [areaName(m.area), +m.said.match(/place (\d+)/)[1]]).sort((a, b) => a[1] - b[1]).map(m => m.join(" ")).join(", ")`)
	if got != want {
		t.Errorf("places of 2021: %s, the file has %s", got, want)
	}
	link := ask[string](b, view("suppliers")+".link().split('#')[1]")
	b.restore(dir, "#"+link)
	if again := ask[string](b, view("suppliers")+".link().split('#')[1]"); again != link || !strings.Contains(link, "suppliers.view=1") || !strings.Contains(link, "suppliers.code=1") {
		t.Errorf("the link %s restores %s", link, again)
	}

	// The treemap leads to the suppliers of a code.
	codes := ask[int](b, view("products")+".marks.length")
	traded := parquet[int](t, current, "SELECT count(*) FROM '%s/import_dependence_hs6.parquet' WHERE sector = 'aerospace' AND year = 2023 AND imports_usd > 0")
	if codes != traded {
		t.Errorf("the treemap has %d codes, the file %d", codes, traded)
	}
	b.restore(dir, "")
	ask[bool](b, view("products")+".box.focus(); true")
	b.press("Home", "Enter")
	if shown := ask[string](b, view("suppliers")+".code()"); shown != "880240" {
		t.Errorf("a code of the treemap leads to the suppliers of %s", shown)
	}

	// The world's exporters are few: no map is made of them.
	if ask[bool](b, view("exporters")+".t.map") {
		t.Error("a map of two exporters is made")
	}
	share = strconv.FormatFloat(100*parquet[float64](t, current, "SELECT export_share FROM '%s/exporters.parquet' WHERE level = 0 AND code = 'aerospace' AND year = 2023 AND rank = 1"), 'f', 1, 64)
	if title := ask[string](b, view("exporters")+".title.textContent"); title != "The United States is the largest exporter of aerospace equipment: "+share+"% of world exports in 2023" {
		t.Errorf("of exporters the page says %q", title)
	}
}

// What the page says of years that are chosen is what the report would say of them.
func TestFindingsInBrowser(t *testing.T) {
	dir, _ := draw(t, report.Options{Out: rich(t)})
	inBrowsers(t, dir, func(t *testing.T, b *browser) {
		for _, f := range []string{"figure14", "figure26", "figure27", "table7-partner-share"} {
			if ask[string](b, view(f)+".chosen().finding") != ask[string](b, fmt.Sprintf("(v => changeFinding(v.chosen().subject, v.all(), ...v.chosen().compared))(%s)", view(f))) {
				t.Errorf("%s: the page's finding is not the report's", f)
			}
		}
	})
}

// Of a further country the page has the tables of its figures, and says how to have the others.
func TestTablesOfFurtherCountriesInBrowser(t *testing.T) {
	out := sampleData(t, "reporter", "CHN,USA")
	dir, _ := draw(t, report.Options{Out: out})
	cautious, _ := draw(t, report.Options{Out: out, Caution: "Invented values."})
	inBrowsers(t, dir, func(t *testing.T, b *browser) {
		if further := ask[string](b, "document.getElementById('tables').textContent"); strings.Contains(further, "Further tables of") {
			t.Errorf("of the first country the page lacks tables: %s", further)
		}
		if caption := ask[string](b, view("suppliers")+".caption.textContent"); !strings.Contains(caption, "Source: ") || strings.Contains(caption, "Invented") {
			t.Errorf("without a caution the suppliers' caption is %q", caption)
		}
		b.restore(cautious, "")
		if caption := ask[string](b, view("suppliers")+".caption.textContent"); !strings.HasSuffix(caption, " Invented values.") {
			t.Errorf("the suppliers' caption %q does not warn", caption)
		}
		ask[bool](b, "choose('USA').then(() => true)")
		offered := ask[string](b, "[...document.querySelectorAll('#tables button')].map(b => b.textContent.split('.csv')[0]).join()")
		told := ask[string](b, "document.querySelector('#tables .table:last-child').textContent")
		if !strings.Contains(","+offered, ",export_share,") || strings.Contains(offered, "growth") {
			t.Errorf("the page offers %s", offered)
		}
		if !strings.Contains(told, "growth") || strings.Contains(told, "export_share,") || !strings.Contains(told, " --reporter USA --top 0 --csv > ") {
			t.Errorf("of other tables the page says %s", told)
		}
	})
}
