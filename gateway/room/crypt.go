package room

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/framecrypt"
	"nertc/internal/protocol"
)

// codeCrypt is the extraCode of a join whose encryption differs from the room's.
const codeCrypt errcode.Code = 4036

// bothKeys is for how long after a change of the secret the former one lets members in too, as
// it decrypts with them.
const bothKeys = framecrypt.ForgetAfter

var errCrypt = errors.New("encryption differs from the room's")

// checkValue is what members with the same secret have in common. The secret cannot be computed
// from it. It is in no log all the same: whoever has it can try secrets.
type checkValue [framecrypt.KeyLength]byte

func (c checkValue) equal(other checkValue) bool {
	return subtle.ConstantTimeCompare(c[:], other[:]) == 1
}

// encryption is how a member encrypts, or all members of a room do. The zero value is that of a clear room.
type encryption struct {
	mode  framecrypt.Mode // empty for none
	check checkValue
	// former is good until a time too.
	former checkValue
	until  time.Time
}

// encryptionOf reads what a join says.
func encryptionOf(j protocol.Join) (encryption, *protocol.Error) {
	if j.CryptMode == "" && j.CryptCheck == "" {
		return encryption{}, nil
	}
	e := encryption{mode: framecrypt.Mode(j.CryptMode)}
	if !e.mode.Valid() {
		return e, refuse(errcode.InvalidEncryptionMode, "encryption mode must be sm4-128-ecb or sm4-128-gcm")
	}
	var ok bool
	if e.check, ok = readCheck(j.CryptCheck); !ok {
		return e, refuse(errcode.InvalidArgument, "encryption check must be 32 bytes in base64url")
	}
	return e, nil
}

func readCheck(s string) (c checkValue, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(c) {
		return c, false
	}
	return checkValue(b), true
}

// admits says whether somebody may come into a room of this encryption.
func (e encryption) admits(other encryption, now time.Time) bool {
	if e.mode != other.mode {
		return false
	}
	same := e.check.equal(other.check)
	former := e.former.equal(other.check)
	return e.mode == "" || same || former && now.Before(e.until)
}

// rekey changes the secret of a room whose members do so together. It fails while another
// change is under way, and where there is no key to be changed.
func (r *registry) rekey(room string, check checkValue, now time.Time) *protocol.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.encryptions[room]
	switch {
	case e.mode != framecrypt.GCM:
		return refuse(errcode.InvalidOperation, "the secret of this room cannot change")
	case e.check.equal(check):
		return nil
	case now.Before(e.until):
		return refuse(errcode.InvalidOperation, "another change of the secret is under way")
	}
	e.former, e.until, e.check = e.check, now.Add(bothKeys), check
	r.encryptions[room] = e
	return nil
}

// handleRekey takes another check value for the room. Whoever may say so has been let in with the present one.
func (s *session) handleRekey(m protocol.Message) {
	if s.member(m.ID) == nil {
		return
	}
	var k protocol.Rekey
	if !decode(m.Data, &k) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "rekey has data of the wrong form"))
		return
	}
	check, ok := readCheck(k.CryptCheck)
	if !ok {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "encryption check must be 32 bytes in base64url"))
		return
	}
	s.mu.Lock()
	room := s.room
	s.mu.Unlock()
	if e := s.h.rooms.rekey(room, check, time.Now()); e != nil {
		s.refuse(m.ID, e)
		return
	}
	s.logger().Info("secret changed")
	s.confirm(m.ID, nil)
}
