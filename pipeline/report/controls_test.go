package report_test

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/pipeline/report"
)

// What the tests below do with controls and figures holds for all that stand on the page, whatever they
// are: a new card is tested without a word here.

//go:embed testdata/controls.js
var controlsJS string

// TestEveryControlInBrowser uses each control by the keyboard and by touch, points at the marks of each figure, and
// opens the link of each state that can be chosen.
func TestEveryControlInBrowser(t *testing.T) {
	out := rich(t)
	dir := filepath.Join(t.TempDir(), "report")
	if _, err := report.Write(t.Context(), report.Options{Out: out, Dir: dir, Modes: []string{"families"}}); err != nil {
		t.Fatal(err)
	}
	inBrowsers(t, dir, func(t *testing.T, b *browser) {
		for _, part := range []struct {
			name string
			test func(*testing.T, *browser, string)
		}{{"reach", reach}, {"keyboard", byKeyboard}, {"hover", hover}, {"values", values}, {"links", links}, {"touch", touch}} {
			t.Run(part.name, func(t *testing.T) {
				whole := b.t
				b.t = t
				defer func() { b.t = whole }()
				b.restore(dir, "")
				b.do(controlsJS)
				part.test(t, b, filepath.Join(out, "current"))
			})
		}
	})
}

// reach goes through the page by Tab: every control that is shown is reached, and is seen to be.
func reach(t *testing.T, b *browser, _ string) {
	b.do("tests.open()")
	all := ask[[]string](b, "tests.controls().map(tests.name)")
	if len(all) < 40 {
		t.Fatalf("the page has the controls %q: are the others found?", all)
	}
	b.do("document.activeElement.blur(); scrollTo(0, 0)")
	for range len(all) + 20 {
		b.press("Tab")
		if !ask[bool](b, "tests.arrive()") {
			break // the end of the page, or its beginning again
		}
	}
	for _, missed := range ask[[]string](b, "tests.controls().filter(c => !tests.reached.has(c)).map(tests.name)") {
		t.Errorf("Tab does not lead to %s", missed)
	}
	for _, unseen := range ask[[]string](b, "tests.unseen") {
		t.Errorf("the focus is not to be seen on %s", unseen)
	}
}

// byKeyboard uses each control as its kind wants: something of the page changes, or a file is saved.
func byKeyboard(t *testing.T, b *browser, _ string) {
	b.do("tests.open(); tests.catchFiles()")
	names := ask[[]string](b, "tests.mark()")
	for i, name := range names {
		kind := ask[string](b, fmt.Sprintf("tests.begin(%d)", i))
		if b.name == "firefox" && kind != "select" && kind != "chart" {
			continue // keys that WebDriver sends to it press no button; what a key does on one is the browser's own
		}
		switch kind {
		case "gone": // another control has put others into its place
			continue
		case "select":
			b.press("ArrowDown")
			if !ask[bool](b, "tests.changed()") {
				b.press("ArrowUp", "ArrowUp") // it was the last
			}
		case "checkbox":
			b.press(" ")
		case "chart":
			b.press("ArrowDown", "ArrowDown")
		default:
			b.press("Enter")
		}
		if !ask[bool](b, "tests.soon(() => tests.changed())") {
			t.Errorf("by the keyboard %s (%s) does nothing", name, kind)
		}
		if kind == "chart" && !ask[bool](b, "tests.said() !== ''") {
			t.Errorf("a screen reader hears nothing of %s", name)
		}
		b.press("Escape")
	}
}

// hover points at marks of each figure: the tip says what the mark is said to be.
func hover(t *testing.T, b *browser, _ string) {
	shown := 0
	for _, figure := range ask[[]string](b, "tests.charts()") {
		for i := range ask[int](b, fmt.Sprintf("tests.choose(%q, 6)", figure)) {
			at := ask[[]float64](b, fmt.Sprintf("tests.place(%d)", i))
			if len(at) == 0 {
				continue
			}
			b.must(b.move(b.ctx, at[0], at[1]))
			got := ask[[]string](b, fmt.Sprintf("tests.soon(() => tests.tip(%q)).then(() => [tests.tip(%q), tests.about(%d)])", figure, figure, i))
			if got[0] == "" || !strings.Contains(tidy(got[0]), tidy(got[1])) {
				t.Errorf("%s: pointing at mark %d (%v) shows %q, it is %q", figure, i, at, got[0], got[1])
			}
			shown++
		}
		b.must(b.move(b.ctx, 4, 4))
	}
	if shown < 40 {
		t.Errorf("only %d marks were pointed at", shown)
	}
}

// tidy leaves of a text what says something: the parts of a tip stand in elements of their own.
func tidy(text string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", ",", "", ";", "", ":", "").Replace(text)
}

// values compares every share that the page has for a figure of bars with the Parquet file that the figure is made of: one of
// its columns has them all, under the same sector and year.
func values(t *testing.T, b *browser, current string) {
	type share struct {
		Table, Key string
		Year       int
		Share      *float64
	}
	found := map[string][]share{}
	for _, s := range ask[[]share](b, "tests.shares()") {
		found[s.Table] = append(found[s.Table], s)
	}
	if len(found) < 3 {
		t.Fatalf("the page has bars of %d tables", len(found))
	}
	for table, shares := range found {
		file := strings.ReplaceAll(filepath.Join(current, table+".parquet"), "'", "''")
		columns := parquet[string](t, current, "SELECT string_agg(name, ',') FROM parquet_schema('"+file+"') WHERE type = 'DOUBLE'")
		rows := make([]string, len(shares))
		for i, s := range shares {
			value := "NULL"
			if s.Share != nil {
				value = fmt.Sprintf("%.17g", *s.Share)
			}
			rows[i] = fmt.Sprintf("('%s', %d, %s::DOUBLE)", s.Key, s.Year, value)
		}
		agrees := ""
		for _, column := range strings.Split(columns, ",") {
			wrong := parquet[int](t, current, fmt.Sprintf(`SELECT count(*) FROM (VALUES %s) v(sector, year, share) LEFT JOIN '%s' f USING (sector, year)
				WHERE v.share IS DISTINCT FROM f.%s AND NOT coalesce(abs(v.share - f.%s) < 1e-12, false)`, strings.Join(rows, ", "), file, column, column))
			if wrong == 0 {
				agrees = column
			}
		}
		if agrees == "" {
			t.Errorf("no column of %s has the %d shares that the page shows of it", table, len(shares))
		}
	}
}

// links chooses each option of each switch, takes the link of the view, and opens it: the same is shown.
func links(t *testing.T, b *browser, _ string) {
	page := ask[string](b, "location.href.split('#')[0]")
	opened := 0
	for _, id := range ask[[]string](b, "[...document.querySelectorAll('main select[id]')].map(s => s.id)") {
		before := ask[[]string](b, fmt.Sprintf("tests.set(%q)", id))
		if len(before) == 0 { // the choice of another switch has taken it away
			continue
		}
		b.must(b.goTo(b.ctx, "about:blank"))
		b.open(page + "#" + before[0])
		b.do(controlsJS)
		after := ask[[]string](b, fmt.Sprintf("tests.state(%q)", id))
		if strings.Join(before, "\n") != strings.Join(after, "\n") {
			t.Errorf("of %s the link shows\n%q\nand it was\n%q", id, after, before)
		}
		opened++
	}
	if opened < 15 {
		t.Errorf("only %d links were opened", opened)
	}
}

// touch taps on a phone: marks show their values, buttons open what they have, boxes are ticked, pickers take the focus.
func touch(t *testing.T, b *browser, _ string) {
	b.must(b.resize(b.ctx, 390, 800))
	b.waitFor("innerWidth === 390")
	b.do("tests.open(); await tests.drawn()")
	for _, figure := range ask[[]string](b, "tests.charts()") {
		for i := range ask[int](b, fmt.Sprintf("tests.choose(%q, 2)", figure)) {
			at := ask[[]float64](b, fmt.Sprintf("tests.place(%d)", i))
			if len(at) == 0 {
				continue
			}
			b.must(b.tap(b.ctx, at[0], at[1]))
			if !ask[bool](b, fmt.Sprintf("tests.soon(() => tests.tip(%q) || tests.opened(%q))", figure, figure)) {
				t.Errorf("%s: a tap on mark %d (%v) shows nothing: %s", figure, i, at, ask[string](b, fmt.Sprintf("tests.about(%d)", i)))
			}
		}
		b.do(fmt.Sprintf("tests.close(%q)", figure))
	}
	names := ask[[]string](b, "tests.mark('select, input[type=checkbox], summary, button')")
	seen := map[string]bool{}
	for i, name := range names {
		kind := ask[string](b, fmt.Sprintf("tests.begin(%d)", i))
		if kind == "gone" || seen[tests(name)] || ask[bool](b, "tests.saves()") {
			continue
		}
		seen[tests(name)] = true // one of each sort will do
		at := ask[[]float64](b, fmt.Sprintf("tests.middle(%d)", i))
		b.do("document.activeElement.blur()")
		b.must(b.tap(b.ctx, at[0], at[1]))
		want := "tests.changed()"
		if kind == "select" {
			want = "tests.focused()" // the list of options is the browser's own
		}
		if !ask[bool](b, "tests.soon(() => "+want+")") {
			t.Errorf("a tap on %s (%s) at %v does nothing", name, kind, at)
		}
		b.press("Escape")
		if small := ask[string](b, fmt.Sprintf("tests.small(%d)", i)); small != "" {
			t.Errorf("%s is %s: too small for a finger", name, small)
		}
	}
}

// tests is the sort of a control: what its name begins with.
func tests(name string) string {
	first, _, _ := strings.Cut(name, " of ")
	return strings.TrimRight(first, "0123456789")
}

// The scripts of the tests have no word of a figure.
func TestControlsAreGeneric(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("controls_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"figure" + "14", "table" + "7"} {
		if strings.Contains(string(text)+controlsJS, id) {
			t.Errorf("a test of every control names %s", id)
		}
	}
}
