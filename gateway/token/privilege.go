package token

import (
	"fmt"
	"strings"
)

// Privilege is a set of rights, the bits of a permission key's privilege.
type Privilege uint32

// The rights. Audio is the microphone and a screen's sound, video is camera and screen.
const (
	SendAudio    Privilege = 1 << iota // 1
	SendVideo                          // 2
	ReceiveAudio                       // 4
	ReceiveVideo                       // 8
	CreateRoom                         // 16: join a room in which nobody is
	JoinRoom                           // 32

	// Everything is all rights: what is granted where no permission key limits it.
	Everything = SendAudio | SendVideo | ReceiveAudio | ReceiveVideo | CreateRoom | JoinRoom
)

// privilegeNames has the rights' names, by bit.
var privilegeNames = [...]string{"send-audio", "send-video", "receive-audio", "receive-video", "create-room", "join"}

// Has says whether all rights of want are there.
func (p Privilege) Has(want Privilege) bool { return p&want == want }

// String gives the names with commas between, "none" for none. Bits without a meaning are left out.
func (p Privilege) String() string {
	var names []string
	for i, n := range privilegeNames {
		if p.Has(1 << i) {
			names = append(names, n)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ",")
}

// ParsePrivilege reads what String writes, in any order; "all" is Everything.
func ParsePrivilege(names string) (Privilege, error) {
	switch strings.TrimSpace(names) {
	case "all":
		return Everything, nil
	case "none":
		return 0, nil
	}
	var p Privilege
	for name := range strings.SplitSeq(names, ",") {
		bit, known := Privilege(0), strings.TrimSpace(name)
		for i, n := range privilegeNames {
			if n == known {
				bit = 1 << i
			}
		}
		if bit == 0 {
			return 0, fmt.Errorf("there is no privilege %q: want some of %s, or all, or none", known, strings.Join(privilegeNames[:], ", "))
		}
		p |= bit
	}
	return p, nil
}
