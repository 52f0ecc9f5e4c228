package framecrypt

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkEncrypt(b *testing.B) { benchmark(b, VP8, false) }
func BenchmarkBoth(b *testing.B)    { benchmark(b, VP8, true) }
func BenchmarkH264(b *testing.B)    { benchmark(b, H264, true) }

func benchmark(b *testing.B, codec Codec, both bool) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, mode := range []Mode{ECB, GCM} {
		for _, n := range []int{1200, 20_000} {
			b.Run(fmt.Sprintf("%s/%d", mode, n), func(b *testing.B) {
				ann, ben := newCipher(b, mode, 1, 1, nil), newCipher(b, mode, 1, 2, nil)
				s, frame := ann.NewSender(), frameOf(r, codec, n)
				sent, got := make([]byte, 0, 2*n), make([]byte, 0, 2*n)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				for b.Loop() {
					out, err := s.Encrypt(sent, frame, codec)
					if err == nil && both {
						_, err = ben.Decrypt(got, out)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
