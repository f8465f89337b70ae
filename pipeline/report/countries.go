package report

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/release"
)

// countriesDir holds the scripts with the data of countries beside the page.
const countriesDir = "countries"

// How large a script beside the page and the page itself may be, in bytes, and what the page
// has beside the data of its first country: libraries, scripts, names of codes.
const (
	maxScript = 1 << 20
	maxPage   = 3_000_000
	others    = 1_000_000
)

// countryEntry is a country that the page can show. Script is where its figures are; ""
// for the one that is in the page.
type countryEntry struct {
	ID     string `json:"id"` // ISO-3, or the number of what is no country
	Name   string `json:"name"`
	Script string `json:"script"`
}

// country is all that the page shows of one reporter.
type country struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Whose    string       `json:"whose"` // within a sentence: "the United States'"
	Heading  string       `json:"heading"`
	Figures  []pageFigure `json:"figures"`
	NotDrawn []NotDrawn   `json:"not_drawn"`
	Tables   []download   `json:"tables"`

	Citation release.Citation `json:"citation"`
}

// part is a run of rows that the page needs only when somebody asks for them. Rows of one
// key may be in several parts, in their order.
type part struct {
	Key  string          `json:"key"`
	Rows json.RawMessage `json:"rows"`
}

// place says in which script beside the page a part is.
type place struct {
	Key    string `json:"key"`
	Script string `json:"script"`
}

// side is a script beside the page: the figures of a country, some parts, or both.
type side struct {
	Country *country `json:"country,omitempty"`
	Parts   []part   `json:"parts"`
	Places  []place  `json:"places,omitempty"` // of the parts that are in other scripts
}

// countryID names a reporter in addresses and files.
func countryID(m release.MeasuredEntry) string {
	if m.ISO3 != "" {
		return m.ISO3
	}
	return strconv.Itoa(int(m.Code))
}

// newCountry makes what the page shows of the books' reporter, and the parts that it may
// ask for.
func newCountry(ctx context.Context, books []*book, tables []downloadable, home string) (*country, []part, error) {
	b := books[0]
	c := &country{ID: countryID(b.of), Name: b.reporter(), Whose: b.whose(), Heading: sentence(b.whose()) + " trade by sector", NotDrawn: append([]NotDrawn{}, b.notDrawn...),
		Tables: []download{}, Citation: b.Manifest.Citation(b.reporter())}
	var parts []part
	var err error
	for i, f := range b.figures {
		if f.Part != "" && i > 0 && b.figures[i-1].Number == f.Number {
			continue // is a choice of the figure's first part
		}
		one, err := newPageFigure(ctx, books, f)
		if err != nil {
			return nil, nil, fmt.Errorf("make the page's %s: %w", f.ID, err)
		}
		c.Figures = append(c.Figures, one)
		for _, codes := range one.Codes {
			if parts, err = cutParts(parts, codes.Part, codes.rows); err != nil {
				return nil, nil, err
			}
		}
	}
	if parts, err = c.addTraders(ctx, b, home, parts); err != nil {
		return nil, nil, err
	}
	for _, table := range tables {
		download, rows, err := b.download(ctx, table)
		if err != nil {
			return nil, nil, err
		}
		c.Tables = append(c.Tables, download)
		if parts, err = cutParts(parts, download.Key, rows); err != nil {
			return nil, nil, err
		}
	}
	return c, parts, nil
}

// addTraders adds the cards of who trades what to the figures, before those of
// sensitivity, and their rows to the parts.
func (c *country) addTraders(ctx context.Context, b *book, home string, parts []part) ([]part, error) {
	cards, err := b.traderFigures(ctx, home, c.Figures)
	if err != nil {
		return nil, err
	}
	for _, card := range cards {
		if len(card.Traders.rows) == 0 {
			continue
		}
		if parts, err = cutParts(parts, card.Traders.Part, card.Traders.rows); err != nil {
			return nil, err
		}
	}
	at := slices.IndexFunc(c.Figures, func(f pageFigure) bool { return strings.HasPrefix(f.ID, "sensitivity-") })
	if at < 0 {
		at = len(c.Figures)
	}
	c.Figures = slices.Insert(c.Figures, at, cards...)
	return parts, nil
}

// drawn are the tables of a reporter that figures are made of.
func (b *book) drawn(tables []downloadable) []downloadable {
	var some []downloadable
	for _, t := range tables {
		if o := b.outputs[t.Name]; o.Picture.ID != "" && o.SortBy[0] == "reporter" {
			some = append(some, t)
		}
	}
	return some
}

// cutParts appends rows under a key, cut so that each part fits into a script.
func cutParts(parts []part, key string, rows [][]any) ([]part, error) {
	text, err := json.Marshal(append([][]any{}, rows...))
	if err != nil {
		return nil, fmt.Errorf("write the %s for the page: %w", key, err)
	}
	if len(text) > maxScript*9/10 && len(rows) > 1 {
		if parts, err = cutParts(parts, key, rows[:len(rows)/2]); err != nil {
			return nil, err
		}
		return cutParts(parts, key, rows[len(rows)/2:])
	}
	return append(parts, part{key, text}), nil
}

// pack splits parts into those for which there is room, and scripts for the others.
func pack(parts []part, room int, script func(n int) string) (inside []part, sides []side, places []place) {
	var one *side
	left := 0
	for _, p := range parts {
		size := len(p.Rows) + len(p.Key) + 64
		if len(sides) == 0 && size <= room {
			inside, room = append(inside, p), room-size
			continue
		}
		if one == nil || size > left {
			sides = append(sides, side{})
			one, left = &sides[len(sides)-1], maxScript*19/20
		}
		one.Parts, left = append(one.Parts, p), left-size
		places = append(places, place{p.Key, script(len(sides))})
	}
	return inside, sides, places
}

// packed splits the parts of a country into those that fit with it into so many bytes, and
// scripts for the others.
func (c *country) packed(parts []part, bytes int) (inside []part, sides []side, places []place, err error) {
	text, err := json.Marshal(c)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("write the figures of %s for the page: %w", c.Name, err)
	}
	inside, sides, places = pack(parts, max(0, bytes-len(text)), func(n int) string { return scriptOf(c.ID, n) })
	return inside, sides, places, nil
}

// scriptOf names the script of a country's figures, n 0, or of its further parts.
func scriptOf(id string, n int) string {
	if n == 0 {
		return countriesDir + "/" + id + ".js"
	}
	return fmt.Sprintf("%s/%s-%d.js", countriesDir, id, n)
}

// addFirst puts the books' reporter into the page; what has no room, unless all must be in
// it, lies beside it.
func (p *page) addFirst(ctx context.Context, books []*book, whole bool, dir string) error {
	c, parts, err := newCountry(ctx, books, p.Tables, countryID(books[0].of))
	if err != nil {
		return err
	}
	p.Country = c
	p.Countries = append(p.Countries, countryEntry{c.ID, c.Name, ""})
	if whole {
		p.Parts = append(p.Parts, parts...)
		return nil
	}
	inside, sides, places, err := c.packed(parts, maxPage-others)
	if err != nil {
		return err
	}
	p.Parts, p.Places = append(p.Parts, inside...), append(p.Places, places...)
	return writeSides(dir, c.ID, 1, sides)
}

// addOther writes the scripts of a further reporter.
func (p *page) addOther(ctx context.Context, books []*book, dir string) error {
	b := books[0]
	c, parts, err := newCountry(ctx, books, b.drawn(p.Tables), p.Country.ID)
	if err != nil {
		return err
	}
	inside, sides, places, err := c.packed(parts, maxScript*9/10)
	if err != nil {
		return err
	}
	p.Countries = append(p.Countries, countryEntry{c.ID, c.Name, scriptOf(c.ID, 0)})
	return writeSides(dir, c.ID, 0, append([]side{{Country: c, Parts: inside, Places: places}}, sides...))
}

func writeSides(dir, id string, first int, sides []side) error {
	if len(sides) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(dir, countriesDir), 0o755); err != nil {
		return fmt.Errorf("make the folder of countries: %w", err)
	}
	for i, s := range sides {
		path := filepath.Join(dir, filepath.FromSlash(scriptOf(id, first+i)))
		write := func(w io.Writer, s side) error { return writeSide(w, id, s) }
		if err := create(path, s, write); err != nil {
			return err
		}
	}
	return nil
}

// writeSide writes a script that hands its data to the page's. JSON of Go has no character
// that a script would read otherwise.
func writeSide(w io.Writer, id string, s side) error {
	if s.Parts == nil {
		s.Parts = []part{}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "receive(%q, %s);\n", id, text)
	return err
}

// sidePolicy allows scripts beside the page, if there are any. A content policy can't name
// them by hash: browsers check no hash of a script that was opened from a disk.
func (p *page) sidePolicy() string {
	if len(p.Places) > 0 || slices.ContainsFunc(p.Countries, func(c countryEntry) bool { return c.Script != "" }) {
		return " 'self'"
	}
	return ""
}

// sortCountries puts the countries into the order of their names.
func (p *page) sortCountries() {
	slices.SortFunc(p.Countries, func(a, b countryEntry) int { return strings.Compare(a.Name+" "+a.ID, b.Name+" "+b.ID) })
}
