//go:build unix && !linux

package ffmpeg

import (
	"os"
	"syscall"
)

// attributes put a process into a group of its own. When the gateway dies it ends by itself, at the end of its input.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

func lower(pid, nice int) { _ = syscall.Setpriority(syscall.PRIO_PGRP, pid, nice) }

func widen(*os.File) {}
