package report_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"entrepot/pipeline/report"
)

// driver is what the tests do with a browser, whichever it is. Points are in pixels of the
// view, from its upper left corner.
type driver interface {
	goTo(ctx context.Context, url string) error
	reload(ctx context.Context) error
	evaluate(ctx context.Context, script string) (json.RawMessage, error) // the value, or that of its promise
	key(ctx context.Context, name string) error                           // named as in a KeyboardEvent
	move(ctx context.Context, x, y float64) error
	click(ctx context.Context, x, y float64) error
	tap(ctx context.Context, x, y float64) error // with a finger
	resize(ctx context.Context, width, height int64) error
	screenshot(ctx context.Context) (png []byte, err error)
}

// browsers are those that the page is tested in. A start skips the test where the browser is missing.
var browsers = []struct {
	name  string
	start func(t *testing.T, o options) driver
}{
	{"chromium", startChromium},
	{"firefox", startFirefox},
}

// options are what a browser is started with.
type options struct {
	dark bool
	hear func(complaint string) // is called with what the page complains of, or asks the network for
}

// browser has a page open. What the page complains of or asks the network for fails the test. Screenshots go to the
// folder that ENTREPOT_SCREENSHOTS names, or to a temporary one.
type browser struct {
	driver
	name        string
	t           *testing.T
	ctx         context.Context
	screenshots string

	lock     sync.Mutex
	noise    []string
	expected []string // parts of complaints that are part of the test
}

// inBrowsers runs a test on the page of a report in each of the browsers.
func inBrowsers(t *testing.T, dir string, test func(t *testing.T, b *browser)) {
	for _, which := range browsers {
		t.Run(which.name, func(t *testing.T) { test(t, openPage(t, which.name, dir, false)) })
	}
}

func openPage(t *testing.T, name, dir string, dark bool) *browser {
	t.Helper()
	if !strings.Contains(t.Name(), "InBrowser") {
		t.Fatal("the name of a test that opens a browser must have InBrowser in it: 'just quick' and 'just browsers' go by it")
	}
	b := &browser{name: name, t: t, screenshots: os.Getenv("ENTREPOT_SCREENSHOTS")}
	if b.screenshots == "" {
		b.screenshots = t.TempDir()
	}
	for _, which := range browsers {
		if which.name == name {
			b.driver = which.start(t, options{dark: dark, hear: b.hear})
		}
	}
	var stop context.CancelFunc
	b.ctx, stop = context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	t.Cleanup(b.complain)
	b.open(pageURL(t, dir))
	return b
}

func pageURL(t *testing.T, dir string) string {
	t.Helper()
	page, err := filepath.Abs(filepath.Join(dir, report.PageFile))
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + page
}

// open opens an address, and waits until the page has drawn itself.
func (b *browser) open(url string) {
	b.t.Helper()
	b.must(b.goTo(b.ctx, url))
	b.ready()
}

// ready waits until the page has drawn itself.
func (b *browser) ready() {
	b.t.Helper()
	b.waitFor("document.documentElement.dataset.ready === 'true'")
}

// restore opens the page in the state that an address has after its name.
func (b *browser) restore(dir, state string) {
	b.t.Helper()
	b.must(b.goTo(b.ctx, "about:blank"))
	b.open(pageURL(b.t, dir) + state)
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
}

func (b *browser) hear(complaint string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.noise = append(b.noise, complaint)
}

// expect says that the page may complain of this.
func (b *browser) expect(part string) { b.expected = append(b.expected, part) }

// complain fails the test with what the page complained of.
func (b *browser) complain() {
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, n := range b.noise {
		wanted := false
		for _, part := range b.expected {
			wanted = wanted || strings.Contains(n, part)
		}
		if !wanted {
			b.t.Errorf("%s: %s", b.name, n)
		}
	}
}

// foreign says of an address whether the page must not ask for it.
func foreign(url string) bool {
	for _, own := range []string{"data:", "blob:", "about:", "moz-extension:", "resource:", "chrome:"} {
		if strings.HasPrefix(url, own) {
			return false
		}
	}
	return !strings.HasPrefix(url, "file://") || !strings.Contains(url, report.PageFile) && !strings.Contains(url, "/countries/")
}

// press presses keys one after the other.
func (b *browser) press(names ...string) {
	b.t.Helper()
	for _, name := range names {
		b.must(b.key(b.ctx, name))
	}
}

// ask evaluates JavaScript.
func ask[T any](b *browser, script string) (value T) {
	b.t.Helper()
	text, err := b.evaluate(b.ctx, script)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		b.t.Fatalf("%s: %.500s: %v (%.200s)", b.name, script, err, text)
	}
	return value
}

// do evaluates JavaScript for what it does.
func (b *browser) do(script string) {
	b.t.Helper()
	ask[bool](b, "(async () => { "+script+"; return true })()")
}

// waitFor waits until JavaScript is true.
func (b *browser) waitFor(script string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ask[bool](b, "!!("+script+")"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s: %s does not come", b.name, script)
		}
	}
}

func (b *browser) shoot(name string) {
	b.t.Helper()
	png, err := b.screenshot(b.ctx)
	b.must(err)
	b.must(os.WriteFile(filepath.Join(b.screenshots, b.name+"-"+name+".png"), png, 0o644))
}
