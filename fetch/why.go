package fetch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change is a dataset that was released anew.
type Change struct {
	Dataset
	Was string `json:"was_released"`
	Why string `json:"why"` // in the words of the UN's publication note, else what the listing shows
}

// change is what the listing shows of a dataset that was released anew.
func change(now, was Dataset) Change {
	why := "released anew"
	switch {
	case now.Revision != was.Revision:
		why = fmt.Sprintf("now in %s, was in %s", now.Revision, was.Revision)
	case now.Released == was.Released && now.Records != was.Records:
		why = fmt.Sprintf("%s records, were %s", now.Records, was.Records)
	case now.Released == was.Released:
		why = "another checksum"
	}
	return Change{Dataset: now, Was: was.Released, Why: why}
}

// reasons asks, without a key, for the publication notes of datasets that were released
// anew. That they do not come keeps nothing from being brought.
func (f *fetcher) reasons(ctx context.Context, changes []Change) {
	if len(changes) == 0 {
		return
	}
	var periods []string
	var reporters []int
	for _, c := range changes {
		periods, reporters = append(periods, c.Period), append(reporters, c.Reporter)
	}
	slices.Sort(periods)
	slices.Sort(reporters)
	reporters = slices.Compact(reporters)
	notes := map[string]note{}
	for some := range slices.Chunk(slices.Compact(periods), mostPeriods) {
		query := "period=" + strings.Join(some, ",")
		if len(reporters) <= mostReporters {
			query = "reporterCode=" + joined(reporters) + "&" + query
		}
		if err := f.wire.get(ctx, "/public/v1/getMetadata/C/A/HS", query, false, noted(notes)); err != nil {
			f.Log.Warn("it can't be asked why datasets were released anew", "error", f.Key.redact(err.Error()))
			return
		}
	}
	for i, c := range changes {
		if n := notes[c.name()]; n.text != "" {
			changes[i].Why = n.text
		}
	}
}

// note is the last that was published of a dataset.
type note struct{ date, text string }

// noted reads an answer of getMetadata into notes.
func noted(notes map[string]note) func(*spool) error {
	return func(s *spool) error {
		body, err := s.open()
		if err != nil {
			return refuse("the publication notes can't be unpacked: %w", err)
		}
		var answer struct {
			Data []struct {
				ReporterCode, Period json.Number
				Notes                []struct{ PublicationNote, PublicationDate string }
			}
		}
		if err := json.NewDecoder(body).Decode(&answer); err != nil {
			return refuse("the publication notes are no JSON: %w", err)
		}
		for _, d := range answer.Data {
			reporter, err := strconv.Atoi(d.ReporterCode.String())
			if err != nil {
				return refuse("the publication notes have a reporter %q", d.ReporterCode)
			}
			name := Dataset{Reporter: reporter, Period: d.Period.String()}.name()
			for _, n := range d.Notes {
				if text := strings.Join(strings.Fields(n.PublicationNote), " "); text != "N/A" && n.PublicationDate >= notes[name].date {
					notes[name] = note{n.PublicationDate, text}
				}
			}
		}
		return nil
	}
}
