package report

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"entrepot/pipeline/engine"
	"entrepot/pipeline/phrase"
	"entrepot/schemas"
)

// rating is a row of the output ratings.
type rating struct {
	sector                      string
	year                        int
	dependence, competitiveness sql.NullString
	low, partial                bool
}

// ratingShade makes strong dark and weak light.
var ratingShade = map[string]float64{"strong": 0.8, "mixed": 0.35, "weak": 0.08}

func (b *book) ratings(ctx context.Context) error {
	f := b.picture("ratings")
	f.Notes = []string{b.codesNote(), b.ratingsNote()}
	partial, err := b.partialOf(ctx, f.Table)
	if err != nil {
		return err
	}
	rows, err := engine.Query(ctx, b.source.db, func(r *sql.Rows) (x rating, err error) {
		err = r.Scan(&x.sector, &x.year, &x.dependence, &x.competitiveness, &x.low, &x.partial)
		return x, err
	}, "SELECT sector, year, dependence_rating, competitiveness_rating, low_coverage, "+partial+" FROM ratings WHERE "+oneOf("year", b.years)+" ORDER BY sector, year")
	if err != nil {
		return fmt.Errorf("read ratings of release %s: %w", b.ID, err)
	}
	f.Grid = b.ratingsGrid(rows, b.years)
	empty := "no sector has a rating"
	for _, r := range rows {
		if r.dependence.Valid || r.competitiveness.Valid {
			empty = ""
		}
		if r.low && len(f.Notes) == 2 {
			f.Notes = append(f.Notes, "* A year of low coverage: not comparable with other years.")
		}
	}
	b.add(f, empty)
	return nil
}

func (b *book) ratingsNote() string {
	return fmt.Sprintf("Dependence: low (strong) below %s of codes import-dependent, high (weak) above %s. Competitiveness: strong above %s of world exports with a firm among the "+
		"world's ten largest, weak below %s of exports and of codes dominated; unknown when no table says how many firms there are. No data: not reported.",
		percentOf(b.parameter("rating_strong_dependence")), percentOf(b.parameter("rating_weak_dependence")),
		percentOf(b.parameter("rating_strong_export_share")), percentOf(b.parameter("rating_weak_export_share")))
}

func (s *source) ratingsGrid(rows []rating, years []int) *Grid {
	g := &Grid{Head: []string{"Sector"}}
	for _, above := range []string{"Import dependence", "Global competitiveness"} {
		for _, y := range years {
			g.Columns = append(g.Columns, Column{Name: strconv.Itoa(y), Above: above})
		}
	}
	at := map[string]int{}
	for _, r := range rows {
		i, seen := at[r.sector]
		if !seen {
			i = len(g.Rows)
			at[r.sector] = i
			row := GridRow{Name: s.sectorName(r.sector), Cells: make([]Cell, len(g.Columns))}
			for j := range row.Cells {
				row.Cells[j] = Cell{Text: noData, Shade: -1}
			}
			g.Rows = append(g.Rows, row)
		}
		for j, y := range years {
			if y == r.year {
				g.Rows[i].Cells[j] = dependenceCell(r.dependence).ofPart(r.partial)
				g.Rows[i].Cells[len(years)+j] = ratingCell(r.competitiveness, r.low).ofPart(r.partial)
			}
		}
	}
	return g
}

// dependenceLevel is how dependent a sector is, by the report's word for its achievement.
var dependenceLevel = map[string]string{"strong": "low", "mixed": "medium", "weak": "high"}

// dependenceCell says how dependent a sector is, beside the report's word.
func dependenceCell(word sql.NullString) Cell {
	c := ratingCell(word, false)
	if level := dependenceLevel[word.String]; word.Valid && level != "" {
		c.Text = fmt.Sprintf("%s (%s)", level, word.String)
	}
	return c
}

func ratingCell(word sql.NullString, low bool) Cell {
	if !word.Valid {
		return Cell{Text: noData, Shade: -1}
	}
	shade, ok := ratingShade[word.String]
	if !ok {
		shade = -1
	}
	if low {
		word.String += "*"
	}
	return Cell{Text: word.String, Shade: shade}
}

// ofPart says of a value that it is of a part of the data, if it is.
func (c Cell) ofPart(partial bool) Cell {
	if partial && c.Text != noData {
		c.Part, c.Text = true, c.Text+partWord
	}
	return c
}

// productLetters is how much of a product's name a picture has room for.
const productLetters = 48

// maxHeadings is the number of headings that the picture of vulnerabilities has.
const maxHeadings = 20

//go:embed vulnerable_headings.sql
var vulnerableHeadingsSQL string

func (b *book) vulnerabilities(ctx context.Context) error {
	grid := &Grid{Head: []string{"Heading"}, Columns: []Column{{Name: "Product", Left: true}, {Name: "Sectors", Left: true}, {Name: "Imports"}, {Name: "Imports / exports"},
		{Name: "From the " + b.parameter("partner_group")}, {Name: "Change of imports"}, {Name: "Class"}}}
	var all, first, last int
	rows, err := engine.Query(ctx, b.source.db, func(r *sql.Rows) (GridRow, error) {
		var hs4, product, sectors, class string
		var imports float64
		var ratio, share, change sql.NullFloat64
		err := r.Scan(&hs4, &product, &sectors, &imports, &ratio, &share, &change, &class, &all, &first, &last)
		return GridRow{hs4, []Cell{
			{Text: phrase.Cut(product, productLetters), Shade: -1},
			{Text: sectors, Shade: -1},
			{Text: dollars(imports), Shade: -1, Value: &imports},
			sortedBy(ratio, -1, orWord(ratio, "no exports", func(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) })),
			sortedBy(share, share.Float64, orWord(share, noData, func(x float64) string { return percent(x, 0) })),
			sortedBy(change, -1, orWord(change, noData, signed)),
			{Text: class, Shade: classShade[class], Class: class, Value: classOrder[class]},
		}}, err
	}, vulnerableHeadingsSQL, sql.Named("headings", maxHeadings))
	if err != nil {
		return fmt.Errorf("read vulnerabilities of release %s: %w", b.ID, err)
	}
	for i, r := range rows {
		rows[i].Cells[1].Text = b.sectorNamesOf(r.Cells[1].Text)
	}
	grid.Rows = rows
	f := b.picture("vulnerabilities", "{year}", strconv.Itoa(last), "{first_year}", strconv.Itoa(first))
	f.Grid, f.Notes = grid, []string{b.codesNote(), b.vulnerabilitiesNote()}
	if all > len(rows) {
		f.Notes = append(f.Notes, fmt.Sprintf("The first %d of %d headings.", len(rows), all))
	}
	empty := ""
	if len(rows) == 0 {
		empty = "no heading has a vulnerability, or no file lists imports by partner"
	}
	b.add(f, empty)
	return nil
}

// sortedBy is a cell that the page sorts by its value, if it has one.
func sortedBy(value sql.NullFloat64, shade float64, text string) Cell {
	c := Cell{Text: text, Shade: shade}
	if value.Valid {
		c.Value = &value.Float64
	}
	return c
}

// classOrder sorts the classes, the gravest first.
var classOrder = map[string]*float64{"severe": new(float64), "high": ptr(1), "easing": ptr(2)}

func ptr(x float64) *float64 { return &x }

var classShade = map[string]float64{"severe": 0.8, "high": 0.4, "easing": 0.12}

func (s *source) sectorNamesOf(keys string) string {
	if keys == "" {
		return "none"
	}
	var names []string
	for key := range strings.SplitSeq(keys, ", ") {
		names = append(names, s.sectorName(key))
	}
	return strings.Join(names, ", ")
}

func orWord(value sql.NullFloat64, word string, text func(float64) string) string {
	if !value.Valid {
		return word
	}
	return text(value.Float64)
}

func (b *book) vulnerabilitiesNote() string {
	return fmt.Sprintf("High: imports are at least %s times exports, and at least %s of them come from the %s; severe: %s times and %s; easing: high or severe, but imports fell by %s or more. "+
		"These thresholds are entrepot's own. No change of imports is given where the first year has none.",
		b.parameter("vulnerability_high_ratio"), percentOf(b.parameter("vulnerability_high_share")), b.parameter("partner_group"),
		b.parameter("vulnerability_severe_ratio"), percentOf(b.parameter("vulnerability_severe_share")), percentOf(b.parameter("vulnerability_easing_fall")))
}

func (b *book) dependenceSensitivity(ctx context.Context) error {
	return b.sensitivity(ctx, dependenceGrid)
}

func (b *book) dominanceSensitivity(ctx context.Context) error {
	return b.sensitivity(ctx, dominanceGrid)
}

// grid says where the sensitivity of a figure to its threshold stands. What is counted
// is the Ratio of the table; here is what is weighted by value.
type grid struct {
	of, table, threshold string // of is the table of the figure
	weighted             schemas.Ratio
	name                 func(threshold float64) string
	title                func(b *book, threshold string) *Figure // without bars
	byValue              string                                  // what the weights are
	weightedSubtitle     string
}

var (
	dependenceGrid = grid{
		of: "import_dependence", table: "import_dependence_sensitivity", threshold: "ratio",
		weighted: schemas.Ratio{Share: "dependent_imports_share", Part: "dependent_imports_usd", Of: "imports_usd"},
		name:     func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) + "×" },
		title:    (*book).dependenceFigure, byValue: "Imports",
		weightedSubtitle: "These products' share of each sector's imports",
	}
	dominanceGrid = grid{
		of: "dominance", table: "dominance_sensitivity", threshold: "share",
		weighted: schemas.Ratio{Share: "dominated_world_exports_share", Part: "dominated_world_exports_usd", Of: "world_exports_usd", Low: "low_coverage"},
		name:     func(x float64) string { return percentOf(strconv.FormatFloat(x, 'f', -1, 64)) },
		title:    (*book).dominanceFigure, byValue: "World exports",
		weightedSubtitle: "These products' share of world exports of each sector",
	}
)

// thresholds lists those of a grid, and which is in use.
func (s *source) thresholds(ctx context.Context, g grid) ([]threshold, error) {
	all, err := engine.Query(ctx, s.db, func(r *sql.Rows) (t threshold, err error) {
		err = r.Scan(&t.value, &t.inUse)
		return t, err
	}, fmt.Sprintf("SELECT DISTINCT %s, in_use FROM %s ORDER BY 1", g.threshold, g.table))
	if err != nil {
		return nil, fmt.Errorf("read %s of release %s: %w", g.table, s.ID, err)
	}
	return all, nil
}

type threshold struct {
	value float64
	inUse bool
}

// sensitivity shows the last year with data over the thresholds.
func (b *book) sensitivity(ctx context.Context, g grid) error {
	counted := b.outputs[g.table].Ratio
	thresholds, err := b.thresholds(ctx, g)
	if err != nil {
		return err
	}
	var year sql.NullInt64
	if err := b.db.QueryRowContext(ctx, fmt.Sprintf("SELECT max(year) FROM %s WHERE %s IS NOT NULL", g.table, counted.Share)).Scan(&year); err != nil {
		return fmt.Errorf("read %s of release %s: %w", g.table, b.ID, err)
	}
	f := b.picture(g.table, "{year}", strconv.FormatInt(year.Int64, 10))
	of := f.Number
	f.Number += ", sensitivity"
	if !year.Valid {
		b.add(f, "no year has data")
		return nil
	}
	f.Grid = &Grid{Head: []string{"Sector"}}
	at := map[string]int{}
	for i, t := range thresholds {
		f.Grid.Columns = append(f.Grid.Columns, Column{Name: g.name(t.value), InUse: t.inUse})
		cells, err := b.cells(ctx, g.table, schemas.Ratio{Share: counted.Share, Part: counted.Part, Of: "codes_near", Low: counted.Low}, fmt.Sprintf("year = ? AND %s = ?", g.threshold), year.Int64, t.value)
		if err != nil {
			return err
		}
		for _, c := range cells {
			j, seen := at[c.sector]
			if !seen {
				j = len(f.Grid.Rows)
				at[c.sector] = j
				f.Grid.Rows = append(f.Grid.Rows, GridRow{b.sectorName(c.sector), make([]Cell, len(thresholds))})
			}
			f.Grid.Rows[j].Cells[i] = sensitivityCell(c)
		}
	}
	f.Notes = []string{b.codesNote(), "The column with a frame has the cut-off of " + of + "."}
	if counted.Low != "" {
		note, err := b.coverageNote(ctx, []int{int(year.Int64)})
		if err != nil {
			return err
		}
		f.Notes = append(f.Notes, note)
	}
	b.add(f, "")
	return nil
}

func sensitivityCell(c cell) Cell {
	if c.share == nil {
		return Cell{Text: noData, Shade: -1}
	}
	mark := ""
	if c.low {
		mark = "*"
	}
	near := ""
	if *c.of > 0 {
		near = fmt.Sprintf(", %.0f near", *c.of)
	}
	return Cell{Text: fmt.Sprintf("%s%s (%.0f%s)", percent(*c.share, 0), mark, *c.part, near), Shade: *c.share}.ofPart(c.partial)
}
