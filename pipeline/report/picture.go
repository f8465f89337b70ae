package report

import (
	"cmp"
	"strings"

	"entrepot/schemas"
)

// picture begins the figure of a table with what the table's entry says of it. The pairs
// are names in braces and what stands for them, beside those that every release has.
func (b *book) picture(table string, pairs ...string) *Figure {
	o := b.outputs[table]
	said := b.said(pairs)
	return &Figure{
		ID: o.Picture.ID, Number: cmp.Or(o.Figure, "Further figure"), Table: o.Name,
		Title: sentence(said.Replace(o.Picture.Caption)), Subtitle: sentence(said.Replace(o.Picture.Subtitle)),
	}
}

// said replaces the names in braces in the texts of a picture.
func (b *book) said(pairs []string) *strings.Replacer {
	return strings.NewReplacer(append(pairs,
		"{reporter}'s", b.whose(),
		"{reporter}", b.name(),
		"{partner_group}", groupInText(b.parameter("partner_group")),
		"{dependence_ratio}", times(b.parameter("dependence_ratio")),
		"{dominance_share}", percentOf(b.parameter("dominance_share")))...)
}

// counted tells whether a table measures numbers of codes, and not values.
func counted(o schemas.Output) bool {
	part, _ := o.Column(o.Ratio.Part)
	return part.Unit == "codes"
}

// barText is what stands beside the bars of a table.
func barText(o schemas.Output) func(cell) string {
	if counted(o) {
		return countText
	}
	return valueText
}
