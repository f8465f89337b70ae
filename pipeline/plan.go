package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"entrepot/pipeline/config"
	"entrepot/pipeline/engine/trino"
	"entrepot/pipeline/extract"
	"entrepot/pipeline/job"
	"entrepot/pipeline/lake"
	"entrepot/pipeline/phrase"
	"entrepot/pipeline/release"
	"entrepot/pipeline/release/store"
	"entrepot/pipeline/transform"
	"entrepot/pipeline/workspace"
	"entrepot/sources"
	"entrepot/transforms"
)

// PlannedStep is what a run would do with one step, and why.
type PlannedStep struct {
	Stage  string `json:"stage"`
	Step   string `json:"step"`
	Action string `json:"action"` // run, maybe, skip or remove; maybe: only when a table that it reads comes out different
	Reason string `json:"reason"`
	Engine string `json:"engine,omitempty"` // where a table is made, unless all are made here
}

// planner collects what a run would do. It changes nothing.
type planner struct {
	job    *job.Job
	known  map[string]workspace.File
	inLake map[int64]string // the objects of files whose rows are in the lake
	lake   *lake.Lake       // nil: rows are in the workspace
	states map[string]workspace.StepState
	steps  []PlannedStep
	runs   bool // some step so far would run
}

// Plan tells what RunStages would do with the same arguments. It holds the
// workspace's lock while it looks, and changes nothing.
func Plan(ctx context.Context, c *config.Config, selection job.Selection, log *slog.Logger) ([]PlannedStep, error) {
	j, err := job.New(c, selection, log)
	if err != nil {
		return nil, err
	}
	p := &planner{job: j, known: map[string]workspace.File{}, states: map[string]workspace.StepState{}}
	if c.Lake != "" {
		if p.lake, err = lake.Open(ctx, j, nil); err != nil {
			return nil, err
		}
	}
	if err := p.look(ctx); err != nil {
		return nil, err
	}
	if selection.Has(job.StageExtract) {
		if err := p.planExtract(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.planTransform(); err != nil {
		return nil, err
	}
	if selection.Has(job.StageCheck) {
		p.add(job.StageCheck, "quality checks", "run", "always, on the tables that they are made of")
	}
	if selection.Has(job.StageLoad) {
		return p.steps, p.planLoad()
	}
	return p.steps, nil
}

// look learns what the workspace knows. One that is not there, or that a run would
// replace, knows nothing.
func (p *planner) look(ctx context.Context) (err error) {
	found, err := workspace.Exists(p.job.Config.Out)
	if err != nil || !found {
		return err
	}
	if usable, err := workspace.Usable(workspaceOptions(p.job)); err != nil || !usable {
		p.job.Log.Warn("the workspace was made by another version of entrepot; a run makes it anew from the input files", "workspace", workspace.Dir(p.job.Config.Out))
		return err
	}
	w, err := workspace.Look(ctx, workspaceOptions(p.job))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if p.known, err = w.Files(ctx); err != nil {
		return err
	}
	if err := p.lookAtLake(ctx, w); err != nil {
		return err
	}
	p.states, err = w.Steps(ctx)
	return err
}

func (p *planner) add(stage job.Stage, step, action, reason string) {
	p.runs = p.runs || action != "skip" && stage != job.StageCheck
	p.steps = append(p.steps, PlannedStep{Stage: string(stage), Step: step, Action: action, Reason: reason})
}

// engineFor is where a table is made; "" where there is no choice.
func (p *planner) engineFor(t transforms.Transform) string {
	switch {
	case !p.job.Config.OnCluster():
		return ""
	case t.Rows:
		return trino.Dialect
	}
	return config.EmbeddedEngine
}

func (p *planner) planExtract(ctx context.Context) error {
	if p.lake != nil && p.job.Config.Data == "" {
		return p.planAttach(ctx)
	}
	inputs, ahead, err := p.inputs(ctx)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "entrepot-plan-")
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	defer os.RemoveAll(temp)
	present := map[string]bool{}
	for _, in := range inputs {
		present[in.Name] = true
		if reason := ahead[in.Name]; reason != "" {
			p.add(job.StageExtract, in.Name, "run", reason)
			continue
		}
		run, reason, err := p.planFile(ctx, in, temp)
		if err != nil {
			return err
		}
		action := "skip"
		if run {
			action = "run"
		}
		p.add(job.StageExtract, in.Name, action, reason)
	}
	for _, f := range workspace.ByName(p.known) {
		if !present[f.Name] && len(p.job.Selection.Steps) == 0 {
			p.add(job.StageExtract, f.Name, "remove", "the file is gone")
		}
	}
	return nil
}

func (p *planner) planFile(ctx context.Context, in sources.Input, temp string) (run bool, reason string, err error) {
	was, known := p.known[in.Name]
	info, err := os.Stat(in.Path)
	if err != nil {
		return false, "", err
	}
	settings := sources.SettingsFor(p.job.Config.Files, in.Name)
	reader := p.job.Reader(settings)
	switch {
	case p.job.Selection.Force:
		return true, "forced", nil
	case !known:
		return true, "new file", nil
	case extract.Unchanged(p.job, was, info, reader):
		return false, "unchanged", nil
	case !strings.HasSuffix(was.Fingerprint, reader):
		return true, "the reader or the reference tables that it checks against changed, or what files: says of it", nil
	case was.Bytes != info.Size() && in.Member == "":
		return true, "changed file", nil
	}
	prepared, err := sources.Prepare(ctx, in, temp, settings)
	var refusal *sources.Refusal
	if errors.As(err, &refusal) {
		return true, "changed file", nil
	}
	if err != nil {
		return false, "", err
	}
	same := extract.ContentFingerprint(prepared, reader) == was.Fingerprint
	if err := prepared.Close(); err != nil {
		return false, "", err
	}
	if same {
		return false, "touched, but its content is unchanged", nil
	}
	return true, "changed file", nil
}

// planTransform plans the tables. What files would bring is not known yet, so the
// tables that read staged rows run when any file does. Whether a table that is made anew
// comes out different is not known either: a table for which there is no other reason may run.
func (p *planner) planTransform() error {
	selected, err := p.job.Selected()
	if err != nil || !p.job.Selection.Has(job.StageTransform) {
		return err
	}
	staged := extract.StagedOf(p.job, workspace.ByName(p.known))
	if p.runs {
		staged = job.Staged{Rows: "to be read", Names: "to be read"}
	}
	again := map[string]bool{}
	content := func(name string) string { return p.states[workspace.TransformStep(name)].Content }
	for _, t := range selected {
		was := p.states[workspace.TransformStep(t.Name)]
		changes := p.job.Transform(t, staged, content).Changes(was.Parts)
		upstream := slices.DeleteFunc(slices.Clone(t.Needs), func(name string) bool { return !again[name] })
		again[t.Name] = p.job.Selection.Force || was.Name == "" || len(changes) > 0 || len(upstream) > 0
		switch {
		case p.job.Selection.Force:
			p.add(job.StageTransform, t.Name, "run", "forced")
		case was.Name == "":
			p.add(job.StageTransform, t.Name, "run", "never made")
		case len(changes) > 0:
			p.add(job.StageTransform, t.Name, "run", strings.Join(changes, "; "))
		case len(upstream) > 0:
			p.add(job.StageTransform, t.Name, "maybe", "if "+phrase.Or(upstream)+" changes")
		default:
			p.add(job.StageTransform, t.Name, "skip", "up to date")
		}
		p.steps[len(p.steps)-1].Engine = p.engineFor(t)
	}
	return nil
}

func (p *planner) planLoad() error {
	folder := store.Folder{Out: p.job.Config.Out}
	pin, err := folder.Pinned()
	if err != nil {
		return err
	}
	if p.runs {
		p.add(job.StageLoad, "release", "run", "tables are made anew; nothing is published if they come out as they were"+pinReason(pin, ""))
		return nil
	}
	if stale := transform.Stale(p.job, extract.StagedOf(p.job, workspace.ByName(p.known)), p.states); len(stale) > 0 {
		return transform.NotUpToDate(stale)
	}
	id, err := releaseID(p.job, p.states)
	if err != nil {
		return err
	}
	current, err := folder.Current()
	if err != nil {
		return err
	}
	held := pinReason(pin, id)
	_, missing := release.Find(p.job.Config.Out, id)
	switch {
	case missing != nil:
		p.add(job.StageLoad, "release "+id, "run", "it is not there, or not whole"+held)
	case current != id && held == "":
		p.add(job.StageLoad, "release "+id, "run", "current does not point to it")
	default:
		p.add(job.StageLoad, "release "+id, "skip", "up to date"+held)
	}
	return nil
}

// pinReason says that current stays where it is, when it is pinned to another release
// than that of the run.
func pinReason(pin *store.Pin, id string) string {
	if pin == nil || pin.Release == id {
		return ""
	}
	return fmt.Sprintf("; current is pinned to release %s and stays there", pin.Release)
}
