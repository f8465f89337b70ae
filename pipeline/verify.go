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

// Verification compares a release with one that was computed anew. What the version that
// made it published is compared byte by byte. Another version may publish other columns,
// other rows of checks, or figures that it computes better: of what that made, the values
// are compared, in the columns that both versions have.
type Verification struct {
	Release string         `json:"release"`
	Version string         `json:"version"` // that made it
	By      string         `json:"by"`      // what is compared: "bytes", "values" or only "hashes"
	Files   []VerifiedFile `json:"files"`
}

// VerifiedFile is a published file: whether it is what its manifest says, and
// whether computing it anew gives the same. Values are compared of tables alone.
type VerifiedFile struct {
	Name       string `json:"name"`
	Intact     bool   `json:"intact"`
	Compared   bool   `json:"compared"`
	Reproduced bool   `json:"reproduced"`
	Rows       int    `json:"rows_that_differ"` // when values are compared
}

// OK tells whether every file is intact, and every one that was compared reproduced.
func (v *Verification) OK() bool {
	for _, f := range v.Files {
		if !f.Intact || f.Compared && !f.Reproduced {
			return false
		}
	}
	return true
}

// Verify computes a release anew from the input files, with the parameters of its
// manifest, and compares the two; see Verification. The data folder and the reference
// tables of the configuration must be those of the release; the error names what is not.
// The release and the workspace stay as they are.
func Verify(ctx context.Context, c *config.Config, id string, log *slog.Logger) (v *Verification, err error) {
	was, err := release.FindDamaged(c.Out, id)
	if err != nil {
		return nil, err
	}
	again := *c
	set, err := was.Own()
	if err != nil {
		return nil, err
	}
	if err := again.SetParameters(was.Manifest.Parameters, set.CheckNames(), set.ParameterNames()); err != nil {
		return nil, fmt.Errorf("take over the parameters of release %s: %w", was.ID, err)
	}
	if again.Data = c.DataFolder(); again.Data != c.Data {
		log.Warn("the input files are taken as the last run downloaded them", "from", c.DataShown())
	}
	if again.Data != "" { // the input files themselves tell more than what was made of them
		again.Lake = ""
	}
	again.Skip, again.MaxRejects = []string{c.Out}, "100%"
	again.MetricsFile, again.OpenLineageFile, again.OpenLineageURL, again.Publish, again.Hook = "", "", "", "", ""
	if again.Out, err = os.MkdirTemp(c.Out, ".verify-"); err != nil {
		return nil, fmt.Errorf("make a folder to verify in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(again.Out)) }()
	again.MeasuresFolder, again.ChecksFolder = filepath.Join(again.Out, "measures"), filepath.Join(again.Out, "checks")
	if err := was.Manifest.Own.Write(again.MeasuresFolder, again.ChecksFolder); err != nil {
		return nil, fmt.Errorf("write the measures of release %s to verify them: %w", was.ID, err)
	}
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
	return compare(ctx, was, now)
}

// VerifyHashes compares the files of a release with the hashes in its manifest. It needs
// neither input files nor a workspace.
func VerifyHashes(ctx context.Context, out, id string) (*Verification, error) {
	r, err := release.FindDamaged(out, id)
	if err != nil {
		return nil, err
	}
	v := &Verification{Release: r.ID, Version: r.Manifest.Version, By: "hashes"}
	damaged, err := r.Damaged(ctx)
	for _, f := range r.Manifest.Files {
		v.Files = append(v.Files, VerifiedFile{Name: f.Name, Intact: !slices.Contains(damaged, f.Name)})
	}
	return v, err
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

func compare(ctx context.Context, was, now *release.Release) (*Verification, error) {
	damaged, err := was.Damaged(ctx)
	if err != nil {
		return nil, err
	}
	v := &Verification{Release: was.ID, Version: was.Manifest.Version, By: "bytes"}
	for _, f := range was.Manifest.Files {
		again := now.Manifest.File(f.Name)
		v.Files = append(v.Files, VerifiedFile{Name: f.Name, Intact: !slices.Contains(damaged, f.Name), Compared: true,
			Reproduced: again != nil && f.SHA256 == again.SHA256})
	}
	if v.Version != job.Version {
		return v, v.compareValues(ctx, was, now)
	}
	return v, nil
}

// compareValues compares by value what another version published; of a release that is
// damaged there is nothing to compare.
func (v *Verification) compareValues(ctx context.Context, was, now *release.Release) error {
	v.By = "values"
	intact := !slices.ContainsFunc(v.Files, func(f VerifiedFile) bool { return !f.Intact })
	changed := map[string]int{} // rows that differ, by table
	if intact {
		difference, err := release.Values(ctx, was, now)
		if err != nil {
			return err
		}
		for _, t := range difference.Tables {
			changed[t.Table] = t.Changed + t.New + t.Gone
		}
	}
	for i := range v.Files {
		f := &v.Files[i]
		table := release.TableOf(f.Name)
		rows, differs := changed[table]
		f.Compared, f.Reproduced, f.Rows = table != "" && intact, !differs, rows
	}
	return nil
}
