package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Fingerprint covers all that a step's result depends on, part by part, so
// that a step that is stale can say why. A step is stale when its fingerprint is
// not the one that it last finished with.
type Fingerprint []Part

// Part is one thing that a result depends on. Value is a hash, or what the user
// set when that says more.
type Part struct {
	What, Value string
}

// The parts whose value is worth showing begin with this.
const ParameterPart = "parameter "

// Sum is one hash of all parts.
func (f Fingerprint) Sum() string {
	var parts []string
	for _, p := range f {
		parts = append(parts, p.What, p.Value)
	}
	return Hash(parts...)
}

// Changes says in words what differs from an earlier fingerprint.
func (f Fingerprint) Changes(was Fingerprint) []string {
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
		case strings.HasPrefix(p.What, ParameterPart):
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

func (f Fingerprint) encode() (string, error) {
	text, err := json.Marshal(f)
	return string(text), err
}

func decodeFingerprint(text string) (f Fingerprint, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &f)
	return f, err
}

// Hash is the SHA-256 of a list of strings, unambiguous about where each ends.
func Hash(parts ...string) string {
	size := 0
	for _, p := range parts {
		size += len(p) + 12
	}
	text := make([]byte, 0, size)
	for _, p := range parts {
		text = append(strconv.AppendInt(text, int64(len(p)), 10), ':')
		text = append(append(text, p...), '\n')
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
