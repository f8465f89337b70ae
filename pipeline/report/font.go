package report

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
)

// fontFamily names the font of pictures and page, and those of the same widths.
const fontFamily = "'Arimo','Liberation Sans',Arial,Helvetica,sans-serif"

// fontFaces is the style sheet that holds the font, so that a picture or the page needs none
// of the reader's.
var fontFaces = sync.OnceValues(func() (string, error) {
	var b strings.Builder
	for _, weight := range []int{400, 700} {
		content, err := pageFile(fmt.Sprintf("font/arimo-latin-%d-normal.woff2", weight))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "@font-face{font-family:Arimo;font-weight:%d;src:url(data:font/woff2;base64,%s) format('woff2')}",
			weight, base64.StdEncoding.EncodeToString([]byte(content)))
	}
	return b.String(), nil
})
