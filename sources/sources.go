// Package sources reads the files that trade data come in.
//
// formats.go is the table of the formats: what each is called, how it is recognised and
// which function reads it; each source has a file of its own. A reader looks at the header
// and the first rows, and at the file's name only for what BACI says nowhere else,
// and either says how its columns map onto the columns that every source shares (a
// Layout) or why it can't use the file.
//
// Find lists the inputs in a folder, Prepare makes one readable (archives,
// hashes, line breaks) with package decode, and Recognise names its format. Package
// staging reads the rows and puts them where they belong.
package sources

import (
	"context"

	"entrepot/sources/decode"
	"entrepot/sources/parquet"
)

// What package decode makes of a file, and how it refuses one.
type (
	Input    = decode.Input
	Prepared = decode.Prepared
	Refusal  = decode.Refusal
)

func refuse(format string, args ...any) error { return decode.Refuse(format, args...) }

// Prepare makes the input readable for DuckDB: it unpacks what is compressed,
// turns workbooks, web pages, JSON, Parquet and other encodings into UTF-8 text, hashes the
// file and learns its lines, in one pass. What it makes goes to the folder temp. A
// file that can't be read gives a *Refusal.
func Prepare(ctx context.Context, in Input, temp string, s Settings) (*Prepared, error) {
	p, err := decode.Prepare(ctx, in, temp, decode.Options{Encoding: s.Encoding, Answers: answers(), Mark: cellBasis, Parquet: parquet.CSV, Fault: faultRefusal})
	if err != nil {
		return nil, err
	}
	p.Vintage = vintage(in.Name)
	return p, nil
}
