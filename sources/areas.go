package sources

import (
	"maps"
	"slices"
	"strings"

	"entrepot/schemas"
)

// AreaKeys lists what areas are called by sources without Comtrade's numbers: their
// names, ISO-2 and ISO-3 codes, folded as they are compared. Where two areas have
// one name or code, such as the two Germanys' DEU, the one that reports today is meant.
func AreaKeys(areas []schemas.Area, others []schemas.AreaKey) []schemas.AreaKey {
	found := map[[2]string]int16{}
	byUse := slices.Clone(areas)
	use := func(a schemas.Area) int {
		switch {
		case a.Reporter && a.To == 0:
			return 2
		case a.To == 0:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(byUse, func(a, b schemas.Area) int { return use(a) - use(b) })
	for _, a := range byUse {
		found[[2]string{"name", schemas.FoldName(a.Name)}] = a.Code
		if a.ISO3 != "" {
			found[[2]string{"iso3", strings.ToLower(strings.TrimSpace(a.ISO3))}] = a.Code
		}
	}
	for _, k := range others {
		found[[2]string{k.Scheme, schemas.FoldName(k.Key)}] = k.Code
	}
	var keys []schemas.AreaKey
	for _, key := range slices.SortedFunc(maps.Keys(found), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		keys = append(keys, schemas.AreaKey{Scheme: key[0], Key: key[1], Code: found[key]})
	}
	return keys
}
