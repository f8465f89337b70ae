package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"entrepot/sources"
)

// PlannedStep is what a run would do with one step, and why.
type PlannedStep struct {
	Stage  string `json:"stage"`
	Step   string `json:"step"`
	Action string `json:"action"` // run, skip or remove
	Reason string `json:"reason"`
}

// planner collects what a run would do. It changes nothing.
type planner struct {
	*runner
	known  map[string]file
	states map[string]stepState
	steps  []PlannedStep
	runs   bool // some step so far would run
}

// Plan tells what RunStages would do with the same arguments. It holds the
// workspace's lock while it looks, and changes nothing.
func Plan(ctx context.Context, c *Config, selection Selection, log *slog.Logger) (steps []PlannedStep, err error) {
	if err := selection.Check(); err != nil {
		return nil, err
	}
	p := &planner{runner: &runner{config: c, version: Version, log: log, selection: selection}, known: map[string]file{}, states: map[string]stepState{}}
	if err := p.prepare(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(databaseFile(c.Out)); err == nil {
		if p.work, err = openWorkspace(ctx, c); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, p.work.close()) }()
		if p.known, err = p.work.files(ctx); err != nil {
			return nil, err
		}
		if p.states, err = p.work.steps(ctx); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for a workspace: %w", err)
	}
	if selection.has(StageExtract) {
		if err := p.planExtract(ctx); err != nil {
			return nil, err
		}
	}
	fingerprints, err := p.planTransform()
	if err != nil {
		return nil, err
	}
	if selection.has(StageCheck) {
		p.add(StageCheck, "quality checks", true, "always, on the tables that they are made of")
	}
	if selection.has(StageLoad) {
		return p.steps, p.planLoad(fingerprints)
	}
	return p.steps, nil
}

func (p *planner) add(stage Stage, step string, run bool, reason string) {
	action := "skip"
	if run {
		action = "run"
		p.runs = p.runs || stage != StageCheck
	}
	p.steps = append(p.steps, PlannedStep{string(stage), step, action, reason})
}

func (p *planner) planExtract(ctx context.Context) error {
	inputs, err := sources.Find(ctx, p.config.Data, append(p.config.skip, p.config.Out)...)
	if err != nil {
		return err
	}
	if inputs, err = p.selection.inputs(inputs, p.config.Data); err != nil {
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
		run, reason, err := p.planFile(ctx, in, temp)
		if err != nil {
			return err
		}
		p.add(StageExtract, in.Name, run, reason)
	}
	for _, f := range byName(p.known) {
		if !present[f.name] && len(p.selection.Steps) == 0 {
			p.steps = append(p.steps, PlannedStep{string(StageExtract), f.name, "remove", "the file is gone"})
			p.runs = true
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
	settings := sources.SettingsFor(p.config.Files, in.Name)
	reader := p.readerFingerprint(settings)
	switch {
	case p.selection.Force:
		return true, "forced", nil
	case !known:
		return true, "new file", nil
	case p.unchanged(was, info, reader):
		return false, "unchanged", nil
	case !strings.HasSuffix(was.fingerprint, reader):
		return true, "the reader or the reference tables that it checks against changed, or what files: says of it", nil
	case was.bytes != info.Size() && in.Member == "":
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
	same := contentFingerprint(prepared, reader) == was.fingerprint
	if err := prepared.Close(); err != nil {
		return false, "", err
	}
	if same {
		return false, "touched, but its content is unchanged", nil
	}
	return true, "changed file", nil
}

// planTransform plans the tables. What files would bring is not known yet, so
// the tables that read staged rows run when any file does.
func (p *planner) planTransform() (map[string]fingerprint, error) {
	staged := p.stagedFingerprint(p.known)
	if p.runs {
		staged = "to be read"
	}
	now := p.fingerprintsOf(staged)
	selected, err := p.selection.transforms()
	if err != nil || !p.selection.has(StageTransform) {
		return now, err
	}
	for _, t := range selected {
		was := p.states[transformStep(t.Name)]
		changes := now[t.Name].changes(was.parts)
		switch {
		case p.selection.Force:
			p.add(StageTransform, t.Name, true, "forced")
		case was.name == "":
			p.add(StageTransform, t.Name, true, "never made")
		case len(changes) > 0:
			p.add(StageTransform, t.Name, true, strings.Join(changes, "; "))
		default:
			p.add(StageTransform, t.Name, false, "up to date")
		}
	}
	return now, nil
}

func (p *planner) planLoad(fingerprints map[string]fingerprint) error {
	if p.runs {
		p.add(StageLoad, "release", true, "tables are made anew; nothing is published if they come out as they were")
		return nil
	}
	if err := p.fresh(p.states, fingerprints); err != nil {
		return err
	}
	id, err := p.releaseID(fingerprints)
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(p.config.Out, "releases", id, "manifest.json"))
	current, linkErr := os.Readlink(filepath.Join(p.config.Out, "current"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.add(StageLoad, "release "+id, true, "it is not there")
	case err != nil:
		return fmt.Errorf("look for release %s: %w", id, err)
	case linkErr != nil || filepath.Base(current) != id:
		p.add(StageLoad, "release "+id, true, "current does not point to it")
	default:
		p.add(StageLoad, "release "+id, false, "up to date")
	}
	return nil
}
