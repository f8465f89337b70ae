package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	sqltemplate "text/template"

	"entrepot/pipeline/engine"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

//go:embed page/page.html page/page.css page/*.js page/plot/d3.min.js page/plot/plot.umd.min.js page/map/*.js page/map/*.json page/font/*.woff2
var pageFiles embed.FS

// page is what the page's script gets to know, as JSON.
type page struct {
	Release  string    `json:"release"`
	Version  string    `json:"version"`
	Caution  string    `json:"caution"`
	Modes    []mode    `json:"modes"`
	Settings []setting `json:"settings"`

	Checks  checksMade `json:"checks"`
	Changes *changes   `json:"changes"` // since the release before; nil when none is kept

	Tables    []downloadable `json:"tables"`
	Countries []countryEntry `json:"countries"` // all that can be chosen, by name
	Country   *country       `json:"country"`   // the first that is shown
	Parts     []part         `json:"parts"`     // of it, as far as they are in the page
	Places    []place        `json:"places"`    // of the others of it

	Areas map[int]areaName `json:"areas"`           // by number
	Small json.RawMessage  `json:"small,omitempty"` // areas that are dots on the map: number, longitude, latitude
}

// mode is a release by how it counts codes.
type mode struct {
	Name    string `json:"name"`
	Release string `json:"release"`

	Products map[string]string `json:"products"` // names of the codes behind the bars
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
	Traders  *traders  `json:"traders,omitempty"`
}

type variant struct {
	Mode   int     `json:"mode"`
	Choice int     `json:"choice"`
	Weight int     `json:"weight"`
	Figure *Figure `json:"figure"`
	All    *Bars   `json:"all,omitempty"` // of all years

	Finding  string `json:"finding"`            // what it shows, in words; "" for none
	Subtitle string `json:"subtitle,omitempty"` // what somebody wants below it; "" leaves that to the page
	Told     bool   `json:"told,omitempty"`     // the finding is somebody's: it is of no other years and sectors
	Subject  string `json:"subject,omitempty"`  // of a finding about other years, of bars
	Compared []int  `json:"compared,omitempty"` // the two years that it is about, of bars
}

// codes are those behind the bars of a figure. Verdicts has a character for each
// threshold: 1 counts, 0 does not, - is not in the denominator, ? is not known.
type codes struct {
	Columns []codeColumn `json:"columns"`
	Counts  string       `json:"counts"` // what a code that counts is called, or ""
	Part    string       `json:"part"`   // the key of its rows: sector, year, code, values, verdicts
	rows    [][]any
}

type codeColumn struct {
	Column string `json:"-"`
	Title  string `json:"title"`
	Kind   string `json:"kind"` // "usd", "share" or "ratio"
}

// newPage is the page without countries.
func newPage(ctx context.Context, books []*book) (*page, error) {
	b := books[0]
	p := &page{Release: b.ID, Version: b.Manifest.Version, Caution: b.caution, Tables: []downloadable{}, Countries: []countryEntry{}, Parts: []part{}, Places: []place{}, Areas: b.areaNames()}
	for _, other := range books {
		products, err := other.products(ctx)
		if err != nil {
			return nil, err
		}
		p.Modes = append(p.Modes, mode{codesIn(other.parameter("harmonize")), other.ID, products})
	}
	for _, name := range []string{"reporter", "years", "dependence_ratio", "dominance_share", "partner_group", "membership", "harmonize", "conversion", "world", "eu_internal", "min_coverage"} {
		p.Settings = append(p.Settings, setting{name, b.parameter(name)})
	}
	for _, o := range b.Catalogue() {
		if !b.Has(o.Name) || !onPage(o) {
			continue
		}
		table, err := b.downloadable(ctx, o)
		if err != nil {
			return nil, err
		}
		p.Tables = append(p.Tables, table)
	}
	return p, nil
}

func newPageFigure(ctx context.Context, books []*book, f *Figure) (pageFigure, error) {
	p := pageFigure{ID: f.ID, Number: f.Number, Choices: []string{}, Weights: []string{}, Codes: []codes{}}
	g, hasGrid := gridOf[f.Table]
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
		if read, ok := codesOf[f.Table]; ok {
			c, err := b.codes(ctx, read)
			if err != nil {
				return p, err
			}
			c.Part = fmt.Sprintf("codes of %s, %d", f.ID, m)
			p.Codes = append(p.Codes, c)
		}
	}
	return p, nil
}

var gridOf = map[string]grid{dependenceGrid.of: dependenceGrid, dominanceGrid.of: dominanceGrid}

// variants are those of a figure in this book, in the order of main's groups.
func (b *book) variants(ctx context.Context, main *Figure, m int, choices []string) ([]variant, error) {
	g, hasGrid := gridOf[main.Table]
	if !hasGrid {
		var all []variant
		for _, f := range b.figures {
			if f.Number != main.Number || f.Table != main.Table || f.Part == "" && f.ID != main.ID {
				continue
			}
			if f.Bars != nil {
				f.Bars.inOrderOf(main.Bars)
			}
			v := variant{Mode: m, Choice: max(0, slices.Index(choices, f.Part)), Figure: f, All: b.whole[f.ID]}
			v.take(b, f)
			all = append(all, v)
		}
		return all, nil
	}
	thresholds, err := b.thresholds(ctx, g)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for t, threshold := range thresholds {
		for w, ratio := range []schemas.Ratio{b.outputs[g.table].Ratio, g.weighted} {
			cells, err := b.cells(ctx, g.table, ratio, g.threshold+" = ?", threshold.value)
			if err != nil {
				return nil, err
			}
			f, text := g.title(b, strconv.FormatFloat(threshold.value, 'f', -1, 64)), countText
			if w == 1 {
				text = valueText
				f.Subtitle = g.weightedSubtitle
			}
			b.sign(f)
			f.Bars = b.groupBars(cells, b.years, text)
			f.Bars.inOrderOf(main.Bars)
			whole := b.groupBars(cells, yearsOf(cells), text)
			whole.inOrderOf(main.Bars)
			v := variant{Mode: m, Choice: t, Weight: w, Figure: f, All: whole}
			f.Finding, f.Compared = b.finding(f, whole)
			if m == 0 && w == 0 && threshold.inUse { // is the figure that somebody may have given a title
				f.Finding, f.told, f.below = main.Finding, main.told, main.below
			}
			v.take(b, f)
			variants = append(variants, v)
		}
	}
	return variants, nil
}

// take makes a figure's finding that of the variant.
func (v *variant) take(b *book, f *Figure) {
	v.Finding, v.Subtitle, v.Told, v.Compared = f.Finding, f.below, f.told, f.Compared
	if f.Bars != nil {
		v.Subject = b.subject(f.Table)
	}
}

func (b *book) codes(ctx context.Context, read codeQuery) (codes, error) {
	c := codes{Columns: read.columns, Counts: read.counts}
	var text strings.Builder
	err := codesTemplate.Execute(&text, read.query(b.outputs))
	if err != nil {
		return c, fmt.Errorf("internal error: %w; please report it", err)
	}
	if c.rows, err = b.rows(ctx, text.String(), len(read.columns)+4); err != nil {
		return c, fmt.Errorf("list the codes of %s: %w", read.table, err)
	}
	return c, nil
}

// products are the names of the codes that sectors list, in the last year that has them.
func (s *source) products(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	_, err := engine.Query(ctx, s.db, func(r *sql.Rows) (struct{}, error) {
		var code, name string
		err := r.Scan(&code, &name)
		all[code] = name
		return struct{}{}, err
	}, "SELECT hs6, arg_max(product, year) FROM import_dependence_hs6 WHERE sector IS NOT NULL AND product IS NOT NULL GROUP BY hs6")
	if err != nil {
		return nil, fmt.Errorf("read the names of codes of release %s: %w", s.ID, err)
	}
	return all, nil
}

// rows reads rows of so many columns as they are.
func (s *source) rows(ctx context.Context, text string, columns int) ([][]any, error) {
	return engine.Query(ctx, s.db, scanRow(columns), text)
}

// scanRow reads so many columns of a row as they are.
func scanRow(columns int) func(*sql.Rows) ([]any, error) {
	return func(r *sql.Rows) ([]any, error) {
		values, targets := make([]any, columns), make([]any, columns)
		for i := range values {
			targets[i] = &values[i]
		}
		err := r.Scan(targets...)
		return values, err
	}
}

//go:embed codes.sql
var codesSQL string

var codesTemplate = sqltemplate.Must(sqltemplate.New("codes.sql").Funcs(sqltemplate.FuncMap{"name": sqltext.Name}).Parse(codesSQL))

// codeQuery reads the codes behind the bars of a figure.
type codeQuery struct {
	table, order string
	columns      []codeColumn
	counts       string // what a code that counts is called, or ""
	grid         *grid  // whose thresholds give verdicts, or nil
}

// codesOf says which codes stand behind the bars of which table.
var codesOf = map[string]codeQuery{
	"import_dependence": {
		table: "import_dependence_hs6", order: "e.imports_usd DESC", counts: "Import-dependent", grid: &dependenceGrid,
		columns: []codeColumn{{"imports_usd", "Imports", "usd"}, {"exports_usd", "Exports", "usd"}, {"import_export_ratio", "Imports / exports", "ratio"}},
	},
	"dominance": {
		table: "dominance_hs6", order: "e.export_share DESC", counts: "Dominated", grid: &dominanceGrid,
		columns: []codeColumn{{"exports_usd", "Exports", "usd"}, {"world_exports_usd", "World exports", "usd"}, {"export_share", "Share", "share"}},
	},
	"export_share": {
		table: "export_share_hs6", order: "e.exports_usd DESC",
		columns: []codeColumn{{"exports_usd", "Exports", "usd"}, {"world_exports_usd", "World exports", "usd"}, {"export_share", "Share", "share"}},
	},
	"partner_group_share": {
		table: "partner_group_share_hs6", order: "e.imports_usd DESC",
		columns: []codeColumn{{"imports_usd", "Imports", "usd"}, {"group_imports_usd", "From the group", "usd"}, {"group_share", "Share", "share"}},
	},
}

// query is the data of codes.sql. Whether a code counts at a threshold is what the
// sensitivity table says of the codes behind it.
func (q codeQuery) query(outputs map[string]schemas.Output) map[string]any {
	data := map[string]any{"Table": q.table, "Columns": q.columns, "Order": q.order}
	if q.grid != nil {
		behind := outputs[q.grid.table].Behind[0]
		data["Grid"], data["Threshold"], data["Part"], data["Of"], data["Idle"] = q.grid.table, q.grid.threshold, behind.Part, behind.Of, behind.Idle
	}
	return data
}

// scripts are those of the page, in their order: libraries first.
var scripts = []string{"plot/d3.min.js", "plot/plot.umd.min.js", "map/topojson-client.min.js", "charts.js", "page.js", "traders.js", "home.js", "start.js"}

// The geometry of the map, and where areas are that are too small for it.
const (
	worldFile = "map/countries-110m.json"
	smallFile = "map/small-areas.json"
)

// writePage writes the page, whole in one file. Its content policy allows the
// scripts in it, by their hashes, those beside it, if there are any, and no request to the network.
func writePage(w io.Writer, p *page) error {
	var texts []template.JS
	var hashes []string
	for _, name := range scripts {
		text, err := pageFile(name)
		if err != nil {
			return err
		}
		texts, hashes = append(texts, template.JS(text)), append(hashes, policyHash(text))
	}
	html, err := pageFile("page.html")
	if err != nil {
		return err
	}
	css, err := pageFile("page.css")
	if err != nil {
		return err
	}
	world, err := p.world()
	if err != nil {
		return err
	}
	faces, err := fontFaces()
	if err != nil {
		return err
	}
	t, err := template.New("page").Parse(html)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Page": p, "CSS": template.CSS(css), "Faces": template.CSS(faces), "World": world, "Scripts": texts,
		"Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; script-src " + strings.Join(hashes, " ") + p.sidePolicy(),
	})
	if err != nil {
		return fmt.Errorf("fill in the page's template: %w", err)
	}
	_, err = b.WriteTo(w)
	return err
}

// world is the geometry of the map, which a page without one does not hold.
func (p *page) world() (json.RawMessage, error) {
	if !slices.ContainsFunc(p.Country.Figures, func(f pageFigure) bool { return f.Traders != nil && f.Traders.Map }) {
		return json.RawMessage("null"), nil
	}
	small, err := pageFile(smallFile)
	if err != nil {
		return nil, err
	}
	p.Small = json.RawMessage(small)
	world, err := pageFile(worldFile)
	return json.RawMessage(world), err
}

func pageFile(name string) (string, error) {
	content, err := pageFiles.ReadFile("page/" + name)
	return string(content), err
}

func policyHash(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
