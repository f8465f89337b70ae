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
	"regexp"
	"strings"
	"time"

	"entrepot/sources/decode"
)

// What package decode makes of a file, and how it refuses one.
type (
	Input    = decode.Input
	Prepared = decode.Prepared
	Refusal  = decode.Refusal
)

func refuse(format string, args ...any) error { return decode.Refuse(format, args...) }

// Prepare makes the input readable for DuckDB: it unpacks what is compressed,
// turns workbooks, web pages, JSON and other encodings into UTF-8 text, hashes the
// file and learns its lines, in one pass. What it makes goes to the folder temp. A
// file that can't be read gives a *Refusal.
func Prepare(ctx context.Context, in Input, temp string, s Settings) (*Prepared, error) {
	p, err := decode.Prepare(ctx, in, temp, decode.Options{Encoding: s.Encoding, Answers: answers(), Mark: cellBasis, Fault: faultRefusal})
	if err != nil {
		return nil, err
	}
	p.Vintage = vintage(in.Name, p.Stored)
	return p, nil
}

// dateName is the date that many people put into the names of downloads.
var dateName = regexp.MustCompile(`(?:^|\D)(\d{4})-(\d{2})-(\d{2})(?:\D|$)`)

// vintage tells when a file was downloaded, as far as that can be known from its
// name or its archive: "2026-04-17T11:54:35", or "" when neither says. The time
// stamp on disk is no help: copying changes it, and the same files must give the
// same figures on every machine.
func vintage(name string, archived time.Time) string {
	if m := comtradeDownload.FindStringSubmatch(name); m != nil {
		if t, err := time.Parse("1 2 2006 15 4 5", strings.Join(m[1:], " ")); err == nil {
			return t.Format("2006-01-02T15:04:05")
		}
	}
	if m := dateName.FindStringSubmatch(name); m != nil {
		if t, err := time.Parse("2006 01 02", strings.Join(m[1:], " ")); err == nil {
			return t.Format("2006-01-02T15:04:05")
		}
	}
	if archived.Year() > 1980 { // the zero of both formats
		return archived.UTC().Format("2006-01-02T15:04:05")
	}
	return ""
}
