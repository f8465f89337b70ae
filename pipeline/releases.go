package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Release is a published release: its id, its folder of Parquet files, and its
// manifest.
type Release struct {
	ID, Dir  string
	Manifest *Manifest
}

// FindRelease finds a release of an output folder; id "" is the current one. An
// id that is not there is a *UsageError.
func FindRelease(out, id string) (*Release, error) {
	id, dir, err := findRelease(out, id)
	if err != nil {
		return nil, err
	}
	m, err := openManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Release{id, dir, m}, nil
}

// CountedIn finds the release that differs from r in nothing but the HS revision
// in which codes are counted. Where there are several, it is the newest. That
// there is none is a *UsageError that says how to make it.
func (r *Release) CountedIn(harmonize string) (*Release, error) {
	releases := filepath.Dir(r.Dir)
	ids, err := listReleases(releases)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		other, err := FindRelease(filepath.Dir(releases), id)
		if err != nil {
			return nil, err
		}
		if r.differsOnlyIn(other, "harmonize", harmonize) {
			return other, nil
		}
	}
	return nil, usage("no release beside %s is of the same data and settings with codes counted in %s: "+
		"'entrepot run --harmonize %s' publishes one and makes it the current one, 'entrepot rollback %s' makes this one current again",
		r.ID, harmonize, harmonize, r.ID)
}

func (r *Release) differsOnlyIn(other *Release, key, value string) bool {
	parameters := maps.Clone(r.Manifest.Parameters)
	parameters[key] = value
	wanted := Manifest{Version: r.Manifest.Version, Parameters: parameters, Reference: r.Manifest.Reference, Inputs: r.Manifest.Inputs}
	return len(changedParameters(&wanted, other.Manifest)) == 0 && len(changedReference(&wanted, other.Manifest)) == 0 &&
		len(changedInputs(&wanted, other.Manifest)) == 0
}

// findRelease finds the folder of a release; id "" is the current one.
func findRelease(out, id string) (_, dir string, err error) {
	dir = filepath.Join(out, "releases", id)
	if id == "" {
		target, err := os.Readlink(filepath.Join(out, "current"))
		if errors.Is(err, fs.ErrNotExist) {
			return "", "", fmt.Errorf("nothing has been published in %s yet; --out or the configuration names the output folder", out)
		}
		if err != nil {
			return "", "", fmt.Errorf("find the current release: %w", err)
		}
		id = filepath.Base(target)
		dir = filepath.Join(out, target)
	}
	known, err := listReleases(filepath.Join(out, "releases"))
	if err != nil {
		return "", "", err
	}
	if !slices.Contains(known, id) {
		return "", "", usage("there is no release %q in %s; there are: %s; 'entrepot history' tells how each was made", id, out, strings.Join(known, ", "))
	}
	return id, dir, nil
}
