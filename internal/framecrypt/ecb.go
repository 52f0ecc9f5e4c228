package framecrypt

import (
	"crypto/cipher"
	"crypto/subtle"

	"github.com/tjfoc/gmsm/sm4"
)

const blockSize = sm4.BlockSize

// ecbKey is SM4 in electronic codebook mode with the padding of PKCS #7.
// https://www.rfc-editor.org/rfc/rfc5652#section-6.3
type ecbKey struct {
	block cipher.Block
}

func (k *ecbKey) init(key []byte) (err error) {
	k.block, err = sm4.NewCipher(key)
	return err
}

// seal appends the encrypted and padded text.
func (k *ecbKey) seal(dst, plain []byte) []byte {
	start := len(dst)
	pad := blockSize - len(plain)%blockSize
	dst = append(dst, plain...)
	for range pad {
		dst = append(dst, byte(pad))
	}
	for b := dst[start:]; len(b) > 0; b = b[blockSize:] {
		k.block.Encrypt(b[:blockSize], b[:blockSize])
	}
	return dst
}

// open appends the decrypted text.
func (k *ecbKey) open(dst, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || len(sealed)%blockSize != 0 {
		return nil, ErrUnencrypted
	}
	start := len(dst)
	dst = append(dst, sealed...)
	for b := dst[start:]; len(b) > 0; b = b[blockSize:] {
		k.block.Decrypt(b[:blockSize], b[:blockSize])
	}
	last := dst[len(dst)-blockSize:]
	pad := int(last[blockSize-1])
	good := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, blockSize)
	for i, b := range last {
		inside := subtle.ConstantTimeLessOrEq(blockSize-pad, i)
		good &= subtle.ConstantTimeSelect(inside, subtle.ConstantTimeByteEq(b, byte(pad)), 1)
	}
	if good != 1 {
		clear(dst[start:])
		return nil, ErrKey
	}
	return dst[:len(dst)-pad], nil
}
