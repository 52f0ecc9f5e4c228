//go:build js && wasm

package api

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

const (
	maxChannelBytes = 64
	maxUIDRunes     = 64
)

// joinOptions reads the page's argument of join. numeric says in which type the page
// wants to see uids.
func joinOptions(v js.Value, server string) (o client.JoinOptions, numeric bool, err error) {
	if !js.IsObject(v) {
		return o, false, errcode.New(errcode.InvalidArgument, "join needs an object with a channelName")
	}
	if o.Channel, err = channelName(js.Property(v, "channelName")); err != nil {
		return o, false, err
	}
	if o.UID, numeric, err = joinUID(js.Property(v, "uid")); err != nil {
		return o, false, err
	}
	for name, to := range map[string]*string{"token": &o.Token, "permkey": &o.Permkey, "customData": &o.CustomData} {
		given := js.Property(v, name)
		if js.IsNullish(given) {
			continue
		}
		text, ok := js.Text(given)
		if !ok {
			return o, false, errcode.New(errcode.InvalidArgument, "%s must be a string", name)
		}
		*to = text
	}
	live := js.Property(js.Property(v, "joinChannelLiveConfig"), "liveEnable")
	o.NoLive = !js.IsNullish(live) && !js.IsSet(live)
	if o.Server, err = joinServer(v, server); err != nil {
		return o, false, err
	}
	return o, numeric, nil
}

func channelName(v js.Value) (string, error) {
	if n, ok := js.Number(v); ok && !math.IsNaN(n) && !math.IsInf(n, 0) {
		return strconv.FormatFloat(n, 'f', -1, 64), nil
	}
	name, ok := js.Text(v)
	if !ok || name == "" || len(name) > maxChannelBytes {
		return "", errcode.New(errcode.InvalidChannelName, "channelName must be a text of 1 to %d bytes or a number", maxChannelBytes)
	}
	return name, nil
}

// joinUID reads the own uid: empty where the gateway is to assign one.
func joinUID(v js.Value) (uid string, numeric bool, err error) {
	refused := errcode.New(errcode.InvalidUID,
		"uid must be a positive safe integer or a string of 1 to %d characters", maxUIDRunes)
	if js.IsNullish(v) {
		return "", true, nil
	}
	if _, ok := js.Number(v); ok {
		n, ok := js.Integer(v)
		switch {
		case !ok || n < 0:
			return "", false, refused
		case n == 0:
			return "", true, nil
		}
		return strconv.FormatInt(n, 10), true, nil
	}
	uid, ok := js.Text(v)
	if !ok || uid == "" || utf8.RuneCountInString(uid) > maxUIDRunes {
		return "", false, refused
	}
	return uid, false, nil
}

// uidValue gives a uid in the type that the page sees: who joined with a number gets
// numbers where a uid is one.
func uidValue(uid string, numeric bool) any {
	if uid == "" {
		return nil
	}
	if n, err := strconv.ParseInt(uid, 10, 64); numeric && err == nil &&
		n >= 0 && n <= js.MaxSafeInteger && strconv.FormatInt(n, 10) == uid {
		return float64(n)
	}
	return uid
}

// uidText reads the uid of a call, which may come in either type.
func uidText(v js.Value) string {
	if n, ok := js.Integer(v); ok {
		return strconv.FormatInt(n, 10)
	}
	return js.TextOr(v, "")
}

// joinServer gives the signalling address: what the shim has worked out from the page's
// options, then the page's own address, then that of the client.
func joinServer(v js.Value, server string) (string, error) {
	if s := js.TextOr(js.Property(v, "server"), ""); s != "" {
		return socketAddress(s)
	}
	if s := js.TextOr(js.Property(js.Property(v, "neRtcServerAddresses"), "channelServer"), ""); s != "" {
		return socketAddress(s)
	}
	if server == "" {
		return "", errcode.New(errcode.InvalidArgument, "no server is known")
	}
	return server, nil
}

// socketAddress turns an address of a page into that of the signalling WebSocket.
func socketAddress(s string) (string, error) {
	scheme, rest, found := strings.Cut(s, "://")
	switch strings.ToLower(scheme) {
	case "ws", "http":
		scheme = "ws"
	case "wss", "https":
		scheme = "wss"
	default:
		found = false
	}
	if !found || rest == "" || strings.HasPrefix(rest, "/") {
		return "", errcode.New(errcode.InvalidArgument, "channelServer must be an address with ws, wss, http or https")
	}
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	if query, ok := strings.CutPrefix(strings.TrimPrefix(path, "/"), "?"); ok {
		path = protocol.Path + "?" + query
	} else if path == "" || path == "/" {
		path = protocol.Path
	}
	return scheme + "://" + host + path, nil
}

// mediaType reads a media type.
func mediaType(v js.Value) (protocol.MediaType, bool) {
	name := protocol.MediaType(js.TextOr(v, ""))
	for _, t := range protocol.MediaTypes {
		if t == name {
			return t, true
		}
	}
	return "", false
}

// mediaTypes reads a media type where null stands for all of them.
func mediaTypes(v js.Value) ([]protocol.MediaType, error) {
	if js.IsNullish(v) {
		return protocol.MediaTypes[:], nil
	}
	t, ok := mediaType(v)
	if !ok {
		return nil, errcode.New(errcode.UnknownMediaType, "unknown media type")
	}
	return []protocol.MediaType{t}, nil
}

// choice reads {audio, audioSlave, video, screen}.
func choice(v js.Value) []protocol.MediaType {
	types := []protocol.MediaType{}
	for _, t := range protocol.MediaTypes {
		if js.IsSet(js.Property(v, string(t))) {
			types = append(types, t)
		}
	}
	return types
}
