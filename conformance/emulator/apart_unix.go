//go:build unix

package emulator

import (
	"os/exec"
	"syscall"
)

// apart puts a child into a process group of its own: an interrupt at the terminal is the parent's, which then drains with
// its target still there.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
