package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
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
func Verify(ctx context.Context, c *Config, id string, log *slog.Logger) (v *Verification, err error) {
	r, err := openRelease(c.Out, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	was, err := r.manifest()
	if err != nil {
		return nil, err
	}
	if was.Version != Version {
		return nil, fmt.Errorf("release %s was made by entrepot %s, this is %s: verify it with that version", r.id, was.Version, Version)
	}
	again := *c
	if err := again.setParameters(was.Parameters); err != nil {
		return nil, fmt.Errorf("take over the parameters of release %s: %w", r.id, err)
	}
	again.skip, again.MaxRejects = []string{c.Out}, "100%"
	again.MetricsFile, again.OpenLineageFile = "", ""
	if again.Out, err = os.MkdirTemp(c.Out, ".verify-"); err != nil {
		return nil, fmt.Errorf("make a folder to verify in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(again.Out)) }()
	s, err := Run(ctx, &again, log)
	if err != nil {
		return nil, fmt.Errorf("compute release %s anew: %w", r.id, err)
	}
	fresh, err := openRelease(again.Out, s.Release)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.close()) }()
	now, err := fresh.manifest()
	if err != nil {
		return nil, err
	}
	if err := sameGround(was, now); err != nil {
		return nil, fmt.Errorf("release %s can't be verified: %w", r.id, err)
	}
	v = &Verification{Release: r.id}
	for _, f := range was.Files {
		sum, err := fileSHA256(filepath.Join(r.dir, f.Name))
		if err != nil {
			sum = "" // gone or unreadable is not intact
		}
		v.Files = append(v.Files, VerifiedFile{f.Name, sum == f.SHA256, f.SHA256 == now.sha256Of(f.Name)})
	}
	return v, nil
}

func (m *Manifest) sha256Of(name string) string {
	for _, f := range m.Files {
		if f.Name == name {
			return f.SHA256
		}
	}
	return ""
}

// setParameters sets what a manifest says that was set.
func (c *Config) setParameters(parameters map[string]any) error {
	text, err := json.Marshal(parameters[filesKey])
	if err == nil {
		c.Files = nil
		err = json.Unmarshal(text, &c.Files)
	}
	if err != nil {
		return fmt.Errorf("read what the manifest says of files: %w", err)
	}
	for _, s := range Settings() {
		value, ok := parameters[s.Key]
		if !ok {
			continue
		}
		if err := c.Set(s, fmt.Sprint(value), "manifest"); err != nil {
			return err
		}
	}
	return nil
}

// sameGround fails when the inputs or reference tables are not those of the release.
func sameGround(was, now *Manifest) error {
	var differ []string
	for _, in := range changedInputs(was, now) {
		differ = append(differ, fmt.Sprintf("%s is %s", in.Name, in.Change))
	}
	for _, table := range changedReference(was, now) {
		differ = append(differ, fmt.Sprintf("reference table %s changed", table))
	}
	if len(differ) > 0 {
		return errors.New("it was made of other inputs: " + strings.Join(differ, ", "))
	}
	return nil
}
