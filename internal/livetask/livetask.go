// Package livetask has the rules of live tasks that clients and gateways share: what a task may
// hold, whoever asks for it.
package livetask

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"nertc/internal/protocol"
)

// Limits of a task. The sizes are the documented ones.
const (
	MaxSize   = 1920 // of a canvas's and a region's sides, and of a region's place, in pixels
	MinCanvas = 16   // of a canvas's sides, in pixels: the least that encoders take; 0 and 0 is sound alone
	MaxColor  = 1<<24 - 1
	MaxZOrder = 100
	MaxUsers  = 21 // regions of a layout
	MaxImages = 16
	// PerRoom is how many tasks a room has at once.
	PerRoom = 3

	maxID      = 64
	maxUID     = 64   // characters
	maxAddress = 2048 // bytes
	maxExtra   = 4096 // bytes
	minBitRate = 10   // kbit/s
	maxBitRate = 192
)

// Check says what is wrong with a task, nil if nothing is, and rounds odd places and sizes down. The text
// names the member, and holds nothing of its value: addresses may have secrets in them.
func Check(t *protocol.Task) error {
	if err := CheckID(t.ID); err != nil {
		return err
	}
	c := &t.Layout.Canvas
	for _, side := range []*int{&c.Width, &c.Height} {
		if err := even(side, "the canvas's width and height"); err != nil {
			return err
		}
		if *side < MinCanvas && c.Width+c.Height > 0 {
			return errors.New("the canvas's width and height must be " + strconv.Itoa(MinCanvas) + " pixels at least")
		}
	}
	switch {
	case !pushAddress(t.StreamURL):
		return errors.New("streamUrl must be an address with rtmp:// or rtmps://, a host and a path")
	case len(t.ExtraInfo) > maxExtra || !utf8.ValidString(t.ExtraInfo):
		return errors.New("extraInfo must be a text of up to 4096 bytes")
	case t.HostUID != "" && !validUID(t.HostUID):
		return errors.New("hostUid must be a uid")
	case c.Color < 0 || c.Color > MaxColor:
		return errors.New("the canvas's color must be 65536·R + 256·G + B, each from 0 to 255")
	case len(t.Layout.Users) > MaxUsers:
		return errors.New("a layout has at most " + strconv.Itoa(MaxUsers) + " users")
	case len(t.Layout.Images) > MaxImages:
		return errors.New("a layout has at most " + strconv.Itoa(MaxImages) + " images")
	}
	if err := checkUsers(&t.Layout); err != nil {
		return err
	}
	if err := checkImages(&t.Layout); err != nil {
		return err
	}
	return checkSound(t.Config.AudioParam)
}

// CheckID says whether a text can be a task's.
func CheckID(id string) error {
	if id == "" || len(id) > maxID || strings.IndexFunc(id, func(r rune) bool { return !idRune(r) }) >= 0 {
		return errors.New("taskId must be 1 to 64 characters of A-Z, a-z, 0-9 and _")
	}
	return nil
}

// CheckIDs says whether texts can be those of tasks that are to end.
func CheckIDs(ids []string) error {
	if len(ids) == 0 || len(ids) > PerRoom {
		return errors.New("taskIds must be a list of 1 to " + strconv.Itoa(PerRoom) + " task ids")
	}
	return distinct(ids)
}

// CheckAll checks the tasks of one call, of which there are 1 to most.
func CheckAll(tasks []protocol.Task, most int) error {
	if len(tasks) == 0 || len(tasks) > most {
		if most == 1 {
			return errors.New("rtmpTasks must be a list of one task: call again for another")
		}
		return errors.New("rtmpTasks must be a list of 1 to " + strconv.Itoa(most) + " tasks")
	}
	ids := make([]string, len(tasks))
	for i := range tasks {
		if err := Check(&tasks[i]); err != nil {
			return err
		}
		ids[i] = tasks[i].ID
	}
	return distinct(ids)
}

func distinct(ids []string) error {
	seen := map[string]bool{}
	for _, id := range ids {
		if err := CheckID(id); err != nil {
			return err
		}
		if seen[id] {
			return errors.New("a taskId is there twice")
		}
		seen[id] = true
	}
	return nil
}

func checkUsers(l *protocol.Layout) error {
	type shown struct {
		uid   string
		media protocol.MediaType
	}
	seen := map[shown]bool{}
	for i := range l.Users {
		u := &l.Users[i]
		place := "layout.users[" + strconv.Itoa(i) + "]"
		if err := region(place, l.Canvas, &u.X, &u.Y, &u.Width, &u.Height, u.Adaption); err != nil {
			return err
		}
		switch {
		case !validUID(u.UID):
			return errors.New(place + ".uid must be a uid")
		case u.ZOrder < 0 || u.ZOrder > MaxZOrder:
			return errors.New(place + ".zOrder must be a whole number from 0 to 100")
		case u.MediaType != "" && u.MediaType != protocol.MediaVideo && u.MediaType != protocol.MediaScreen:
			return errors.New(place + ".mediaType must be video or screen")
		case seen[shown{u.UID, u.MediaType}]:
			return errors.New(place + " is of a user who is there already")
		}
		seen[shown{u.UID, u.MediaType}] = true
	}
	return nil
}

func checkImages(l *protocol.Layout) error {
	for i := range l.Images {
		m := &l.Images[i]
		place := "layout.images[" + strconv.Itoa(i) + "]"
		if err := region(place, l.Canvas, &m.X, &m.Y, &m.Width, &m.Height, m.Adaption); err != nil {
			return err
		}
		if !address(m.URL, "http://", "https://") {
			return errors.New(place + ".url must be an address with http:// or https://")
		}
	}
	return nil
}

// region checks a part of the canvas.
func region(place string, c protocol.Canvas, x, y, width, height *int, adaption int) error {
	for _, side := range []*int{x, y, width, height} {
		if err := even(side, place+"'s x, y, width and height"); err != nil {
			return err
		}
	}
	switch {
	case *x+*width > c.Width || *y+*height > c.Height:
		return errors.New(place + " reaches over the edge of the canvas")
	case adaption != protocol.AdaptionFit && adaption != protocol.AdaptionFill:
		return errors.New(place + ".adaption must be 0 or 1")
	}
	return nil
}

// even checks a number of pixels and rounds it down.
func even(n *int, what string) error {
	if *n < 0 || *n > MaxSize {
		return errors.New(what + " must be from 0 to " + strconv.Itoa(MaxSize))
	}
	*n &^= 1
	return nil
}

func checkSound(a protocol.AudioParam) error {
	switch {
	case a.BitRate != 0 && (a.BitRate < minBitRate || a.BitRate > maxBitRate):
		return errors.New("audioParam.bitRate must be a whole number of kbit/s from 10 to 192")
	case a.SampleRate != 0 && a.SampleRate != 32000 && a.SampleRate != 44100 && a.SampleRate != 48000:
		return errors.New("audioParam.sampleRate must be 32000, 44100 or 48000")
	case a.Channels != 0 && a.Channels != 1 && a.Channels != 2:
		return errors.New("audioParam.channels must be 1 or 2")
	case a.CodecProfile != protocol.ProfileLCAAC && a.CodecProfile != protocol.ProfileHEAAC:
		return errors.New("audioParam.codecProfile must be 0 or 1")
	}
	return nil
}

func idRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

func validUID(uid string) bool {
	return uid != "" && utf8.ValidString(uid) && utf8.RuneCountInString(uid) <= maxUID && strings.IndexFunc(uid, unicode.IsControl) < 0
}

// pushAddress says whether a text is an address to push to: a host, and what is to be there behind it.
func pushAddress(s string) bool {
	if !address(s, "rtmp://", "rtmps://") {
		return false
	}
	_, rest, _ := strings.Cut(s, "://")
	_, path, found := strings.Cut(rest, "/")
	return found && strings.Trim(path, "/") != ""
}

// address says whether a text looks like an address of one of the schemes. Whether it leads somewhere, and
// where it may lead, is judged by who goes there.
func address(s string, schemes ...string) bool {
	if len(s) > maxAddress || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return false
	}
	for _, scheme := range schemes {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			host := s[len(scheme):]
			if end := strings.IndexAny(host, "/?#"); end >= 0 {
				host = host[:end]
			}
			if at := strings.LastIndexByte(host, '@'); at >= 0 {
				host = host[at+1:]
			}
			return host != "" && host[0] != ':'
		}
	}
	return false
}
