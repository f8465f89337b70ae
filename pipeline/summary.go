package pipeline

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"entrepot/pipeline/check"
	"entrepot/pipeline/durable"
	"entrepot/pipeline/engine"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/phrase"
	"entrepot/schemas"
	"entrepot/schemas/sqltext"
)

// Summary tells what a run did and found.
type Summary struct {
	RunID     string
	Release   string // its id
	Fresh     bool   // whether this run wrote it
	Switched  bool   // whether this run pointed current to it
	Was       string // the release that current pointed to before, when this run switched it
	Pinned    string // the release that current is pinned to, "" when it is not
	Made      int64  // tables that were made anew
	Files     []extract.Report
	Staged    *Staged       // what was brought to the lake; nil for a run
	Rejects   []ReasonCount // rows that can't be used
	Unknown   []string      // what is known of the names of areas that are not known
	LeftOut   []ReasonCount // rows that would double a figure
	Overlap   []ReasonCount // rows whose cell another row has
	Warnings  []string
	Parameter map[string]any
	Reporter  string            // whose figures are shown, and of how many
	Labels    map[string]string // what the sector list calls sectors for people, where it says so
	Figures   []Figure
	Took      time.Duration

	// Copied says what became of the copy in the object store; nil when none is set, or it
	// failed.
	Copied *Copied

	// Shortfalls says why a release that this run published is not whole: rows
	// were rejected within the budget, files not used, reporters missing.
	Shortfalls []string
	// Empty: there were no files, which allow_empty allows. Nothing was done.
	Empty bool
}

// Held tells whether current is pinned to another release than that of the run, which
// stands beside it.
func (s *Summary) Held() bool { return s.Pinned != "" && s.Pinned != s.Release }

// ReasonCount is a number of input rows with one reason.
type ReasonCount struct {
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
	First  string `json:"first,omitempty"` // of rejected rows: where the first stands, and its value
}

// Figure is a published figure as the terminal shows it: the values of one column of
// its table's key, such as sectors, by those of another, such as years.
type Figure struct {
	Name, Title   string
	Corner        string // what the rows are
	Rows, Columns []string
	Cells         map[string]map[string]Cell // by row and column
}

// Cell is a share with the counts behind it. Counts are zero when Known is false.
type Cell struct {
	Known       bool
	Part, Of    int64
	LowCoverage bool // world exports of the year are not whole
	Partial     bool // the files cover too few of the sector's codes
}

func (r *run) summarize(ctx context.Context, checks *check.Stage, s *Summary) error {
	count := func(query string) ([]ReasonCount, error) {
		return engine.Query(ctx, r.work.DB, scanReason, query)
	}
	var err error
	if s.LeftOut, err = count("SELECT reason, sum(rows)::BIGINT FROM left_out GROUP BY reason ORDER BY 2 DESC, 1"); err != nil {
		return fmt.Errorf("count rows left out: %w", err)
	}
	if s.Overlap, err = count("SELECT reason, count(*) FROM superseded WHERE reason <> 'ambiguous' GROUP BY reason ORDER BY 2 DESC, 1"); err != nil {
		return fmt.Errorf("count overlapping rows: %w", err)
	}
	if s.Warnings, err = checks.Warnings(ctx); err != nil {
		return err
	}
	measured, err := r.measured(ctx)
	if err != nil || len(measured) == 0 {
		return err
	}
	if s.Reporter = measured[0].Name; len(measured) > 1 {
		s.Reporter = fmt.Sprintf("%s, the first of %d", measured[0].Name, len(measured))
	}
	for _, o := range r.job.Catalogue {
		if o.Terminal == (schemas.Pivot{}) {
			continue
		}
		figure, err := r.figure(ctx, o, measured[0].Code)
		if err != nil {
			return fmt.Errorf("read %s: %w", o.Name, err)
		}
		s.Figures = append(s.Figures, figure)
	}
	return nil
}

//go:embed figure.sql
var figureSQL string

var figureTemplate = template.Must(template.New("figure.sql").Funcs(template.FuncMap{"name": sqltext.Name}).Parse(figureSQL))

// figure reads what the terminal shows of an output.
func (r *run) figure(ctx context.Context, o schemas.Output, reporter int16) (Figure, error) {
	f := Figure{Name: o.Figure, Title: o.Title, Corner: o.Terminal.Rows, Cells: map[string]map[string]Cell{}}
	var text strings.Builder
	if err := figureTemplate.Execute(&text, o); err != nil {
		return f, fmt.Errorf("internal error: %w; please report it", err)
	}
	_, err := engine.Query(ctx, r.work.DB, func(rows *sql.Rows) (struct{}, error) {
		var row, column string
		var part, of sql.NullInt64
		var low, partial bool
		if err := rows.Scan(&row, &column, &part, &of, &low, &partial); err != nil {
			return struct{}{}, err
		}
		if f.Cells[row] == nil {
			f.Cells[row] = map[string]Cell{}
			f.Rows = append(f.Rows, row)
		}
		if !slices.Contains(f.Columns, column) {
			f.Columns = append(f.Columns, column)
		}
		f.Cells[row][column] = Cell{Known: part.Valid && of.Int64 > 0, Part: part.Int64, Of: of.Int64, LowCoverage: low, Partial: partial}
		return struct{}{}, nil
	}, text.String(), sql.Named("reporter", reporter))
	slices.Sort(f.Columns)
	return f, err
}

// cachedSummary is the part of a summary that a release's id decides. It is kept beside the
// workspace, because a run that finds nothing new must not look at every fact again.
type cachedSummary struct {
	Release          string
	LeftOut, Overlap []ReasonCount
	Warnings         []string
	Reporter         string
	Shown            []Figure // not kept by versions whose figures had years
}

func (r *run) summaryFile() string { return filepath.Join(r.work.Dir, "summary.json") }

func (r *run) saveSummary(s *Summary) error {
	text, err := json.Marshal(cachedSummary{s.Release, s.LeftOut, s.Overlap, s.Warnings, s.Reporter, s.Figures})
	if err != nil {
		return fmt.Errorf("keep the summary: %w", err)
	}
	if err := durable.Replace(r.summaryFile(), text); err != nil {
		return fmt.Errorf("keep the summary: %w", err)
	}
	return nil
}

// loadSummary fills in the summary that was kept for the release, if one was.
func (r *run) loadSummary(s *Summary) bool {
	text, err := os.ReadFile(r.summaryFile())
	var k cachedSummary
	if err != nil || json.Unmarshal(text, &k) != nil || k.Release != s.Release || k.Shown == nil || k.Reporter == "" {
		return false // it is made again
	}
	s.LeftOut, s.Overlap, s.Warnings, s.Reporter, s.Figures = k.LeftOut, k.Overlap, k.Warnings, k.Reporter, k.Shown
	return true
}

// shortfalls says what keeps a new release from being whole. ambiguous is the number of
// cells without a value.
func shortfalls(s *Summary, missing []string, ambiguous int64) []string {
	var all []string
	var rejected int64
	var refused []string
	for _, f := range s.Files {
		if f.Refusal != "" {
			refused = append(refused, f.Name)
			continue
		}
		rejected += f.Rejected
	}
	if rejected > 0 {
		all = append(all, fmt.Sprintf("%s %s rejected", phrase.Count(rejected, "row"), phrase.Plural(rejected, "was", "were")))
	}
	if ambiguous > 0 {
		all = append(all, fmt.Sprintf("%s %s no value, because rows differ and no column tells them apart",
			phrase.Count(ambiguous, "cell"), phrase.Plural(ambiguous, "has", "have")))
	}
	if len(refused) > 0 {
		n := len(refused)
		all = append(all, fmt.Sprintf("%s %s not used (%s)", phrase.Count(n, "file"), phrase.Plural(n, "was", "were"), strings.Join(refused[:min(5, n)], ", ")))
	}
	if len(missing) > 0 {
		all = append(all, "reporters of the release before are missing ("+strings.Join(missing, "; ")+")")
	}
	return all
}
