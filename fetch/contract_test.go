package fetch_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entrepot/fetch"
	"entrepot/fixtures/fake"
	"entrepot/pipeline/usage"
)

// recordings are responses of the real site, which lie beside the project and not in it.
const recordings = "../../shared/data/comtrade_api"

// contracts say of each recording what the client makes of it.
var contracts = map[string]func(b *bench, recording string){
	"data/get_C_A_HS_156_2010_TOTAL.json": rowsOfChina,
	"data/get_C_A_HS_156_2010_4rows.json": rowsOfChina,
	"data/get_S_A_EB_empty.json":          noData("no rows came, and UN Comtrade counts"),

	"rendered/getDa_C_A_HS_2021.tsv":                        listing("31/2021", "1631459", "1375342973"),
	"rendered/getDa_C_A_HS_2021_published_last_week.tsv":    listing("222/2021", "98939", "782827683"),
	"rendered/getDaTariffline_C_M_HS_202206.tsv":            noListing,
	"rendered/getDaTariffline_C_M_HS_202206_second_run.tsv": noListing,
	"rendered/getDaTariffline_published_last_week.tsv":      noListing,
	"rendered/count_preview.tsv":                            counting(68_497),
	"rendered/count_keyed.tsv":                              counting(137_148),

	"errors/400_reporterCode_all.http":     failing("The field reporterCode is invalid", 1),
	"errors/404_unknown_path.http":         failing("Resource not found", 1),
	"errors/404_url_too_long_iis.http":     failing("has been removed", 1),
	"errors/414_url_too_long.http":         failing("Request URL Too Long", 1),
	"errors/429_rate_limit.http":           failing("Rate limit is exceeded", 5),
	"errors/500_something_went_wrong.http": failing("Something went wrong", 3),
	"errors/401_invalid_key.http":          refusing("invalid subscription key"),
	"errors/401_missing_key.http":          refusing("missing subscription key"),
	"errors/403_rejected_by_policy.http":   refusing("rejected by policy"),
	"errors/403_call_quota.http":           usedUp(3*time.Hour + 14*time.Minute + 17*time.Second),
	"errors/403_bandwidth_quota.http":      usedUp(5*time.Hour + 41*time.Minute + 2*time.Second),

	// What the client never asks for. In the place of what it asks for, it is no data.
	"async/submit_202.json":                              nothingOfUse,
	"async/status.tsv":                                   nothingOfUse,
	"bulk/list_C_A_HS_32_1962.json":                      nothingOfUse,
	"bulk/list_empty.json":                               noData("no rows came, and UN Comtrade counts"),
	"bulk/file_32_1962.first_bytes.txt.gz":               nothingOfUse,
	"metadata/getMetadata_C_A_HS_156.json":               publicationNotes,
	"reference/ModeOfTransportCodes.json":                nothingOfUse,
	"reference/TradeDataItems.json":                      nothingOfUse,
	"rendered/bulk_list_classic_published_yesterday.tsv": nothingOfUse,
	"rendered/bulk_list_final_C_A_S1_2021.tsv":           nothingOfUse,
	"rendered/bulk_list_tariffline_C_M_HS_202206.tsv":    nothingOfUse,
	"rendered/getLiveUpdate.tsv":                         nothingOfUse,
	"rendered/getMetadata_C_M_HS_202205.tsv":             nothingOfUse,
	"rendered/getSUV_010391_2022.tsv":                    nothingOfUse,
	"rendered/listReference.tsv":                         nothingOfUse,
}

// The client makes of each recorded answer of the real site what it should, over the wire.
func TestRecordings(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(recordings); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the recorded answers of the real site are not here (%s)", recordings)
	}
	var found []string
	err := filepath.WalkDir(recordings, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(recordings, path)
		if err == nil && !entry.IsDir() && name != "SOURCE.md" && !strings.HasSuffix(name, ".headers.txt") {
			found = append(found, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if missing := slices.DeleteFunc(slices.Sorted(maps.Keys(contracts)), func(name string) bool { return slices.Contains(found, name) }); len(missing) > 0 {
		t.Errorf("there are no recordings %v", missing)
	}
	for _, name := range found {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check := contracts[name]
			if check == nil {
				t.Fatal("no contract says what the client makes of this recording")
			}
			b := newBench(t, func(o *fake.Options) { o.Reporters, o.Years = []int{156}, []int{2010, 2021} })
			b.options.Own, b.options.Years, b.options.Measures = []int{156}, []int{2021}, []string{"dominance"}
			check(b, filepath.Join(recordings, filepath.FromSlash(name)))
			b.checkLog()
		})
	}
}

// replay answers all requests to a path with a recording.
func (b *bench) replay(path, do, recording string) {
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{{Path: path, Times: -1, Do: do, File: recording}}})
}

// rowsOfChina: China's imports of 2010 from three countries are stored to the last digit,
// in whichever order they came.
func rowsOfChina(b *bench, recording string) {
	b.options.Years, b.options.Measures = []int{2010}, []string{"partner_group_share"}
	b.fake.SetScenario(fake.Scenario{Faults: []fake.Fault{
		{Path: "/data/v1/get", Times: -1, Do: "replay-asked", File: recording}, {Path: "/preview", Times: -1, Do: "replay-asked", File: recording}}})
	if result := b.whole(); result.Rows != 2 {
		b.Errorf("%d rows came, want those of two countries", result.Rows)
	}
	rows := lines(b.T, b.options.Data, "C-A-HS_156_2010_M_P_")
	if len(rows) != 3 {
		b.Fatalf("%d lines", len(rows))
	}
	for i, want := range []string{",M,32,0,H3,", ",M,276,0,H3,"} {
		if !strings.Contains(rows[i+1], want) {
			b.Errorf("row %d is %s, want %s in it", i+1, rows[i+1], want)
		}
	}
	if !strings.Contains(rows[1], ",6804128143.0,,6804128143.0,") {
		b.Errorf("the value of the imports from Argentina is not as it was sent: %s", rows[1])
	}
}

// listing: the datasets that were printed are planned, with what the listing says of them.
func listing(name, records, checksum string) func(*bench, string) {
	return func(b *bench, recording string) {
		b.replay("getDA", "replay", recording)
		plan, err := fetch.Look(b.Context(), b.options)
		if err != nil {
			b.Fatal(err)
		}
		at := slices.IndexFunc(plan.New, func(d fetch.Dataset) bool { return name == fmt.Sprintf("%d/%s", d.Reporter, d.Period) })
		if at < 0 || plan.New[at].Records != records || plan.New[at].Checksum != checksum {
			b.Errorf("planned %+v", plan.New)
		}
	}
}

// publicationNotes: a revision of China's 2024 has the reason that the UN gave last; in the
// place of rows or of a listing the notes are no data.
func publicationNotes(b *bench, recording string) {
	nothingOfUse(b, recording)
	b.fake.SetScenario(fake.Scenario{})
	b.whole()
	b.fake.Revise(fake.Revise{Reporter: 156, Year: 2021})
	b.replay("getMetadata", "replay", recording)
	plan, err := fetch.Look(b.Context(), b.options)
	if err != nil || len(plan.Revised) != 1 || !strings.HasPrefix(plan.Revised[0].Why, "Revised Data: Data for this period was published before") {
		b.Errorf("revised %+v, %v", plan.Revised, err)
	}
}

// noListing: a listing of something else is refused, and nothing is planned.
func noListing(b *bench, recording string) {
	b.replay("getDA", "replay", recording)
	if plan, err := fetch.Look(b.Context(), b.options); err == nil {
		b.Errorf("it is taken for a listing: %+v", plan.New)
	}
}

// counting: so many rows are divided into calls that are not full.
func counting(n int) func(*bench, string) {
	return func(b *bench, recording string) {
		b.options.Measures = []string{"partner_group_share"}
		b.options.RecordsPerCall = 100_000
		b.replay("/preview", "replay", recording)
		plan, err := fetch.Look(b.Context(), b.options)
		if err != nil {
			b.Fatal(err)
		}
		if calls := 1 + n/76_500; plan.CallsPlanned != calls || plan.Rows < n || plan.Rows > n+n/100 {
			b.Errorf("%d rows are planned in %d calls, want %d in %d", plan.Rows, plan.CallsPlanned, n, calls)
		}
	}
}

// noData: nothing of it is stored, and why is said.
func noData(why string) func(*bench, string) {
	return func(b *bench, recording string) {
		b.replay("/data/v1/get", "replay", recording)
		result, err := fetch.Run(b.Context(), b.options)
		if err != nil || len(result.Failed) != 1 || !strings.Contains(result.Failed[0].Why, why) {
			b.Errorf("error %v, result %+v, want %q", err, result, why)
		}
		b.same(map[string]string{}, files(b.T, b.options.Data))
	}
}

// failing: the call fails after so many tries, and the error is the site's.
func failing(why string, tries int) func(*bench, string) {
	return func(b *bench, recording string) {
		noData(why)(b, recording)
		if b.fake.Keyed() != tries {
			b.Errorf("it was asked for %d times, want %d", b.fake.Keyed(), tries)
		}
	}
}

// refusing: a key that is refused ends the fetch with a wrong setting.
func refusing(why string) func(*bench, string) {
	return func(b *bench, recording string) {
		b.replay("/data/v1/get", "replay", recording)
		_, err := fetch.Run(b.Context(), b.options)
		var wrong *usage.Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), why) || b.fake.Keyed() != 1 {
			b.Errorf("error %v after %d calls", err, b.fake.Keyed())
		}
	}
}

// usedUp: the quota is free again after so long.
func usedUp(after time.Duration) func(*bench, string) {
	return func(b *bench, recording string) {
		b.replay("/data/v1/get", "replay", recording)
		var quota *fetch.QuotaError
		if result := b.run(); !errors.As(result.Quota(), &quota) {
			b.Fatalf("quota %v", result.Quota())
		}
		if left := quota.Until.Sub(b.clock.Now()); left < after-2*time.Second || left > after {
			b.Errorf("it is free again in %s, want %s", left, after)
		}
	}
}

// nothingOfUse: it is neither rows nor a listing.
func nothingOfUse(b *bench, recording string) {
	b.replay("/data/v1/get", "replay", recording)
	if result, err := fetch.Run(b.Context(), b.options); err != nil || len(result.Failed) != 1 {
		b.Errorf("in the place of rows: error %v, result %+v", err, result)
	}
	b.same(map[string]string{}, files(b.T, b.options.Data))
	noListing(b, recording)
}
