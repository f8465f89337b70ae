package schemas

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// keysOfAreas lists what areas are called by sources without Comtrade's numbers: their
// names, ISO-2 and ISO-3 codes, folded as they are compared. Where two areas have
// one name or code, such as the two Germanys' DEU, the one that reports today is meant.
func keysOfAreas(areas []Area, others []AreaKey) []AreaKey {
	found := map[[2]string]int16{}
	byUse := slices.Clone(areas)
	use := func(a Area) int {
		switch {
		case a.Reporter && a.To == 0:
			return 2
		case a.To == 0:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(byUse, func(a, b Area) int { return use(a) - use(b) })
	for _, a := range byUse {
		found[[2]string{"name", FoldName(a.Name)}] = a.Code
		if a.ISO3 != "" {
			found[[2]string{"iso3", strings.ToLower(strings.TrimSpace(a.ISO3))}] = a.Code
		}
	}
	for _, k := range others {
		found[[2]string{k.Scheme, FoldName(k.Key)}] = k.Code
	}
	var keys []AreaKey
	for _, key := range slices.SortedFunc(maps.Keys(found), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		keys = append(keys, AreaKey{Scheme: key[0], Key: key[1], Code: found[key]})
	}
	return keys
}

// Area looks an area up by its M49 code, its ISO-3 or ISO-2 code, or one of its names,
// whatever their case. The error says which areas may be meant.
func (r *Reference) Area(text string) (Area, error) {
	if n, err := strconv.ParseInt(text, 10, 16); err == nil {
		if area, ok := r.areaOf(int16(n)); ok {
			return area, nil
		}
		return Area{}, fmt.Errorf("no area has the M49 code %s", text)
	}
	key := FoldName(text)
	for _, scheme := range []string{"iso3", "iso2", "name"} {
		for _, k := range r.keys {
			if k.Scheme != scheme || k.Key != key {
				continue
			}
			if area, ok := r.areaOf(k.Code); ok {
				return area, nil
			}
		}
	}
	return Area{}, fmt.Errorf("there is no area %q%s", text, r.didYouMean(key))
}

// ReportingArea looks an area up as Area does. What is no number must be an area that
// reports to UN Comtrade, or did.
func (r *Reference) ReportingArea(text string) (Area, error) {
	area, err := r.Area(text)
	if _, number := strconv.Atoi(text); err != nil || area.Reporter || number == nil {
		return area, err
	}
	return Area{}, fmt.Errorf("%s does not report to UN Comtrade; give its number %d if your files have it as a reporter", area, area.Code)
}

// FirstArea finds the area at the beginning of a list with commas, and how many parts its
// name has. A name may have commas itself, such as "Korea, Rep.": what stands behind them
// must be no area alone. "Hong Kong, China" are two.
func (r *Reference) FirstArea(parts []string) (area Area, used int, err error) {
	const most = 3 // parts of a name
	isArea := func(part string) bool {
		_, err := r.Area(strings.TrimSpace(part))
		return err == nil
	}
	for used = min(most, len(parts)); used > 1; used-- {
		name := strings.TrimSpace(strings.Join(parts[:used], ","))
		if area, err = r.Area(name); err == nil && !slices.ContainsFunc(parts[1:used], isArea) {
			return area, used, nil
		}
	}
	area, err = r.Area(strings.TrimSpace(parts[0]))
	return area, 1, err
}

// String names an area with its codes, as messages do: "Germany (DEU, 276)".
func (a Area) String() string {
	if a.ISO3 == "" {
		return fmt.Sprintf("%s (%d)", a.Name, a.Code)
	}
	return fmt.Sprintf("%s (%s, %d)", a.Name, a.ISO3, a.Code)
}

func (r *Reference) areaOf(code int16) (Area, bool) {
	at := slices.IndexFunc(r.Areas, func(a Area) bool { return a.Code == code })
	if at < 0 {
		return Area{}, false
	}
	return r.Areas[at], true
}

// didYouMean names the areas whose names are most like a folded text, or have it as a
// word; "" when none is near. Codes are too short to be near another.
func (r *Reference) didYouMean(text string) string {
	const shortest, most = 4, 3
	if len(text) < shortest {
		return ""
	}
	var near []int16
	distance := min(3, len(text)/3) + 1 // of the nearest so far, and one more than is allowed
	for _, k := range r.keys {
		if k.Scheme != "name" {
			continue
		}
		if d := levenshtein.ComputeDistance(k.Key, text); d < distance {
			near, distance = []int16{k.Code}, d
		} else if d == distance && len(near) > 0 {
			near = append(near, k.Code)
		}
	}
	if len(near) == 0 {
		near = r.withWord(text)
	}
	slices.Sort(near)
	var names []string
	for _, code := range slices.Compact(near) {
		if area, ok := r.areaOf(code); ok {
			names = append(names, area.String())
		}
	}
	if len(names) == 0 || len(names) > most {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}

// withWord lists the present areas of which a name has the text as a word.
func (r *Reference) withWord(text string) []int16 {
	var found []int16
	for _, k := range r.keys {
		words := strings.FieldsFunc(k.Key, func(c rune) bool { return strings.ContainsRune(" ,()-", c) })
		if area, ok := r.areaOf(k.Code); ok && area.To == 0 && k.Scheme == "name" && slices.Contains(words, text) {
			found = append(found, k.Code)
		}
	}
	return found
}
