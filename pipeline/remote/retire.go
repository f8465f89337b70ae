package remote

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entrepot/pipeline/objects"
)

// stored is a release of the store.
type stored struct {
	id       string
	keys     []string
	sealed   bool // it has a list, so it was whole once
	finished time.Time
}

// retire removes the oldest releases beyond the number that is kept, and what copies that
// were cut left of others. The release that is current stays.
func (c *Copy) retire(ctx context.Context, there []objects.Object, current string, keep int) error {
	if keep == 0 {
		return nil
	}
	var others []stored
	for _, s := range grouped(there) {
		if s.id != current {
			others = append(others, s)
		}
	}
	if len(others) < keep && !slices.ContainsFunc(others, func(s stored) bool { return !s.sealed }) {
		return nil
	}
	for i := range others {
		if err := c.date(ctx, &others[i]); err != nil {
			return err
		}
	}
	slices.SortFunc(others, func(a, b stored) int {
		return cmp.Or(b.finished.Compare(a.finished), strings.Compare(a.id, b.id))
	})
	kept := 1 // the current one
	for _, s := range others {
		if s.sealed {
			kept++
		}
		if s.sealed && kept <= keep {
			continue
		}
		if err := c.remove(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// grouped are the releases of a listing.
func grouped(there []objects.Object) []stored {
	var all []stored
	for _, o := range there {
		id, name, below := strings.Cut(strings.TrimPrefix(o.Key, releases), "/")
		if !below {
			continue // no object of ours
		}
		if len(all) == 0 || all[len(all)-1].id != id {
			all = append(all, stored{id: id})
		}
		s := &all[len(all)-1]
		s.keys = append(s.keys, o.Key)
		s.sealed = s.sealed || name == listName
	}
	return all
}

// date reads when a release was made.
func (c *Copy) date(ctx context.Context, s *stored) error {
	if !s.sealed {
		return nil
	}
	var l list
	if _, err := c.readJSON(ctx, releases+s.id+"/"+listName, &l); err != nil {
		return err
	}
	s.finished, _ = time.Parse(time.RFC3339Nano, l.Finished) // a list that can't be read is the oldest
	return nil
}

// remove removes a release: first its list, so that what a cut leaves is no release.
func (c *Copy) remove(ctx context.Context, s stored) error {
	list := releases + s.id + "/" + listName
	for _, key := range append([]string{list}, s.keys...) {
		if key == list && !s.sealed {
			continue
		}
		if err := c.Store.Delete(ctx, key); err != nil {
			return fmt.Errorf("remove release %s: %w", s.id, err)
		}
	}
	c.Log.Info("removed old release from the object store", "release", s.id)
	return nil
}
