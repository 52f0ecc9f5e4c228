//go:build linux || darwin || freebsd

package record

import (
	"os"
	"syscall"
)

// hold keeps Recover, of this gateway or of another, from a file that is being written. The system lets go of it however
// the process ends.
func hold(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
