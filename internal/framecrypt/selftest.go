package framecrypt

import (
	"bytes"
	"errors"

	"nertc/internal/sm4"

	reference "github.com/tjfoc/gmsm/sm4"
)

// ErrSelfTest: SM4 gives something else here than in another implementation.
var ErrSelfTest = errors.New("framecrypt: SM4 fails its self-test")

// selfTest compares our SM4 with that of gmsm, both ways, on a key and blocks that are public: GM/T 0028 asks of a
// cryptographic module that it tests itself before it is used. It takes some microseconds.
func selfTest() error {
	var key [sm4.KeySize]byte
	var plain, want, got [sm4.Batch]byte
	for i := range key {
		key[i] = byte(0x1f * i)
	}
	for i := range plain {
		plain[i] = byte(i ^ i<<3)
	}
	theirs, err := reference.NewCipher(key[:])
	if err != nil {
		return err
	}
	for i := 0; i < len(plain); i += blockSize {
		theirs.Encrypt(want[i:], plain[i:])
	}
	var k sm4.Key
	k.Expand(key[:])
	k.Crypt(got[:], plain[:])
	k.Invert()
	back := got
	k.Crypt(back[:], back[:])
	if !bytes.Equal(got[:], want[:]) || back != plain {
		return ErrSelfTest
	}
	return nil
}
