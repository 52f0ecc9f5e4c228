package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"nertc/gateway/config"
)

// freeWanted is how much of a disk is to be free for what has no limit of its own: about an hour of a recording of 720p.
const freeWanted = 1 << 30

// logs looks at the directory of the logs that pages send.
func logs(_ context.Context, c *config.Config) Finding {
	if c.Logs.Directory == "" {
		return Finding{Status: Skipped, Detail: "none are taken; logs.directory would have pages' logs kept (Logger.enableLogUpload)"}
	}
	return directory("logs.directory", c.Logs.Directory, uint64(c.Logs.Quota), "lower logs.quota, or ")
}

// recordings looks at the directory of what live tasks record.
func recordings(_ context.Context, c *config.Config) Finding {
	switch {
	case !c.Live.Enabled:
		return Finding{Status: Skipped, Detail: "live tasks are not permitted (live.enabled)"}
	case c.Live.Recordings == "":
		return Finding{Status: Skipped, Detail: "nothing is recorded; live.recordings would have live tasks with `record` recorded"}
	}
	return directory("live.recordings", c.Live.Recordings, freeWanted, "")
}

// directory sees whether files can be made in a directory, or the directory itself where it is not there yet, and
// whether there is room for so many bytes. Of what it makes nothing is left.
func directory(key, dir string, room uint64, advice string) Finding {
	there := dir
	for {
		i, err := os.Stat(there)
		if err == nil && !i.IsDir() {
			return Finding{Status: Failed, Detail: there + " is not a directory", Advice: "name another in " + key}
		}
		if err == nil {
			break
		}
		if parent := filepath.Dir(there); os.IsNotExist(err) && parent != there {
			there = parent
			continue
		}
		return Finding{Status: Failed, Detail: err.Error(), Advice: fmt.Sprintf("let the gateway's user read the folders above, or name another directory in %s", key)}
	}
	f, err := os.CreateTemp(there, ".nertc-doctor-*")
	if err != nil {
		return Finding{
			Status: Failed, Detail: there + " cannot be written: " + err.Error(),
			Advice: fmt.Sprintf("let the gateway's user write there (chown, or ReadWritePaths= in a systemd unit), or name another directory in %s", key),
		}
	}
	_ = f.Close()
	_ = os.Remove(f.Name())
	var disk unix.Statfs_t
	if unix.Statfs(there, &disk) == nil {
		if free := disk.Bavail * uint64(disk.Bsize); free < room {
			return Finding{
				Status: Warning, Detail: fmt.Sprintf("%s has %d MB free, and %d MB may be wanted", there, free>>20, room>>20),
				Advice: fmt.Sprintf("make room there, %sname a directory on another disk in %s", advice, key),
			}
		}
	}
	if there != dir {
		return Finding{Status: OK, Detail: dir + " is not there yet, and will be made"}
	}
	return Finding{Status: OK, Detail: dir + " can be written"}
}

// redis says why there is nothing to check: neither the gateway nor its engine uses one.
func redis(_ context.Context, c *config.Config) Finding {
	if c.Engine.External.URL != "" {
		return Finding{Status: Skipped, Detail: "not configured: the gateway uses none; LiveKit nodes that share one check it themselves, and the check of the engine asks them"}
	}
	return Finding{Status: Skipped, Detail: "not configured: the gateway and its embedded engine are one node and need none"}
}
