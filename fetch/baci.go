package fetch

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// FilesPlan is what a fetch of whole files would do.
type FilesPlan struct {
	Source  string   `json:"source"`
	Here    string   `json:"here"` // the version that is here, or ""
	There   string   `json:"there"`
	Missing []string `json:"missing"` // files that would come
	Bytes   int64    `json:"bytes"`   // of them, as far as is known
}

// FilesResult is what it did.
type FilesResult struct {
	FilesPlan
	Files []*Download `json:"files"` // that came
}

// baci is a version of CEPII's BACI.
type baci struct {
	version, name, url string
	size               int64
}

// LookBACI says which version of BACI there is, and which is here.
func LookBACI(ctx context.Context, o Options) (*FilesPlan, error) {
	var r *FilesResult
	err := looking(&o, func() (err error) {
		r, err = fetchBACI(ctx, o, true)
		return err
	})
	if r == nil {
		return nil, err
	}
	return &r.FilesPlan, err
}

// RunBACI brings the newest version of BACI in one HS revision, if it is not here. It takes
// the place of an older one: versions are not to be mixed.
func RunBACI(ctx context.Context, o Options) (*FilesResult, error) { return fetchBACI(ctx, o, false) }

func fetchBACI(ctx context.Context, o Options, dry bool) (r *FilesResult, err error) {
	f, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = f.folder.closeWith(err) }()
	s := newSite("CEPII", f.Options, f.folder)
	newest, err := s.newestBACI(ctx, o.BACIURL, o.BACI, f.Clock.Now().Year())
	if err != nil {
		return nil, err
	}
	key := "baci/" + o.BACI
	r = &FilesResult{FilesPlan: FilesPlan{Source: "BACI " + o.BACI, There: newest.version, Missing: []string{}}, Files: []*Download{}}
	if here := f.state.Downloads[key]; here != nil && f.folder.hasFile(here.File) {
		r.Here = here.Version
	}
	if r.Here == newest.version {
		return r, nil
	}
	r.Missing, r.Bytes = []string{newest.name}, newest.size
	if dry {
		return r, nil
	}
	d, err := s.get(ctx, newest.url, newest.name, newest.size, func(file string) error { return checkBACI(file, o.BACI, newest.version) })
	if err != nil {
		return r, err
	}
	d.Key, d.Version, d.File = key, newest.version, "baci/"+newest.name
	r.Files = append(r.Files, d)
	return r, f.folder.admit(f.state, d)
}

var baciVersion = regexp.MustCompile(`This is the (\d{6}[a-z]?) version`)

// newestBACI finds the newest version: on CEPII's page, else by asking for the files of
// the last Januaries.
func (s *site) newestBACI(ctx context.Context, base, hs string, year int) (*baci, error) {
	named := func(version string) *baci {
		name := fmt.Sprintf("BACI_%s_V%s.zip", hs, version)
		return &baci{version: version, name: name, url: strings.TrimSuffix(base, "/") + "/data/" + name}
	}
	page, err := s.page(ctx, strings.TrimSuffix(base, "/")+"/doc/baci_webpage.html")
	var versions []string
	if m := baciVersion.FindStringSubmatch(page); err == nil && m != nil {
		versions = append(versions, m[1])
	} else {
		s.warn("the page of BACI does not say its version; asking for the files of the last Januaries", "error", err)
	}
	for y := year; y > year-3; y-- {
		versions = append(versions, fmt.Sprintf("%d01b", y), fmt.Sprintf("%d01", y))
	}
	for _, version := range versions {
		b := named(version)
		size, ok, err := s.head(ctx, b.url)
		if err != nil {
			return nil, err
		}
		if ok {
			b.size = size
			return b, nil
		}
	}
	return nil, fmt.Errorf("no version of BACI in %s is at %s", hs, base)
}

var baciMember = regexp.MustCompile(`(?:^|/)BACI_(HS\d\d)_Y(\d{4})_V(\d{6}[a-z]?)\.csv$`)

// checkBACI reads all of an archive: its directory, the checksums of what is in it, and
// that the years are without a gap.
func checkBACI(file, hs, version string) (err error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("is no whole zip archive: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	years := map[int]bool{}
	least, most := 9999, 0
	for _, member := range archive.File {
		if err := readMember(member); err != nil {
			return fmt.Errorf("%s in it is damaged: %w", member.Name, err)
		}
		m := baciMember.FindStringSubmatch(member.Name)
		if m == nil {
			continue
		}
		if m[1] != hs || m[3] != version {
			return fmt.Errorf("has %s in it, and should be %s of version %s", member.Name, hs, version)
		}
		year, err := strconv.Atoi(m[2])
		if err != nil {
			return err
		}
		years[year], least, most = true, min(least, year), max(most, year)
	}
	if len(years) == 0 || len(years) != most-least+1 {
		return fmt.Errorf("has %d years in it, which is not all from %d to %d", len(years), least, most)
	}
	return nil
}

// readMember reads a member to its end, where its checksum is compared.
func readMember(member *zip.File) (err error) {
	content, err := member.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	_, err = io.Copy(io.Discard, content)
	return err
}
