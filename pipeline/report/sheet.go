package report

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"io"
	"strings"
	"sync"

	"entrepot/pipeline/phrase"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	typeface "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A picture is as wide as the text of a printed page, in points.
const (
	sheetWidth  = 500
	margin      = 14
	bodyWidth   = sheetWidth - 2*margin
	pixelsPerIn = 220
)

// The greys and the one hue, all of which differ in lightness, too.
var (
	white = color.Gray{255}
	ink   = color.Gray{25}
	dim   = color.Gray{85}
	rule  = color.Gray{205}
)

// shade is a colour between pale, at 0, and dark, at 1.
func shade(at float64) color.Color {
	mix := func(pale, dark float64) uint8 { return uint8(pale + (dark-pale)*min(max(at, 0), 1) + 0.5) }
	return color.RGBA{mix(236, 15), mix(242, 60), mix(248, 110), 255}
}

// fonts are the two faces that figures use: the package that has them all adds 3.5 MB to the program.
var fonts = sync.OnceValue(func() *font.Cache {
	var faces font.Collection
	for weight, ttf := range map[typeface.Weight][]byte{
		typeface.WeightNormal: liberationsansregular.TTF,
		typeface.WeightBold:   liberationsansbold.TTF,
	} {
		parsed, err := opentype.Parse(ttf)
		if err != nil {
			panic(fmt.Errorf("internal error: parse a font that is built in: %w; please report it", err))
		}
		faces = append(faces, font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, Face: parsed})
	}
	return font.NewCache(faces)
})

func face(size float64, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(size)}
	if bold {
		f.Weight = typeface.WeightBold
	}
	return fonts().Lookup(f, vg.Length(size))
}

// sheet is what figures are drawn on. The origin is the top left corner, and all
// lengths are in points.
type sheet struct {
	canvas vg.Canvas
	height float64
}

func (s *sheet) at(x, y float64) vg.Point {
	return vg.Point{X: vg.Length(x), Y: vg.Length(s.height - y)}
}

// align of a text: which of its edges is at x.
type align float64

const (
	left   align = 0
	centre align = 0.5
	right  align = 1
)

func (s *sheet) text(x, y, size float64, bold bool, c color.Color, a align, text string) {
	text = phrase.Visible(text)
	f := face(size, bold)
	s.canvas.SetColor(c)
	s.canvas.FillString(f, s.at(x-float64(a)*width(f, text), y), text)
}

// clearText draws text over what is below it.
func (s *sheet) clearText(x, y, size float64, c color.Color, text string) {
	s.fill(x-1.5, y-size*0.8, width(face(size, false), text)+3, size, white)
	s.text(x, y, size, false, c, left, text)
}

func width(f font.Face, text string) float64 { return f.Width(text).Points() }

func (s *sheet) box(x, y, w, h float64) vg.Path {
	var p vg.Path
	p.Move(s.at(x, y))
	p.Line(s.at(x+w, y))
	p.Line(s.at(x+w, y+h))
	p.Line(s.at(x, y+h))
	p.Close()
	return p
}

func (s *sheet) fill(x, y, w, h float64, c color.Color) {
	s.canvas.SetColor(c)
	s.canvas.Fill(s.box(x, y, w, h))
}

func (s *sheet) frame(x, y, w, h, thick float64, c color.Color) {
	s.canvas.SetColor(c)
	s.canvas.SetLineDash(nil, 0)
	s.canvas.SetLineWidth(vg.Length(thick))
	s.canvas.Stroke(s.box(x, y, w, h))
}

func (s *sheet) line(x1, y1, x2, y2, thick float64, c color.Color, dash ...vg.Length) {
	var p vg.Path
	p.Move(s.at(x1, y1))
	p.Line(s.at(x2, y2))
	s.canvas.SetColor(c)
	s.canvas.SetLineWidth(vg.Length(thick))
	s.canvas.SetLineDash(dash, 0)
	s.canvas.Stroke(p)
}

// hatch fills a box with diagonal lines.
func (s *sheet) hatch(x, y, w, h float64, c color.Color) {
	const step = 4
	s.fill(x, y, w, h, white)
	for d := float64(step) / 2; d < w+h; d += step {
		// From the left or bottom edge up to the top or right edge.
		s.line(x+max(0, d-h), y+min(d, h), x+min(d, w), y+max(0, d-w), 0.9, c)
	}
	s.frame(x, y, w, h, 0.9, c)
}

// wrap breaks text into lines that fit.
func wrap(f font.Face, text string, fits float64) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && width(f, longer) > fits {
			lines, longer = append(lines, line), word
		}
		line = longer
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}

// paragraph draws text in lines and returns where the next thing goes. On a nil
// sheet it only measures.
func (s *sheet) paragraph(y, size float64, bold bool, c color.Color, text string) float64 {
	for _, line := range wrap(face(size, bold), text, bodyWidth) {
		y += size * 1.3
		if s != nil {
			s.text(margin, y-size*0.3, size, bold, c, left, line)
		}
	}
	return y
}

// drawing is the body of a figure: how high it is, and how it is drawn from y on.
type drawing struct {
	height float64
	draw   func(s *sheet, y float64)
}

// compose draws a figure with its title above and its notes below. On a nil sheet
// it only measures. It returns the height.
func compose(s *sheet, f *Figure, d drawing) float64 {
	y := s.paragraph(margin-3, 8.5, true, dim, f.Number)
	y = s.paragraph(y+1, 13, true, ink, f.headline())
	y = s.paragraph(y+1, 9, false, dim, f.under()) + 9
	if s != nil {
		d.draw(s, y)
	}
	y += d.height + 8
	for _, note := range f.Notes {
		y = s.paragraph(y, 7.5, false, dim, note)
	}
	return s.paragraph(y+2, 7.5, false, dim, f.Source) + margin - 3
}

// writeSVG and writePNG draw a figure. The same figure gives the same bytes.
func writeSVG(w io.Writer, f *Figure) error {
	d := body(f)
	height := compose(nil, f, d)
	canvas := vgsvg.New(sheetWidth, vg.Length(height))
	paint(canvas, f, d, height)
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return fmt.Errorf("draw %s as SVG: %w", f.ID, err)
	}
	faces, err := fontFaces()
	if err != nil {
		return fmt.Errorf("draw %s as SVG: %w", f.ID, err)
	}
	// Screen readers read the title.
	svg := strings.ReplaceAll(b.String(), "font-family:Liberation Sans;", "font-family:"+fontFamily+";")
	svg = strings.Replace(svg, "<svg ", `<svg role="img" `, 1)
	head, rest, _ := strings.Cut(svg, "xlink\">\n")
	title, description := html.EscapeString(phrase.Visible(f.Number+": "+f.headline())), html.EscapeString(phrase.Visible(f.under()))
	_, err = io.WriteString(w, head+"xlink\">\n<title>"+title+"</title>\n<desc>"+description+"</desc>\n<style>"+faces+"</style>\n"+rest)
	return err
}

func writePNG(w io.Writer, f *Figure) error {
	d := body(f)
	height := compose(nil, f, d)
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(sheetWidth, vg.Length(height)), vgimg.UseDPI(pixelsPerIn))}
	paint(canvas, f, d, height)
	if _, err := canvas.WriteTo(w); err != nil {
		return fmt.Errorf("draw %s as PNG: %w", f.ID, err)
	}
	return nil
}

func paint(canvas vg.Canvas, f *Figure, d drawing, height float64) {
	s := &sheet{canvas, height}
	s.fill(0, 0, sheetWidth, height, white)
	compose(s, f, d)
}

func body(f *Figure) drawing {
	switch {
	case f.Bars != nil:
		return drawBars(f.Bars)
	case f.Grid != nil:
		return drawGrid(f.Grid)
	}
	return drawLines(f.Lines)
}
