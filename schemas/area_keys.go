package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// AreaKey is another name or code of an area than those of the area table. It goes
// before that table's names, of which two stand for a place that reports under
// another code: Switzerland is 757 and the United States of America are 842.
type AreaKey struct {
	Scheme string // "name", as Trade Map, WITS and Comtrade spell it; "iso2"; "iso3", the codes that are no longer in use
	Key    string
	Code   int16 // the area's, see Area
}

// AreaKeySchemes are the schemes that an AreaKey may have.
var AreaKeySchemes = []string{"name", "iso2", "iso3"}

// AreaKeys reads the embedded list of other names and codes, checked: no key of a
// scheme stands twice.
func AreaKeys() ([]AreaKey, error) {
	_, content, err := Base{}.open("area_keys", "")
	if err != nil {
		return nil, err
	}
	var keys []AreaKey
	seen := map[string]bool{}
	err = eachRow("embedded area_keys.csv", content, []string{"scheme", "key", "code"}, func(row []string) error {
		k := AreaKey{Scheme: row[0], Key: row[1]}
		switch {
		case !slices.Contains(AreaKeySchemes, k.Scheme):
			return fmt.Errorf("scheme %q: it must be one of %s", k.Scheme, strings.Join(AreaKeySchemes, ", "))
		case k.Key == "":
			return errors.New("key is empty")
		case seen[k.Scheme+" "+FoldName(k.Key)]:
			return fmt.Errorf("%s %q stands twice", k.Scheme, k.Key)
		}
		seen[k.Scheme+" "+FoldName(k.Key)] = true
		if k.Code, err = smallint("code", row[2]); err != nil {
			return err
		}
		keys = append(keys, k)
		return nil
	})
	return keys, err
}

// FoldName is how names of areas are compared: in lower case, with single blanks,
// one behind each comma, and with one kind of apostrophe, comma and bracket. The
// macro area_key does the same in SQL.
func FoldName(name string) string {
	name = strings.NewReplacer("’", "'", "，", ", ", ",", ", ", "（", "(", "）", ")").Replace(strings.ToLower(name))
	return strings.Join(strings.Fields(name), " ")
}

// AreaKeysHash is the SHA-256 of the embedded list.
func AreaKeysHash() string {
	_, content, err := Base{}.open("area_keys", "")
	if err != nil {
		return "" // an embedded file is always there
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
