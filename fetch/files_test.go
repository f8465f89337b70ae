package fetch_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entrepot/fetch"
	"entrepot/fixtures/fake"
)

// newFiles is a bench whose sites have BACI, Comext and the OECD's table.
func newFiles(t *testing.T) (*bench, fake.Files) {
	t.Helper()
	b := newBench(t, nil)
	packed, err := os.ReadFile("../fixtures/cases/comext-packed-7z/data/full_v2_202352.7z")
	if err != nil {
		t.Fatal(err)
	}
	f := fake.Files{Version: "202601", Modified: time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC),
		BACI:   map[string][]byte{"BACI_HS12_V202601.zip": b.fake.BACIArchive("HS12", "202601", years), "BACI_HS12_V202501.zip": []byte("old")},
		Comext: map[string][]byte{"full_v2_202352.7z": packed, "full_v2_202301.7z": packed, "full_v2_202252.7z": packed},
		TiVA: []byte("MEASURE,VALUE_ADDED_SOURCE_AREA,FINAL_DEMAND_AREA,FINAL_DEMAND_ACTIVITY,TIME_PERIOD,OBS_VALUE\n" +
			"FD_VA,OECD,CHN,C,2020,12.5\n")}
	b.fake.SetFiles(f)
	b.options.BACI, b.options.BACIURL, b.options.ComextURL = "HS12", b.url+"/baci", b.url+"/eurostat/api/dissemination"
	b.options.Key = fetch.Key{}
	return b, f
}

// baci fetches BACI and gives the error.
func (b *bench) baci() (*fetch.FilesResult, error) { return fetch.RunBACI(b.Context(), b.options) }

// The newest version comes once, and takes the place of the one before.
func TestBACI(t *testing.T) {
	t.Parallel()
	b, f := newFiles(t)
	plan, err := fetch.LookBACI(t.Context(), b.options)
	if err != nil || len(plan.Missing) != 1 || plan.Bytes != int64(len(f.BACI["BACI_HS12_V202601.zip"])) || len(files(t, b.options.Data)) != 0 {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	for i := range 2 {
		r, err := b.baci()
		if err != nil || len(r.Files) != 1-i {
			t.Fatalf("fetch %d: %+v, %v", i, r, err)
		}
	}
	f.Version = "202701b"
	f.BACI["BACI_HS12_V202701b.zip"] = b.fake.BACIArchive("HS12", "202701b", years)
	b.fake.SetFiles(f)
	if _, err := b.baci(); err != nil {
		t.Fatal(err)
	}
	found := files(t, b.options.Data)
	if len(found) != 1 || found["BACI_HS12_V202701b.zip"] == "" {
		t.Errorf("the folder has %v", found)
	}
	if v, err := fetch.Verify(t.Context(), b.options); err != nil || v.Files != 1 || len(v.Differ) != 0 {
		t.Errorf("verified %+v, %v", v, err)
	}
	for _, r := range b.fake.Log() {
		if r.Keyed {
			t.Error("a request had the key")
		}
	}
}

// Where the page does not say the version, the files of the last Januaries are tried.
func TestBACIWithoutItsPage(t *testing.T) {
	t.Parallel()
	b, f := newFiles(t)
	f.Version = ""
	b.fake.SetFiles(f)
	if r, err := b.baci(); err != nil || r.There != "202601" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A download that was cut goes on where it ended, or anew where the site does not let it.
func TestBACIGoesOn(t *testing.T) {
	t.Parallel()
	for _, noRange := range []bool{false, true} {
		b, f := newFiles(t)
		f.NoRange = noRange
		b.fake.SetFiles(f)
		b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: "/baci/data", Call: 2, Times: 2, Do: "cut-chunk"}}})
		if _, err := b.baci(); err != nil {
			t.Fatal(err)
		}
		ranges := 0
		for _, r := range b.fake.Log() {
			if r.Status == http.StatusPartialContent {
				ranges++
			}
		}
		if noRange != (ranges == 0) {
			t.Errorf("%d requests were for a part, though the site gives parts: %t", ranges, !noRange)
		}
		content, err := os.ReadFile(filepath.Join(b.options.Data, "baci", "BACI_HS12_V202601.zip"))
		if err != nil || !bytes.Equal(content, f.BACI["BACI_HS12_V202601.zip"]) {
			t.Errorf("what came is another file: %v", err)
		}
	}
}

// What is no whole archive of the version never enters, and the old one stays.
func TestBACIDamaged(t *testing.T) {
	t.Parallel()
	b, f := newFiles(t)
	if _, err := b.baci(); err != nil {
		t.Fatal(err)
	}
	before := files(t, b.options.Data)
	whole := b.fake.BACIArchive("HS12", "202701", years)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/3] ^= 0xff
	for name, content := range map[string][]byte{
		"no whole zip archive": whole[:len(whole)/2], "damaged": flipped, "of version": b.fake.BACIArchive("HS12", "202601", years),
		"should be HS12": b.fake.BACIArchive("HS17", "202701", years), "years in it": zipOf(t, "Readme.txt"),
		"is no whole": []byte("<!DOCTYPE html><html>404</html>"),
	} {
		f.Version = "202701"
		f.BACI["BACI_HS12_V202701.zip"] = content
		b.fake.SetFiles(f)
		if _, err := b.baci(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q", err, name)
		}
		b.same(before, files(t, b.options.Data))
	}
}

func zipOf(t *testing.T, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	if _, err := archive.Create(name); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What the disk has no room for is refused before it is asked for.
func TestNoRoomOnDisk(t *testing.T) {
	t.Parallel()
	b, f := newFiles(t)
	f.Claimed = 1 << 60
	b.fake.SetFiles(f)
	if _, err := fetch.RunBACI(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "MB are needed") {
		t.Errorf("error %v", err)
	}
	b.same(map[string]string{}, files(t, b.options.Data))
}

// Comext's years come when they are new or were changed, and their months only when asked
// for and never beside the year.
func TestComext(t *testing.T) {
	t.Parallel()
	b, f := newFiles(t)
	plan, err := fetch.LookComext(t.Context(), b.options)
	if err != nil || len(plan.Missing) != 2 {
		t.Fatalf("plan %+v, %v", plan, err)
	}
	for i := range 2 {
		r, err := fetch.RunComext(t.Context(), b.options)
		if err != nil || len(r.Files) != 2-2*i {
			t.Fatalf("fetch %d: %+v, %v", i, r, err)
		}
	}
	f.Modified = f.Modified.Add(48 * time.Hour)
	f.Comext["full_v2_202352.7z"] = f.Comext["full_v2_202352.7z"][:200]
	b.fake.SetFiles(f)
	before := files(t, b.options.Data)
	if _, err := fetch.RunComext(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "7z archive") {
		t.Errorf("error %v, want that the archive is not whole", err)
	}
	b.same(before, files(t, b.options.Data))
	b.options.Months = true
	if _, err := fetch.RunComext(t.Context(), b.options); err == nil || !strings.Contains(err.Error(), "not to be mixed") {
		t.Errorf("error %v, want that months and years are not mixed", err)
	}
}

// The OECD's table is written when it changed, and never what is no table.
func TestTiVA(t *testing.T) {
	t.Parallel()
	b, f := newFiles(t)
	target := filepath.Join(t.TempDir(), "tiva.csv")
	wish := fetch.TiVA{URL: b.url + "/oecd", Area: "CHN", Target: target}
	for i := range 2 {
		if rows, changed, err := fetch.RunTiVA(t.Context(), b.options, wish); err != nil || rows != 1 || changed != (i == 0) {
			t.Errorf("fetch %d: %d rows, changed %t, %v", i, rows, changed, err)
		}
	}
	for _, text := range []string{"<html></html>\n", "", string(f.TiVA) + "FD_VA,OECD,CHN", strings.ReplaceAll(string(f.TiVA), "CHN", "USA")} {
		f.TiVA = []byte(text)
		b.fake.SetFiles(f)
		if _, _, err := fetch.RunTiVA(t.Context(), b.options, wish); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if content, err := os.ReadFile(target); err != nil || !strings.Contains(string(content), "12.5") {
		t.Errorf("the table is %q, %v", content, err)
	}
}
