package lake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"entrepot/pipeline/objects"
	"entrepot/pipeline/usage"
	"entrepot/pipeline/workspace"
)

// list says what the inputs of a shard are. It is replaced at the end of each staging, so that
// files that are gone, or have other content, are no longer in force.
type list struct {
	Shard  string    `json:"shard"`
	Staged time.Time `json:"staged"`
	Files  []entry   `json:"files"`
}

// entry is an input, and what another file of the same content has in its own way.
type entry struct {
	Name    string  `json:"name"`
	Object  string  `json:"object"`
	Bytes   int64   `json:"bytes"`
	Stamp   string  `json:"stamp"`
	Seconds float64 `json:"seconds"`
	Excess  int64   `json:"excess,omitempty"`
}

// WriteList says in the lake what the inputs of the shard are now, if that changed. When all
// shards of this number have said it, lists of other numbers of shards are removed.
func (l *Lake) WriteList(ctx context.Context) error {
	known, err := l.work.Files(ctx)
	if err != nil {
		return err
	}
	inForce, err := l.work.InLake(ctx)
	if err != nil {
		return err
	}
	now := list{Shard: l.Shard.String(), Staged: l.job.Now().UTC().Truncate(time.Second), Files: []entry{}}
	for _, f := range workspace.ByName(known) {
		if inForce[f.ID] == "" {
			return fmt.Errorf("internal error: %s is not in the lake %s; please report it", f.Name, l.Shown())
		}
		now.Files = append(now.Files, entry{f.Name, inForce[f.ID], f.Bytes, f.Stamp, f.Seconds, f.Excess})
	}
	key := listsFolder + l.Shard.Name() + ".json"
	was, err := l.readList(ctx, key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err != nil || !slices.Equal(was.Files, now.Files) {
		text, err := json.MarshalIndent(now, "", " ")
		if err == nil {
			err = objects.WriteBytes(ctx, l.store, key, append(text, '\n'))
		}
		if err != nil {
			return fmt.Errorf("say in the lake %s what the inputs are: %w", l.Shown(), err)
		}
	}
	return l.removeOtherLists(ctx)
}

func (l *Lake) readList(ctx context.Context, key string) (all list, err error) {
	var text bytes.Buffer
	if err = l.store.Read(ctx, objects.Object{Key: key}, &text); err == nil {
		err = json.Unmarshal(text.Bytes(), &all)
	}
	if err != nil {
		return all, fmt.Errorf("read %s of the lake %s: %w", key, l.Shown(), err)
	}
	return all, nil
}

// listKeys are the lists that there are, by the number of shards and by shard.
func (l *Lake) listKeys(ctx context.Context) (map[int]map[int]string, error) {
	found, err := l.store.List(ctx, listsFolder)
	if err != nil {
		return nil, fmt.Errorf("look for the lists of inputs in the lake %s: %w", l.Shown(), err)
	}
	keys := map[int]map[int]string{}
	for _, o := range found {
		name, is := strings.CutSuffix(path.Base(o.Key), ".json")
		shard, err := ParseShard(strings.Replace(name, "-", "/", 1))
		if !is || err != nil {
			continue
		}
		if keys[shard.Of] == nil {
			keys[shard.Of] = map[int]string{}
		}
		keys[shard.Of][shard.Number] = o.Key
	}
	return keys, nil
}

// removeOtherLists removes the lists of other numbers of shards, if those of this one are all
// there.
func (l *Lake) removeOtherLists(ctx context.Context) error {
	keys, err := l.listKeys(ctx)
	if err != nil || len(keys[l.Shard.Of]) < l.Shard.Of {
		return err
	}
	for of, others := range keys {
		for _, key := range others {
			if of == l.Shard.Of {
				continue
			}
			if err := l.store.Delete(ctx, key); err != nil {
				return fmt.Errorf("remove the list of other shards: %w", err)
			}
		}
	}
	return nil
}

// Listed is an input that the lake's lists have.
type Listed struct{ Name, Object string }

// Listed are the inputs that the lake's lists have, in the order of their names.
func (l *Lake) Listed(ctx context.Context) ([]Listed, error) {
	inputs, err := l.inputs(ctx)
	var all []Listed
	for _, in := range inputs {
		all = append(all, Listed{in.Name, in.Object})
	}
	return all, err
}

// inputs are what the lists say, in the order of names. Those of one number of shards count: of
// which all are there, and were written last.
func (l *Lake) inputs(ctx context.Context) ([]entry, error) {
	keys, err := l.listKeys(ctx)
	if err != nil {
		return nil, err
	}
	var best []list
	var short []string // of numbers of shards of which some are missing
	for of, lists := range keys {
		if len(lists) < of {
			short = append(short, missingShards(of, lists))
			continue
		}
		var all []list
		for _, key := range lists {
			one, err := l.readList(ctx, key)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		if best == nil || newest(all).After(newest(best)) {
			best = all
		}
	}
	slices.Sort(short)
	switch {
	case best == nil && len(short) > 0:
		return nil, fmt.Errorf("the lake %s has not been staged whole: %s; run 'entrepot stage' for them", l.Shown(), strings.Join(short, "; "))
	case best == nil:
		return nil, usage.Errorf("the lake %s has no files that are read as this version of entrepot and these reference tables read them (%s): "+
			"'entrepot stage --lake … --data FOLDER' brings them there", l.Shown(), path.Dir(l.RowsFolder()))
	case len(short) > 0:
		l.log.Warn("a newer staging of the lake is not whole; the inputs are those of the one before", "lake", l.Shown(), "missing", short, "staged", newest(best))
	}
	return joined(best)
}

func newest(lists []list) (t time.Time) {
	for _, one := range lists {
		if one.Staged.After(t) {
			t = one.Staged
		}
	}
	return t
}

func missingShards(of int, there map[int]string) string {
	var missing []string
	for number := 1; number <= of; number++ {
		if there[number] == "" {
			missing = append(missing, strconv.Itoa(number))
		}
	}
	if more := len(missing) - 5; more > 0 {
		missing = append(missing[:5], fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("of %d shards it lacks %s", of, strings.Join(missing, ", "))
}

// joined puts the lists together.
func joined(lists []list) ([]entry, error) {
	var all []entry
	for _, one := range lists {
		all = append(all, one.Files...)
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(all); i++ {
		if all[i].Name == all[i-1].Name {
			return nil, fmt.Errorf("two lists of the lake have a file %s: were its shards staged from different folders? Stage them again from one", all[i].Name)
		}
	}
	return all, nil
}
