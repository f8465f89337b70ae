package decode_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entrepot/sources/decode"
)

// What nothing here reads is called by its name, with a way out, packed or not.
func TestForeignFiles(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"Stata before 13", "r\x02\x01\x00\x07\x00\x04\x00", "a data set of Stata"},
		{"Stata on other processors", "s\x01\x01\x00\x00\x07", "a data set of Stata"},
		{"Stata today", "<stata_dta><header><release>118</release>", "a data set of Stata"},
		{"SPSS", "$FL2@(#) SPSS DATA FILE", "a data set of SPSS"},
		{"SAS", strings.Repeat("\x00", 12) + "\xc2\xea\x81\x60\xb3\x14", "a data set of SAS"},
		{"R's workspace", "RDX3\nX\n\x00\x00\x00\x03", "an object of R"},
		{"R's object", "X\n\x00\x00\x00\x03\x00\x04\x02\x00", "an object of R"},
		{"Feather", "ARROW1\x00\x00\xff\xff\xff\xff", "a Feather or Arrow file"},
		{"SQLite", "SQLite format 3\x00\x10\x00", "a database of SQLite"},
		{"PDF", "%PDF-1.7\n", "a PDF document"},
		{"RAR", "Rar!\x1a\x07\x01\x00", "a RAR archive"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var packed bytes.Buffer
			zipped := gzip.NewWriter(&packed)
			if _, err := zipped.Write([]byte(test.content)); err != nil {
				t.Fatal(err)
			}
			if err := zipped.Close(); err != nil {
				t.Fatal(err)
			}
			for file, content := range map[string][]byte{"a.csv": []byte(test.content), "a.gz": packed.Bytes()} {
				path := filepath.Join(t.TempDir(), file)
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
				_, err := decode.Prepare(t.Context(), decode.Input{Path: path, Name: file}, t.TempDir(), decode.Options{})
				if !decode.IsRefusal(err) || !strings.HasPrefix(err.Error(), "is "+test.want+", which is not read; save it as CSV or Parquet") {
					t.Errorf("%s: %v, expected that it is %s", file, err, test.want)
				}
			}
		})
	}
}

// Tables of text may begin with the same letters.
func TestNotForeign(t *testing.T) {
	for _, content := range []string{"year,code\n2020,1\n", "reporter,code\n156,1\n", "PARTNER,code\n156,1\n", "RDX,code\n1,2\n", "X\n1\n"} {
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := decode.Prepare(t.Context(), decode.Input{Path: path, Name: "a.csv"}, t.TempDir(), decode.Options{})
		if err != nil || p.Kind != "csv" {
			t.Errorf("%q: %v", content, err)
		}
	}
}
