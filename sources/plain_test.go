package sources_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entrepot/fixtures"
	"entrepot/sources"
	"entrepot/sources/staging"
)

// bulk.sql gives what reading text gives.
func TestShortWay(t *testing.T) {
	generator := fixtures.Generator{Seed: 7, Years: []int{2015, 2017, 2019, 2023}, Reporters: []int{156, 842, 276, 381, 97}, Partners: []int{842, 76, 156, 490, 97},
		Codes:    map[string][]string{"H4": {"010121", "854231", "880240", "999999"}, "H5": {"010121", "854231", "880240"}, "H6": {"010121", "854231", "880622", "123456"}},
		Presence: 0.8, Traps: 0.5}
	var rows []fixtures.Row
	for range 4 {
		for _, reporter := range generator.Reporters {
			generator.Rows(reporter, func(r fixtures.Row) { rows = append(rows, r) })
		}
		generator.Seed++
	}
	files := map[string][]byte{}
	for name, spelling := range map[string]fixtures.Spelling{"web": fixtures.Web, "old web": fixtures.OldWeb, "api": fixtures.API, "bulk": fixtures.Bulk, "numbers": fixtures.Numbers} {
		var b bytes.Buffer
		if err := fixtures.WriteComtrade(&b, spelling, rows); err != nil {
			t.Fatal(err)
		}
		files[name+".csv"] = b.Bytes()
	}
	for _, name := range []string{"comtrade_legacy.csv", "comtrade_legacy_transitional.csv", "comtrade_legacy_bulk.csv", "BACI_HS17_Y2019_V202601.csv"} {
		files[name] = fixture(t, name)
	}
	files["nearly plain.csv"] = nearlyPlain()
	files["BACI_HS12_Y2019_V202601.csv"] = []byte("t,i,j,k,v,q\n2019,156,842,854231, 1.0005 ,1.0005\n2019,156,842,854231,1.00049,NA\n02019,156,842,854231,1e2,1e-3\n2019,0156,842,854231,+5,0\n" +
		"2019,156,842,854231,999999999999.999999999,1\n2019,156,842,854231,0.0000004,1\n2019, 156,842,854231,.5,1\n2019,156.0,842,854231,5.,1\n2019,1_5_6,842,854231,1_000,1\n")
	plain := 0
	for name, content := range files {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
			in := sources.Input{Path: path, Name: name}
			short := takeInput(t, in, sources.Settings{}, func(l *sources.Layout) {
				if staging.BatchKey(&sources.Prepared{}, l) == "" {
					t.Error("the short way is not taken, so nothing is compared")
				}
			})
			long := takeInput(t, in, sources.Settings{}, func(l *sources.Layout) { l.Plain = false })
			if short.refusal != "" || short.counts.Staged == 0 {
				t.Errorf("refused %q, %d rows staged", short.refusal, short.counts.Staged)
			}
			plain += int(short.counts.Staged)
			if short.counts != long.counts {
				t.Errorf("counts %+v, by the long way %+v", short.counts, long.counts)
			}
			for what, pair := range map[string][2][]string{
				"staged": {short.staged, long.staged}, "weights": {short.weights, long.weights}, "the other side": {short.sides, long.sides},
				"rejects": {short.rejects, long.rejects}, "left out": {short.leftOut, long.leftOut},
			} {
				if slices.Equal(pair[0], pair[1]) {
					continue
				}
				for i := range min(len(pair[0]), len(pair[1])) {
					if pair[0][i] != pair[1][i] {
						t.Errorf("%s: %q, by the long way %q", what, pair[0][i], pair[1][i])
						break
					}
				}
				t.Errorf("%s: %d rows, by the long way %d", what, len(pair[0]), len(pair[1]))
			}
		})
	}
}

// nearlyPlain makes rows of a plain one, with one to three cells replaced by what a
// careless program may write.
func nearlyPlain() []byte {
	header := "typeCode,freqCode,refYear,period,reporterCode,flowCode,partnerCode,partner2Code,classificationCode,isOriginalClassification,cmdCode,aggrLevel,customsCode,mosCode,motCode,qtyUnitCode,qty,netWgt,cifvalue,fobvalue,primaryValue,"
	plain := strings.Split("C,A,2019,2019,156,M,842,0,H5,true,880240,6,C00,0,0,8,12.5,7.25,600.5,0,600.5,", ",")
	cells := [][]string{
		{"", "S", "c", " C", "C "}, {"", "M", "Q", "a"}, {"", "2018", "2019.0", "02019", "20155", "1900", " 2019", "2_019", "-2019", "2019.5"},
		{"", "201907", "201900", "2019.0", "201913", "2019-7", "20191.", "2019.5", "20197", "2019+7", "201 07", "2019 7", "2019.7", "20191e", "20190701", " 2019", "2019 "},
		{"", "0", "0156", "156.0", " 156", "-156", "99999", "40000", "97", "CHN", "1_56", "156.", "1e2"}, {"", "X", "m", "RX", "M ", " X", "Z"},
		{"", "0", "842.0", "97", "0842", "70000", "842 "}, {"", "344", "0.0", " 0", "00"}, {"", "H4", "h5", "H7", "S3", "H5 ", "H3", "H0"},
		{"", "True", "TRUE", "FALSE", "False", "false", "0", "1", "no", " true", "FALSCH"}, {"", "TOTAL", "total", "88024", "8802", "88", "8", "880299", "8802X0", "12e005", "123e03", "+88024", "8_8024", "88024000", " 880240", "880240 ", "88.240"},
		{"", "4", "0", "6.0", " 6", "06", "5"}, {"", "C04", "c00", "C00 "}, {"", "-1", "0 ", "1", "00", "0.0"}, {"", "2100", "0.0", "00"},
		{"", "-1", "8.0", "8.5", " 8", "kg", "99999"}, {"", "0", "0.0", " 12", "x", "1e3", "-5", "NaN", "1e30"}, {"", "0", "0.0005", "0.0004", "NA", " 7 ", "1e-9"},
		{"", "600.50", " 600.5", "0", "x", "601"}, {"", "600.5", "600.500", "600.5 ", "x"},
		{"", "0", "-5", "600.5004", "600.4995", " 600.5", "+600.5", "6.005e2", "1e15", "1e14", "NaN", "inf", "x", "600,5", "1_000", ".5", "5."}, {"7", " ", "x"},
	}
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(header, ",") + "\n" + strings.Join(plain, ",") + "\n")
	write := func(row []string) {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(cell, ",") {
				cell = fmt.Sprintf("%q", cell)
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	for column, values := range cells { // each alone
		for _, value := range values {
			row := slices.Clone(plain)
			row[column] = value
			write(row)
			row[1], row[3] = "M", "201907" // the same in a month
			row[column] = value
			write(row)
		}
	}
	for range 4000 {
		row := slices.Clone(plain)
		for range 1 + random.IntN(3) {
			column := random.IntN(len(cells))
			row[column] = cells[column][random.IntN(len(cells[column]))]
		}
		write(row)
	}
	return []byte(b.String())
}

// DuckDB's table of errors holds so many and no more; what it has no room for is not
// lost.
func TestMoreErrorsThanTheTableHolds(t *testing.T) {
	const rows = 60_000 // of which each has two errors
	var b bytes.Buffer
	b.WriteString("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,qty,netWgt,primaryValue,isOriginalClassification\n")
	for i := range rows {
		fmt.Fprintf(&b, "2019,2019,156,M,0,H5,880240,some,a lot,%d,true\n", i+1)
	}
	o := take(t, "a.csv", b.Bytes(), sources.Settings{})
	if o.counts != (staging.Counts{Read: rows, Staged: rows}) {
		t.Errorf("%+v, refused %q; expected all %d rows staged", o.counts, o.refusal, rows)
	}
}

// A program that writes its own line ends in text mode on Windows leaves a blank line behind
// each row. Each row keeps its line.
func TestBlankLineBehindEachRow(t *testing.T) {
	var content strings.Builder
	content.WriteString(shortHeader)
	var want []string
	for i := range 300 {
		fmt.Fprintf(&content, "\r\n2019,2019,156,China,M,0,H5,880240,%d\r\n", i+1)
		want = append(want, fmt.Sprintf("%d 156 0 M 2019 H5 880240 %d.000", 2*i+3, i+1))
	}
	got := take(t, "a.csv", []byte(content.String()), sources.Settings{})
	if !slices.Equal(got.staged, want) {
		t.Errorf("staged %d rows, the first of them %q; refused %q", len(got.staged), got.staged[:min(2, len(got.staged))], got.refusal)
	}
}
