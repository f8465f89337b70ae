package sources

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/sources/decode"
	"entrepot/sources/decode/decodetest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// textRows reads a delimited file as the first rows of a grid.
func textRows(t testing.TB, path string, delimiter rune) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = delimiter, -1, true
	var rows [][]string
	for len(rows) < 50 {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func cellsOf(rows []decodetest.Row) [][]string {
	var cells [][]string
	for _, row := range rows {
		cells = append(cells, row.Cells)
	}
	return cells
}

// split makes rows of text such as "Code|2011|2012".
func split(lines ...string) [][]string {
	var rows [][]string
	for _, line := range lines {
		rows = append(rows, strings.Split(line, "|"))
	}
	return rows
}

// shown writes what was recognised in one line a column.
func shown(m *tradeMap) string {
	if m == nil {
		return "not Trade Map"
	}
	lines := []string{fmt.Sprintf("skip %d code %d label %d %s", m.skip, m.code, m.label, m.names)}
	for _, c := range m.wide {
		lines = append(lines, fmt.Sprintf("%d:%d-%02d %s [%s>%s] %s [%s]", c.index, c.year, c.month, c.flow, c.reporter, c.partner, c.measure, c.unit))
	}
	return strings.Join(lines, "\n")
}

func TestTradeMapLayouts(t *testing.T) {
	for _, test := range []struct {
		name string
		rows [][]string
		want string
	}{
		{"text download with an empty last column", split("\ufeffCode|Product label|Imported value in 2019|Imported value in 2020|", "TOTAL|All products|5|4|"),
			"skip 1 code 0 label -1 \n2:2019-00 M [>] value []\n3:2020-00 M [>] value []"},
		{"world page, unit in the header", split("Product code|Product label|exported value in 2009, US Dollar thousand|exported value in 2010, US Dollar thousand|"),
			"skip 1 code 0 label -1 \n2:2009-00 X [>] value [thousand US dollars]\n3:2010-00 X [>] value [thousand US dollars]"},
		{"unit after the year", split("Code|Product label|Value in 2019, USD thousand"), "skip 1 code 0 label -1 \n2:2019-00  [>] value [thousand US dollars]"},
		{"a unit that is not dollars stays", split("Code|Product label|Imported value in 2019, Euro thousand"), "skip 1 code 0 label -1 \n2:2019-00 M [>] value [Euro thousand]"},
		{"months", split("Code|Product label|Imported value in 2018-M12|Imported value in 2019-M01"), "skip 1 code 0 label -1 \n2:2018-12 M [>] value []\n3:2019-01 M [>] value []"},
		{"bare years, edited by hand", split("Product code|Product label|2011|2012", "'0101|Live horses|2011|2012"), "skip 1 code 0 label -1 \n2:2011-00  [>] value []\n3:2012-00  [>] value []"},
		{"bare years as numbers of a sheet", split("HS Code |Product label|2011.0|2012.0"), "skip 1 code 0 label -1 \n2:2011-00  [>] value []\n3:2012-00  [>] value []"},
		{"markets of an exporter", split("List of importing markets for a product exported by China||", "Product: 4002 Synthetic rubber ...||", "Importers|Exported value in 2019|Exported value in 2020"),
			"skip 3 code -1 label 0 partner\n1:2019-00 X [>] value []\n2:2020-00 X [>] value []"},
		{"markets of an importer", split("Exporters|Imported value in 2019"), "skip 1 code -1 label 0 partner\n1:2019-00 M [>] value []"},
		{"exporters of a product", split("List of exporters for the selected product in 2020|", "Exporters|Exported value in 2019"), "skip 2 code -1 label 0 reporter\n1:2019-00 X [>] value []"},
		{"importers of a product", split("Importers|Imported value in 2019"), "skip 1 code -1 label 0 reporter\n1:2019-00 M [>] value []"},
		{"importers of nobody known", split("Importers|2019|2020"), "skip 1 code -1 label 0 \n1:2019-00  [>] value []\n2:2020-00  [>] value []"},
		{"values beside quantities, by year", split("Code|Product label|Imported value in 2019|Imported quantity in 2019, Tons|Imported value in 2020|Imported quantity in 2020, Tons"),
			"skip 1 code 0 label -1 \n2:2019-00 M [>] value []\n4:2020-00 M [>] value []"},
		{"two rows, year over value and quantity", split("Code|Product label|2019||2020|", "||Exported value, USD thousand|Exported quantity, Tons|Exported value, USD thousand|Exported quantity, Tons", "'01|x|1|2|3|4"),
			"skip 2 code 0 label -1 \n2:2019-00 X [>] value [thousand US dollars]\n4:2020-00 X [>] value [thousand US dollars]"},
		{"blocks with spacers", split("Product code|Product label|China's imports from Indonesia||Indonesia's exports to world|||", "||Value in 2018-M12|Value in 2019-M01||Value in 2018-M12|Value in 2019-M01", "'4001|x|1|2||3|4"),
			"skip 2 code 0 label -1 \n2:2018-12 M [China>Indonesia] value []\n3:2019-01 M [China>Indonesia] value []\n5:2018-12 X [Indonesia>world] value []\n6:2019-01 X [Indonesia>world] value []"},
		{"names of blocks above the names of columns", split("||China's imports from Indonesia||", "Product code|Product label|Value in 2019|Value in 2020", "'4001|x|1|2"),
			"skip 2 code 0 label -1 \n2:2019-00 M [China>Indonesia] value []\n3:2020-00 M [China>Indonesia] value []"},
		{"names of columns in both rows", split("Code|Product label|China’s exports to world|", "Code|Product label|2019|2020", "01|x|1|2"),
			"skip 2 code 0 label -1 \n2:2019-00 X [China>world] value []\n3:2020-00 X [China>world] value []"},
		{"blocks joined by a hyphen, as in text", split("Code|Product label|Guinea-Bissau's imports from Timor-Leste-Value in 2019|Lao People's Democratic Republic's exports to world-Value in 2019"),
			"skip 1 code 0 label -1 \n2:2019-00 M [Guinea-Bissau>Timor-Leste] value []\n3:2019-00 X [Lao People's Democratic Republic>world] value []"},
		{"indicators of a year", split("Code|Product label|Select your indicators-Value exported in 2024 (USD thousand)|Select your indicators-Trade balance in 2024 (USD thousand)|Select your indicators-Quantity exported in 2024|Quantity Unit|Unit value (USD/unit)|Share in world exports (%)"),
			"skip 1 code 0 label -1 \n2:2024-00 X [>] value [thousand US dollars]"},
		{"indicators below a heading", split("Code|Product label|Select your indicators||||", "||Value imported in 2024 (USD thousand)|Trade balance 2024 (USD thousand)|Annual growth in value between 2020-2024 (%, p.a.)|Ranking in world imports", "'01|x|1|2|3|4"),
			"skip 2 code 0 label -1 \n2:2024-00 M [>] value [thousand US dollars]"},
		{"data that look like years are no header", split("Importers|Exported value in 2019|Exported value in 2020|Exported value in 2021", "World|2019|2020|2021"), "skip 1 code -1 label 0 partner\n1:2019-00 X [>] value []\n2:2020-00 X [>] value []\n3:2021-00 X [>] value []"},
		{"blanks and no-break blanks", split(" Code | Product  label |\u00a0Imported\u00a0value in 2019 "), "skip 1 code 0 label -1 \n2:2019-00 M [>] value []"},
		// Other sources.
		{"Comtrade", split("typeCode|freqCode|refYear|reporterCode|flowCode|partnerCode|cmdCode|primaryValue"), "not Trade Map"},
		{"WITS", split("Reporter|TradeFlow|ProductCode|Product Description|Year|Partner|Trade Value 1000USD|Quantity|Quantity Unit"), "not Trade Map"},
		{"DataWeb", split("Data Type|Country|HTS Number|Description|Quantity Description|1993|1994"), "not Trade Map"},
		{"development indicators", split("Country Name|Code|Indicator|2019|2020"), "not Trade Map"},
		{"code and value", split("Code|Value|Year"), "not Trade Map"},
		{"partners by year", split("Partner|2019|2020"), "not Trade Map"},
		{"nothing", nil, "not Trade Map"},
		{"empty rows", split("", "|"), "not Trade Map"},
	} {
		m, err := recogniseTradeMap(test.rows)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, shown(m)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// Tables in another language are known as such by any two of its words.
func TestTradeMapLanguages(t *testing.T) {
	for _, test := range []struct {
		language string // "" for a table that is none of Trade Map's
		rows     [][]string
	}{
		{"French", split("\ufeffCode|Libellé produit|Valeur importée en 2019|Valeur importée en 2020|", "'854231|x|1|2")},
		{"French", split("Importateurs|Valeur exportee en 2019", "Monde|1")},
		{"French", split("Code|Libelle\u0301 produit|2019|2020", "Liste des importateurs pour le produit sélectionné")},
		{"French", split("Liste des marchés fournisseurs|", "Exportateurs|2019")},
		{"French", split("|Importations de la Chine depuis l'Indonésie|", "Code|Valeur en 2019|Valeur en 2020")},
		{"Spanish", split("Código|Descripción del producto|Valor importado en 2019|")},
		{"Spanish", split("Codigo|Descripcion del producto|2019|2020")},
		{"Spanish", split("Exportadores|Cantidad importada en 2019, Toneladas")},
		{"Spanish", split("Fuentes: Cálculos del CCI basados en estadísticas de UN Comtrade.", "Código|2019")},
		{"", split("Code|Libellé|Valeur|Année", "854231|x|1|2019")},
		{"", split("código|valor|año", "854231|1|2019")},
		{"", split("Importateurs|2019", "Chine|2")},
		{"", split("Año|Unidad: kg|Valor", "2019|1|2")},
	} {
		m, err := recogniseTradeMap(test.rows)
		if m != nil || err != nil {
			t.Errorf("%q: %+v %v", test.rows, m, err)
		}
		err = inOtherLanguage(test.rows)
		if test.language == "" && err == nil {
			continue
		}
		if !decode.IsRefusal(err) || !strings.Contains(err.Error(), "is an ITC Trade Map table in "+test.language+",") || !strings.Contains(err.Error(), "set the site to English") {
			t.Errorf("%q: %v", test.rows, err)
		}
	}
}

func TestTradeMapRefusals(t *testing.T) {
	for _, test := range []struct {
		name, reason string
		rows         [][]string
	}{
		{"services by label", "services", split("Code|Service label|Exported Value in 2020")},
		{"services by title", "services", split("List of services exported by Austria||", "Service: S - All services||", "Code|Product label|Exported Value in 2020")},
		{"quantities", "quantities", split("Code|Product label|2007-M12|2008-M01", "||Exported quantity, Kilograms|Exported quantity, Kilograms")},
		{"quantities of years", "quantities", split("Code|Product label|Imported quantity in 2019, Tons")},
		{"quarters", "quarter", split("Code|Product label|Imported value in 2019-Q1|Imported value in 2019-Q2")},
		{"indicators only", "indicators", split("List of products exported by China||", "Code|Product label|Trade balance in 2024 (USD thousand)|Share in world exports (%)")},
		{"value of no year", "indicators", split("Code|Product label|Exported value|Share in world exports (%)")},
	} {
		m, err := recogniseTradeMap(test.rows)
		if !decode.IsRefusal(err) || m != nil || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%s: %s, %v; want a refusal about %s", test.name, shown(m), err, test.reason)
		}
	}
}

func TestTradeMapFacts(t *testing.T) {
	yes, no := true, false
	for _, test := range []struct {
		name  string
		lines []string
		want  tradeMapFacts
	}{
		{"products of a reporter", []string{"List of products exported by Türkiye", "detailed products in the following category: 40 Rubber and articles thereof", "Unit : US Dollar thousand",
			"Sources: ITC calculations based on BPS-Statistics Indonesia statistics.", "The data aggregated are mirror and direct data: the values are shown in purple."},
			tradeMapFacts{reporter: "Türkiye", flow: "X", product: "40 Rubber and articles thereof", unit: "thousand US dollars", sources: "ITC calculations based on BPS-Statistics Indonesia statistics."}},
		{"markets", []string{"List of supplying markets for the product imported by Bosnia and Herzegovina in 2021", "Product: 4002 Synthetic rubber ..."},
			tradeMapFacts{reporter: "Bosnia and Herzegovina", flow: "M", product: "4002 Synthetic rubber ..."}},
		{"bilateral", []string{"Bilateral trade between China and Indonesia", "Bilateral trade data have been reported by China", "Indonesia's exports have been reported by Indonesia"},
			tradeMapFacts{reporter: "China", partner: "Indonesia", mirrored: &no}},
		{"bilateral, reported by the partner", []string{"Bilateral trade between Iran, Islamic Republic of and China", "Bilateral trade data have been reported by China"},
			tradeMapFacts{reporter: "Iran, Islamic Republic of", partner: "China", mirrored: &yes}},
		{"bilateral, and in names", []string{"Bilateral trade between Trinidad and Tobago and Antigua and Barbuda"}, tradeMapFacts{reporter: "Trinidad and Tobago", partner: "Antigua and Barbuda"}},
		{"bilateral, of nobody known", []string{"Bilateral trade between Here and There"}, tradeMapFacts{}},
		{"world", []string{"List of importers for the selected product in 2020", "Product: TOTAL All products", "Unit :"}, tradeMapFacts{flow: "M", product: "TOTAL All products"}},
		{"mirror data", []string{"List of products exported by Iraq", "Iraq's exports have been reported by the partners"}, tradeMapFacts{reporter: "Iraq", flow: "X", mirrored: &yes}},
		{"mirror data as such", []string{"List of products exported by Iraq", "The figures of this table are mirror data."}, tradeMapFacts{reporter: "Iraq", flow: "X", mirrored: &yes}},
		{"revision", []string{"List of products exported by Iraq", "Nomenclature: HS revision 2017"}, tradeMapFacts{reporter: "Iraq", flow: "X", revision: "H5"}},
		{"revision of no year", []string{"List of products exported by Iraq", "Nomenclature: HS 2019"}, tradeMapFacts{reporter: "Iraq", flow: "X", revision: "HS 2019"}},
	} {
		rows := [][]string{}
		for _, line := range test.lines {
			rows = append(rows, []string{line, "", ""})
		}
		rows = append(rows, split("Code|Product label|Value in 2019")...)
		m, err := recogniseTradeMap(rows)
		if err != nil || m == nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, m.facts, cmp.AllowUnexported(tradeMapFacts{})); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// A table that was copied into a workbook: merged titles and blocks, codes as
// texts and as numbers, no-break blanks.
func TestTradeMapWorkbooks(t *testing.T) {
	lines := [][]any{
		{"Bilateral trade between China and Indonesia"},
		{"Unit : US Dollar thousand"},
		{},
		{"HS Code ", "Product\u00a0label", "China's imports from Indonesia", nil, nil, "Indonesia's exports to world", nil},
		{nil, nil, "Value in 2018", "Value in 2019", nil, "Value in 2018", "Value in 2019"},
		{"'4001", "Natural rubber", 120, 130.5, nil, 500, nil},
		{90611, "Cinnamon", 7, 8, nil, 9, 1e7},
	}
	wide := "\n2:2018-00 M [China>Indonesia] value [thousand US dollars]\n3:2019-00 M [China>Indonesia] value [thousand US dollars]\n5:2018-00 X [Indonesia>world] value [thousand US dollars]\n6:2019-00 X [Indonesia>world] value [thousand US dollars]"
	want := "1:Bilateral trade between China and Indonesia\n2:Unit : US Dollar thousand\n4:HS Code |Product\u00a0label|China's imports from Indonesia|||Indonesia's exports to world\n5:||Value in 2018|Value in 2019||Value in 2018|Value in 2019\n6:'4001|Natural rubber|120|130.5||500\n7:90611|Cinnamon|7|8||9|10000000"
	check := func(form string, rows []decodetest.Row, err error) {
		t.Helper()
		if diff := cmp.Diff(want, decodetest.Text(rows)); err != nil || diff != "" {
			t.Errorf("%s: %v %s", form, err, diff)
			return
		}
		m, err := recogniseTradeMap(cellsOf(rows))
		if diff := cmp.Diff("skip 4 code 0 label -1 "+wide, shown(m)); err != nil || diff != "" {
			t.Errorf("%s: %v %s", form, err, diff)
		}
	}

	book := excelize.NewFile()
	defer book.Close()
	cells := decodetest.Biff{}
	for i, line := range lines {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &line); err != nil {
			t.Fatal(err)
		}
		for j, value := range line {
			switch v := value.(type) {
			case string:
				cells.Record(decodetest.Label, decodetest.At(uint16(i), uint16(j)), decodetest.WideText(v))
			case int:
				cells.Record(decodetest.RK, decodetest.At(uint16(i), uint16(j)), uint32(v)<<2|2)
			case float64:
				cells.Record(decodetest.Number, decodetest.At(uint16(i), uint16(j)), v)
			}
		}
	}
	for _, merged := range [][2]string{{"A1", "G1"}, {"A4", "A5"}, {"B4", "B5"}, {"C4", "D4"}, {"F4", "G4"}} {
		if err := book.MergeCell("Sheet1", merged[0], merged[1]); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	var rows []decodetest.Row
	err := decode.XLSX(t.Context(), path, "Sheet1", decodetest.Collect(&rows))
	check("xlsx", rows, err)

	rows = nil
	path = decodetest.WriteXLS(t, decodetest.Container("Workbook", decodetest.XLSStream(nil, func(b *decodetest.Biff) { b.Write(cells.Bytes()) })))
	err = decode.XLS(t.Context(), path, "Data", decodetest.Collect(&rows))
	check("xls", rows, err)
}

// Every fixture, in the form in which Trade Map gives it.
func TestTradeMapFixtures(t *testing.T) {
	folder := filepath.Join("..", "fixtures", "sources")
	for file, want := range map[string]string{
		"trademap_bilateral_monthly.xls": "skip 9 code 0 label -1 \n2:2018-12 M [China>Indonesia] value [thousand US dollars]\n3:2019-01 M [China>Indonesia] value [thousand US dollars]\n5:2018-12 X [Indonesia>world] value [thousand US dollars]\n6:2019-01 X [Indonesia>world] value [thousand US dollars]\n8:2018-12 M [China>world] value [thousand US dollars]\n9:2019-01 M [China>world] value [thousand US dollars]",
		"trademap_exports_yearly.xls":    "skip 6 code 0 label -1 \n2:2019-00 X [>] value [thousand US dollars]\n3:2020-00 X [>] value [thousand US dollars]",
		"trademap_importers.xls":         "skip 5 code -1 label 0 partner\n1:2019-00 X [>] value [thousand US dollars]\n2:2020-00 X [>] value [thousand US dollars]",
		"trademap_quantity_monthly.xls":  "quantities",
		"trademap_services.xls":          "services",
		"trademap_products.txt":          "skip 1 code 0 label -1 \n2:2019-00 M [>] value []\n3:2020-00 M [>] value []",
	} {
		var rows [][]string
		if strings.HasSuffix(file, ".txt") {
			rows = textRows(t, filepath.Join(folder, file), '\t')
		} else {
			rows = cellsOf(htmlFixture(t, filepath.Join(folder, file)))
		}
		m, err := recogniseTradeMap(rows)
		if err != nil {
			if !decode.IsRefusal(err) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", file, err, want)
			}
			continue
		}
		if diff := cmp.Diff(want, shown(m)); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}

func TestTradeMapReal(t *testing.T) {
	for _, test := range []struct {
		file          string
		delimiter     rune
		refused       string
		skip, columns int
		first, last   string // of the first data row, the values in the first and last column
		facts         tradeMapFacts
	}{
		{file: "bilateral_china_indonesia_monthly.xls", skip: 9, columns: 36, first: "7", last: "173"},
		{file: "china_imports_chapter40_monthly.xls", skip: 9, columns: 60, first: "34510", last: "266720"},
		{file: "products_exported_by_indonesia_quantity.xls", refused: "quantities"},
		{file: "products_imported_by_argentina.txt", delimiter: '\t', skip: 1, columns: 12, first: "38786162", last: "42355637"},
		{file: "gtip_4_tr_export_to_world.csv", delimiter: ',', skip: 1, columns: 12, first: "120", last: "293"},
		{file: "gtip_4_world_to_world_exports.csv", delimiter: ',', skip: 1, columns: 11, first: "2126990.0", last: "3689448.0"},
	} {
		path := decodetest.RealFile(t, "itc", test.file)
		var rows [][]string
		if test.delimiter != 0 {
			rows = textRows(t, path, test.delimiter)
		} else {
			rows = cellsOf(htmlFixture(t, path))
		}
		m, err := recogniseTradeMap(rows)
		if test.refused != "" {
			if !decode.IsRefusal(err) || !strings.Contains(err.Error(), test.refused) {
				t.Errorf("%s: %v, want a refusal about %s", test.file, err, test.refused)
			}
			continue
		}
		if err != nil || m == nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		data := rows[m.skip]
		first, last := data[m.wide[0].index], data[m.wide[len(m.wide)-1].index]
		if m.skip != test.skip || len(m.wide) != test.columns || first != test.first || last != test.last {
			t.Errorf("%s: skips %d, %d columns, %s to %s; want %d, %d, %s to %s", test.file, m.skip, len(m.wide), first, last, test.skip, test.columns, test.first, test.last)
		}
	}
}

func FuzzTradeMap(f *testing.F) {
	f.Add("List of products exported by China\nUnit : US Dollar thousand\nCode|Product label|Exported value in 2019\n01|x|1")
	f.Add("Product code|Product label|China's imports from Indonesia||Indonesia's exports to world\n||Value in 2018-M12||Value in 2019-M01")
	f.Add("Importers|2019|2020\nWorld|2019|2020")
	f.Add("Code|Product label|a's imports from -a's imports from -Value in 2019")
	f.Add("Bilateral trade between Bosnia and Herzegovina and Serbia\nCode|Service label")
	f.Fuzz(func(t *testing.T, text string) {
		var rows [][]string
		for line := range strings.SplitSeq(text, "\n") {
			rows = append(rows, strings.Split(line, "|"))
		}
		m, err := recogniseTradeMap(rows)
		if err != nil && (m != nil || !decode.IsRefusal(err)) {
			t.Errorf("%v, want a refusal", err)
		}
		if m == nil {
			return
		}
		if m.skip < 1 || m.skip > len(rows) || len(m.wide) == 0 || m.code < 0 && m.label < 0 {
			t.Errorf("skips %d of %d rows, %d columns, code %d, label %d", m.skip, len(rows), len(m.wide), m.code, m.label)
		}
		for i, c := range m.wide {
			if c.year < 1900 || c.year > 2099 || c.month < 0 || c.month > 12 || c.measure != "value" || c.index == m.code || c.index == m.label || i > 0 && c.index <= m.wide[i-1].index {
				t.Errorf("column %+v", c)
			}
		}
	})
}
