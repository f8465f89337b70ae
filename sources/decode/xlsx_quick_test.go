package decode

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// bitByBit gives a text in pieces of so many bytes.
type bitByBit struct {
	text string
	most int
}

func (b *bitByBit) Read(p []byte) (int, error) {
	if b.text == "" {
		return 0, io.EOF
	}
	n := copy(p, b.text[:min(len(b.text), b.most)])
	b.text = b.text[n:]
	return n, nil
}

// sheetOf reads the parts of a workbook with the shared texts and a sheet as they come, in
// pieces of so many bytes, and counts the rows that the decoder read.
func sheetOf(t testing.TB, sheet, texts string, most int, slow bool) (rows []string, byDecoder int, err error) {
	t.Helper()
	book := &workbook{ctx: t.Context(), left: partAlwaysFine}
	part := func(text string) *xmlPart { return book.newPart(&bitByBit{text, most}) }
	shared := &textReader{sharedTexts: &sharedTexts{}, part: "texts", slow: slow}
	if err := part(texts).elements("texts", shared.start); err != nil {
		return nil, 0, err
	}
	shared.done()
	shared.dates = &dateStyles{styles: []bool{false, true}, start: time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)}
	for i := 0; ; i++ {
		text, found := shared.at(i)
		if !found {
			break
		}
		rows = append(rows, fmt.Sprintf("text %q", text))
	}
	s := &sheetReader{texts: shared.sharedTexts, slow: slow, emit: func(number int64, cells []string) error {
		rows = append(rows, fmt.Sprintf("%d %q", number, cells))
		return nil
	}}
	err = part(sheet).elements("sheet", func(part *xmlPart, start xml.StartElement) error {
		if start.Name.Local == "row" {
			byDecoder++
		}
		return s.start(part, start)
	})
	return rows, byDecoder, err
}

// sameSheet fails unless a sheet is read quickly as the decoder reads it.
func sameSheet(t testing.TB, sheet, texts string, most int) (rows, byDecoder int, err error) {
	t.Helper()
	got, byDecoder, gotErr := sheetOf(t, sheet, texts, most, false)
	want, all, wantErr := sheetOf(t, sheet, texts, most, true)
	if fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
		t.Fatalf("%s\n%s\nquickly: %v\nby the decoder: %v", texts, sheet, gotErr, wantErr)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s\n%s\n(-by the decoder +quickly):\n%s", texts, sheet, diff)
	}
	return all, byDecoder, wantErr
}

const quickTexts = `<sst count="3"><si><t>010121</t></si><si><t xml:space="preserve"> Côte &amp; d'Ivoire_x000D_</t></si><si><r><t>rich</t></r></si><si><t/></si></sst>`

// What other programs write is read quickly: of many rows the decoder reads one or two.
func TestPlainSheets(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"Excel":             `<row r="%[1]d" spans="1:3" x14ac:dyDescent="0.25"><c r="A%[1]d" s="1"><v>43466</v></c><c r="B%[1]d" t="s"><v>1</v></c><c r="C%[1]d" s="2"/></row>`,
		"openpyxl":          `<row r="%[1]d"><c r="A%[1]d" t="n"><v>%[1]d.5</v></c><c r="B%[1]d" t="inlineStr"><is><t>x &lt; y</t></is></c><c r="C%[1]d" t="b"><v>1</v></c></row>`,
		"SheetJS":           `<row r="%[1]d"><c r="A%[1]d" t="str"><v>T%[1]drkiye ü</v></c><c r="AB%[1]d" t="e"><v>#N/A</v></c><c r="AC%[1]d"><v>1.5E+3</v></c></row>`,
		"without places":    `<row><c><v>1</v></c><c t="str"><v>_x0041_</v></c><c/></row>`,
		"with a prefix":     `<x:row r="%[1]d"><x:c r="A%[1]d" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c r="B%[1]d"><x:v>5</x:v></x:c></x:row>`,
		"formulas":          `<row r="%[1]d"><c r="A%[1]d"><f>B%[1]d*2</f><v>2</v></c><c r="B%[1]d" t="str"><f t="shared" si="0"/><v>b</v></c><c r="C%[1]d"><f>A1</f></c></row>`,
		"laid out":          "\n  <row r=\"%[1]d\">\n\t<c r=\"A%[1]d\" t=\"str\">\n<v>1</v>\r\n</c>\n<c t=\"inlineStr\"><is>\n<t>b</t> </is> </c></row>\n",
		"empty rows":        `<row r="%[1]d" ht="15"/><row/><row></row>`,
		"empty cells":       `<row><c r="A1" t="s"/><c r="B1"></c><c t="str"><v></v></c><c><v/></c><c r="J1"><v>1</v></c></row>`,
		"back in the row":   `<row><c r="D1"><v>4</v></c><c r="B1"><v>2</v></c><c><v>3</v></c><c r="B1"/></row>`,
		"letters by number": `<row><c t="str"><v>&#65;&#x42;&quot;&apos;</v></c></row>`,
	} {
		var sheet strings.Builder
		prefix := ""
		if strings.HasPrefix(row, "<x:") {
			prefix = "x:"
		}
		sheet.WriteString(`<?xml version="1.0" encoding="UTF-8"?><` + prefix + `worksheet><` + prefix + `sheetData>`)
		for i := range 500 {
			if strings.Contains(row, "%") {
				fmt.Fprintf(&sheet, row, i+1)
			} else {
				sheet.WriteString(row)
			}
		}
		sheet.WriteString(`</` + prefix + `sheetData></` + prefix + `worksheet>`)
		for _, most := range []int{7, 1 << 10, 1 << 20} {
			rows, byDecoder, err := sameSheet(t, sheet.String(), quickTexts, most)
			if err != nil || rows < 500 || byDecoder > 0 {
				t.Errorf("%s, %d bytes at a time: %d of %d rows were read by the decoder: %v", name, most, byDecoder, rows, err)
			}
		}
	}
}

// Whatever stands in a row, it is read as the decoder reads it.
func TestQuickRows(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	one := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	rare := func(text string) string {
		if random.IntN(60) == 0 {
			return text
		}
		return ""
	}
	blank := func() string { return one("", "", "", "", "", " ", "\n", "\t\r\n") }
	letters := func() string {
		return one("1", "2.5", "-3", "1E5", "+7", " 8 ", "0", "1", "2", "43466", "99", "text", "Türkiye", "a &amp; b", "_x000D_", "_x00", "a > b", "x", "true", "&#233;", "\tq", "") +
			rare(one("&nbsp;", "&", "]]>", "\xff", "\uFFFE", "\r", "\r\n", "\x01", "&#0;", "&#xD800;", "<![CDATA[1]]>", "<!-- -->", "<b/>", "&#99999999999;", "&AMP;", "&#X41;", "<?xml version=\"1.0\" encoding=\"latin1\"?>"))
	}
	attributes := func(names ...string) string {
		var all strings.Builder
		for range random.IntN(4) {
			name := one(names...)
			value := one("1", "2", "0", "A1", "B7", "AB3", "s", "str", "inlineStr", "b", "n", "e", "")
			switch name {
			case "r":
				value = one("A1", "B1", "C2", "D3", "5", "9") + rare(one("x", "XFE1", "-", "&amp;", "é", "<"))
			case "t":
				value = one("s", "str", "inlineStr", "b", "n", "e", "d")
			case "s":
				value = one("0", "1", "2", "x")
			}
			all.WriteString(one(" ", " ", " ", "\n", "") + name + rare(" ") + "=" + rare(" ") + `"` + value + `"`)
		}
		return all.String() + rare(" x") + rare(" y='1'") + rare(` a:b:c="1"`) + rare(` r:="1"`)
	}
	refused, quick := 0, 0
	for n := range 3000 {
		var sheet strings.Builder
		sheet.WriteString(rare(`<?xml version="1.0" encoding="windows-1252"?>`) + `<worksheet>` + blank() + `<sheetData>`)
		for range random.IntN(8) {
			sheet.WriteString(blank() + "<row" + one(``, ``, ` r="3"`, ` r="12" spans="1:2"`, attributes("s", "spans", "x14ac:dyDescent", "ht")+rare(attributes("r"))) + rare("/") + ">")
			for range random.IntN(5) {
				column := one("A", "B", "C", "D", "AA")
				start := `<c` + one(` r="`+column+`1"`, ` r="`+column+`2"`, "") + one(``, ` s="1"`, ` t="s"`, ` t="str"`, ` s="0" t="n"`, ` t="inlineStr"`, ` t="b"`, rare(attributes("r", "t", "s", "x:r", "cm"))) + ">"
				inside := "<v>" + letters() + "</v>"
				switch {
				case strings.Contains(start, "inline"):
					inside = one("<is><t>", "<is>"+blank()+`<t xml:space="preserve">`) + letters() + "</t>" + blank() + rare("<r><t>x</t></r>") + rare("<rPh><t>x</t></rPh>") + "</is>"
				case strings.Contains(start, `"s"`):
					inside = "<v>" + one("0", "1", "2", "0", "1", "3", " 1", "01") + rare("9") + rare("-") + rare(letters()) + "</v>"
				}
				sheet.WriteString(start + blank() + one("", "", "", "<f>A1</f>", "<f/>", "<f t=\"shared\">"+letters()+"</f>"+blank()) + one(inside, inside, inside, "", "<v/>") + rare(inside) + blank() + "</c" + rare(" ") + ">" + blank() + rare("x") + rare("<d/>"))
			}
			sheet.WriteString("</row>" + rare("</c>"))
		}
		sheet.WriteString(`</sheetData>` + blank() + `<mergeCells/></worksheet>` + blank())
		text := sheet.String()
		if random.IntN(20) == 0 {
			text = text[:random.IntN(len(text))]
		}
		texts := `<sst>` + rare(letters()) + `<si><t>` + letters() + `</t></si>` + blank() + `<si` + rare(" a") + `>` + blank() + one(`<t>`, `<t xml:space="preserve">`) + letters() + `</t>` + blank() + rare("<t>more</t>") + `</si><si><r><t>rich</t></r></si></sst>`
		_, byDecoder, err := sameSheet(t, text, texts, 1+n%97)
		switch {
		case err != nil:
			refused++
		case byDecoder == 0:
			quick++
		}
	}
	t.Logf("%d sheets were refused, and %d read quickly", refused, quick)
	if refused < 500 || quick < 500 {
		t.Errorf("%d sheets were refused, and %d read quickly", refused, quick)
	}
}

// FuzzQuickRows compares what is read quickly with what the decoder reads.
func FuzzQuickRows(f *testing.F) {
	for _, row := range []string{`<row r="1" spans="1:2"><c r="A1" s="1" t="n"><v>43466.5</v></c><c r="B1" t="s"><v>1</v></c><c r="C1"/></row>`,
		`<row><c t="inlineStr"><is><t xml:space="preserve"> a &amp; b_x000D_</t></is></c><c r="C1" t="str"><f>A1</f><v>ü</v></c></row>`,
		`<x:row r="7"><x:c r="B7" t="b"><x:v>1</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c></x:row>`, `<row r="2"/><row ht="1"></row><row><c><v/></c><c><f/><v>1e5</v></c></row>`} {
		f.Add(`<worksheet><sheetData>`+row+row+`</sheetData></worksheet>`, quickTexts, uint8(255))
	}
	f.Fuzz(func(t *testing.T, sheet, texts string, most uint8) { sameSheet(t, sheet, texts, 1+int(most)) })
}
