//go:build !unix

package ffmpeg

import (
	"os"
	"syscall"
)

// attributes are none. When the gateway dies the process ends by itself, at the end of its input.
func attributes() *syscall.SysProcAttr { return nil }

func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

func lower(int, int) {}

func widen(*os.File) {}
