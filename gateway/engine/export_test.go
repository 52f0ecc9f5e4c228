package engine

import (
	"time"

	"nertc/internal/protocol"
)

// Renew is renew at a time of the test's.
func (e *Engine) Renew(servers []protocol.ICEServer, now time.Time) []protocol.ICEServer {
	return e.renew(servers, now)
}
