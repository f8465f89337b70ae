package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"entrepot/schemas"
)

// generators write the inputs that are too large to keep, by the name that the file
// generate of a case gives them.
var generators = map[string]func(w io.Writer, lines int) error{
	"baci-year": writeBACIYear,
}

// generate does lines such as "data/a.csv.gz baci-year 1048576": a file, what
// writes it, and how many lines it has. A name that ends in .gz is packed.
func generate(text, work string) error {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) != 3 || generators[words[1]] == nil {
			return fmt.Errorf("%q must be a file, a generator and a number of lines", line)
		}
		lines, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		if err := generateFile(filepath.Join(work, words[0]), generators[words[1]], lines); err != nil {
			return err
		}
	}
	return nil
}

func generateFile(path string, write func(io.Writer, int) error, lines int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if !strings.HasSuffix(path, ".gz") {
		return write(file, lines)
	}
	packed := gzip.NewWriter(file)
	if err := write(packed, lines); err != nil {
		return err
	}
	return packed.Close()
}

// writeBACIYear writes so many lines, with the header, in BACI's layout: all codes
// of HS 2012 for each pair of countries, China's exports first and then those of the
// United States.
func writeBACIYear(to io.Writer, lines int) error {
	reference, err := schemas.Load(schemas.Files{})
	if err != nil {
		return err
	}
	var codes []string
	for _, code := range reference.Codes {
		if code.Revision == "H4" {
			codes = append(codes, code.HS6)
		}
	}
	w := bufio.NewWriter(to)
	fmt.Fprintln(w, "t,i,j,k,v,q")
	written := 1
	for _, exporter := range []int16{156, 842} {
		for _, importer := range reference.Areas {
			succeeded := func(s schemas.Succession) bool { return s.Code == importer.Code }
			if importer.Kind != "country" || importer.Code == exporter || importer.To != 0 || slices.ContainsFunc(reference.Successions, succeeded) {
				continue
			}
			for i, code := range codes {
				if written == lines {
					return w.Flush()
				}
				fmt.Fprintf(w, "2019,%d,%d,%s,%d.000,1.000\n", exporter, importer.Code, code, 1+i%97)
				written++
			}
		}
	}
	return fmt.Errorf("there are no more than %d lines", written)
}
