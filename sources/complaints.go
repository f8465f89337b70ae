package sources

import (
	"bytes"
	"regexp"
	"strings"

	"entrepot/sources/decode"
)

// A complaint is what a site says instead of data. Programs and people save it under the
// name of the table that they asked for.
type complaint struct {
	text      *regexp.Regexp
	publisher string // "" for what any site says
	wayOut    string
}

// complaints stand in the order in which they are looked for. Those of UN Comtrade are
// its API's of today, those of the gateway before it, and its site's before 2023.
var complaints = []complaint{
	{regexp.MustCompile(`(?i)result too large|maximum resultset|resultset count|(query is|your query is) too complex|query complexity|may only be selected if`),
		unComtrade.Publisher, "ask for less at once"},
	{regexp.MustCompile(`(?i)request url (is )?too long|the resource you are looking for has been removed`),
		unComtrade.Publisher, "the address was too long: ask for less at once"},
	{regexp.MustCompile(`(?i)rate limit is exceeded|out of (call volume|bandwidth) quota|quota will be replenished|usage limit|hourly limit`),
		unComtrade.Publisher, "wait until it answers again, and download it again"},
	{regexp.MustCompile(`(?i)(missing|invalid) subscription key`), unComtrade.Publisher, "download it again with a valid key"},
	{regexp.MustCompile(`(?i)all calls are rejected by policy`), unComtrade.Publisher, "download it again with a key, or from the site"},
	{regexp.MustCompile(`(?i)contact comtrade@un\.org`), unComtrade.Publisher, "download it again"},
	{regexp.MustCompile(`(?i)the field \w+ is invalid|invalid (period|reporter|partner|flow)`), unComtrade.Publisher, "correct the query, and download it again"},
	{regexp.MustCompile(`(?i)no data matches your query`), unComtrade.Publisher, "ask for what there is, and for less at once"},
}

// generalFault is what servers of any kind say.
var generalFault = regexp.MustCompile(`(?i)^(<[^>]*>|["'{\s])*(HTTP/[\d.]+ [45]\d\d|(HTTP )?(status )?(code )?:?\s*[45]\d\d\b\D|[\w.]*(error|exception|fault|traceback)\b|.*\b(not found|forbidden|` +
	`bad (request|gateway)|unauthori[sz]ed|not authori[sz]ed|(access|permission) (is |was )?denied|(service|temporarily) unavailable|timed? ?out|time-?out|too many requests|` +
	`(limit|quota) (is |was |has been )?(exceeded|reached)|internal server error|request (was )?(rejected|blocked)|invalid (api )?key|session (has )?expired|` +
	`something went wrong|an error (has )?occurred|authentication ?failed|try again later|checking your browser|are (you )?(a )?(human|robot))\b)`)

// faultRefusal is the refusal of a file that is what its publisher says instead of data;
// nil for a text that is no such thing.
func faultRefusal(text string) error {
	for _, c := range complaints {
		if c.text.MatchString(text) {
			return refuse("is an error message of %s (%q): %s", c.publisher, saidText(text), c.wayOut)
		}
	}
	if generalFault.MatchString(text) {
		return refuse("is an error message (%q), no table; download it again", saidText(text))
	}
	return nil
}

// saidText is a text for a message, in one line.
func saidText(text string) string {
	return decode.Abbreviate(strings.Join(strings.Fields(text), " "), 160)
}

const (
	maxComplaintBytes   = 8 << 10
	maxComplaintRecords = 20
)

// textFault tells a text of a few lines that is an error message from a table that is not
// understood. A table has the same fields in each line; prose is longer than a name.
func textFault(p *Prepared, records [][]string) error {
	if p.Said != "" {
		return faultRefusal(p.Said)
	}
	if p.Size > maxComplaintBytes || p.Records > maxComplaintRecords {
		return nil
	}
	text := string(bytes.ToValidUTF8(p.Head, []byte("\uFFFD")))
	for _, c := range complaints {
		if c.text.MatchString(text) {
			return faultRefusal(text)
		}
	}
	first := strings.Join(records[0], ", ")
	if len(records) > 1 && len(records[0]) > 1 && len(records[1]) == len(records[0]) {
		return nil
	}
	return faultRefusal(first)
}
