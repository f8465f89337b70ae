package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"entrepot/fetch"
	"entrepot/fixtures/fake"
)

const fetchKey = "5ec3e7f00d5ec3e7f00d5ec3e7f00d42"

// fakeSite serves the invented trade of three reporters in one year.
func fakeSite(t *testing.T, perDay int) (server *fake.Server, url string) {
	t.Helper()
	server, err := fake.New(fake.Options{Seed: 3, Reporters: []int{156, 842, 276}, Years: []int{2023}, Codes: 400, Public: fake.Tier{Rows: 500},
		Keys: map[string]fake.Tier{fetchKey: {Rows: 100_000, PerDay: perDay}}})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(server)
	t.Cleanup(site.Close)
	return server, site.URL
}

// entrepot runs a command in this process.
func entrepot(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	if code := command(args, &out, &log); code != want {
		t.Fatalf("%s ended with %d, want %d:\n%s%s", strings.Join(args, " "), code, want, out.String(), log.String())
	}
	return out.String(), log.String()
}

var releaseID = regexp.MustCompile(`release ([0-9a-f]{12})`)

// What is fetched and what is downloaded by hand give the same release, in each cell of
// each table but for the names of the files and the lines in them.
func TestFetchedAsDownloaded(t *testing.T) {
	t.Setenv(fetch.KeyVariable, fetchKey)
	_, site := fakeSite(t, 500)
	dir := t.TempDir()
	fetched, downloaded := filepath.Join(dir, "fetched"), filepath.Join(dir, "downloaded")
	ways := []string{"--fetch-url", site, "--fetch-calls-per-second", "20", "--years", "2023", "--quiet"}
	entrepot(t, exitDone, append([]string{"fetch", "--data", fetched}, ways...)...)
	if err := os.Mkdir(downloaded, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, query := range map[string]string{
		"imports":     "reporterCode=156&flowCode=M",
		"exports_156": "reporterCode=156&flowCode=X&partnerCode=0",
		"exports_842": "reporterCode=842&flowCode=X&partnerCode=0",
		"exports_276": "reporterCode=276&flowCode=X&partnerCode=0",
	} {
		download(t, site+"/data/v1/get/C/A/HS?period=2023&cmdCode=TOTAL,AG6&customsCode=C00&motCode=0&partner2Code=0&"+query,
			filepath.Join(downloaded, name+".json"))
	}
	var ids []string
	for _, data := range []string{fetched, downloaded} {
		out, _ := entrepot(t, exitDone, "run", "--data", data, "--out", data+"-out", "--years", "2023", "--quiet")
		m := releaseID.FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("no release:\n%s", out)
		}
		ids = append(ids, m[1])
	}
	// lines names files and lines, which are others; all else is the same.
	releases := filepath.Join(fetched+"-out", "releases")
	if err := os.CopyFS(filepath.Join(releases, ids[1]), os.DirFS(filepath.Join(downloaded+"-out", "releases", ids[1]))); err != nil {
		t.Fatal(err)
	}
	diff, _ := entrepot(t, exitDone, "diff", ids[0], ids[1], "--out", fetched+"-out")
	if !strings.Contains(diff, "\nlines: ") && !strings.Contains(diff, "\n  lines: ") {
		t.Errorf("the two are not compared:\n%s", diff)
	}
	for line := range strings.Lines(diff) {
		switch word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word {
		case "", "From", "input", "lines", "lines:":
		default:
			t.Errorf("the releases differ: %s", line)
		}
	}
}

// A bulk file and months of the invented trade are read as the real ones are.
func TestFakeBulkAndMonths(t *testing.T) {
	t.Parallel()
	server, err := fake.New(fake.Options{Seed: 3, Reporters: []int{76}, Years: []int{2023}, Codes: 100,
		Keys: map[string]fake.Tier{fetchKey: {Rows: 250_000, Bulk: true}}})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(server)
	t.Cleanup(site.Close)
	dir := t.TempDir()
	download(t, site.URL+"/bulk/v1/get/C/A/HS?period=2023", filepath.Join(dir, "list.json"))
	list, err := os.ReadFile(filepath.Join(dir, "list.json"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`"fileUrl":"([^"]+)"`).FindSubmatch(list)
	if found == nil {
		t.Fatalf("no file in %s", list)
	}
	download(t, string(found[1]), filepath.Join(dir, "bulk.txt.gz"))
	download(t, site.URL+"/data/v1/get/C/M/HS?period=202305&partner2Code=0&motCode=0&customsCode=C00", filepath.Join(dir, "may.json"))
	for name, want := range map[string]string{"bulk.txt.gz": "2023", "may.json": "2023"} {
		out, _ := entrepot(t, exitDone, "sources", "check", filepath.Join(dir, name))
		if !strings.Contains(out, "comtrade") || !strings.Contains(out, want) || !strings.Contains(out, "H6") {
			t.Errorf("%s is read as\n%s", name, out)
		}
	}
}

func download(t *testing.T, url, file string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Ocp-Apim-Subscription-Key", fetchKey)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", response.Status, err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A run with --fetch brings what is new first. When the quota is used up, it publishes
// what is here and ends with the exit code of that; nothing shows the key.
func TestRunWithFetch(t *testing.T) {
	t.Setenv(fetch.KeyVariable, fetchKey)
	server, site := fakeSite(t, 2)
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out")
	args := []string{"run", "--fetch", "--data", data, "--out", out, "--years", "2023", "--fetch-url", site, "--fetch-calls-per-second", "20"}
	stdout, stderr := entrepot(t, exitDone, args...)
	if !strings.Contains(stdout, "Fetched 4 files") || !strings.Contains(stdout, "Published release") {
		t.Errorf("it printed\n%s", stdout)
	}
	again, _ := entrepot(t, exitDone, args...)
	if !strings.Contains(again, "Nothing new") || !strings.Contains(again, "Nothing changed") || server.Keyed() != 2 {
		t.Errorf("%d calls with the key, and it printed\n%s", server.Keyed(), again)
	}
	server.Revise(fake.Revise{Reporter: 842, Year: 2023})
	last, log := entrepot(t, exitQuota, args...)
	if !strings.Contains(last, "next: 20") || !strings.Contains(last, "Nothing changed") {
		t.Errorf("it printed\n%s", last)
	}
	status, _ := entrepot(t, exitDone, "fetch", "status", "--data", data)
	if !strings.Contains(status, "2023") || !strings.Contains(status, "next: 20") {
		t.Errorf("the status is\n%s", status)
	}
	var failed bytes.Buffer
	t.Setenv(fetch.KeyVariable, "")
	if code := command([]string{"fetch", "--data", data, "--years", "2023", "--fetch-url", site}, io.Discard, &failed); code != exitUsage ||
		!strings.Contains(failed.String(), fetch.KeyVariable) {
		t.Errorf("without a key it ended with %d: %s", code, failed.String())
	}
	for where, text := range map[string]string{"stdout": stdout, "stderr": stderr, "log": log, "state": fmt.Sprint(last, status, failed.String())} {
		if strings.Contains(text, fetchKey) {
			t.Errorf("the key is in %s", where)
		}
	}
}

// BACI that was fetched is read as BACI, and what it has of none is a list.
func TestFetchBACI(t *testing.T) {
	t.Setenv(fetch.KeyVariable, "")
	server, site := fakeSite(t, 1)
	server.SetFiles(fake.Files{Version: "202601", BACI: map[string][]byte{"BACI_HS22_V202601.zip": server.BACIArchive("HS22", "202601", []int{2023})}})
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"fetch", "baci", "--data", data, "--fetch-baci", "HS22", "--fetch-baci-url", site + "/baci"}
	if out, _ := entrepot(t, exitDone, append(args, "--dry-run")...); !strings.Contains(out, "BACI HS22 202601: 1 file would come") {
		t.Errorf("it printed %s", out)
	}
	if out, _ := entrepot(t, exitDone, args...); !strings.Contains(out, "Fetched BACI HS22 202601") {
		t.Errorf("it printed %s", out)
	}
	if out, _ := entrepot(t, exitDone, append(args, "--json")...); !strings.Contains(out, `"missing": []`) || !strings.Contains(out, `"files": []`) {
		t.Errorf("it printed %s", out)
	}
	out, _ := entrepot(t, exitDone, "sources", "check", filepath.Join(data, "baci", "BACI_HS22_V202601.zip"))
	if !strings.Contains(out, "source baci") || !strings.Contains(out, "H6") {
		t.Errorf("it is read as\n%s", out)
	}
}

// Of several reporters the imports of each are brought; of all, BACI, which says why.
func TestFetchSeveralReporters(t *testing.T) {
	t.Setenv(fetch.KeyVariable, fetchKey)
	server, site := fakeSite(t, 500)
	data := filepath.Join(t.TempDir(), "data")
	ways := []string{"--data", data, "--fetch-url", site, "--fetch-calls-per-second", "20", "--years", "2023", "--quiet"}
	entrepot(t, exitDone, append([]string{"fetch", "--reporter", "CHN, USA"}, ways...)...)
	for name, want := range map[string]int{"C-A-HS_156_2023_M_P_*": 1, "C-A-HS_842_2023_M_P_*": 1, "C-A-HS_276_2023_M_P_*": 0, "C-A-HS_*_2023_X_W_*": 3} {
		if found, err := filepath.Glob(filepath.Join(data, "comtrade", "2023", name)); err != nil || len(found) != want {
			t.Errorf("%d files %s, want %d: %v", len(found), name, want, err)
		}
	}
	server.SetFiles(fake.Files{Version: "202601", BACI: map[string][]byte{"BACI_HS22_V202601.zip": server.BACIArchive("HS22", "202601", []int{2023})}})
	all := append(ways, "--reporter", "all", "--fetch-baci", "HS22", "--fetch-baci-url", site+"/baci")
	calls := server.Keyed()
	out, _ := entrepot(t, exitDone, append([]string{"fetch", "--dry-run"}, all...)...)
	if !strings.Contains(out, "reporter is all") || !strings.Contains(out, "BACI HS22 202601: 1 file would come") {
		t.Errorf("it printed %s", out)
	}
	out, _ = entrepot(t, exitDone, append([]string{"run", "--fetch", "--out", filepath.Join(t.TempDir(), "out")}, all...)...)
	if !strings.Contains(out, "Fetched BACI HS22 202601") || !strings.Contains(out, "Published release") || server.Keyed() != calls {
		t.Errorf("%d calls with the key, and it printed %s", server.Keyed()-calls, out)
	}
}

// A fetch that can't be is said in the words of its settings.
func TestFetchUsage(t *testing.T) {
	for name, args := range map[string][]string{
		"needs a data folder":         {"fetch"},
		"into a folder only":          {"fetch", "--data", "s3://bucket/prefix"},
		"must be an address":          {"fetch", "--data", "d", "--fetch-url", "http://example.org"},
		"must be import_dependence":   {"fetch", "--data", "d", "--for", "tariffs"},
		"must be a number above 0":    {"fetch", "--data", "d", "--fetch-calls-per-second", "100"},
		"--fetch needs a data folder": {"run", "--fetch", "--out", filepath.Join(t.TempDir(), "o")},
	} {
		if _, stderr := entrepot(t, exitUsage, args...); !strings.Contains(stderr, name) {
			t.Errorf("%v: %s", args, stderr)
		}
	}
}
