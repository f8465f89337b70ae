package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium is a headless Chromium, driven by its own protocol. Its methods need the context that it
// was started with.
type chromium struct{ ctx context.Context }

func startChromium(t *testing.T, o options) driver {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium: install it to test the page in this browser (apt-get install chromium)")
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true), chromedp.WindowSize(1100, 900))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), flags...)
	t.Cleanup(stop)
	c := &chromium{}
	c.ctx, stop = chromedp.NewContext(allocator)
	t.Cleanup(stop)
	scheme := "light"
	if o.dark {
		scheme = "dark"
	}
	steps := []func() error{
		func() error { return chromedp.Do(c.ctx) }, // starts the browser
		func() error { return chromedp.Listen(c.ctx, func(event any) { hearChromium(event, o.hear) }) },
		func() error { return call(c.ctx, network.Enable, network.EnableParams{}) },
		func() error { return call(c.ctx, log.Enable, cdp.Empty{}) },
		func() error {
			return call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("start Chromium: %v", err)
		}
	}
	return c
}

func hearChromium(event any, hear func(string)) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if foreign(e.Request.URL) {
			hear("the page asks for " + e.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, a := range e.Args {
				hear("the page complains: " + string(a.Value))
			}
		}
	case *runtime.EventExceptionThrown:
		hear("the page fails: " + e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		hear("the browser complains: " + e.Entry.Text)
	}
}

// call sends a command of the protocol.
func call[P, R any](ctx context.Context, command cdp.Command[P, R], parameters P) error {
	_, err := chromedp.Call(ctx, command, parameters)
	return err
}

func (c *chromium) goTo(_ context.Context, url string) error {
	return chromedp.Do(c.ctx, chromedp.Navigate(url))
}

func (c *chromium) reload(context.Context) error { return chromedp.Do(c.ctx, chromedp.Reload()) }

func (c *chromium) evaluate(_ context.Context, script string) (json.RawMessage, error) {
	value, err := chromedp.Run(c.ctx, chromedp.Evaluate[any](script, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func (c *chromium) key(_ context.Context, name string) error {
	keys := map[string]string{"Tab": kb.Tab, "Enter": kb.Enter, "Escape": kb.Escape, " ": " ", "Home": kb.Home, "End": kb.End,
		"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight}
	if keys[name] == "" {
		return fmt.Errorf("no key %q", name)
	}
	return chromedp.Do(c.ctx, chromedp.KeyEvent(keys[name]))
}

func (c *chromium) move(_ context.Context, x, y float64) error {
	return chromedp.Do(c.ctx, chromedp.MouseEvent(chromedp.MouseMoved, x-3, y), chromedp.MouseEvent(chromedp.MouseMoved, x, y))
}

func (c *chromium) click(_ context.Context, x, y float64) error {
	return chromedp.Do(c.ctx, chromedp.MouseClickXY(x, y))
}

func (c *chromium) tap(_ context.Context, x, y float64) error {
	down := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: x, Y: y}}}
	up := input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}}
	if err := call(c.ctx, input.DispatchTouchEvent, down); err != nil {
		return err
	}
	return call(c.ctx, input.DispatchTouchEvent, up)
}

func (c *chromium) resize(_ context.Context, width, height int64) error {
	return chromedp.Do(c.ctx, chromedp.EmulateViewport(width, height))
}

func (c *chromium) screenshot(context.Context) ([]byte, error) {
	return chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
}
