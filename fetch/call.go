package fetch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The sets of partners that a cell is of.
const (
	withWorld    = "W" // World alone
	withPartners = "P" // World and each partner
)

// Cell is what one file holds: all codes of a reporter's flow in a period.
type Cell struct {
	Reporter int    `json:"reporter"`
	Period   string `json:"period"`
	Flow     string `json:"flow"`     // M or X
	Partners string `json:"partners"` // W or P
}

// String is how a cell is written, and its key in the state: 156/2024/M/W.
func (c Cell) String() string {
	return fmt.Sprintf("%d/%s/%s/%s", c.Reporter, c.Period, c.Flow, c.Partners)
}

func (c Cell) dataset() string { return fmt.Sprintf("%d/%s", c.Reporter, c.Period) }

// Call is one request for the rows of some cells.
type Call struct {
	Reporters []int    `json:"reporters"`
	Periods   []string `json:"periods"`
	Flow      string   `json:"flow"`
	Partners  string   `json:"partners"`
	Some      []int    `json:"some,omitempty"` // partners, World among them as 0; none: all
	Rows      int      `json:"rows"`           // expected
}

func (c Call) cells() []Cell {
	var cells []Cell
	for _, reporter := range c.Reporters {
		for _, period := range c.Periods {
			cells = append(cells, Cell{reporter, period, c.Flow, c.Partners})
		}
	}
	return cells
}

// query always has every dimension, in the same order: what is left out is everything.
func (c Call) query(codes string, most int) string {
	partner := "partnerCode=0&"
	switch {
	case c.Partners == withPartners && c.Some == nil:
		partner = ""
	case c.Partners == withPartners:
		partner = "partnerCode=" + joined(c.Some) + "&"
	}
	return fmt.Sprintf("reporterCode=%s&period=%s&flowCode=%s&%spartner2Code=0&cmdCode=%s&customsCode=C00&motCode=0"+
		"&breakdownMode=classic&includeDesc=false&maxRecords=%d&format=JSON",
		joined(c.Reporters), strings.Join(c.Periods, ","), c.Flow, partner, codes, most)
}

func joined(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ",")
}

// describe names a call for people.
func (c Call) describe() string {
	who := joined(c.Reporters)
	if len(c.Reporters) > 3 {
		who = fmt.Sprintf("%s and %d more", joined(c.Reporters[:3]), len(c.Reporters)-3)
	}
	what := "imports"
	if c.Flow == "X" {
		what = "exports"
	}
	with := "World"
	if c.Partners == withPartners {
		with = "all partners"
		if c.Some != nil {
			with = fmt.Sprintf("%d partners", len(c.Some))
		}
	}
	return fmt.Sprintf("%s of %s with %s in %s", what, who, with, strings.Join(c.Periods, ","))
}

// split divides a call whose answer is too large into two: by reporters, else by periods.
// One of a single cell it does not divide.
func (c Call) split() []Call {
	a, b := c, c
	switch {
	case len(c.Reporters) > 1:
		half := len(c.Reporters) / 2
		a.Reporters, b.Reporters = c.Reporters[:half], c.Reporters[half:]
	case len(c.Periods) > 1:
		half := len(c.Periods) / 2
		a.Periods, b.Periods = c.Periods[:half], c.Periods[half:]
	default:
		return nil
	}
	a.Rows, b.Rows = c.Rows/2, c.Rows-c.Rows/2
	return []Call{a, b}
}

// divided divides a call of one cell by partners into n.
func (c Call) divided(partners []int, n int) []Call {
	if c.Some != nil {
		partners = c.Some
	} else {
		partners = append([]int{0}, partners...)
	}
	if c.Partners != withPartners || len(partners) < 2 {
		return nil
	}
	n = min(n, len(partners))
	parts := make([]Call, n)
	for i := range parts {
		parts[i] = c
		parts[i].Rows = c.Rows / n
		parts[i].Some = nil
	}
	for i, p := range partners {
		// Neighbours go to different parts: large and small ones stand mixed that way.
		parts[i%n].Some = append(parts[i%n].Some, p)
	}
	for i := range parts {
		slices.Sort(parts[i].Some)
	}
	return parts
}
