package decode

import "bytes"

// foreignKinds are what people keep tables in and nothing here reads: what it is called,
// and how it is saved as something that is read.
var foreignKinds = map[string]struct{ name, how string }{
	"stata":   {"a data set of Stata", " (in Stata: export delimited using NAME.csv)"},
	"spss":    {"a data set of SPSS", ""},
	"sas":     {"a data set of SAS", ""},
	"r":       {"an object of R", " (in R: write.csv(data, \"NAME.csv\", row.names = FALSE))"},
	"feather": {"a Feather or Arrow file", " (in Python: to_parquet(\"NAME.parquet\"))"},
	"sqlite":  {"a database of SQLite", ""},
	"pdf":     {"a PDF document", ": the table itself, from where the document comes from"},
	"rar":     {"a RAR archive", ", or pack it as zip"},
}

// foreignSigns are how such files begin.
var foreignSigns = []struct{ kind, sign string }{
	{"stata", "<stata_dta>"},
	{"spss", "$FL2"}, {"spss", "$FL3"},
	{"sas", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60"},
	{"r", "RDX2\n"}, {"r", "RDX3\n"}, {"r", "X\n\x00\x00\x00\x02"}, {"r", "X\n\x00\x00\x00\x03"},
	{"feather", "ARROW1\x00\x00"}, {"feather", "FEA1"},
	{"sqlite", "SQLite format 3\x00"},
	{"pdf", "%PDF-"},
	{"rar", "Rar!\x1a\x07"},
}

// foreignKind is one of foreignKinds by the first bytes; "" for anything else.
func foreignKind(head []byte) string {
	for _, known := range foreignSigns {
		if bytes.HasPrefix(head, []byte(known.sign)) {
			return known.kind
		}
	}
	// Before version 13, Stata's files begin with their version and the order of bytes.
	if len(head) >= 4 && head[0] >= 104 && head[0] <= 115 && (head[1] == 1 || head[1] == 2) && head[2] == 1 && head[3] == 0 {
		return "stata"
	}
	return ""
}
