package framecrypt

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
)

const (
	// Iterations of PBKDF2: what OWASP asks of PBKDF2-HMAC-SHA-256,
	// https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2
	Iterations = 600_000
	// KeyLength is the length of roots, frame keys and check values in bytes.
	KeyLength = 32
	// MaxSecret is the longest secret in bytes.
	MaxSecret = 128

	version = "nertc e2ee v1"
)

// ErrSecret: a secret that is empty or longer than MaxSecret bytes.
var ErrSecret = errors.New("framecrypt: the secret must have 1 to 128 bytes")

// Salt is the salt of PBKDF2 for an application.
func Salt(appkey string) []byte { return []byte(version + appkey) }

// Root stretches a secret: PBKDF2-HMAC-SHA-256 with Salt and Iterations. It takes about
// a tenth of a second; browsers have it in WebCrypto. ErrSecret.
func Root(secret, appkey string) ([]byte, error) {
	if len(secret) == 0 || len(secret) > MaxSecret {
		return nil, ErrSecret
	}
	return pbkdf2.Key(sha256.New, secret, Salt(appkey), Iterations, KeyLength)
}

// FrameKey is the key of a room in a mode. ErrKeyLength for another root than Root's.
func FrameKey(root []byte, mode Mode, channel string) ([]byte, error) {
	return derive(root, "frame", mode, channel)
}

// Check is what a server compares to see that members of a room have the same secret. Nobody
// can compute a key or another room's check value from it, nor find the secret but by trying
// secrets, each at the cost of Root. ErrKeyLength for another root than Root's.
func Check(root []byte, mode Mode, channel string) ([]byte, error) {
	return derive(root, "check", mode, channel)
}

// derive is HKDF-SHA-256 without a salt. No label and no mode has a zero byte, so no two
// derivations have the same info.
func derive(root []byte, label string, mode Mode, channel string) ([]byte, error) {
	if len(root) != KeyLength || !mode.Valid() {
		return nil, ErrKeyLength
	}
	return hkdf.Key(sha256.New, root, nil, version+" "+label+"\x00"+string(mode)+"\x00"+channel, KeyLength)
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
