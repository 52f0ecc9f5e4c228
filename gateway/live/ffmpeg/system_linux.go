package ffmpeg

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes put a process into a group of its own, and have the kernel end it with the thread that started it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// lower has a group give way to others.
func lower(pid, nice int) { _ = syscall.Setpriority(syscall.PRIO_PGRP, pid, nice) }

// widen makes a pipe hold more, where the system lets it: a picture passes in fewer turns.
func widen(f *os.File) {
	const size = 1 << 20 // the usual limit of /proc/sys/fs/pipe-max-size
	if c, err := f.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, size) })
	}
}
