package config

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Fetch is how data are brought from their publishers. It changes no result.
type Fetch struct {
	CallsPerDay    int
	CallsPerSecond string // decimal number
	RecordsPerCall int
	Fill           string // decimal number
	BytesPerDay    int    // 0 is no limit
	Codes          string
	Timeout        time.Duration
	KeyFile        string // "" without one
	KeepSuperseded int
	URL            string
	BACI           string // HS12 and so on
	BACIURL        string
	ComextURL      string
	TiVAURL        string
}

// ComtradeURL is where UN Comtrade's API is.
const ComtradeURL = "https://comtradeapi.un.org"

// fetchSettings are the settings of entrepot fetch.
func fetchSettings() []Setting {
	return []Setting{
		{Key: "fetch_calls_per_day", Group: Fetching, Kind: Whole, Default: "500", Allowed: "a whole number; 0 is no limit",
			Help: "calls to UN Comtrade that may be made with the key in 24 hours", set: setWholeOf(func(c *Config) *int { return &c.Fetch.CallsPerDay }, 0)},
		{Key: "fetch_calls_per_second", Group: Fetching, Default: "1", Allowed: "a number above 0 and at most 20, such as 1 or 0.5",
			Help: "calls to UN Comtrade in a second", set: setPace},
		{Key: "fetch_records_per_call", Group: Fetching, Kind: Whole, Default: "100000", Allowed: "a whole number from 100 on; 100000 with a free key, 250000 with a paid one",
			Help: "rows at which an answer of UN Comtrade stops", set: setWholeOf(func(c *Config) *int { return &c.Fetch.RecordsPerCall }, 100)},
		{Key: "fetch_fill", Group: Fetching, Default: "85%", Allowed: "a share between 0 and 1 such as 0.85, or a percentage such as 85%",
			Help: "how full an answer is planned", set: setShareOf(func(c *Config) *string { return &c.Fetch.Fill })},
		{Key: "fetch_bytes_per_day", Group: Fetching, Kind: Whole, Default: "0", Allowed: "a whole number; 0 is no limit",
			Help: "bytes, packed, that may come with the key in 24 hours", set: setWholeOf(func(c *Config) *int { return &c.Fetch.BytesPerDay }, 0)},
		{Key: "fetch_codes", Group: Fetching, Default: "TOTAL,AG6", Allowed: "TOTAL,AG6 or AG6",
			Help: "codes that are asked for: all of six digits, and their total, which tells that they are all there",
			set:  setFetchCodes},
		{Key: "fetch_timeout", Group: Fetching, Kind: Duration, Default: "5m", Allowed: "a duration such as 5m or 90s",
			Help: "how long to wait for an answer that does not come, or stops", set: setTimeout},
		{Key: "fetch_key_file", Group: Fetching, Allowed: "a file that only you can read, with the key alone in it", Kind: Path,
			Help: "file with the key, where the environment has none in COMTRADE_API_KEY", set: text(func(c *Config) *string { return &c.Fetch.KeyFile })},
		{Key: "fetch_keep_superseded", Group: Fetching, Kind: Whole, Default: "1", Allowed: "a whole number",
			Help: "old versions of a file that are kept when a new one takes its place", set: setWholeOf(func(c *Config) *int { return &c.Fetch.KeepSuperseded }, 0)},
		{Key: "fetch_url", Group: Fetching, Default: ComtradeURL, Allowed: "an address with https, or with http on this machine",
			Help: "where UN Comtrade's API is", set: setURL(func(c *Config) *string { return &c.Fetch.URL })},
		{Key: "fetch_baci", Group: Fetching, Default: "HS12", Allowed: "HS92, HS96, HS02, HS07, HS12, HS17 or HS22",
			Help: "the HS in which BACI is fetched; its years begin with it",
			set:  oneOf(func(c *Config) *string { return &c.Fetch.BACI }, "HS92", "HS96", "HS02", "HS07", "HS12", "HS17", "HS22")},
		{Key: "fetch_baci_url", Group: Fetching, Default: "https://www.cepii.fr/DATA_DOWNLOAD/baci", Allowed: "an address with https, or with http on this machine",
			Help: "where CEPII has BACI", set: setURL(func(c *Config) *string { return &c.Fetch.BACIURL })},
		{Key: "fetch_comext_url", Group: Fetching, Default: "https://ec.europa.eu/eurostat/api/dissemination", Allowed: "an address with https, or with http on this machine",
			Help: "where Eurostat has Comext", set: setURL(func(c *Config) *string { return &c.Fetch.ComextURL })},
		{Key: "fetch_tiva_url", Group: Fetching, Default: "https://sdmx.oecd.org/sti-public/rest/data", Allowed: "an address with https, or with http on this machine",
			Help: "where the OECD has Trade in Value Added", set: setURL(func(c *Config) *string { return &c.Fetch.TiVAURL })},
	}
}

func setWholeOf(field func(*Config) *int, least int) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least {
			return errors.New("no such number")
		}
		*field(c) = n
		return nil
	}
}

func setPace(c *Config, value string) error {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || !ratioForm.MatchString(value) || n <= 0 || n > 20 {
		return errors.New("no pace")
	}
	c.Fetch.CallsPerSecond = canonical(value)
	return nil
}

func setTimeout(c *Config, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		return errors.New("no duration")
	}
	c.Fetch.Timeout = d
	return nil
}

func setFetchCodes(c *Config, value string) error {
	value = strings.ReplaceAll(value, " ", "")
	if value != "AG6" && value != "TOTAL,AG6" {
		return errors.New("not allowed")
	}
	c.Fetch.Codes = value
	return nil
}

func setURL(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if !safe(value) {
			return errors.New("no address, or none that is safe")
		}
		*field(c) = strings.TrimSuffix(value, "/")
		return nil
	}
}

// safe tells whether an address is one with https, or of this machine.
func safe(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return false
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	return u.Scheme == "https" || u.Scheme == "http" && local
}
