package protocol

import (
	"reflect"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	join := Join{
		Version: Version, SDK: "x/1", AppKey: "a", Channel: "房间", UID: "7", Token: "t",
		Offer: Offer{SDP: "v=0\r\n", Tracks: []NewTrack{{CID: "c", MediaType: MediaVideo, Muted: true, Width: 1, Height: 2, Bitrate: 3}}},
	}
	b, err := Encode(TypeJoin, 9, join)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Decode(b)
	if err != nil || m.Type != TypeJoin || m.ID != 9 {
		t.Fatalf("%+v, %v", m, err)
	}
	var got Join
	if err := m.Read(&got); err != nil || !reflect.DeepEqual(got, join) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	m, err := Decode([]byte(`{"type":"mute","id":3,"later":{"a":[1]},"data":{"track":"t","muted":true,"why":null}}`))
	if err != nil {
		t.Fatal(err)
	}
	var v Mute
	if err := m.Read(&v); err != nil || v != (Mute{Track: "t", Muted: true}) {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestNoDataNoField(t *testing.T) {
	b, err := Encode(TypeLeave, 1, nil)
	if err != nil || string(b) != `{"type":"leave","id":1}` {
		t.Fatalf("%s, %v", b, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"join","id":1,"data":{}}`))
	f.Add([]byte(`[]`))
	f.Add([]byte("\x00\xff{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		var join Join
		_ = m.Read(&join)
		if _, err := Encode(m.Type, m.ID, join); err != nil {
			t.Fatal(err)
		}
	})
}
