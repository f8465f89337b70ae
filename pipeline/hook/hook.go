// Package hook runs a command of the user's after something was published.
package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	// grace is how long a command that must end has, after SIGTERM, until it is killed. A
	// run must end within two seconds.
	grace = time.Second
	// keep is how much of what it prints is kept, from the end.
	keep = 4 << 10
)

// Hook is a command for the shell.
type Hook struct {
	Command string
	Timeout time.Duration
	Environ []string // beside that of the process
}

// Run runs it to its end and returns the end of what it printed. The error says how it
// failed, with its last line. When the context ends, the command and what it started are
// ended, too.
func (h Hook) Run(ctx context.Context) (printed string, err error) {
	limited, cancel := context.WithTimeoutCause(ctx, h.Timeout, fmt.Errorf("it did not end within %s (hook_timeout)", h.Timeout))
	defer cancel()
	out := &tail{}
	c := exec.CommandContext(limited, "/bin/sh", "-c", h.Command)
	c.Env = append(os.Environ(), h.Environ...)
	c.Stdout, c.Stderr = out, out
	c.WaitDelay = grace
	endTogether(c)
	err = c.Run()
	printed = strings.TrimSpace(strings.ToValidUTF8(string(out.text), "\ufffd"))
	switch {
	case ctx.Err() != nil:
		return printed, ctx.Err()
	case limited.Err() != nil:
		err = context.Cause(limited)
	case errors.Is(err, exec.ErrWaitDelay):
		err = nil // it ended well, and left something behind that keeps its output open
	}
	if err == nil {
		return printed, nil
	}
	if last := printed[strings.LastIndex(printed, "\n")+1:]; last != "" {
		return printed, fmt.Errorf("%w: %s", err, last)
	}
	return printed, err
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if len(t.text) > 2*keep {
		t.text = bytes.Clone(t.text[len(t.text)-keep:])
	}
	return len(text), nil
}
