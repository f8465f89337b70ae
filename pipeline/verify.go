package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"entrepot/pipeline/config"
	"entrepot/pipeline/job"
	"entrepot/pipeline/release"
	"entrepot/pipeline/workspace"
)

// Verification compares a release with one that was computed anew.
type Verification struct {
	Release string         `json:"release"`
	Files   []VerifiedFile `json:"files"`
}

// VerifiedFile is a published file: whether it is what its manifest says, and
// whether computing it anew gives the same bytes.
type VerifiedFile struct {
	Name       string `json:"name"`
	Intact     bool   `json:"intact"`
	Reproduced bool   `json:"reproduced"`
}

// OK tells whether every file is intact and was reproduced.
func (v *Verification) OK() bool {
	for _, f := range v.Files {
		if !f.Intact || !f.Reproduced {
			return false
		}
	}
	return true
}

// Verify computes a release anew from the input files, with the parameters of its
// manifest, and compares the bytes. The data folder and the reference tables of
// the configuration must be those of the release; the error names what is not.
// The release and the workspace stay as they are.
func Verify(ctx context.Context, c *config.Config, id string, log *slog.Logger) (v *Verification, err error) {
	was, err := release.FindDamaged(c.Out, id)
	if err != nil {
		return nil, err
	}
	if was.Manifest.Version != job.Version {
		return nil, fmt.Errorf("release %s was made by entrepot %s, this is %s: verify it with that version", was.ID, was.Manifest.Version, job.Version)
	}
	again := *c
	if err := again.SetParameters(was.Manifest.Parameters); err != nil {
		return nil, fmt.Errorf("take over the parameters of release %s: %w", was.ID, err)
	}
	again.Skip, again.MaxRejects = []string{c.Out}, "100%"
	again.MetricsFile, again.OpenLineageFile = "", ""
	if again.Out, err = os.MkdirTemp(c.Out, ".verify-"); err != nil {
		return nil, fmt.Errorf("make a folder to verify in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(again.Out)) }()
	s, err := Run(ctx, &again, log)
	if err != nil {
		return nil, fmt.Errorf("compute release %s anew: %w", was.ID, err)
	}
	now, err := release.Find(again.Out, s.Release)
	if err != nil {
		return nil, err
	}
	if err := release.SameGround(was.Manifest, now.Manifest); err != nil {
		return nil, fmt.Errorf("release %s can't be verified: %w", was.ID, err)
	}
	return compare(was, now)
}

// sweepVerifications removes what killed verifications left, and nothing of those that
// are still at work.
func sweepVerifications(out string) error {
	left, err := filepath.Glob(filepath.Join(out, ".verify-*"))
	for _, dir := range left {
		if !workspace.Locked(dir) {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	if err != nil {
		return fmt.Errorf("clear unfinished verifications: %w", err)
	}
	return nil
}

func compare(was, now *release.Release) (*Verification, error) {
	damaged, err := was.Damaged()
	if err != nil {
		return nil, err
	}
	v := &Verification{Release: was.ID}
	for _, f := range was.Manifest.Files {
		again := now.Manifest.File(f.Name)
		v.Files = append(v.Files, VerifiedFile{f.Name, !slices.Contains(damaged, f.Name), again != nil && f.SHA256 == again.SHA256})
	}
	return v, nil
}
