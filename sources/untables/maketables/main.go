// Command maketables makes the reference tables of HS codes of the United Nations'
// workbooks and lists:
//
//	go run ./sources/untables/maketables FOLDER [OUT]
//
// FOLDER has UNSD's workbooks of conversion and correlation tables for each two
// neighbouring revisions, UN Comtrade's lists classificationH0.json and so on, and
// hs6_sitc4_isic3.csv, which says which codes of HS 2012 to HS 2022 are manufactured
// goods. OUT is schemas/reference.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"entrepot/sources/untables"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "maketables:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("give the folder of the workbooks and lists and, if it is another than schemas/reference, that of the tables")
	}
	out := filepath.Join("schemas", "reference")
	if len(args) == 2 {
		out = args[1]
	}
	tables, err := untables.DeriveFrom(ctx, args[0])
	if err != nil {
		return err
	}
	return write(out, tables)
}

// write writes the tables as they are embedded. What the program proposes, and what it
// knows of areas and sectors, stands in other files.
func write(out string, t *untables.Tables) error {
	codes := [][]string{{"hs_revision", "hs6", "manufactured"}}
	for _, c := range t.Codes {
		made := "0"
		if c.Manufactured {
			made = "1"
		}
		codes = append(codes, []string{c.Revision, c.HS6, made})
	}
	names := [][]string{{"hs_revisions", "code", "name"}}
	for _, n := range t.Names {
		names = append(names, []string{strings.Join(n.Revisions, " "), n.Code, n.Text})
	}
	for name, rows := range map[string][][]string{
		"hs_codes.csv.gz": codes, "hs_changes.csv": changes(t.Changes), "hs_successors.csv": changes(t.Successors), "hs_names.csv.gz": names,
	} {
		content, err := encode(rows, filepath.Ext(name) == ".gz")
		if err == nil {
			err = os.WriteFile(filepath.Join(out, name), content, 0o644)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func changes(all []untables.Change) [][]string {
	rows := [][]string{{"from_revision", "from_code", "to_revision", "to_code"}}
	for _, c := range all {
		rows = append(rows, []string{c.From, c.FromCode, c.To, c.ToCode})
	}
	return rows
}

// encode is the same for the same rows: a compressed file has no time in it.
func encode(rows [][]string, compressed bool) ([]byte, error) {
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
		return nil, err
	}
	if !compressed {
		return text.Bytes(), nil
	}
	var content bytes.Buffer
	w, err := gzip.NewWriterLevel(&content, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text.Bytes())
	err = errors.Join(err, w.Close())
	return content.Bytes(), err
}
