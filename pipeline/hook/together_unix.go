//go:build unix

package hook

import (
	"os/exec"
	"syscall"
	"time"
)

// endTogether makes the command end with everything that it started: they are a group of
// processes, which is asked to end, and killed when it does not.
func endTogether(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error {
		group := -c.Process.Pid
		time.AfterFunc(grace*3/4, func() { _ = syscall.Kill(group, syscall.SIGKILL) }) // that it is gone is no error
		return syscall.Kill(group, syscall.SIGTERM)
	}
}
