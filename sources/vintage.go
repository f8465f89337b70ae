package sources

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// The ways in which names say of which version a file is.
var (
	// releaseName is how CEPII marks a version of BACI, by year and month: V202501,
	// V202401b.
	releaseName = regexp.MustCompile(`(?i)(?:^|[^a-z0-9])V(20\d\d)(0[1-9]|1[0-2])([a-z]?)(?:[^a-z0-9]|$)`)

	// comtradeDownload is the name that UN Comtrade's site gives to a download, with
	// month, day, year and time.
	comtradeDownload = regexp.MustCompile(`TradeData_(\d{1,2})_(\d{1,2})_(\d{4})_(\d{1,2})_(\d{1,2})_(\d{1,2})`)

	// dateName is a date as people and programs put it into names: 2026-04-17, or, with
	// the time, [20251203_114500]. One that is written without any marks is of 2010 or
	// later, for 20091010 is a code.
	dateName = regexp.MustCompile(`(?:^|\D)(?:(\d{4})([-_.])(\d{2})[-_.](\d{2})|(20[1-9]\d)()(\d{2})(\d{2}))(?:[T_ -](\d{2})[-_.:h]?(\d{2})[-_.:m]?(\d{2})?)?(?:\D|$)`)
)

// vintage tells of which version a file is, as far as its publisher or whoever saved it
// says it in the name: of a download the time, "2026-04-17T11:54:35", of a release its
// month, "2025-01"; "" when the name says nothing. The later text is the newer version.
// The last part of the name speaks first, of a member of an archive its own name, and
// then the folders.
//
// Times of files and those that archives keep are no help: they say when somebody packed
// or copied a file, and the same files must give the same figures everywhere.
func vintage(name string) string {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '!' })
	for i := len(parts) - 1; i >= 0; i-- {
		for _, read := range []func(string) string{releaseOf, downloadOf, dateOf} {
			if found := read(parts[i]); found != "" {
				return found
			}
		}
	}
	return ""
}

// DownloadDay is the day of a vintage that is the time of a download, "2026-04-17"; false
// for a release that somebody published, and for none.
func DownloadDay(vintage string) (day string, download bool) {
	day, _, download = strings.Cut(vintage, "T")
	return day, download
}

func releaseOf(part string) string {
	m := releaseName.FindStringSubmatch(part)
	if m == nil {
		return ""
	}
	return m[1] + "-" + m[2] + strings.ToLower(m[3])
}

func downloadOf(part string) string {
	m := comtradeDownload.FindStringSubmatch(part)
	if m == nil {
		return ""
	}
	t, err := time.Parse("1 2 2006 15 4 5", strings.Join(m[1:], " "))
	if err != nil {
		return ""
	}
	return t.Format(vintageForm)
}

func dateOf(part string) string {
	stem := strings.TrimSuffix(part, path.Ext(part))
	for _, text := range []string{stem, part} { // an ending may be a part of the date
		m := dateName.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		year, month, day := m[1]+m[5], m[3]+m[7], m[4]+m[8]
		clock := "000000"
		if m[9] != "" {
			clock = fmt.Sprintf("%s%s%02s", m[9], m[10], m[11])
		}
		for _, clock := range []string{clock, "000000"} {
			if t, err := time.Parse("20060102150405", year+month+day+clock); err == nil {
				return t.Format(vintageForm)
			}
		}
	}
	return ""
}

const vintageForm = "2006-01-02T15:04:05"
