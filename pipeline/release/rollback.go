package release

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"entrepot/pipeline/release/store"
	"entrepot/pipeline/usage"
)

// Move says where current points after a rollback.
type Move struct {
	Release string `json:"release"` // that current points to now
	Was     string `json:"was"`     // that it pointed to before
	Pinned  bool   `json:"pinned"`  // runs publish beside it until it is unpinned
}

// Rollback points current to a release, or with id "" to the one that was written before
// the current one, in one rename. With pin it stays there until it is unpinned; without,
// the next run points current to the release of its inputs again.
func Rollback(out, id string, pin bool, now time.Time) (m Move, err error) {
	folder := store.Folder{Out: out}
	m.Pinned = pin
	if m.Was, err = folder.Current(); err != nil {
		return m, err
	}
	if m.Was == "" {
		return m, fmt.Errorf("nothing has been published in %s yet; --out or the configuration names the output folder", out)
	}
	if m.Release, err = wanted(out, id, m.Was); err != nil {
		return m, err
	}
	if pin {
		return m, folder.Hold(m.Release, now)
	}
	held, err := folder.Pinned()
	if err != nil {
		return m, err
	}
	if held != nil && held.Release != m.Release {
		return m, usage.Errorf("current is pinned to release %s since %s: 'entrepot rollback --pin %s' pins it to the other, 'entrepot unpin' takes the pin away",
			held.Release, held.Since.Format(time.DateTime), m.Release)
	}
	m.Pinned = held != nil
	return m, folder.Point(m.Release)
}

// wanted is the release to go back to.
func wanted(out, id, current string) (string, error) {
	all, err := List(out)
	if err != nil {
		return "", err
	}
	names := ids(all)
	if id == "" {
		at := slices.Index(names, current)
		if at < 0 || at+1 >= len(names) {
			return "", usage.Errorf("there is no release before %s; there are %s", current, strings.Join(names, ", "))
		}
		return names[at+1], nil
	}
	if !slices.Contains(names, id) {
		return "", usage.Errorf("there is no release %q; there are %s", id, strings.Join(names, ", "))
	}
	return id, nil
}
