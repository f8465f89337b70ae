package report

import (
	"math"
	"strconv"
)

// drawBars draws a row for each year under each group: the year, the bar from
// zero, and its value behind it.
func drawBars(b *Bars) drawing {
	const rowHeight, barHeight, between, axis = 12.0, 9.0, 7.0, 14.0
	rows := 0
	names, texts, top := 0.0, 0.0, 0.0
	for _, g := range b.Groups {
		rows += len(g.Bars)
		for _, line := range wrap(face(9, true), g.Name, 120) {
			names = max(names, width(face(9, true), line))
		}
		for _, bar := range g.Bars {
			texts = max(texts, width(face(8.5, false), bar.Text+"*"))
			if bar.Share != nil {
				top = max(top, *bar.Share)
			}
		}
	}
	top, step := scale(top)
	height := axis + float64(rows)*rowHeight + float64(len(b.Groups))*between
	x0 := margin + names + 40
	x := func(share float64) float64 { return x0 + share/top*(sheetWidth-margin-texts-6-x0) }
	return drawing{height, func(s *sheet, y float64) {
		decimals := 0
		if step < 0.01 {
			decimals = 1
		}
		for tick := 0.0; tick <= top+step/2; tick += step {
			s.text(x(tick), y+8, 7.5, false, dim, centre, percent(tick, decimals))
			s.line(x(tick), y+axis, x(tick), y+height, 0.5, rule)
		}
		y += axis
		for _, g := range b.Groups {
			y += between
			for i, line := range wrap(face(9, true), g.Name, 120) {
				s.text(margin, y+float64(i+1)*rowHeight-3.5, 9, true, ink, left, line)
			}
			for i, bar := range g.Bars {
				s.text(x0-6, y+rowHeight-3.5, 8.5, false, dim, right, strconv.Itoa(bar.Year))
				s.bar(x0, y+1, x, barHeight, bar, barShade(i, len(g.Bars)))
				y += rowHeight
			}
		}
		s.line(x0, y-height+axis, x0, y, 0.9, ink)
	}}
}

// barShade makes later years darker.
func barShade(i, of int) float64 {
	if of == 1 {
		return 1
	}
	return 0.3 + 0.7*float64(i)/float64(of-1)
}

func (s *sheet) bar(x0, y float64, x func(float64) float64, height float64, b Bar, at float64) {
	text, end := b.Text, x0
	switch {
	case b.Share == nil:
		s.clearText(x0+4, y+height-1.5, 8.5, dim, text)
		return
	case *b.Share > 0 && (b.Low || b.Part):
		end = x(*b.Share)
		s.hatch(x0, y, end-x0, height, shade(at))
	case *b.Share > 0:
		end = x(*b.Share)
		s.fill(x0, y, end-x0, height, shade(at))
	}
	if b.Low {
		text += "*"
	}
	s.clearText(end+4, y+height-1.5, 8.5, ink, text)
}

// scale is the end of an axis that holds a value, and the distance of its ticks:
// 1, 2 or 5 times a power of ten, about five of them.
func scale(highest float64) (end, step float64) {
	if highest <= 0 {
		return 1, 0.25
	}
	if highest > 0.6 && highest <= 1 {
		return 1, 0.25
	}
	power := math.Pow(10, math.Floor(math.Log10(highest/4)))
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * power; highest/step <= 5 {
			break
		}
	}
	return step * math.Ceil(highest/step-1e-9), step
}
