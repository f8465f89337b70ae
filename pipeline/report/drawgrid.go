package report

import "strings"

// darkestCell keeps cells light enough for dark text to read on them.
const darkestCell = 0.5

// drawGrid draws a table: names on the left, cells in columns as wide as what is
// in them, shaded where they have a shade.
func drawGrid(g *Grid) drawing {
	const pad = 4.0
	size, lineHeight := 8.5, 11.0
	widths, names := gridWidths(g, size, pad)
	for size > 5 && !fits(g, widths, size, pad) {
		size -= 0.5
		widths, names = gridWidths(g, size, pad)
	}
	head := lineHeight + 3
	columnLines := make([][]string, len(g.Columns))
	above := false
	for i, c := range g.Columns {
		columnLines[i] = wrap(face(size, true), c.Name, widths[i]-2*pad)
		head = max(head, float64(len(columnLines[i]))*lineHeight+3)
		above = above || c.Above != ""
	}
	aboveHeight := 0.0
	if above {
		aboveHeight = lineHeight + 3
	}
	height := aboveHeight + head
	rowLines := make([][][]string, len(g.Rows))
	rowHeights := make([]float64, len(g.Rows))
	for i, r := range g.Rows {
		most := len(wrap(face(size, true), r.Name, names-pad))
		for j, c := range r.Cells {
			lines := cellLines(c.Text, size, widths[j]-2*pad)
			rowLines[i] = append(rowLines[i], lines)
			most = max(most, len(lines))
		}
		rowHeights[i] = float64(most)*lineHeight + 6
		height += rowHeights[i]
	}
	return drawing{height, func(s *sheet, y float64) {
		s.gridHead(g, columnLines, widths, names, size, y, aboveHeight, head)
		start := y + aboveHeight
		y += aboveHeight + head
		for i, r := range g.Rows {
			lines := wrap(face(size, true), r.Name, names-pad)
			first := y + (rowHeights[i]-float64(len(lines))*lineHeight)/2 - 2.5
			for j, line := range lines {
				s.text(margin, first+float64(j+1)*lineHeight, size, true, ink, left, line)
			}
			x := margin + names
			for j, c := range r.Cells {
				if c.Shade >= 0 {
					s.fill(x+0.75, y+0.75, widths[j]-1.5, rowHeights[i]-1.5, shade(darkestCell*c.Shade))
				}
				s.cell(x, y+(rowHeights[i]-float64(len(rowLines[i][j]))*lineHeight)/2, widths[j], pad, size, lineHeight, g.Columns[j].Left, c, rowLines[i][j])
				x += widths[j]
			}
			y += rowHeights[i]
			s.line(margin, y, margin+names+sum(widths), y, 0.4, rule)
		}
		x := margin + names
		for j, c := range g.Columns {
			if c.InUse {
				s.frame(x, start, widths[j], y-start, 1.4, ink)
			}
			x += widths[j]
		}
	}}
}

// cellLines puts what stands in brackets on a line of its own.
func cellLines(text string, size, fits float64) []string {
	head, rest, found := strings.Cut(text, " (")
	if !found {
		return wrap(face(size, false), text, fits)
	}
	return append(wrap(face(size, false), head, fits), wrap(face(size, false), "("+rest, fits)...)
}

func (s *sheet) cell(x, y, w, pad, size, lineHeight float64, isText bool, c Cell, lines []string) {
	for i, line := range lines {
		baseline := y + float64(i+1)*lineHeight - 2.5
		if isText {
			s.text(x+pad, baseline, size, false, ink, left, line)
		} else {
			s.text(x+w/2, baseline, size, false, ink, centre, line)
		}
	}
}

func (s *sheet) gridHead(g *Grid, columnLines [][]string, widths []float64, names, size, y, aboveHeight, head float64) {
	const lineHeight, pad = 11.0, 4.0
	x := margin + names
	for i := 0; i < len(g.Columns); {
		j, w := i, 0.0
		for ; j < len(g.Columns) && g.Columns[j].Above == g.Columns[i].Above; j++ {
			w += widths[j]
		}
		if above := g.Columns[i].Above; above != "" {
			s.text(x+w/2, y+9, size, true, ink, centre, above)
			s.line(x+pad, y+aboveHeight-1, x+w-pad, y+aboveHeight-1, 0.6, ink)
		}
		x += w
		i = j
	}
	y += aboveHeight
	s.text(margin, y+head-4, size, true, dim, left, g.Head[0])
	x = margin + names
	for i, lines := range columnLines {
		for j, line := range lines {
			baseline := y + head - 4 - float64(len(lines)-1-j)*lineHeight
			if g.Columns[i].Left {
				s.text(x+pad, baseline, size, true, dim, left, line)
			} else {
				s.text(x+widths[i]/2, baseline, size, true, dim, centre, line)
			}
		}
		x += widths[i]
	}
	s.line(margin, y+head, x, y+head, 0.9, ink)
}

// fits tells whether no word is wider than its column.
func fits(g *Grid, widths []float64, size, pad float64) bool {
	for i, c := range g.Columns {
		texts := []string{c.Name}
		for _, r := range g.Rows {
			texts = append(texts, r.Cells[i].Text)
		}
		for _, text := range texts {
			for word := range strings.FieldsSeq(text) {
				if width(face(size, false), word) > widths[i]-pad {
					return false
				}
			}
		}
	}
	return true
}

// gridWidths divides the width of a page among the columns.
func gridWidths(g *Grid, size, pad float64) (widths []float64, names float64) {
	names = width(face(size, true), g.Head[0]) + 2*pad
	for _, r := range g.Rows {
		names = max(names, min(width(face(size, true), r.Name)+2*pad, 130))
	}
	free := bodyWidth - names
	texts, numbers := 0, 0
	for _, c := range g.Columns {
		if c.Left {
			texts++
		} else {
			numbers++
		}
	}
	each := free / float64(numbers)
	if texts > 0 {
		each = min(each, 62-14*float64(texts-1))
	}
	for _, c := range g.Columns {
		w := each
		if c.Left {
			w = (free - each*float64(numbers)) / float64(texts)
		}
		widths = append(widths, w)
	}
	return widths, names
}

func sum(all []float64) float64 {
	total := 0.0
	for _, x := range all {
		total += x
	}
	return total
}
