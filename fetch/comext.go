package fetch

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entrepot/pipeline/usage"

	"github.com/bodgit/sevenzip"
)

// comextFile is a file of Eurostat's inventory.
type comextFile struct {
	name, version string // when it was changed, and its size
	size          int64
}

// comextName is how Eurostat calls a month, or as month 52 a year.
var comextName = regexp.MustCompile(`full_v2_(\d{4})(\d\d)\.7z$`)

// LookComext says which files of Comext are new or were changed.
func LookComext(ctx context.Context, o Options) (*FilesPlan, error) {
	var r *FilesResult
	err := looking(&o, func() (err error) {
		r, err = fetchComext(ctx, o, true)
		return err
	})
	if r == nil {
		return nil, err
	}
	return &r.FilesPlan, err
}

// RunComext brings the files of the years that are asked for, that are new or were changed,
// one at a time.
func RunComext(ctx context.Context, o Options) (*FilesResult, error) {
	return fetchComext(ctx, o, false)
}

func fetchComext(ctx context.Context, o Options, dry bool) (r *FilesResult, err error) {
	f, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = f.folder.closeWith(err) }()
	s := newSite("Eurostat", f.Options, f.folder)
	base := strings.TrimSuffix(o.ComextURL, "/")
	text, err := s.page(ctx, base+"/files?format=csv&dir=comext&hierarchy=true&sizeFormat=NONE&dateFormat=ISO")
	if err != nil {
		return nil, err
	}
	there, err := inventory(text)
	if err != nil {
		return nil, err
	}
	r = &FilesResult{FilesPlan: FilesPlan{Source: "Comext", Missing: []string{}}, Files: []*Download{}}
	for _, file := range there {
		m := comextName.FindStringSubmatch(file.name)
		year, err := strconv.Atoi(m[1])
		if err != nil || !slices.Contains(f.Years, year) || (m[2] == "52") == o.Months {
			continue
		}
		key := "comext/" + m[1] + m[2]
		if here := f.state.Downloads[key]; here != nil && here.Version == file.version && f.folder.hasFile(here.File) {
			continue
		}
		if other := f.otherKind(m[1], o.Months); other != "" {
			return nil, usage.Errorf("%s is here: a year and its months are not to be mixed; remove it first", other)
		}
		r.Missing, r.Bytes = append(r.Missing, file.name), r.Bytes+file.size
		if dry {
			continue
		}
		d, err := s.get(ctx, base+"/files?file="+url.QueryEscape("comext/COMEXT_DATA/PRODUCTS/"+file.name), file.name, file.size, check7z)
		if err != nil {
			return r, err
		}
		d.Key, d.Version, d.File = key, file.version, "comext/"+file.name
		if err := f.folder.admit(f.state, d); err != nil {
			return r, err
		}
		r.Files = append(r.Files, d)
		f.Log.Info("fetched", "file", file.name, "bytes", d.Size)
	}
	return r, nil
}

// otherKind is a file of a year that is here as its months, or the other way round.
func (f *fetcher) otherKind(year string, months bool) string {
	for key, d := range f.state.Downloads {
		m := comextName.FindStringSubmatch(d.File)
		if m == nil || !strings.HasPrefix(key, "comext/") || m[1] != year || (m[2] == "52") != months {
			continue
		}
		if f.folder.hasFile(d.File) {
			return d.File
		}
	}
	return ""
}

var isoTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$`)

// inventory reads Eurostat's list of files. Which column is which is told by what stands
// in it: a name, a number of bytes, a time.
func inventory(text string) ([]comextFile, error) {
	lines := csv.NewReader(strings.NewReader(text))
	lines.FieldsPerRecord, lines.LazyQuotes = -1, true
	if head, _, _ := strings.Cut(text, "\n"); strings.Count(head, ";")+strings.Count(head, "\t") > strings.Count(head, ",") {
		lines.Comma = ';'
		if strings.Count(head, "\t") > strings.Count(head, ";") {
			lines.Comma = '\t'
		}
	}
	var found []comextFile
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read Eurostat's list of files: %w", err)
		}
		file := comextFile{size: -1}
		changed := ""
		for _, field := range fields {
			field = strings.TrimSpace(field)
			name := field[strings.LastIndexAny(field, `/\`)+1:]
			switch n, err := strconv.ParseInt(field, 10, 64); {
			case comextName.MatchString(name):
				file.name = name
			case err == nil && file.size < 0:
				file.size = n
			case isoTime.MatchString(field):
				changed = field
			}
		}
		if file.name != "" && file.size > 0 && changed != "" {
			file.version = fmt.Sprintf("%s %d", changed, file.size)
			found = append(found, file)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("the list of files of Eurostat has no full_v2_YYYYMM.7z with its size and time")
	}
	slices.SortFunc(found, func(a, b comextFile) int { return strings.Compare(b.name, a.name) })
	return found, nil
}

// check7z reads all of an archive, with the checksums of what is in it.
func check7z(file string) (err error) {
	archive, err := sevenzip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("is no whole 7z archive: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	for _, member := range archive.File {
		content, err := member.Open()
		if err != nil {
			return fmt.Errorf("%s in it is damaged: %w", member.Name, err)
		}
		_, err = io.Copy(io.Discard, content)
		if err = errors.Join(err, content.Close()); err != nil {
			return fmt.Errorf("%s in it is damaged: %w", member.Name, err)
		}
	}
	if len(archive.File) == 0 {
		return errors.New("has nothing in it")
	}
	return nil
}
