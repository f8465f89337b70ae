package pipeline

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A fingerprint covers all that a step's result depends on, part by part, so
// that a step that is stale can say why. A step is stale when its fingerprint is
// not the one that it last finished with.
type fingerprint []part

// part is one thing that a result depends on. Value is a hash, or what the user
// set when that says more.
type part struct {
	What, Value string
}

// The parts whose value is worth showing begin with this.
const parameterPart = "parameter "

func (f fingerprint) sum() string {
	var parts []string
	for _, p := range f {
		parts = append(parts, p.What, p.Value)
	}
	return hash(parts...)
}

// changes says in words what differs from an earlier fingerprint.
func (f fingerprint) changes(was fingerprint) []string {
	before := map[string]string{}
	for _, p := range was {
		before[p.What] = p.Value
	}
	var all []string
	for _, p := range f {
		old, known := before[p.What]
		delete(before, p.What)
		switch {
		case old == p.Value && known:
		case !known:
			all = append(all, p.What+" is new")
		case strings.HasPrefix(p.What, parameterPart):
			all = append(all, fmt.Sprintf("%s is %q, was %q", p.What, p.Value, old))
		default:
			all = append(all, p.What+" changed")
		}
	}
	for _, p := range was {
		if _, gone := before[p.What]; gone {
			all = append(all, p.What+" is gone")
		}
	}
	return all
}

func (f fingerprint) encode() (string, error) {
	text, err := json.Marshal(f)
	return string(text), err
}

func decodeFingerprint(text string) (f fingerprint, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &f)
	return f, err
}
