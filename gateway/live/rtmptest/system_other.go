//go:build !linux

package rtmptest

import "syscall"

// attributes are none: a server is left behind where a test's process is killed.
func attributes() *syscall.SysProcAttr { return nil }
