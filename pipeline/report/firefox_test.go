package report_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

// firefox is a headless Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi).
type firefox struct {
	connection *websocket.Conn
	window     string
	hear       func(string)

	lock    sync.Mutex
	last    int
	waiting map[int]chan<- answer
	gone    error
}

type answer struct {
	Result  json.RawMessage
	Error   string
	Message string
}

// firefoxPreferences make it quiet: no services, no first run, no motion. Its window has the focus, though none is seen.
const firefoxPreferences = `user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("accessibility.tabfocus", 7);
user_pref("dom.w3c_touch_events.enabled", 1);
user_pref("focusmanager.testmode", true);
user_pref("ui.prefersReducedMotion", 1);
user_pref("remote.active-protocols", 1);
`

func startFirefox(t *testing.T, o options) driver {
	t.Helper()
	program := ""
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("no Firefox: install it to test the page in this browser (apt-get install firefox-esr)")
	}
	home := t.TempDir()
	scheme := 1
	if o.dark {
		scheme = 0
	}
	preferences := firefoxPreferences + fmt.Sprintf("user_pref(%q, %d);\n", "layout.css.prefers-color-scheme.content-override", scheme)
	if err := os.WriteFile(filepath.Join(home, "user.js"), []byte(preferences), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "--headless", "--no-remote", "--profile", home, "--remote-debugging-port", "0",
		"--remote-allow-origins", "http://127.0.0.1", "about:blank")
	command.Env = append(os.Environ(), "HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1")
	said, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatalf("start Firefox: %v", err)
	}
	f := &firefox{hear: o.hear, waiting: map[int]chan<- answer{}}
	t.Cleanup(func() { f.end(command) })
	address, err := listening(said)
	if err == nil {
		f.connection, err = websocket.Dial(address+"/session", "", "http://127.0.0.1")
	}
	if err != nil {
		t.Fatalf("connect with Firefox: %v", err)
	}
	f.connection.MaxPayloadBytes = 1 << 30
	go f.listen()
	if err := f.begin(t.Context()); err != nil {
		t.Fatalf("start Firefox: %v", err)
	}
	return f
}

var address = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

// listening waits for the address, and goes on to read what Firefox says, or else it would wait.
func listening(said io.Reader) (string, error) {
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return m[1], nil
		}
	}
	return "", errors.Join(errors.New("it ended without an address"), lines.Err())
}

// begin makes a session, and hears what happens in it.
func (f *firefox) begin(ctx context.Context) error {
	if err := f.call(ctx, nil, "session.new", map[string]any{"capabilities": map[string]any{}}); err != nil {
		return err
	}
	var made struct{ Context string }
	if err := f.call(ctx, &made, "browsingContext.create", map[string]any{"type": "window"}); err != nil {
		return err
	}
	f.window = made.Context
	if err := f.call(ctx, nil, "session.subscribe", map[string]any{"events": []string{"log.entryAdded", "network.beforeRequestSent"}}); err != nil {
		return err
	}
	return f.resize(ctx, 1100, 900)
}

// end lets Firefox end by itself, so that nothing writes to its profile any more, or else ends it.
func (f *firefox) end(command *exec.Cmd) {
	if f.connection != nil {
		ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		_ = f.call(ctx, nil, "browser.close", map[string]any{}) // it may be gone
	}
	kill := time.AfterFunc(5*time.Second, func() { _ = command.Process.Kill() })
	defer kill.Stop()
	_ = command.Wait()
}

// listen gives answers to those who wait for them, and events to hear.
func (f *firefox) listen() {
	for {
		var message struct {
			answer
			ID     *int
			Method string
			Params struct {
				Level, Text string
				Request     struct{ URL string }
			}
		}
		err := websocket.JSON.Receive(f.connection, &message)
		f.lock.Lock()
		if err != nil {
			f.gone = err
			for _, c := range f.waiting {
				close(c)
			}
			f.waiting = nil
			f.lock.Unlock()
			return
		}
		if message.ID != nil {
			if c := f.waiting[*message.ID]; c != nil {
				c <- message.answer
				delete(f.waiting, *message.ID)
			}
		}
		f.lock.Unlock()
		switch level := message.Params.Level; {
		case message.Method == "log.entryAdded" && (level == "error" || level == "warn"):
			f.hear("the page complains: " + message.Params.Text)
		case message.Method == "network.beforeRequestSent" && foreign(message.Params.Request.URL):
			f.hear("the page asks for " + message.Params.Request.URL)
		}
	}
}

// call sends a command, and reads its result into value unless that is nil.
func (f *firefox) call(ctx context.Context, value any, method string, parameters map[string]any) error {
	answered := make(chan answer, 1)
	f.lock.Lock()
	if f.waiting == nil {
		f.lock.Unlock()
		return fmt.Errorf("%s: Firefox is gone: %w", method, f.gone)
	}
	f.last++
	id := f.last
	f.waiting[id] = answered
	err := websocket.JSON.Send(f.connection, map[string]any{"id": id, "method": method, "params": parameters})
	f.lock.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	case a, ok := <-answered:
		if !ok {
			return fmt.Errorf("%s: Firefox is gone: %w", method, f.gone)
		}
		if a.Error != "" {
			return fmt.Errorf("%s: %s: %s", method, a.Error, a.Message)
		}
		if value == nil {
			return nil
		}
		return json.Unmarshal(a.Result, value)
	}
}

func (f *firefox) goTo(ctx context.Context, url string) error {
	if err := f.call(ctx, nil, "browsingContext.navigate", map[string]any{"context": f.window, "url": url, "wait": "complete"}); err != nil {
		return err
	}
	// What is not in front has no focus that could be seen.
	return f.call(ctx, nil, "browsingContext.activate", map[string]any{"context": f.window})
}

func (f *firefox) reload(ctx context.Context) error {
	return f.call(ctx, nil, "browsingContext.reload", map[string]any{"context": f.window, "wait": "complete"})
}

func (f *firefox) evaluate(ctx context.Context, script string) (json.RawMessage, error) {
	var result struct {
		Result           remote
		ExceptionDetails *struct{ Text string }
	}
	err := f.call(ctx, &result, "script.evaluate", map[string]any{"expression": script, "awaitPromise": true,
		"target": map[string]any{"context": f.window}, "userActivation": true})
	if err != nil {
		return nil, err
	}
	if result.ExceptionDetails != nil {
		return nil, errors.New(result.ExceptionDetails.Text)
	}
	return json.Marshal(result.Result.plain())
}

// remote is a value as the protocol writes it.
type remote struct {
	Type  string
	Value json.RawMessage
}

// plain is the value as JSON has it; null stands for what JSON has not.
func (r remote) plain() any {
	switch r.Type {
	case "string", "boolean", "number":
		if r.Type == "number" && strings.HasPrefix(string(r.Value), `"`) {
			return nil
		}
		return r.Value
	case "array":
		var list []remote
		if json.Unmarshal(r.Value, &list) != nil {
			return nil
		}
		all := make([]any, len(list))
		for i, v := range list {
			all[i] = v.plain()
		}
		return all
	case "object":
		var pairs [][2]json.RawMessage
		if json.Unmarshal(r.Value, &pairs) != nil {
			return nil
		}
		all := map[string]any{}
		for _, p := range pairs {
			var key string
			var v remote
			if json.Unmarshal(p[0], &key) == nil && json.Unmarshal(p[1], &v) == nil {
				all[key] = v.plain()
			}
		}
		return all
	}
	return nil
}

// perform lets an input device do things.
func (f *firefox) perform(ctx context.Context, device map[string]any, actions ...map[string]any) error {
	device["actions"] = actions
	return f.call(ctx, nil, "input.performActions", map[string]any{"context": f.window, "actions": []any{device}})
}

func (f *firefox) key(ctx context.Context, name string) error {
	keys := map[string]string{"Tab": "\uE004", "Enter": "\uE007", "Escape": "\uE00C", " ": " ", "Home": "\uE011", "End": "\uE010",
		"ArrowUp": "\uE013", "ArrowDown": "\uE015", "ArrowLeft": "\uE012", "ArrowRight": "\uE014"}
	if keys[name] == "" {
		return fmt.Errorf("no key %q", name)
	}
	return f.perform(ctx, map[string]any{"type": "key", "id": "keyboard"},
		map[string]any{"type": "keyDown", "value": keys[name]}, map[string]any{"type": "keyUp", "value": keys[name]})
}

func moveTo(x, y float64) map[string]any {
	return map[string]any{"type": "pointerMove", "x": int(x + 0.5), "y": int(y + 0.5)}
}

func mouse() map[string]any {
	return map[string]any{"type": "pointer", "id": "mouse", "parameters": map[string]any{"pointerType": "mouse"}}
}

func (f *firefox) move(ctx context.Context, x, y float64) error {
	return f.perform(ctx, mouse(), moveTo(x-3, y), moveTo(x, y))
}

func (f *firefox) click(ctx context.Context, x, y float64) error {
	return f.perform(ctx, mouse(), moveTo(x, y), map[string]any{"type": "pointerDown", "button": 0}, map[string]any{"type": "pointerUp", "button": 0})
}

func (f *firefox) tap(ctx context.Context, x, y float64) error {
	finger := map[string]any{"type": "pointer", "id": "finger", "parameters": map[string]any{"pointerType": "touch"}}
	return f.perform(ctx, finger, moveTo(x, y), map[string]any{"type": "pointerDown", "button": 0}, map[string]any{"type": "pointerUp", "button": 0})
}

func (f *firefox) resize(ctx context.Context, width, height int64) error {
	return f.call(ctx, nil, "browsingContext.setViewport", map[string]any{"context": f.window, "viewport": map[string]any{"width": width, "height": height}})
}

// screenshot has the upper part of a page that is higher than a picture may be.
func (f *firefox) screenshot(ctx context.Context) ([]byte, error) {
	size, err := f.evaluate(ctx, "[document.documentElement.scrollWidth, Math.min(document.documentElement.scrollHeight, 30000)]")
	var box [2]int
	if err == nil {
		err = json.Unmarshal(size, &box)
	}
	if err != nil {
		return nil, err
	}
	var picture struct{ Data string }
	clip := map[string]any{"type": "box", "x": 0, "y": 0, "width": box[0], "height": box[1]}
	if err := f.call(ctx, &picture, "browsingContext.captureScreenshot", map[string]any{"context": f.window, "origin": "document", "clip": clip}); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(picture.Data)
}
