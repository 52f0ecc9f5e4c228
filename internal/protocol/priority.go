package protocol

import "nertc/internal/protocol/wire"

// Priority names the one member of the room whose media go before those of the others.
type Priority struct {
	// UID is empty where nobody has asked for it.
	UID string `json:"uid"`
}

// Fields names the members for package wire.
func (p *Priority) Fields(f *wire.Fields) {
	f.String("uid", &p.UID, wire.Always)
}
