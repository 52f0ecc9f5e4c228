//go:build js && wasm

package api

import (
	"math"
	"strconv"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
)

// defineTasks gives the class of clients the methods of the live tasks. What they get are copies of what
// the page has passed, made of plain values by the shim.
func (a *API) defineTasks(async func(name string, f func(c *Client, args []js.Value) work)) {
	async("addTasks", func(c *Client, args []js.Value) work {
		tasks, err := readTasks(arg(args, 0), errcode.InvalidTaskToAdd)
		return func() (any, error) {
			if err == nil {
				err = c.notCustom(errcode.AddTaskFailed)
			}
			if err != nil {
				return nil, err
			}
			return nil, c.core.AddTasks(c.ctx, tasks)
		}
	})
	async("updateTasks", func(c *Client, args []js.Value) work {
		tasks, err := readTasks(arg(args, 0), errcode.InvalidTaskToUpdate)
		return func() (any, error) {
			if err != nil {
				return nil, err
			}
			return nil, c.core.UpdateTasks(c.ctx, tasks)
		}
	})
	async("deleteTasks", func(c *Client, args []js.Value) work {
		var ids []string
		for _, v := range js.Items(arg(args, 0)) {
			ids = append(ids, js.TextOr(v, ""))
		}
		return func() (any, error) { return nil, c.core.DeleteTasks(c.ctx, ids) }
	})
}

// notCustom refuses a task of a room whose frames a cipher of the page's own makes unreadable.
func (c *Client) notCustom(failed errcode.Code) error {
	if !c.custom.On() {
		return nil
	}
	err := errcode.New(failed, "the server cannot see what enableCustomTransform encrypts")
	err.ExtraCode = protocol.CodeTaskEncrypted
	return err
}

func (c *Client) taskChanged(e client.TaskChanged) {
	// Some pages read the one spelling, some the other.
	c.tell("rtmp-state", map[string]any{
		"taskId": e.ID, "task_id": e.ID, "streamUrl": e.StreamURL, "hostUid": c.uid(e.HostUID),
		"code": e.Code, "state": e.Code, "msg": e.Msg,
	})
}

// maxElements bounds how much of a list is read: a task has at most a third of that.
const maxElements = 64

// reading reads a page's values and keeps the first thing that is wrong. Whether they are in range is not its affair.
type reading struct {
	code errcode.Code
	err  error
}

func readTasks(v js.Value, code errcode.Code) ([]protocol.Task, error) {
	r := reading{code: code}
	var tasks []protocol.Task
	for _, t := range r.list(v, "rtmpTasks") {
		tasks = append(tasks, r.task(t))
	}
	return tasks, r.err
}

func (r *reading) task(v js.Value) (t protocol.Task) {
	r.object(v, "a task")
	t.ID = r.text(v, "", "taskId")
	t.StreamURL = r.text(v, "", "streamUrl")
	t.Record = r.flag(v, "", "record", false)
	t.HostUID = r.uid(v, "", "hostUid", false)
	t.ExtraInfo = r.optional(v, "", "extraInfo")
	layout := r.object(js.Property(v, "layout"), "layout")
	canvas := r.object(js.Property(layout, "canvas"), "layout.canvas")
	t.Layout.Canvas = protocol.Canvas{
		Width: r.pixels(canvas, "layout.canvas.", "width"), Height: r.pixels(canvas, "layout.canvas.", "height"),
		Color: r.whole(canvas, "layout.canvas.", "color"),
	}
	for i, u := range r.list(js.Property(layout, "users"), "layout.users") {
		at := "layout.users[" + strconv.Itoa(i) + "]."
		r.object(u, at)
		t.Layout.Users = append(t.Layout.Users, protocol.TaskUser{
			UID: r.uid(u, at, "uid", true),
			X:   r.pixels(u, at, "x"), Y: r.pixels(u, at, "y"), Width: r.pixels(u, at, "width"), Height: r.pixels(u, at, "height"),
			Adaption: r.whole(u, at, "adaption"), ZOrder: r.whole(u, at, "zOrder"),
			PushAudio: r.flag(u, at, "pushAudio", true), PushVideo: r.flag(u, at, "pushVideo", true),
			MediaType: protocol.MediaType(r.optional(u, at, "mediaType")),
		})
	}
	if images := js.Property(layout, "images"); !js.IsNullish(images) {
		for i, m := range r.list(images, "layout.images") {
			at := "layout.images[" + strconv.Itoa(i) + "]."
			r.object(m, at)
			t.Layout.Images = append(t.Layout.Images, protocol.TaskImage{
				URL: r.text(m, at, "url"),
				X:   r.pixels(m, at, "x"), Y: r.pixels(m, at, "y"), Width: r.pixels(m, at, "width"), Height: r.pixels(m, at, "height"),
				Adaption: r.whole(m, at, "adaption"),
			})
		}
	}
	t.Config = r.config(js.Property(v, "config"))
	return t
}

func (r *reading) config(v js.Value) (c protocol.TaskConfig) {
	if js.IsNullish(v) {
		return c
	}
	r.object(v, "config")
	c.SingleVideoNoTrans = r.flag(v, "config.", "singleVideoNoTrans", false)
	if sound := js.Property(v, "audioParam"); !js.IsNullish(sound) {
		const at = "config.audioParam."
		r.object(sound, "config.audioParam")
		c.AudioParam = protocol.AudioParam{
			BitRate: r.given(sound, at, "bitRate"), SampleRate: r.given(sound, at, "sampleRate"),
			Channels: r.given(sound, at, "channels"), CodecProfile: r.whole(sound, at, "codecProfile"),
		}
	}
	return c
}

func (r *reading) wrong(what, must string) {
	if r.err == nil {
		r.err = errcode.New(r.code, "%s must be %s", what, must)
	}
}

func (r *reading) object(v js.Value, what string) js.Value {
	if !js.IsObject(v) {
		r.wrong(what, "an object")
	}
	return v
}

func (r *reading) list(v js.Value, what string) []js.Value {
	items := js.Items(v)
	if !js.IsInstance(v, "Array") || len(items) > maxElements {
		r.wrong(what, "a list")
		return nil
	}
	return items
}

func (r *reading) text(v js.Value, at, name string) string {
	s, ok := js.Text(js.Property(v, name))
	if !ok {
		r.wrong(at+name, "a text")
	}
	return s
}

func (r *reading) optional(v js.Value, at, name string) string {
	if js.IsNullish(js.Property(v, name)) {
		return ""
	}
	return r.text(v, at, name)
}

// flag reads a boolean; pages pass 0 and 1 as well.
func (r *reading) flag(v js.Value, at, name string, standard bool) bool {
	p := js.Property(v, name)
	n, number := js.Integer(p)
	switch {
	case js.IsNullish(p):
		return standard
	case js.IsTrue(p), js.IsFalse(p), number && (n == 0 || n == 1):
		return js.IsSet(p)
	}
	r.wrong(at+name, "a boolean")
	return false
}

// uid reads a uid in either type. Where none is needed, 0 stands for none too.
func (r *reading) uid(v js.Value, at, name string, needed bool) string {
	p := js.Property(v, name)
	n, number := js.Integer(p)
	s, text := js.Text(p)
	switch {
	case !needed && (js.IsNullish(p) || number && n == 0):
		return ""
	case number && n > 0, text && s != "":
		return uidText(p)
	}
	r.wrong(at+name, "a uid")
	return ""
}

// whole reads a whole number; one that is not there is 0.
func (r *reading) whole(v js.Value, at, name string) int {
	p := js.Property(v, name)
	if js.IsNullish(p) {
		return 0
	}
	n, ok := js.Integer(p)
	if !ok || n > math.MaxInt32 || n < math.MinInt32 {
		r.wrong(at+name, "a whole number")
		return 0
	}
	return int(n)
}

// given is whole for a number that must not be 0 when it is there: on the wire that stands for none.
func (r *reading) given(v js.Value, at, name string) int {
	n := r.whole(v, at, name)
	if n == 0 && !js.IsNullish(js.Property(v, name)) {
		return -1
	}
	return n
}

// pixels reads a place or a size, of which fractions are dropped: pages divide.
func (r *reading) pixels(v js.Value, at, name string) int {
	p := js.Property(v, name)
	if js.IsNullish(p) {
		return 0
	}
	f, ok := js.Number(p)
	if !ok || math.IsNaN(f) || math.Abs(f) > math.MaxInt32 {
		r.wrong(at+name, "a number of pixels")
		return 0
	}
	return int(math.Floor(f))
}
