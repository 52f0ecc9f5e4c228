package framecrypt

import (
	"crypto/subtle"

	"nertc/internal/sm4"
)

// ecbKey is SM4 in electronic codebook mode with the padding of PKCS #7.
// https://www.rfc-editor.org/rfc/rfc5652#section-6.3
type ecbKey struct {
	encrypt, decrypt sm4.Key
}

func (k *ecbKey) init(key []byte) {
	k.encrypt.Expand(key)
	k.decrypt = k.encrypt
	k.decrypt.Invert()
}

// seal appends the encrypted and padded text.
func (k *ecbKey) seal(dst, plain []byte) []byte {
	start := len(dst)
	pad := blockSize - len(plain)%blockSize
	dst = append(dst, plain...)
	for range pad {
		dst = append(dst, byte(pad))
	}
	text := dst[start:]
	k.encrypt.Crypt(text, text)
	return dst
}

// open appends the decrypted text.
func (k *ecbKey) open(dst, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || len(sealed)%blockSize != 0 {
		return nil, ErrUnencrypted
	}
	start := len(dst)
	dst = append(dst, sealed...)
	text := dst[start:]
	k.decrypt.Crypt(text, text)
	last := dst[len(dst)-blockSize:]
	pad := int(last[blockSize-1])
	good := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, blockSize)
	for i, b := range last {
		inside := subtle.ConstantTimeLessOrEq(blockSize-pad, i)
		good &= subtle.ConstantTimeSelect(inside, subtle.ConstantTimeByteEq(b, byte(pad)), 1)
	}
	if good != 1 {
		clear(text)
		return nil, ErrKey
	}
	return dst[:len(dst)-pad], nil
}
