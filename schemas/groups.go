package schemas

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// Membership is an area's time in a country group.
type Membership struct {
	Group        string
	Area         int16
	Joined, Left time.Time // Joined is zero where no date is given, Left for a present member
}

// groupColumns are the columns that a table of groups may have. Dates may be missing.
var groupColumns = []string{"group", "area", "joined", "left"}

// loadGroups reads the built-in groups and those of the user, which come beside them. One
// that has a built-in group's name takes its place.
func (r *Reference) loadGroups(file string) error {
	sum := newRowSum()
	if err := r.readGroups("", sum); err != nil {
		return err
	}
	if file != "" {
		builtIn := r.Groups
		r.Groups = nil
		if err := r.readGroups(file, sum); err != nil {
			return err
		}
		own := r.GroupNames()
		replaced := func(m Membership) bool {
			return slices.ContainsFunc(own, func(name string) bool { return strings.EqualFold(name, m.Group) })
		}
		r.Groups = append(slices.DeleteFunc(builtIn, replaced), r.Groups...)
	}
	r.hashes["groups"] = sum.text()
	return nil
}

// readGroups adds the groups of a file, or the built-in ones.
func (r *Reference) readGroups(file string, sum *rowSum) error {
	shown, content, err := r.base.open("groups", file)
	if err != nil {
		return err
	}
	var columns []string
	header := func(first []string) (names []string, isHeader bool, err error) {
		columns = first
		return first, true, checkGroupHeader(first)
	}
	return eachRowUnder(header, "group,area", shown, content, func(row []string) error {
		cells := map[string]string{}
		for i, name := range columns {
			cells[name] = row[i]
		}
		sum.add([]string{cells["group"], cells["area"], cells["joined"], cells["left"]})
		if file == "" {
			return r.addMember(cells) // by the codes that it lists, some for years long gone
		}
		return r.addMembersOfUser(cells)
	})
}

func checkGroupHeader(first []string) error {
	unknown := slices.ContainsFunc(first, func(name string) bool { return !slices.Contains(groupColumns, name) })
	sorted := slices.Sorted(slices.Values(first))
	repeated := len(slices.Compact(sorted)) < len(first)
	if unknown || repeated || !slices.Contains(first, "group") || !slices.Contains(first, "area") {
		return fmt.Errorf("the header is %q: it must be %q; joined and left may be missing",
			strings.Join(first, ","), strings.Join(groupColumns, ","))
	}
	return nil
}

// addMember adds one row of the built-in table.
func (r *Reference) addMember(cells map[string]string) error {
	code, err := smallint("area", cells["area"])
	if err != nil {
		return err
	}
	if _, known := r.areaOf(code); !known {
		return nil // the user's own area table lacks it
	}
	m, err := membership(cells)
	m.Area = code
	r.Groups = append(r.Groups, m)
	return err
}

// addMembersOfUser adds one row of a user's table: a country by its M49 code, its ISO-3 or
// ISO-2 code or its name, with all codes that it reports under or did.
func (r *Reference) addMembersOfUser(cells map[string]string) error {
	m, err := membership(cells)
	if err != nil {
		return err
	}
	area, err := r.member(cells["area"])
	if err != nil {
		return fmt.Errorf("area %q: %w", cells["area"], err)
	}
	for _, m := range r.underAllCodes(m, area) {
		if !slices.Contains(r.Groups, m) {
			r.Groups = append(r.Groups, m)
		}
	}
	return nil
}

func membership(cells map[string]string) (Membership, error) {
	m := Membership{Group: cells["group"]}
	if m.Group == "" {
		return m, errors.New("group is empty")
	}
	if strings.ContainsAny(m.Group, ",+") {
		return m, fmt.Errorf("group %q: commas and plus signs stand between the members of a list; choose a name without", m.Group)
	}
	var err error
	if text := cells["joined"]; text != "" {
		if m.Joined, err = date("joined", text); err != nil {
			return m, err
		}
	}
	if text := cells["left"]; text != "" {
		m.Left, err = date("left", text)
	}
	return m, err
}

// member finds the area that is meant by a row of a group.
func (r *Reference) member(text string) (Area, error) {
	area, err := r.Area(text)
	if err != nil {
		return area, err
	}
	return area, memberable(area)
}

func memberable(area Area) error {
	if area.Kind == "country" || area.Kind == "residual" {
		return nil
	}
	return fmt.Errorf("%s adds up others; name its members", area.Name)
}

// underAllCodes is a country's membership under each of its codes: 842 is the United
// States' today, 840 and 841 are so in older files.
func (r *Reference) underAllCodes(m Membership, country Area) []Membership {
	var all []Membership
	for _, a := range r.Areas {
		if a.Code == country.Code || country.ISO3 != "" && a.ISO3 == country.ISO3 {
			m.Area = a.Code
			all = append(all, m)
		}
	}
	return all
}

// GroupNames lists the country groups, sorted.
func (r *Reference) GroupNames() []string {
	var names []string
	for _, m := range r.Groups {
		names = append(names, m.Group)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// GroupNamed is the name of the country group that is meant, whatever its case; "" when
// there is none.
func (r *Reference) GroupNamed(text string) string {
	names := r.GroupNames()
	if slices.Contains(names, text) {
		return text
	}
	at := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, text) })
	if at < 0 {
		return ""
	}
	return names[at]
}

// betweenMembers stands between the members in the name of a group that is made of a list.
const betweenMembers = "+"

// Group finds the group that is meant by its name, or makes one of a list of countries
// and groups such as "USA, JPN, DEU". The name of such a group, DEU+JPN+USA, is a list
// that means it, too, and does not depend on the order of the list. Members that a list
// names are so in all years; a group in it has the members of its table.
func (r *Reference) Group(text string) (name string, err error) {
	if name = r.GroupNamed(text); name != "" {
		return name, nil
	}
	members, names, err := r.membersOf(strings.Split(strings.ReplaceAll(text, betweenMembers, ","), ","))
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	name = strings.Join(slices.Compact(names), betweenMembers)
	for _, m := range members {
		m.Group = name
		if !slices.Contains(r.Groups, m) {
			r.Groups = append(r.Groups, m)
		}
	}
	return name, nil
}

// membersOf lists the members of a list of countries and groups, and names its items.
func (r *Reference) membersOf(list []string) (members []Membership, names []string, err error) {
	for used := 1; len(list) > 0; list = list[used:] {
		used = 1
		if group := r.GroupNamed(strings.TrimSpace(list[0])); group != "" {
			names = append(names, group)
			members = append(members, r.inGroup(group)...)
			continue
		}
		var area Area
		if area, used, err = r.FirstArea(list); err != nil {
			return nil, nil, r.noGroup(strings.TrimSpace(list[0]), err)
		}
		if err := memberable(area); err != nil {
			return nil, nil, r.noGroup(strings.TrimSpace(list[0]), err)
		}
		names = append(names, cmp.Or(area.ISO3, strconv.Itoa(int(area.Code))))
		members = append(members, r.underAllCodes(Membership{}, area)...)
	}
	return members, names, nil
}

func (r *Reference) inGroup(name string) []Membership {
	return slices.DeleteFunc(slices.Clone(r.Groups), func(m Membership) bool { return m.Group != name })
}

// noGroup says what may be meant by a text that is neither a group nor an area.
func (r *Reference) noGroup(text string, err error) error {
	near := ""
	if like := r.groupsLike(text); len(like) > 0 {
		near, err = "; did you mean "+strings.Join(like, " or ")+"?", fmt.Errorf("there is no group or area %q", text)
	}
	return fmt.Errorf("%w%s; the groups are %s; a list of countries such as USA,JPN,DEU is a group, too, and groups: FILE adds your own",
		err, near, strings.Join(r.GroupNames(), ", "))
}

// groupsLike lists the groups whose names are nearly a text, or have it as a part or are
// a part of it.
func (r *Reference) groupsLike(text string) []string {
	const shortest, long = 3, 5 // of texts that can be like another, and of those in which two letters may differ
	text = strings.ToUpper(text)
	if len(text) < shortest {
		return nil
	}
	distance := 1
	if len(text) >= long {
		distance = 2
	}
	var like []string
	for _, name := range r.GroupNames() {
		upper := strings.ToUpper(name)
		if levenshtein.ComputeDistance(upper, text) <= distance || strings.Contains(upper, text) || strings.HasPrefix(text, upper) {
			like = append(like, name)
		}
	}
	return like
}
