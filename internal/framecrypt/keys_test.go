package framecrypt

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// ownVectors are those of docs/encryption.md, which scripts/encryption.test.mjs computes with OpenSSL.
type ownVectors struct {
	Keys []struct {
		Secret, Appkey, Channel string
		Mode                    Mode
		Root, Frame, Check      hexBytes
	}
	Frames []struct {
		Mode                             Mode
		Codec                            string
		Key, Random, Clear, Plain, Frame hexBytes
	}
}

func readVectors(t *testing.T) (v ownVectors) {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Keys) < 3 || len(v.Frames) < 5 {
		t.Fatal("vectors are missing")
	}
	return v
}

func TestKeySchedule(t *testing.T) {
	roots := map[string][]byte{}
	for _, v := range readVectors(t).Keys {
		root := roots[v.Secret+"/"+v.Appkey]
		if root == nil {
			var err error
			if root, err = Root(v.Secret, v.Appkey); err != nil {
				t.Fatal(err)
			}
			roots[v.Secret+"/"+v.Appkey] = root
		}
		frame, err := FrameKey(root, v.Mode, v.Channel)
		if err != nil {
			t.Fatal(err)
		}
		check, err := Check(root, v.Mode, v.Channel)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(root, v.Root) || !bytes.Equal(frame, v.Frame) || !bytes.Equal(check, v.Check) {
			t.Errorf("%s %s %s:\nroot %x\nframe %x\ncheck %x", v.Secret, v.Channel, v.Mode, root, frame, check)
		}
	}
}

func TestFrames(t *testing.T) {
	for _, v := range readVectors(t).Frames {
		codec, _ := CodecOf(v.Codec)
		o := Options{Mode: v.Mode, Key: v.Key, Random: bytes.NewReader(v.Random)}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		plain := append(bytes.Clone(v.Clear), v.Plain...)
		got, err := c.NewSender().Encrypt(nil, plain, codec)
		if err != nil || !bytes.Equal(got, v.Frame) {
			t.Errorf("%s %s: %x, %v", v.Mode, v.Codec, got, err)
		}
		if back, err := c.Decrypt(nil, v.Frame); err != nil || !bytes.Equal(back, plain) {
			t.Errorf("%s %s: decrypted to %x, %v", v.Mode, v.Codec, back, err)
		}
	}
}

func TestNothingIsSharedBetweenRooms(t *testing.T) {
	root := bytes.Repeat([]byte{1}, KeyLength)
	seen := map[string]string{}
	for _, channel := range []string{"a", "b", ""} {
		for _, mode := range []Mode{ECB, GCM} {
			for what, f := range map[string]func([]byte, Mode, string) ([]byte, error){"frame": FrameKey, "check": Check} {
				k, err := f(root, mode, channel)
				name := what + " " + string(mode) + " " + channel
				if err != nil || len(k) != KeyLength {
					t.Fatal(err)
				}
				if other, ok := seen[string(k)]; ok {
					t.Errorf("%s and %s are the same", name, other)
				}
				seen[string(k)] = name
			}
		}
	}
}

func TestSecretsThatAreNone(t *testing.T) {
	for _, s := range []string{"", strings.Repeat("x", MaxSecret+1)} {
		if _, err := Root(s, "app"); !errors.Is(err, ErrSecret) {
			t.Errorf("%d bytes: %v", len(s), err)
		}
	}
	for _, f := range []func([]byte, Mode, string) ([]byte, error){FrameKey, Check} {
		if _, err := f(make([]byte, 16), GCM, "room"); !errors.Is(err, ErrKeyLength) {
			t.Error(err)
		}
		if _, err := f(make([]byte, KeyLength), None, "room"); !errors.Is(err, ErrKeyLength) {
			t.Error(err)
		}
	}
}
