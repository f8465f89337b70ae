package report

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"

	"entrepot/pipeline/engine"
)

// traders is what the page shows of who trades a sector or one of its codes with whom: ranks
// through the years, and a map; or of what a sector consists.
type traders struct {
	Kind    string        `json:"kind"` // suppliers, exporters or products
	Part    string        `json:"part"` // the key of its rows
	Of      string        `json:"of"`   // the country that has them
	Sectors []traderGoods `json:"sectors"`
	Years   []int         `json:"years"`
	First   int           `json:"first"` // the sector that is shown first
	Map     bool          `json:"map"`   // there are enough areas for one
	rows    [][]any
}

// traderGoods is a sector that can be chosen, and its codes, those traded most first.
type traderGoods struct {
	Key   string   `json:"key"`
	Name  string   `json:"name"`
	Codes []string `json:"codes"`
}

// areaName is an area as the page names and draws it.
type areaName struct {
	Name  string `json:"name"`
	Text  string `json:"text,omitempty"`  // within a sentence, when that differs
	Shape string `json:"shape,omitempty"` // its number on the map, when that is not its own
	Rest  bool   `json:"rest,omitempty"`  // is no country
}

// otherAsia is Taiwan in practice: the UN publishes no figures under that name.
const otherAsia = 490

// shapes are the numbers of the map for areas that UN Comtrade numbers in its own way.
var shapes = map[int]string{842: "840", 251: "250", 757: "756", 579: "578", 699: "356", otherAsia: "158"}

// areaNames are those of all areas, by number.
func (s *source) areaNames() map[int]areaName {
	all := map[int]areaName{}
	for _, area := range s.reference.Areas {
		code := int(area.Code)
		a := areaName{Name: area.Name, Shape: shapes[code], Rest: area.Kind != "country"}
		if in := inText(area.Name); in != area.Name {
			a.Text = in
		}
		all[code] = a
	}
	return all
}

const (
	mapFrom       = 20 // areas from which on there is a map
	mostSuppliers = 10 // of a code
	mostExporters = 30 // of a code
)

var (
	//go:embed suppliers.sql
	suppliersSQL string
	//go:embed exporters.sql
	exportersSQL string
)

// traderFigures are the cards of who supplies and who exports what, and of what sectors
// consist, as far as the release says. home is the country in whose data the exporters are.
func (b *book) traderFigures(ctx context.Context, home string, figures []pageFigure) ([]pageFigure, error) {
	var all []pageFigure
	suppliers := &Figure{ID: "suppliers", Number: "Suppliers", Table: "suppliers", Title: sentence("suppliers of " + b.whose() + " imports"),
		Subtitle: "Imports from each partner, as a share of those from all partners that the files list"}
	exporters := &Figure{ID: "exporters", Number: "Exporters", Table: "exporters", Title: "Exporters of the world",
		Subtitle: "Exports to the world, as a share of those of all exporters in the files"}
	for _, one := range []struct {
		figure *Figure
		query  string
		most   int
		of     string
		note   string
	}{
		{suppliers, suppliersSQL, mostSuppliers, countryID(b.of), "The twenty largest partners of a sector, and the ten largest of a code."},
		{exporters, exportersSQL, mostExporters, home, b.coverage},
	} {
		t, err := b.tradersOf(ctx, one.figure.Table, one.query, one.most)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		one.figure.Notes = []string{b.codesNote(), one.note}
		if t.Map {
			one.figure.Notes = append(one.figure.Notes, mapNote)
		}
		t.Of = one.of
		if t.Of != countryID(b.of) {
			t.rows = nil // they are beside the figures of home
		}
		b.sign(one.figure)
		all = append(all, traderCard(one.figure, t))
	}
	if card, ok := b.productsCard(figures); ok {
		if len(all) > 0 { // the same sector, where all have it
			key := all[0].Traders.Sectors[all[0].Traders.First].Key
			card.Traders.First = max(0, slices.IndexFunc(card.Traders.Sectors, func(g traderGoods) bool { return g.Key == key }))
		}
		all = append(all, card)
	}
	return all, nil
}

const mapNote = "Map: Natural Earth, whose boundaries show who governs an area and say nothing of whose it is. Areas that are too small for it are dots. " +
	"Taiwan is drawn with \u201cOther Asia, nes\u201d, under which the UN's files have its trade. Kosovo, Northern Cyprus and Somaliland have no number of the UN's there, and no data."

func traderCard(f *Figure, t *traders) pageFigure {
	return pageFigure{ID: f.ID, Number: f.Number, Choices: []string{}, Weights: []string{}, Codes: []codes{}, Variants: []variant{{Figure: f}}, Traders: t}
}

// tradersOf reads who trades what, the exporters of the world once for all reporters.
func (b *book) tradersOf(ctx context.Context, table, query string, most int) (*traders, error) {
	if table != "exporters" {
		return b.traders(ctx, table, query, most)
	}
	if b.exporters == nil {
		all, err := b.traders(ctx, table, query, most)
		if err != nil || all == nil {
			return nil, err
		}
		b.exporters = all
	}
	t := *b.exporters
	return &t, nil
}

// traders reads who trades what; nil when nobody does.
func (b *book) traders(ctx context.Context, table, query string, most int) (*traders, error) {
	if !b.Has(table) {
		return nil, nil
	}
	var years []int16
	for _, y := range b.years {
		years = append(years, int16(y))
	}
	rows, err := engine.Query(ctx, b.db, scanRow(6), query, sql.Named("years", years), sql.Named("most", most))
	if err != nil {
		return nil, fmt.Errorf("read %s of release %s: %w", table, b.ID, err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	t := &traders{Kind: table, Part: "areas of " + table}
	return t, t.fill(b.source, rows)
}

// fill takes the rows, and what there is to choose among them.
func (t *traders) fill(s *source, rows [][]any) error {
	value, areas := map[string]float64{}, map[any]bool{}
	sectors := map[string][]string{}
	for _, r := range rows {
		code, isCode := r[0].(string)
		sector, hasSector := r[1].(string)
		usd, isNumber := r[4].(float64)
		year, isYear := r[2].(int16)
		if !isCode || !isNumber || !isYear {
			return fmt.Errorf("internal error: a row of %s is %v; please report it", t.Kind, r)
		}
		if !slices.Contains(t.Years, int(year)) {
			t.Years = append(t.Years, int(year))
		}
		if hasSector && code == sector && sectors[sector] == nil {
			sectors[sector] = []string{}
		}
		if r[3] != nil {
			areas[r[3]] = true
		} else if hasSector && code != sector {
			if value[code] == 0 {
				sectors[sector] = append(sectors[sector], code)
			}
			value[code] += usd
		}
		t.rows = append(t.rows, []any{code, r[2], r[3], usd, r[5]})
	}
	slices.Sort(t.Years)
	t.Sectors, t.Map = s.goods(sectors, value), len(areas) >= mapFrom
	t.First = t.largest()
	return nil
}

// largest is the place of the sector of most value in the last year.
func (t *traders) largest() (at int) {
	most := -1.0
	for _, r := range t.rows {
		i := slices.IndexFunc(t.Sectors, func(g traderGoods) bool { return g.Key == r[0] })
		year, _ := r[1].(int16)
		if usd, ok := r[3].(float64); ok && i >= 0 && r[2] == nil && int(year) == t.Years[len(t.Years)-1] && usd > most {
			at, most = i, usd
		}
	}
	return at
}

// goods puts sectors into the order of their names, and their codes into that of value.
func (s *source) goods(sectors map[string][]string, value map[string]float64) []traderGoods {
	var all []traderGoods
	for key, codes := range sectors {
		slices.SortFunc(codes, func(a, b string) int { return cmp.Or(cmp.Compare(value[b], value[a]), cmp.Compare(a, b)) })
		all = append(all, traderGoods{key, s.sectorName(key), codes})
	}
	slices.SortFunc(all, func(a, b traderGoods) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key)) })
	return all
}

// productsCard is the card of what sectors consist of, from the codes behind Figure 14.
func (b *book) productsCard(figures []pageFigure) (pageFigure, bool) {
	at := slices.IndexFunc(figures, func(f pageFigure) bool { return f.ID == b.outputs["import_dependence"].Picture.ID })
	if at < 0 || len(figures[at].Codes) == 0 || len(figures[at].Codes[0].rows) == 0 {
		return pageFigure{}, false
	}
	t := &traders{Kind: "products", Part: figures[at].Codes[0].Part, Of: countryID(b.of)}
	seen := map[string]bool{}
	for _, r := range figures[at].Codes[0].rows {
		if key, ok := r[0].(string); ok && !seen[key] {
			seen[key] = true
			t.Sectors = append(t.Sectors, traderGoods{key, b.sectorName(key), []string{}})
		}
		if year, ok := r[1].(int16); ok && !slices.Contains(t.Years, int(year)) {
			t.Years = append(t.Years, int(year))
		}
	}
	slices.Sort(t.Years)
	slices.SortFunc(t.Sectors, func(a, b traderGoods) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Key, b.Key)) })
	f := &Figure{ID: "products", Number: "Products", Table: "import_dependence_hs6", Title: sentence(b.whose() + " trade in the codes of a sector"),
		Subtitle: "Each rectangle is a code, as large as its value", Notes: []string{b.codesNote()}}
	b.sign(f)
	return traderCard(f, t), true
}
