package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"entrepot/schemas"
)

const noData = "no data"

// sectorName is what the sector list calls a sector, or a sum over sectors, for people.
func (s *source) sectorName(key string) string {
	if label := s.sectors[key]; label != "" {
		return label
	}
	return s.reference.Label(key)
}

// inSentence is a name with a small first letter, unless it begins with an acronym.
func inSentence(name string) string {
	letters := []rune(name)
	if len(letters) > 1 && unicode.IsLower(letters[1]) {
		letters[0] = unicode.ToLower(letters[0])
	}
	return string(letters)
}

// percent is a share of 1 as text, with so many decimals.
func percent(share float64, decimals int) string {
	return strconv.FormatFloat(100*share, 'f', decimals, 64) + "%"
}

// percentOf is a parameter such as "0.3" as a percentage.
func percentOf(parameter string) string {
	share, err := strconv.ParseFloat(parameter, 64)
	if err != nil {
		return parameter
	}
	return strconv.FormatFloat(math.Round(share*1e8)/1e6, 'f', -1, 64) + "%"
}

// times says "twice", or "3 times".
func times(ratio string) string {
	switch ratio {
	case "1":
		return "as much as"
	case "2":
		return "twice as much as"
	}
	return ratio + " times as much as"
}

// signed is a change of a share with its sign.
func signed(share float64) string {
	return strings.Replace(fmt.Sprintf("%+.0f%%", 100*share), "-", "\u2212", 1)
}

// dollars is an amount for the eye: "1.2bn".
func dollars(usd float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e12, "tn"}, {1e9, "bn"}, {1e6, "m"}, {1e3, "k"}} {
		if math.Abs(usd) >= 0.9995*unit.of {
			decimals := 1
			if math.Abs(usd) >= 99.95*unit.of || usd == math.Trunc(usd/unit.of)*unit.of {
				decimals = 0
			}
			return "$" + strconv.FormatFloat(usd/unit.of, 'f', decimals, 64) + unit.name
		}
	}
	return "$" + strconv.FormatFloat(usd, 'f', 0, 64)
}

// codesIn says in what codes are counted.
func codesIn(harmonize string) string {
	switch harmonize {
	case "families":
		return "families of HS codes that conversions between revisions connect"
	case "as-reported":
		return "HS codes as they were reported, in whichever revision"
	}
	return "HS codes of " + revisionName(harmonize)
}

func revisionName(revision string) string {
	if known, ok := schemas.HS().Find(revision); ok {
		return fmt.Sprintf("%s (%s)", known.Name(), known.ID)
	}
	return revision
}

// list joins words with commas and "and".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
