//go:build linux || darwin || freebsd

package record

import "golang.org/x/sys/unix"

// free is how many bytes of a directory's disk the gateway may still write.
func free(dir string) (uint64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0, err
	}
	return uint64(max(disk.Bavail, 0)) * uint64(disk.Bsize), nil
}
