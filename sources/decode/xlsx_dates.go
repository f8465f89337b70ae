package decode

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dateStyles tells which cell styles of a workbook show a number as a date: a workbook
// holds 2019-01-01 as the number 43466, and only its style says so.
type dateStyles struct {
	styles []bool    // by the number of the style
	start  time.Time // the day of number 0
}

// maxStyles is how many cell styles are looked at; spreadsheets make no more.
const maxStyles = 1 << 16

// dateStyles reads the styles of a workbook; one without styles has no dates.
func (b *workbook) dateStyles() (*dateStyles, error) {
	// A day that never was, 29 February 1900, is counted: from March 1900 on the first
	// day is two days earlier than it should be.
	dates := &dateStyles{start: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	if b.since1904 {
		dates.start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if b.parts[partName(b.styles)] == nil {
		return dates, nil
	}
	formats := map[string]string{}
	inCells := false
	err := b.elements(b.styles, func(_ *xmlPart, start xml.StartElement) error {
		switch start.Name.Local {
		case "numFmt":
			if len(formats) < maxStyles {
				formats[attribute(start, "numFmtId")] = attribute(start, "formatCode")
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "tableStyles":
			inCells = false
		case "xf":
			if inCells && len(dates.styles) < maxStyles {
				dates.styles = append(dates.styles, isDateFormat(attribute(start, "numFmtId"), formats))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", b.styles, err)
	}
	return dates, nil
}

// What stands in a number format beside its signs: texts, colours and escaped letters.
var formatTexts = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.|_.|\*.`)

// isDateFormat tells whether a number format shows a date with its day or month. The
// numbers of the formats that need no code are fixed (ECMA-376, part 1, 18.8.30).
func isDateFormat(id string, formats map[string]string) bool {
	if code, custom := formats[id]; custom {
		signs := strings.ToLower(formatTexts.ReplaceAllString(code, ""))
		return strings.ContainsAny(signs, "yd") || strings.Contains(signs, "mmm")
	}
	n, err := strconv.Atoi(id)
	return err == nil && (n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58)
}

// shows tells whether a style shows a number as a date.
func (d *dateStyles) shows(style string) bool {
	if d == nil || style == "" {
		return false
	}
	i, err := strconv.Atoi(style)
	return err == nil && i >= 0 && i < len(d.styles) && d.styles[i]
}

// text is a number as its style shows it: a date as 2019-01-01; any other as it is.
func (d *dateStyles) text(style, number string) string {
	if !d.shows(style) {
		return number
	}
	whole, _, _ := strings.Cut(number, ".")
	day, err := strconv.Atoi(whole)
	if err != nil || day < 1 || day > 2_958_465 { // the last day of the year 9999
		return number
	}
	return d.start.AddDate(0, 0, day).Format(time.DateOnly)
}
