package pipeline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"entrepot/pipeline/config"
	"entrepot/pipeline/progress"
	"github.com/google/go-cmp/cmp"
)

// place puts fixtures into a folder, under their own or other names.
func place(t *testing.T, data string, names ...string) {
	t.Helper()
	for _, name := range names {
		name, as, renamed := strings.Cut(name, " as ")
		if !renamed {
			as = name
		}
		content, err := os.ReadFile(filepath.Join("..", "fixtures", "sources", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(data, as)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// configureWith is configure with a configuration file.
func configureWith(t *testing.T, data, text string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "entrepot.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	if err := c.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return c
}

const factsByFile = `SELECT concat_ws(' ', n.name, f.source, f.reporter, f.partner, f.flow, f.year || CASE WHEN month > 0 THEN lpad(month::VARCHAR, 2, '0') ELSE '' END, f.hs_revision, f.hs6, sum(f.value_usd))
	FROM facts f JOIN files n USING (file_id) GROUP BY n.name, f.source, f.reporter, f.partner, f.flow, f.year, f.month, f.hs_revision, f.hs6 ORDER BY ALL`

// The examples in docs/sources.md work as they stand there.
func TestDocumentedFiles(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("files:\n")
	for _, block := range regexp.MustCompile("(?s)```yaml\nfiles:\n(.*?)```").FindAllSubmatch(doc, -1) {
		text.Write(block[1])
	}
	data := t.TempDir()
	place(t, data, "gacc_hs8.csv as gacc/2023.csv", "tariff_hs10.csv as tariff.csv", "seafood_standardized.csv as seafood.csv", "comext_full202001.dat as full202001.dat",
		"trademap_products.txt as TradeMap_Argentina.txt", "BACI_HS17_Y2019_V202601.csv as exports_2019.csv")
	c := configureWith(t, data, text.String())
	s := run(t, c)
	for _, f := range s.Files {
		if f.Refusal != "" {
			t.Errorf("%s is refused: %s", f.Name, f.Refusal)
		}
	}
	for _, fact := range []string{
		"gacc/2023.csv gacc 156 344 M 2023 H6 010129 21121826.000", // three parts
		"gacc/2023.csv gacc 156 842 M 2023 H6 854231 3386.000",     // two parts, of which one stands twice
		"gacc/2023.csv gacc 156 251 M 2023 H6 010121 489.000",
		"tariff.csv tariff 842 276 M 202305 H6 854231 1234568000.000", // (1234567.5 + 0.5) thousand
		"seafood.csv seafood 516 724 X 2018 H4 030617 2638200.000",
		"full202001.dat comext 251 156 M 202001 H5 854231 3996.611", // (2580 + 20 + 1000.55) × 1.11, each row to tenths of a cent
		"exports_2019.csv baci 156 0 X 2019 H5 854231 1234568.000",
	} {
		if got := openWork(t, c, "SELECT count(*) FROM ("+strings.ReplaceAll(factsByFile, "SELECT concat_ws", "SELECT concat_ws")+") v(fact) WHERE fact = ?", fact); got[0] != "1" {
			t.Errorf("there is no %s among %s", fact, strings.Join(openWork(t, c, factsByFile), "\n"))
		}
	}
	if got := openWork(t, c, "SELECT reason, count(*) FROM superseded JOIN files USING (file_id) WHERE name = 'gacc/2023.csv' GROUP BY reason"); cmp.Diff([]string{"identical 1"}, got) != "" {
		t.Errorf("superseded: %q", got)
	}
}

// A file that changes while it is read is refused in this run and read in the next.
func TestFileChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	path := filepath.Join(data, "a.csv")
	text := []byte("refYear,period,reporterCode,flowCode,partnerCode,classificationCode,cmdCode,primaryValue\n2019,2019,156,M,0,H5,880240,600\n")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "b.csv"), bytes.Replace(text, []byte("880240"), []byte("880230"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	c := configure(t, data)
	run(t, c)
	if err := os.WriteFile(path, append(text, "2019,2019,156,X,0,H5,880240,200\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	c.Watch = func(p progress.Progress) {
		if p.Bytes == 0 {
			return
		}
		once.Do(func() { // the first bytes have been read
			if err := os.WriteFile(path, append(text, "2019,2019,156,X,0,H5,880240,30000\n"...), 0o644); err != nil {
				t.Error(err)
			}
		})
	}
	s := run(t, c)
	if f := s.Files[0]; !strings.Contains(f.Refusal, "changed while it was read") || f.Staged != 0 {
		t.Errorf("the file that changes: %+v", f)
	}
	if f := s.Files[1]; f.Refusal != "" || f.Staged != 1 {
		t.Errorf("the file beside it: %+v", f)
	}
	c.Watch = nil
	run(t, c)
	if got := openWork(t, c, "SELECT flow, value_usd FROM facts WHERE hs6 = '880240' ORDER BY ALL"); cmp.Diff([]string{"M 600", "X 30000"}, got) != "" {
		t.Errorf("the next run has %q", got)
	}
	if s = run(t, c); s.Files[0].Staged != 2 || s.Files[0].Refusal != "" {
		t.Errorf("the next run reads %+v", s.Files[0])
	}
}
