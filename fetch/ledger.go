package fetch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"entrepot/pipeline/durable"
)

// ledger counts calls and bytes of the last 24 hours. It is written before a call is made,
// so that a kill never makes one uncounted.
type ledger struct {
	file        string
	book        map[string]*account // by the name of the key
	mine        *account            // nil without a key
	perDay      int
	bytesPerDay int64
	clock       Clock
}

// account is what a key has used.
type account struct {
	Calls   []time.Time `json:"calls"` // of the last 24 hours
	Bytes   []used      `json:"bytes,omitempty"`
	Blocked time.Time   `json:"blocked_until,omitzero"`
}

type used struct {
	Time  time.Time `json:"time"`
	Bytes int64     `json:"bytes"`
}

// QuotaError says that no more calls may be made with the key until some time.
type QuotaError struct {
	Until time.Time
	Why   string
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("%s; next: %s", e.Why, e.Until.UTC().Format("2006-01-02T15:04Z"))
}

const day = 24 * time.Hour

func openLedger(file string, o Options) (*ledger, error) {
	l := &ledger{file: file, book: map[string]*account{}, perDay: o.CallsPerDay, bytesPerDay: o.BytesPerDay, clock: o.Clock}
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read which calls were made: %w", err)
	default:
		if err := json.Unmarshal(content, &l.book); err != nil {
			return nil, fmt.Errorf("read which calls were made, %s: %w; remove it if no call was made in the last 24 hours", file, err)
		}
	}
	if o.Key.Given() {
		if l.mine = l.book[o.Key.name()]; l.mine == nil {
			l.mine = &account{}
			l.book[o.Key.name()] = l.mine
		}
	}
	return l, nil
}

// only takes the account of the one key that there was ever, where no key is given, so
// that its calls can be shown.
func (l *ledger) only() {
	for name, a := range l.book {
		if name != keyless && l.mine == nil {
			l.mine = a
		}
	}
}

// tidy takes out what is older than a day.
func (l *ledger) tidy() {
	since := l.clock.Now().Add(-day)
	a := l.mine
	for len(a.Calls) > 0 && !a.Calls[0].After(since) {
		a.Calls = a.Calls[1:]
	}
	for len(a.Bytes) > 0 && !a.Bytes[0].Time.After(since) {
		a.Bytes = a.Bytes[1:]
	}
}

// used is how many calls were made in the last 24 hours.
func (l *ledger) used() int {
	if l.mine == nil {
		return 0
	}
	l.tidy()
	return len(l.mine.Calls)
}

// bytes are those of the last 24 hours.
func (l *ledger) bytes() (sum int64) {
	if l.mine == nil {
		return 0
	}
	l.tidy()
	for _, u := range l.mine.Bytes {
		sum += u.Bytes
	}
	return sum
}

// free tells whether a call may be made; the error is a *QuotaError.
func (l *ledger) free() error {
	now := l.clock.Now()
	switch {
	case now.Before(l.mine.Blocked):
		return &QuotaError{l.mine.Blocked, "the key's quota is used up"}
	case l.perDay > 0 && l.used() >= l.perDay:
		return &QuotaError{l.mine.Calls[len(l.mine.Calls)-l.perDay].Add(day), fmt.Sprintf("all %d calls of a day (fetch_calls_per_day) are made", l.perDay)}
	case l.bytesPerDay > 0 && l.bytes() >= l.bytesPerDay:
		return &QuotaError{l.mine.Bytes[0].Time.Add(day), "the bytes of a day (fetch_bytes_per_day) are used up"}
	}
	return nil
}

// take counts a call, or says why none may be made.
func (l *ledger) take() error {
	if err := l.free(); err != nil {
		return err
	}
	l.mine.Calls = append(l.mine.Calls, l.clock.Now().UTC())
	return l.write()
}

// add counts the bytes of an answer.
func (l *ledger) add(bytes int64) error {
	l.mine.Bytes = append(l.mine.Bytes, used{l.clock.Now().UTC(), bytes})
	return l.write()
}

// block notes that the server lets no call through until some time.
func (l *ledger) block(until time.Time) error {
	l.mine.Blocked = until.UTC().Truncate(time.Second)
	return l.write()
}

// keyless is the account of calls without a key, of which only the last is noted.
const keyless = "keyless"

// pass notes a call without a key, for the pace of the next run.
func (l *ledger) pass() error {
	l.book[keyless] = &account{Calls: []time.Time{l.clock.Now().UTC()}}
	return l.write()
}

// last is when the last call was made; zero when none is known.
func (l *ledger) last() (when time.Time) {
	for _, a := range l.book {
		if n := len(a.Calls); n > 0 && a.Calls[n-1].After(when) {
			when = a.Calls[n-1]
		}
	}
	return when
}

func (l *ledger) write() error {
	content, err := json.Marshal(l.book)
	if err == nil {
		err = durable.WriteFile(l.file, content)
	}
	if err != nil {
		return fmt.Errorf("note a call: %w", err)
	}
	return nil
}
