package framecrypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// The vectors of RFC 9605, appendix C, as the working group publishes them:
// https://github.com/sframe-wg/sframe/blob/main/test-vectors/test-vectors.json

type hexBytes []byte

func (h *hexBytes) UnmarshalJSON(b []byte) (err error) {
	var s string
	if err = json.Unmarshal(b, &s); err == nil {
		*h, err = hex.DecodeString(s)
	}
	return err
}

type vectors struct {
	Header []struct {
		KID, CTR uint64
		Encoded  hexBytes
	}
	AESCTR []struct {
		Suite               uint16 `json:"cipher_suite"`
		Key, Nonce, AAD, PT hexBytes
		CT                  hexBytes
	} `json:"aes_ctr_hmac"`
	SFrame []struct {
		Suite                    uint16 `json:"cipher_suite"`
		KID, CTR                 uint64
		Base                     hexBytes `json:"base_key"`
		Key                      hexBytes `json:"sframe_key"`
		Salt                     hexBytes `json:"sframe_salt"`
		Metadata, Nonce, AAD, PT hexBytes
		CT                       hexBytes
	}
}

func rfcVectors(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/rfc9605.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Header) < 200 || len(v.AESCTR) != 3 || len(v.SFrame) != 5 {
		t.Fatal("vectors are missing")
	}
	return v
}

// rfcSuite is a suite of the RFC's table 1 around the standard library's AES.
func rfcSuite(id uint16) suite {
	s := suite{id: id, nonce: 12, hash: sha256.New, aead: func(key []byte) (cipher.AEAD, error) {
		b, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return newGCM(oneByOne{b}), nil
	}}
	switch id {
	case 1, 2, 3:
		s.key, s.tag = 48, map[uint16]int{1: 10, 2: 8, 3: 4}[id]
		s.aead = func(key []byte) (cipher.AEAD, error) {
			b, err := aes.NewCipher(key[:16])
			return ctrHMAC{b, bytes.Clone(key[16:]), s.tag}, err
		}
	case 4:
		s.key, s.tag = 16, 16
	case 5:
		s.key, s.tag, s.hash = 32, 16, sha512.New
	}
	return s
}

// ctrHMAC is https://www.rfc-editor.org/rfc/rfc9605.html#section-4.5.1
type ctrHMAC struct {
	block cipher.Block
	auth  []byte
	tag   int
}

func (c ctrHMAC) NonceSize() int { return 12 }
func (c ctrHMAC) Overhead() int  { return c.tag }

func (c ctrHMAC) sum(nonce, aad, ct []byte) []byte {
	m := hmac.New(sha256.New, c.auth)
	for _, n := range []int{len(aad), len(ct), c.tag} {
		_ = binary.Write(m, binary.BigEndian, uint64(n))
	}
	m.Write(nonce)
	m.Write(aad)
	m.Write(ct)
	return m.Sum(nil)[:c.tag]
}

func (c ctrHMAC) Seal(dst, nonce, pt, aad []byte) []byte {
	n := len(dst)
	dst = append(dst, pt...)
	cipher.NewCTR(c.block, append(bytes.Clone(nonce), 0, 0, 0, 0)).XORKeyStream(dst[n:], dst[n:])
	return append(dst, c.sum(nonce, aad, dst[n:])...)
}

func (c ctrHMAC) Open(dst, nonce, sealed, aad []byte) ([]byte, error) {
	ct, tag := sealed[:len(sealed)-c.tag], sealed[len(sealed)-c.tag:]
	if !hmac.Equal(tag, c.sum(nonce, aad, ct)) {
		return nil, errOpen
	}
	n := len(dst)
	dst = append(dst, ct...)
	cipher.NewCTR(c.block, append(bytes.Clone(nonce), 0, 0, 0, 0)).XORKeyStream(dst[n:], dst[n:])
	return dst, nil
}

func TestHeaderVectors(t *testing.T) {
	for _, v := range rfcVectors(t).Header {
		if got := appendHeader(nil, v.KID, v.CTR); !bytes.Equal(got, v.Encoded) {
			t.Errorf("%x, %x: encoded as %x, want %x", v.KID, v.CTR, got, v.Encoded)
		}
		kid, ctr, ok := readHeader(v.Encoded)
		if !ok || kid != v.KID || ctr != v.CTR {
			t.Errorf("%x: read as %x, %x, %v", v.Encoded, kid, ctr, ok)
		}
	}
}

func TestHeaderOfAnotherForm(t *testing.T) {
	for _, s := range []string{"", "80", "8007", "0807", "900007", "0900ff", "0000", "08", "ff0102030405060708"} {
		b, _ := hex.DecodeString(s)
		if _, _, ok := readHeader(b); ok {
			t.Errorf("%s was taken for a header", s)
		}
	}
}

func TestAESCTRVectors(t *testing.T) {
	for _, v := range rfcVectors(t).AESCTR {
		a, err := rfcSuite(v.Suite).aead(v.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Seal(nil, v.Nonce, v.PT, v.AAD); !bytes.Equal(got, v.CT) {
			t.Errorf("suite %d: %x, want %x", v.Suite, got, v.CT)
		}
	}
}

// TestSFrameVectors runs our derivation, nonce, header and sealing with the suites of
// the RFC: with SM4 in AES's place that is what our frames are.
func TestSFrameVectors(t *testing.T) {
	for _, v := range rfcVectors(t).SFrame {
		s := rfcSuite(v.Suite)
		key, salt, err := s.keyAndSalt(v.Base, v.KID)
		if err != nil || !bytes.Equal(key, v.Key) || !bytes.Equal(salt, v.Salt) {
			t.Errorf("suite %d: key %x, salt %x, %v", v.Suite, key, salt, err)
		}
		k, err := s.derive(v.Base, v.KID)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.nonce(v.CTR); !bytes.Equal(got, v.Nonce) {
			t.Errorf("suite %d: nonce %x", v.Suite, got)
		}
		header := appendHeader(nil, v.KID, v.CTR)
		aad := append(bytes.Clone(header), v.Metadata...)
		if !bytes.Equal(aad, v.AAD) {
			t.Errorf("suite %d: aad %x", v.Suite, aad)
		}
		if got := append(header, k.seal(nil, v.CTR, v.PT, aad)...); !bytes.Equal(got, v.CT) {
			t.Errorf("suite %d: %x, want %x", v.Suite, got, v.CT)
		}
		plain, err := k.open(nil, v.CTR, v.CT[len(header):], aad)
		if err != nil || !bytes.Equal(plain, v.PT) {
			t.Errorf("suite %d: opened as %x, %v", v.Suite, plain, err)
		}
	}
}
