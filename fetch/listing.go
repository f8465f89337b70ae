package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Dataset is what a reporter sent in for a period, as the listing has it. Times and
// numbers are texts: they are compared for being the same, and with nothing else.
type Dataset struct {
	Reporter int    `json:"reporter"`
	Period   string `json:"period"`
	Revision string `json:"classification"`
	Released string `json:"last_released"`
	First    string `json:"first_released"`
	Checksum string `json:"checksum"`
	Records  string `json:"total_records"`
	Code     string `json:"dataset"`
	Rebuilt  bool   `json:"rebuilt,omitempty"` // known from a file's name alone: its release to the second, no checksum
	original bool
}

// name is how a dataset is written: 156/2024.
func (d Dataset) name() string { return fmt.Sprintf("%d/%s", d.Reporter, d.Period) }

// sameAs tells whether a dataset is the version that another is.
func (d Dataset) sameAs(other Dataset) bool {
	if d.Rebuilt {
		return d.Revision == other.Revision && strings.HasPrefix(other.Released, d.Released)
	}
	return d.Released == other.Released && d.Checksum == other.Checksum && d.Records == other.Records && d.Revision == other.Revision
}

// most periods that one call may name.
const mostPeriods = 12

// list asks which datasets there are: without a key, or with it where that is refused.
func (f *fetcher) list(ctx context.Context) (map[string]Dataset, error) {
	found := map[string]Dataset{}
	for periods := range slices.Chunk(f.Years, mostPeriods) {
		var names []string
		for _, year := range periods {
			names = append(names, strconv.Itoa(year))
		}
		query := "period=" + strings.Join(names, ",")
		err := f.wire.get(ctx, "/public/v1/getDA/C/A/HS", query, false, listed(names, found))
		var refused *answerError
		if errors.As(err, &refused) && (refused.kind == keyRefused || refused.status == 404) && f.Key.Given() {
			f.Log.Warn("the listing without a key is refused; asking for it with the key, which costs calls", "answer", refused.text)
			err = f.wire.get(ctx, "/data/v1/getDa/C/A/HS", query, true, listed(names, found))
		}
		if err != nil {
			return nil, fmt.Errorf("list the datasets of %s: %w", strings.Join(names, ", "), err)
		}
	}
	if before := f.state.Listed; f.state.sameYears(f.Years) && len(found)*10 < before*9 {
		return nil, fmt.Errorf("the listing has %d datasets, and had %d the last time: it is not whole; try again later", len(found), before)
	}
	return found, nil
}

// listed reads an answer of getDA into found.
func listed(periods []string, found map[string]Dataset) func(*spool) error {
	return func(s *spool) error {
		body, err := s.open()
		if err != nil {
			return &transportError{fmt.Errorf("the listing can't be unpacked: %w", err)}
		}
		var answer struct {
			Count *int
			Error string
			Data  []struct {
				DatasetCode, Period, ReporterCode, TotalRecords, DatasetChecksum json.Number
				ClassificationCode, FirstReleased, LastReleased                  string
				IsOriginalClassification                                         bool
			}
		}
		decoder := json.NewDecoder(body)
		if err := decoder.Decode(&answer); err != nil {
			return &transportError{fmt.Errorf("the listing is no JSON: %w", err)}
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return &transportError{errors.New("the listing has something behind its end")}
		}
		if answer.Error != "" || answer.Count == nil || *answer.Count != len(answer.Data) {
			return &transportError{fmt.Errorf("the listing has %d datasets, which is not its count, or an error %q", len(answer.Data), answer.Error)}
		}
		for _, row := range answer.Data {
			reporter, err := strconv.Atoi(row.ReporterCode.String())
			if err != nil || !slices.Contains(periods, row.Period.String()) {
				return &transportError{fmt.Errorf("the listing has a dataset of reporter %q, period %q, which was not asked for", row.ReporterCode, row.Period)}
			}
			if row.DatasetCode == "" {
				return &transportError{fmt.Errorf("the listing has a row of reporter %d that names no dataset, so it is none of datasets", reporter)}
			}
			d := Dataset{Reporter: reporter, Period: row.Period.String(), Revision: row.ClassificationCode, Released: row.LastReleased,
				First: row.FirstReleased, Checksum: row.DatasetChecksum.String(), Records: row.TotalRecords.String(), Code: row.DatasetCode.String(),
				original: row.IsOriginalClassification}
			if other, twice := found[d.name()]; !twice || d.original && !other.original || d.original == other.original && d.Released > other.Released {
				found[d.name()] = d
			}
		}
		return nil
	}
}
