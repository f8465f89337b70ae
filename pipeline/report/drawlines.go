package report

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// The lines differ in dash and in the shape of their points.
var dashes = [][]vg.Length{nil, {6, 2}, {2, 2}, {8, 2, 2, 2}, {4, 4}, {1, 1.5}}

// drawLines draws each series with its name at its end.
func drawLines(l *Lines) drawing {
	const plotHeight, labels = 230.0, 118.0
	axis := 16.0
	if slices.Contains(l.Empty, true) {
		axis += 10
	}
	end, step := l.End, l.Step
	tick := func(v float64) string {
		if l.Unit == "usd" {
			return dollars(v)
		}
		return percent(v, 0)
	}
	wide := 0.0
	for v := 0.0; v <= end+step/2; v += step {
		wide = max(wide, width(face(8, false), tick(v)))
	}
	x0, x1 := margin+wide+6, sheetWidth-margin-labels
	x := func(i int) float64 {
		if len(l.Periods) == 1 {
			return (x0 + x1) / 2
		}
		return x0 + 6 + float64(i)*(x1-x0-12)/float64(len(l.Periods)-1)
	}
	return drawing{plotHeight + axis, func(s *sheet, y float64) {
		up := func(v float64) float64 { return y + 6 + (plotHeight-6)*(1-v/end) }
		for v := 0.0; v <= end+step/2; v += step {
			s.line(x0, up(v), x1, up(v), 0.5, rule)
			s.text(x0-6, up(v)+3, 8, false, dim, right, tick(v))
		}
		s.line(x0, up(0), x1, up(0), 0.9, ink)
		s.periods(l, x, up(0)+11)
		for i, one := range l.Series {
			s.series(one, i, len(l.Series), x, up)
		}
		s.endLabels(l, x1+6, up)
	}}
}

// periods writes as many of the periods as have room, and where there is no data.
func (s *sheet) periods(l *Lines, x func(int) float64, y float64) {
	room := 40.0
	every := 1
	if len(l.Periods) > 1 {
		every = max(1, int(math.Ceil(room/(x(1)-x(0)))))
	}
	for i := 0; i < len(l.Periods); i += every {
		s.text(x(i), y, 8, false, dim, centre, l.Periods[i])
	}
	for i := 0; i < len(l.Periods); i++ {
		first := i
		for i < len(l.Periods) && l.Empty[i] {
			i++
		}
		if i > first {
			s.text((x(first)+x(i-1))/2, y+9, 7, false, dim, centre, noData)
		}
	}
}

// series draws one line, broken where there is no data, and its points.
func (s *sheet) series(one Series, i, of int, x func(int) float64, up func(float64) float64) {
	c := shade(0.45 + 0.55*float64(of-i)/float64(of))
	for j, v := range one.Values {
		if v == nil {
			continue
		}
		if j > 0 && one.Values[j-1] != nil {
			s.line(x(j-1), up(*one.Values[j-1]), x(j), up(*v), 1.4, c, dashes[i%len(dashes)]...)
		}
	}
	for j, v := range one.Values {
		if v != nil {
			s.point(x(j), up(*v), i, c)
			if one.Parts != nil && one.Parts[j] { // striped, as bars of a part of the data are
				s.line(x(j)-3, up(*v)+1, x(j)+1, up(*v)-3, 0.9, white)
				s.line(x(j)-1, up(*v)+3, x(j)+3, up(*v)-1, 0.9, white)
			}
		}
	}
}

// point draws a circle, a square, a triangle or a diamond, filled or hollow.
func (s *sheet) point(x, y float64, i int, c interface{ RGBA() (r, g, b, a uint32) }) {
	const r = 2.6
	corners := [][][2]float64{
		nil, {{-r, -r}, {r, -r}, {r, r}, {-r, r}}, {{0, -1.3 * r}, {1.2 * r, r}, {-1.2 * r, r}}, {{0, -1.4 * r}, {1.4 * r, 0}, {0, 1.4 * r}, {-1.4 * r, 0}},
	}[i%4]
	var p vg.Path
	if corners == nil {
		p.Move(s.at(x+r, y))
		p.Arc(s.at(x, y), r, 0, 2*math.Pi)
	}
	for j, corner := range corners {
		if j == 0 {
			p.Move(s.at(x+corner[0], y+corner[1]))
		} else {
			p.Line(s.at(x+corner[0], y+corner[1]))
		}
	}
	p.Close()
	s.canvas.SetColor(c)
	if i/4%2 == 1 {
		s.canvas.SetColor(white)
	}
	s.canvas.Fill(p)
	s.canvas.SetColor(c)
	s.canvas.SetLineDash(nil, 0)
	s.canvas.SetLineWidth(1)
	s.canvas.Stroke(p)
}

// endLabels names each line beside its last point, with its shape, one below the
// other where they would overlap.
func (s *sheet) endLabels(l *Lines, x float64, up func(float64) float64) {
	type label struct {
		lines []string
		i     int
		y     float64
	}
	const below = 1e6 // where a series without any data has its label, before it is moved
	const size, lineHeight = 8.0, 9.5
	var all []label
	for i, one := range l.Series {
		if !slices.ContainsFunc(one.Values, func(v *float64) bool { return v != nil }) {
			all = append(all, label{wrap(face(size, false), one.Name+": "+noData, sheetWidth-margin-x-10), i, below})
		}
		for j, v := range slices.Backward(one.Values) {
			if v != nil {
				text := one.Name + " " + one.Texts[j]
				if j < len(one.Values)-1 {
					text += " in " + l.Periods[j]
				}
				all = append(all, label{wrap(face(size, false), text, sheetWidth-margin-x-10), i, up(*v)})
				break
			}
		}
	}
	slices.SortStableFunc(all, func(a, b label) int { return cmp.Compare(a.y, b.y) })
	place := make([]float64, len(all))
	for i, a := range all {
		place[i] = a.y
		if i > 0 {
			place[i] = max(a.y, place[i-1]+float64(len(all[i-1].lines))*lineHeight+2)
		}
	}
	// What was pushed below the axis goes up again.
	floor := up(0)
	for i, a := range slices.Backward(all) {
		floor -= float64(len(a.lines)-1) * lineHeight
		place[i] = min(place[i], floor)
		floor = place[i] - lineHeight - 2
	}
	for i, a := range all {
		s.point(x+3, place[i], a.i, shade(0.45+0.55*float64(len(l.Series)-a.i)/float64(len(l.Series))))
		for j, line := range a.lines {
			s.text(x+10, place[i]+2.8+float64(j)*lineHeight, size, false, ink, left, line)
		}
	}
}
