package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
)

//go:embed page/page.html page/page.css page/page.js page/echarts/echarts.common.min.js
var pageFiles embed.FS

// page is what the page's script gets to know, as JSON.
type page struct {
	Release  string         `json:"release"`
	Version  string         `json:"version"`
	Heading  string         `json:"heading"`
	Caution  string         `json:"caution"`
	Modes    []mode         `json:"modes"`
	Figures  []pageFigure   `json:"figures"`
	NotDrawn []NotDrawn     `json:"not_drawn"`
	Tables   []downloadable `json:"tables"`
	Settings []setting      `json:"settings"`
}

// mode is a release by how it counts codes.
type mode struct {
	Name    string `json:"name"`
	Release string `json:"release"`
}

// setting is a parameter of the release.
type setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// pageFigure is a figure with all that the page can show instead of it. Variants
// go by mode, then by choice, then counted before weighted.
type pageFigure struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	Choice   string    `json:"choice"`  // what can be chosen: a cut-off, or a part of the figure
	Choices  []string  `json:"choices"` // none when there is nothing to choose
	InUse    int       `json:"in_use"`  // the choice of the picture
	Weights  []string  `json:"weights"` // none when the figure has none
	Variants []variant `json:"variants"`
	Codes    []codes   `json:"codes"` // by mode; none when there are none behind a bar
}

type variant struct {
	Mode   int     `json:"mode"`
	Choice int     `json:"choice"`
	Weight int     `json:"weight"`
	Figure *Figure `json:"figure"`
	All    *Bars   `json:"all,omitempty"` // of all years
}

// codes are those behind the bars of a figure. Verdicts has a character for each
// threshold: 1 counts, 0 does not, - is not in the denominator, ? is not known.
type codes struct {
	Columns []codeColumn `json:"columns"`
	Counts  string       `json:"counts"` // what a code that counts is called, or ""
	Rows    [][]any      `json:"rows"`   // sector, year, code, values, verdicts
}

type codeColumn struct {
	Title string `json:"title"`
	Kind  string `json:"kind"` // "usd", "share" or "ratio"
}

// downloadable is an output as the page offers it.
type downloadable struct {
	Name        string          `json:"name"`
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Part        string          `json:"part"` // which of its rows are here, or "" for all
	Columns     []columnMeaning `json:"columns"`
	Rows        [][]any         `json:"rows"`
}

type columnMeaning struct {
	Name        string `json:"name"`
	Unit        string `json:"unit"`
	Description string `json:"description"`
}

func newPage(ctx context.Context, books []*book) (*page, error) {
	b := books[0]
	p := &page{Release: b.ID, Version: b.Manifest.Version, Heading: b.reporter() + "'s trade by sector", Caution: b.caution, NotDrawn: append([]NotDrawn{}, b.notDrawn...)}
	for _, other := range books {
		p.Modes = append(p.Modes, mode{codesIn(other.parameter("harmonize")), other.ID})
	}
	for _, name := range []string{"reporter", "years", "dependence_ratio", "dominance_share", "partner_group", "membership", "harmonize", "conversion", "world", "eu_internal", "min_coverage"} {
		p.Settings = append(p.Settings, setting{name, b.parameter(name)})
	}
	for i, f := range b.figures {
		if f.Part != "" && i > 0 && b.figures[i-1].Number == f.Number {
			continue // is a choice of the figure's first part
		}
		one, err := newPageFigure(ctx, books, f)
		if err != nil {
			return nil, fmt.Errorf("make the page's %s: %w", f.ID, err)
		}
		p.Figures = append(p.Figures, one)
	}
	for _, o := range schemas.Outputs() {
		if !b.has[o.Name] || o.Name == "lines" {
			continue
		}
		table, err := b.downloadable(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("read %s of release %s: %w", o.Name, b.ID, err)
		}
		p.Tables = append(p.Tables, table)
	}
	return p, nil
}

func newPageFigure(ctx context.Context, books []*book, f *Figure) (pageFigure, error) {
	p := pageFigure{ID: f.ID, Number: f.Number, Choices: []string{}, Weights: []string{}, Codes: []codes{}}
	g, hasGrid := gridOf[f.ID]
	if hasGrid {
		thresholds, err := books[0].thresholds(ctx, g)
		if err != nil {
			return p, err
		}
		for i, t := range thresholds {
			p.Choices = append(p.Choices, g.name(t.value))
			if t.inUse {
				p.InUse = i
			}
		}
		p.Choice, p.Weights = "Cut-off", []string{"Number of codes", g.byValue}
	}
	for _, other := range books[0].figures {
		if f.Part != "" && other.Number == f.Number {
			p.Choice, p.Choices = "Sector", append(p.Choices, other.Part)
		}
	}
	for m, b := range books {
		variants, err := b.variants(ctx, f, m, p.Choices)
		if err != nil {
			return p, err
		}
		p.Variants = append(p.Variants, variants...)
		if read, ok := codesOf[f.ID]; ok {
			c, err := b.codes(ctx, read)
			if err != nil {
				return p, err
			}
			p.Codes = append(p.Codes, c)
		}
	}
	return p, nil
}

var gridOf = map[string]grid{dependenceGrid.figure: dependenceGrid, dominanceGrid.figure: dominanceGrid}

// variants are those of a figure in this book, in the order of main's groups.
func (b *book) variants(ctx context.Context, main *Figure, m int, choices []string) ([]variant, error) {
	g, hasGrid := gridOf[main.ID]
	if !hasGrid {
		var all []variant
		for _, f := range b.figures {
			if f.Number != main.Number || f.Table != main.Table {
				continue
			}
			if f.Bars != nil {
				f.Bars.inOrderOf(main.Bars)
			}
			all = append(all, variant{Mode: m, Choice: max(0, slices.Index(choices, f.Part)), Figure: f, All: b.whole[f.ID]})
		}
		return all, nil
	}
	thresholds, err := b.thresholds(ctx, g)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for t, threshold := range thresholds {
		for w, columns := range [][3]string{{g.share, g.part, g.of}, {g.weighted, g.weight, g.total}} {
			cells, err := b.cells(ctx, g.table, columns[0], columns[1], columns[2], g.low, g.threshold+" = ?", threshold.value)
			if err != nil {
				return nil, err
			}
			f, text := g.title(b, strconv.FormatFloat(threshold.value, 'f', -1, 64)), countText
			if w == 1 {
				text = valueText
				f.Subtitle = g.weightedSubtitle
			}
			b.sign(f)
			f.Bars = groupBars(cells, b.years, text)
			f.Bars.inOrderOf(main.Bars)
			whole := groupBars(cells, yearsOf(cells), text)
			whole.inOrderOf(main.Bars)
			variants = append(variants, variant{m, t, w, f, whole})
		}
	}
	return variants, nil
}

func (b *book) codes(ctx context.Context, read codeQuery) (codes, error) {
	c := codes{Columns: read.columns, Counts: read.counts, Rows: [][]any{}}
	verdicts := "''"
	if read.grid != nil {
		thresholds, err := b.thresholds(ctx, *read.grid)
		if err != nil {
			return c, err
		}
		verdicts = ""
		for i, t := range thresholds {
			if i > 0 {
				verdicts += " || "
			}
			verdicts += read.verdict(strconv.FormatFloat(t.value, 'f', -1, 64))
		}
	}
	rows, err := b.rows(ctx, fmt.Sprintf("SELECT sector, year, hs6, %s, %s FROM %s WHERE sector IS NOT NULL AND %s ORDER BY %s, hs6",
		read.values, verdicts, read.table, read.where, read.order), len(read.columns)+4)
	if err != nil {
		return c, fmt.Errorf("list the codes of %s: %w", read.table, err)
	}
	c.Rows = append(c.Rows, rows...)
	return c, nil
}

// rows reads rows of so many columns as they are.
func (s *source) rows(ctx context.Context, text string, columns int) ([][]any, error) {
	return engine.Query(ctx, s.db, func(r *sql.Rows) ([]any, error) {
		values, targets := make([]any, columns), make([]any, columns)
		for i := range values {
			targets[i] = &values[i]
		}
		err := r.Scan(targets...)
		return values, err
	}, text)
}

// codeQuery reads the codes behind the bars of a figure.
type codeQuery struct {
	table, values, where, order string
	columns                     []codeColumn
	counts                      string
	grid                        *grid
	verdict                     func(threshold string) string // SQL of one character
}

// codesOf says which codes stand behind which figure. The tests of the verdicts
// are those of the transforms …_sensitivity.sql, in decimals as there.
var codesOf = map[string]codeQuery{
	"figure14": {
		table: "import_dependence_hs6", values: "imports_usd, exports_usd, import_export_ratio", where: "coalesce(traded, true)",
		order: "imports_usd DESC", counts: "Import-dependent", grid: &dependenceGrid,
		columns: []codeColumn{{"Imports", "usd"}, {"Exports", "usd"}, {"Imports / exports", "ratio"}},
		verdict: func(t string) string {
			return fmt.Sprintf(`CASE WHEN traded IS NULL THEN '?' WHEN imports_usd > 0 AND imports_usd::DECIMAL(38,3)
				+ CASE WHEN split_usd > 0 THEN 0.001 * (1 + %[1]s::DECIMAL(9,4)) ELSE 0 END >= %[1]s::DECIMAL(9,4) * exports_usd::DECIMAL(38,3) THEN '1' ELSE '0' END`, t)
		},
	},
	"figure27": {
		table: "dominance_hs6", values: "exports_usd, world_exports_usd, export_share", where: "true",
		order: "export_share DESC NULLS LAST", counts: "Dominated", grid: &dominanceGrid,
		columns: []codeColumn{{"Exports", "usd"}, {"World exports", "usd"}, {"Share", "share"}},
		verdict: func(t string) string {
			return fmt.Sprintf(`CASE WHEN NOT reached OR world_exports_usd = 0 THEN '-' WHEN exports_usd IS NULL THEN '?' WHEN exports_usd::DECIMAL(38,3)
				> %s::DECIMAL(9,6) * world_exports_usd::DECIMAL(38,3) + CASE WHEN split_usd > 0 THEN 0.001 * (1 + exporters) ELSE 0 END THEN '1' ELSE '0' END`, t)
		},
	},
	"figure26": {
		table: "export_share_hs6", values: "exports_usd, world_exports_usd, export_share", where: "true", order: "exports_usd DESC NULLS LAST",
		columns: []codeColumn{{"Exports", "usd"}, {"World exports", "usd"}, {"Share", "share"}},
	},
	"table7-partner-share": {
		table: "partner_group_share_hs6", values: "imports_usd, group_imports_usd, group_share", where: "true", order: "imports_usd DESC NULLS LAST",
		columns: []codeColumn{{"Imports", "usd"}, {"From the group", "usd"}, {"Share", "share"}},
	},
}

// downloadable reads an output for the page. Of tables by code it has the codes
// that a sector lists and somebody trades; the others would make the page large.
func (b *book) downloadable(ctx context.Context, o schemas.Output) (downloadable, error) {
	d := downloadable{Name: o.Name, Title: o.Title, Description: o.Description, Rows: [][]any{}}
	columns, where := "", ""
	for i, c := range o.Columns {
		if i > 0 {
			columns += ", "
		}
		columns += c.Name
		d.Columns = append(d.Columns, columnMeaning{c.Name, c.Unit, c.Description})
	}
	if _, large := largeTables[o.Name]; large {
		where, d.Part = " WHERE "+largeTables[o.Name], "Codes that a sector lists and that are traded; "+o.Name+".parquet of the release has all."
	}
	order := ""
	for i, c := range o.SortBy {
		if i > 0 {
			order += ", "
		}
		order += c
	}
	rows, err := b.rows(ctx, "SELECT "+columns+" FROM "+o.Name+where+" ORDER BY "+order, len(o.Columns))
	d.Rows = append(d.Rows, rows...)
	return d, err
}

var largeTables = map[string]string{
	"import_dependence_hs6":   "sector IS NOT NULL AND coalesce(traded, true)",
	"dominance_hs6":           "sector IS NOT NULL",
	"export_share_hs6":        "sector IS NOT NULL",
	"partner_group_share_hs6": "sector IS NOT NULL",
}

// writePage writes the page, whole in one file. Its content policy allows the two
// scripts in it, by their hashes, and no request to anywhere.
func writePage(w io.Writer, p *page) error {
	text := map[string]string{}
	for name, file := range map[string]string{"html": "page.html", "css": "page.css", "js": "page.js", "echarts": "echarts/echarts.common.min.js"} {
		content, err := pageFiles.ReadFile("page/" + file)
		if err != nil {
			return err
		}
		text[name] = string(content)
	}
	t, err := template.New("page").Parse(text["html"])
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Page": p, "CSS": template.CSS(text["css"]), "Script": template.JS(text["js"]), "ECharts": template.JS(text["echarts"]),
		"Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src " + policyHash(text["echarts"]) + " " + policyHash(text["js"]),
	})
	if err != nil {
		return fmt.Errorf("fill in the page's template: %w", err)
	}
	_, err = b.WriteTo(w)
	return err
}

func policyHash(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
