package schemas

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed reference/*.csv reference/*.csv.gz
var embedded embed.FS

// Area is a reporter or partner of the M49 code that UN Comtrade uses for it,
// which differs from the ISO numeric code for five reporters (842, 251, 757,
// 579, 699).
type Area struct {
	Code     int16
	ISO3     string // "" for what is no country; not unique: Germany is 276 and, to 1990, 280
	Name     string
	Kind     string // "country", "world", "group" (adds up other reporters) or "residual" (real trade, no country)
	From, To int16  // years of validity; 0 is open
	Reporter bool   // reports to Comtrade, or did
}

// Succession says that from the year Since on (0: always) trade under the code
// of one area counts as that of another: a second code of the same country, or
// the country that took its place. When Whole is false, Successor is one of
// several, and nothing tells how the trade is to be divided among them.
type Succession struct {
	Code, Since, Successor int16
	Whole                  bool
}

// Code is a six-digit code of an HS revision.
type Code struct {
	Revision, HS6 string
	Manufactured  bool // SITC sections 5 to 8 without division 68
}

// SectorCode puts a code of one HS revision into a sector.
type SectorCode struct {
	Sector, Revision, HS6, Reason string
}

// SectorFirms is the number of the reporter's firms among the world's ten largest
// of a sector, by revenue or capacity.
type SectorFirms struct {
	Reporter int16 // 0 where the table does not say
	Sector   string
	Firms    int16
}

// Market is the size of a sector's market in the reporter's country in a year.
type Market struct {
	Reporter int16 // 0 where the table does not say
	Sector   string
	Year     int16
	USD      string // a decimal number, as text so that it stays exact
	Source   string
}

// link is one code's step to a neighbouring revision.
type link struct {
	fromRevision, fromCode, toRevision, toCode string
}

// Reference is the reference data of a run, checked.
type Reference struct {
	Areas  []Area
	Groups []Membership
	// Successions are the codes of areas that passed to others.
	Successions []Succession
	// Revisions are the HS revisions with a code list, oldest first: the embedded
	// ones and those of imported tables. Known are all that there are.
	Revisions, Known Revisions

	Codes     []Code
	Sectors   []SectorCode
	Labels    map[string]string // what sectors are called for people, where the list says so
	Firms     []SectorFirms     // none without a table of the user's
	Markets   []Market          // none without a table of the user's
	Deflators []Deflator        // none without a table of the user's
	// Affiliates is the user's table of sales of the partner's affiliates.
	Affiliates []AffiliateSales
	Products   []ProductCode
	// ValueAdded is the user's table of the OECD's Trade in Value Added, and Activities is
	// what it calls the industries.
	ValueAdded []ValueAdded
	Activities map[string]string
	changes    []link // the UN's conversion, where the code changes
	overrides  []link // our targets, where the UN's is arbitrary
	// successors are the newer codes that overlap with one that none is converted to.
	successors []link
	hashes     map[string]string
	base       Base
	keys       []AreaKey         // what the areas are called
	unnamed    map[string]string // the user's tables whose rows name no reporter, and their files
}

// Base is the reference data that the program comes with. The zero Base is what is
// embedded in it.
type Base struct {
	Revisions Revisions // nil: HS()
	Tables    fs.FS     // the folder reference/; nil: the embedded one
}

func (b Base) revisions() Revisions {
	if b.Revisions == nil {
		return HS()
	}
	return b.Revisions
}

// read returns an embedded table. Large ones are compressed, under the name with .gz.
func (b Base) read(name string) ([]byte, error) {
	content, err := b.packed(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	packed, err := b.packed(name + ".gz")
	if err != nil {
		return nil, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack embedded %s: %w", name, err)
	}
	content, err = io.ReadAll(unpacked)
	if err = errors.Join(err, unpacked.Close()); err != nil {
		return nil, fmt.Errorf("unpack embedded %s: %w", name, err)
	}
	return content, nil
}

// Files names files of the user that replace embedded tables; those of groups come
// beside them. An empty name keeps the embedded table.
type Files struct {
	Base                   Base
	Areas, Groups, Sectors string
	HSTables               string // folder of imported tables, beside the embedded ones
	Firms, Markets         string // the embedded tables are empty
	Products               string // beside the embedded ones
	ValueAdded             string // there is none without it
	AffiliateSales         string // the embedded table is empty
	Deflator               string // there is none without it
}

// Load reads and checks the reference data. An error names the file and the line.
func Load(files Files) (*Reference, error) {
	known := files.Base.revisions()
	ref := &Reference{base: files.Base, Known: known, hashes: map[string]string{}, Labels: map[string]string{}, Activities: map[string]string{}, unnamed: map[string]string{}}
	if err := ref.loadAreas(files.Areas); err != nil {
		return nil, err
	}
	if err := ref.loadGroups(files.Groups); err != nil {
		return nil, err
	}
	for _, t := range []struct {
		name, file, columns string
		add                 func(row []string) error
	}{
		{"successions", "", "code,since,successor,whole", ref.addSuccession},
		{"hs_codes", "", "hs_revision,hs6,manufactured", ref.addCode},
		{"hs_changes", "", "from_revision,from_code,to_revision,to_code", ref.addChange},
		{"hs_successors", "", "from_revision,from_code,to_revision,to_code", ref.addSuccessor},
		{"hs_overrides", "", "from_revision,from_code,to_revision,official_code,to_code,reason", ref.addOverride},
	} {
		if err := ref.load(t.name, t.file, t.columns, t.add); err != nil {
			return nil, err
		}
	}
	ref.Revisions = known.Of(ref.Codes)
	if err := ref.hashNames(); err != nil {
		return nil, err
	}
	if err := ref.loadTables(files.HSTables); err != nil {
		return nil, err
	}
	if err := ref.loadSectors(files.Sectors); err != nil {
		return nil, err
	}
	if err := ref.loadProducts(files.Products); err != nil {
		return nil, err
	}
	if err := ref.loadByReporter("top_ten_firms", files.Firms, "sector,firms", ref.addFirms); err != nil {
		return nil, err
	}
	if err := ref.loadByReporter("markets", files.Markets, "sector,year,market_usd,source", ref.addMarket); err != nil {
		return nil, err
	}
	if err := ref.loadByReporter("affiliate_sales", files.AffiliateSales, "year,sales_usd,source", ref.addAffiliateSales); err != nil {
		return nil, err
	}
	if err := ref.loadValueAdded(files.ValueAdded); err != nil {
		return nil, err
	}
	if err := ref.loadDeflator(files.Deflator); err != nil {
		return nil, err
	}
	return ref, nil
}

// loadAreas reads the areas, and what they are called.
func (r *Reference) loadAreas(file string) error {
	if err := r.load("areas", file, "code,iso3,name,kind,valid_from,valid_to,reporter", r.addArea); err != nil {
		return err
	}
	others, err := AreaKeys()
	if err != nil {
		return err
	}
	r.keys = keysOfAreas(r.Areas, others)
	return nil
}

// hashNames takes the hash of the names of codes, which are read only where they are
// needed, over the file as it is embedded.
func (r *Reference) hashNames() error {
	content, err := r.base.packed("hs_names.csv.gz")
	if errors.Is(err, fs.ErrNotExist) {
		content, err = r.base.packed("hs_names.csv")
	}
	if err != nil {
		return fmt.Errorf("read names of codes: %w", err)
	}
	r.hashes["hs_names"] = hashText(string(content))
	return nil
}

// AreaKeys lists what the areas are called, folded as they are compared.
func (r *Reference) AreaKeys() []AreaKey { return r.keys }

// Hash is the SHA-256 of the named tables' content: "areas", "groups",
// "successions", "hs_codes", "hs_changes", "hs_successors", "hs_overrides", "sectors",
// "top_ten_firms", "markets", "hs_names", "products", "affiliate_sales", "value_added" and "deflator".
func (r *Reference) Hash(tables ...string) string {
	h := sha256.New()
	for _, t := range tables {
		fmt.Fprintf(h, "%s %s\n", t, r.hashes[t])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Sum is the sum of one table's rows, for the manifest.
func (r *Reference) Hashes() map[string]string { return r.hashes }

func (r *Reference) load(name, file, columns string, add func([]string) error) error {
	shown, content, err := r.base.open(name, file)
	if err != nil {
		return err
	}
	sum := newRowSum()
	err = eachRow(shown, content, strings.Split(columns, ","), func(row []string) error {
		sum.add(row)
		return add(row)
	})
	r.hashes[name] = sum.text()
	return err
}

// rowSum is a SHA-256 of rows, of each what %q would write: there are tens of thousands
// at each start.
type rowSum struct {
	hash hash.Hash
	line []byte
}

func newRowSum() *rowSum { return &rowSum{hash: sha256.New()} }

func (s *rowSum) add(row []string) {
	s.line = append(s.line[:0], '[')
	for i, cell := range row {
		if i > 0 {
			s.line = append(s.line, ' ')
		}
		s.line = strconv.AppendQuote(s.line, cell)
	}
	s.hash.Write(append(s.line, "]\n"...))
}

func (s *rowSum) text() string { return hex.EncodeToString(s.hash.Sum(nil)) }

func hashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// packed returns a file of the embedded tables as it is.
func (b Base) packed(name string) ([]byte, error) {
	if b.Tables != nil {
		return fs.ReadFile(b.Tables, name)
	}
	return fs.ReadFile(embedded, "reference/"+name)
}

func (b Base) open(name, file string) (shown string, content []byte, err error) {
	if file == "" {
		content, err = b.read(name + ".csv")
		return "embedded " + name + ".csv", content, err
	}
	content, err = os.ReadFile(file)
	if err != nil {
		return file, nil, fmt.Errorf("read reference table %s: %w", name, err)
	}
	return file, content, nil
}

// eachRow calls add with the trimmed cells of each row of a CSV table whose
// header must be columns, and puts file and line before its errors.
func eachRow(file string, content []byte, columns []string, add func([]string) error) error {
	header := func(first []string) ([]string, bool, error) {
		if !slices.Equal(first, columns) {
			return nil, false, fmt.Errorf("the header is %q: it must be %q", strings.Join(first, ","), strings.Join(columns, ","))
		}
		return columns, true, nil
	}
	return eachRowUnder(header, strings.Join(columns, ","), file, content, add)
}

// eachRowUnder is eachRow for a table whose columns its first row tells: header returns
// their names, and whether that row is a header. example is what the first row may be.
func eachRowUnder(header func(first []string) (columns []string, isHeader bool, err error), example, file string, content []byte,
	add func([]string) error) error {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))))
	reader.FieldsPerRecord = -1
	var columns []string
	for first := true; ; first = false {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			if first {
				return fmt.Errorf("%s: empty: line 1 must be %s", file, example)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		line, _ := reader.FieldPos(0)
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		isHeader := false
		if first {
			if columns, isHeader, err = header(row); err != nil {
				return fmt.Errorf("%s:1: %w", file, err)
			}
		}
		switch {
		case isHeader:
		case len(row) != len(columns):
			return fmt.Errorf("%s:%d: %d cells, expected %d (%s)", file, line, len(row), len(columns), strings.Join(columns, ","))
		default:
			if err := add(row); err != nil {
				return fmt.Errorf("%s:%d: %w", file, line, err)
			}
		}
	}
}

func (r *Reference) addArea(row []string) error {
	a := Area{ISO3: row[1], Name: row[2], Kind: row[3]}
	var err error
	if a.Code, err = smallint("code", row[0]); err != nil {
		return err
	}
	if a.From, err = smallint("valid_from", orZero(row[4])); err != nil {
		return err
	}
	if a.To, err = smallint("valid_to", orZero(row[5])); err != nil {
		return err
	}
	if !slices.Contains([]string{"country", "world", "group", "residual"}, a.Kind) {
		return fmt.Errorf("kind %q: it must be country, world, group or residual", a.Kind)
	}
	if a.Reporter, err = strconv.ParseBool(row[6]); err != nil {
		return fmt.Errorf("reporter %q: it must be 1 or 0", row[6])
	}
	if slices.ContainsFunc(r.Areas, func(b Area) bool { return b.Code == a.Code }) {
		return fmt.Errorf("code %d stands twice", a.Code)
	}
	r.Areas = append(r.Areas, a)
	return nil
}

// addSuccession passes over an area that the area table in use does not have.
func (r *Reference) addSuccession(row []string) error {
	var s Succession
	var err error
	if s.Code, err = smallint("code", row[0]); err != nil {
		return err
	}
	if s.Since, err = smallint("since", orZero(row[1])); err != nil {
		return err
	}
	if s.Successor, err = smallint("successor", row[2]); err != nil {
		return err
	}
	if s.Whole, err = strconv.ParseBool(row[3]); err != nil {
		return fmt.Errorf("whole %q: it must be 1 or 0", row[3])
	}
	known := func(code int16) bool {
		return slices.ContainsFunc(r.Areas, func(a Area) bool { return a.Code == code })
	}
	if known(s.Code) && known(s.Successor) {
		r.Successions = append(r.Successions, s)
	}
	return nil
}

func (r *Reference) addCode(row []string) error {
	made, err := strconv.ParseBool(row[2])
	if err != nil {
		return fmt.Errorf("manufactured %q: it must be 1 or 0", row[2])
	}
	if !r.Known.Has(row[0]) {
		return fmt.Errorf("hs_revision %q: it must be one of %s", row[0], r.Known)
	}
	r.Codes = append(r.Codes, Code{Revision: row[0], HS6: row[1], Manufactured: made})
	return nil
}

func (r *Reference) addChange(row []string) error {
	r.changes = append(r.changes, link{row[0], row[1], row[2], row[3]})
	return nil
}

func (r *Reference) addSuccessor(row []string) error {
	r.successors = append(r.successors, link{row[0], row[1], row[2], row[3]})
	return nil
}

func (r *Reference) addOverride(row []string) error {
	r.overrides = append(r.overrides, link{row[0], row[1], row[2], row[4]})
	return nil
}

func (r *Reference) addFirms(reporter int16, row []string) error {
	f := SectorFirms{Reporter: reporter, Sector: row[0]}
	if err := r.checkSector(f.Sector); err != nil {
		return err
	}
	var err error
	if f.Firms, err = smallint("firms", row[1]); err != nil {
		return err
	}
	if f.Firms < 0 || f.Firms > 10 {
		return fmt.Errorf("firms %q: it must be from 0 to 10, the reporter's firms among the world's ten largest", row[1])
	}
	if slices.ContainsFunc(r.Firms, func(o SectorFirms) bool { return o.Reporter == f.Reporter && o.Sector == f.Sector }) {
		return fmt.Errorf("sector %s stands twice", f.Sector)
	}
	r.Firms = append(r.Firms, f)
	return nil
}

var amountForm = regexp.MustCompile(`^\d{1,15}(\.\d{1,3})?$`)

func (r *Reference) addMarket(reporter int16, row []string) error {
	m := Market{Reporter: reporter, Sector: row[0], USD: row[2], Source: row[3]}
	if err := r.checkGoods(m.Sector); err != nil {
		return err
	}
	var err error
	if m.Year, err = yearOf(row[1]); err != nil {
		return err
	}
	if !amountForm.MatchString(m.USD) || strings.Trim(m.USD, "0.") == "" {
		return fmt.Errorf("market_usd %q: it must be an amount of US dollars above 0, such as 250000000 or 1250.5, without separators", row[2])
	}
	if m.Source == "" {
		return errors.New(`source "": it must say where the size of the market is from, such as a report and its page`)
	}
	if slices.ContainsFunc(r.Markets, func(o Market) bool { return o.Reporter == m.Reporter && o.Sector == m.Sector && o.Year == m.Year }) {
		return fmt.Errorf("sector %s and year %d stand twice", m.Sector, m.Year)
	}
	r.Markets = append(r.Markets, m)
	return nil
}

func (r *Reference) checkSector(name string) error {
	if names := r.SectorNames(); !slices.Contains(names, name) {
		return fmt.Errorf("sector %q: the sector list has %s", name, strings.Join(names, ", "))
	}
	return nil
}

// checkGoods finds a sector or a group of products.
func (r *Reference) checkGoods(name string) error {
	if slices.Contains(r.ProductNames(), name) {
		return nil
	}
	if err := r.checkSector(name); err != nil {
		return fmt.Errorf("%w, and the groups of products are %s", err, strings.Join(r.ProductNames(), ", "))
	}
	return nil
}

func yearOf(text string) (int16, error) {
	year, err := smallint("year", text)
	if err == nil && (year < 1962 || year > 2100) {
		err = fmt.Errorf("year %q: it must be from 1962 to 2100", text)
	}
	return year, err
}

func smallint(column, text string) (int16, error) {
	n, err := strconv.ParseInt(text, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%s %q: it must be a whole number", column, text)
	}
	return int16(n), nil
}

func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

func date(column, text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s %q: it must be a date such as 2016-07-01", column, text)
	}
	return t, nil
}
