//go:build js && wasm

package api

import (
	"context"
	"strconv"
	"sync"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/protocol"
	"nertc/jsbridge/capture"
	"nertc/jsbridge/js"
	"nertc/jsbridge/peer"
	"nertc/jsbridge/transform"
)

// Client is a CoreClient. Its events and the settlements of its promises pass through the
// one queue of the client behind it.
type Client struct {
	api    *API
	id     int
	object js.Value
	emit   js.Value
	server string
	scope  *js.Scope
	ctx    context.Context
	cancel context.CancelFunc
	core   *client.Client
	log    *journal.Log
	// frames encrypts end to end.
	frames *transform.Frames
	// devices are the machine's, of which the page is told.
	devices *capture.Watcher

	mu              sync.Mutex
	numeric         bool        // uids are shown as numbers where they are
	joining         *js.Promise // of the join under way
	volume          float64     // of everybody else here, 0 to 1
	remotes         map[string]*Stream
	published       map[protocol.MediaType]*Stream
	recording       *recording // of the room, the last one
	recordingBegins bool
	// held are the streams that the page has published here and not unpublished, also with
	// nothing open.
	held map[*Stream]bool

	custom   *transform.Page
	arriving map[string]arrival // by the id of the track
}

// newClient makes a CoreClient, or null for arguments that the shim should not have let pass.
func (a *API) newClient(options, emit js.Value) any {
	appKey := js.TextOr(js.Property(options, "appkey"), "")
	if appKey == "" || !js.IsFunction(emit) {
		return nil
	}
	c := &Client{
		api: a, emit: emit, scope: a.scope.Child(), numeric: true, volume: 1,
		server:    js.TextOr(js.Property(options, "server"), ""),
		remotes:   map[string]*Stream{},
		published: map[protocol.MediaType]*Stream{},
		held:      map[*Stream]bool{},
		arriving:  map[string]arrival{},
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.frames = transform.New(c.scope, a.o.SpawnFrames)
	c.object, c.id = a.instance(a.clientClass)
	c.log = a.o.Log.Named("client " + strconv.Itoa(c.id))
	c.custom = transform.NewPage(c.scope, c.pageFrame)
	c.core = client.New(client.Options{
		Log:        c.log,
		Encryption: c.frames,
		AppKey:     appKey, SDK: "nertc-web/" + a.o.Version,
		Dial: a.o.Dial, Places: a.o.Places, NewPeer: c.custom.Factory(peer.NewFactory(c.scope)), CanDecode: peer.CanDecode,
		Watched: func() bool { return c.heard("volume-indicator", "active-speaker", "network-quality", "exception") },
		Handle:  func(e client.Event) { js.Guard(func() { c.handle(e) }) },
	})
	c.watchNetwork()
	c.devices = capture.Watch(c.scope, c.deviceChanged)
	a.mu.Lock()
	a.clients[c.id] = c
	a.mu.Unlock()
	return c.object
}

func (a *API) defineClient() js.Value {
	class := js.Object(nil)
	async := func(name string, f func(c *Client, args []js.Value) work) {
		a.method(class, name, func(this js.Value, args []js.Value) any {
			c := a.clientOf(this)
			if c == nil {
				return rejected("client")
			}
			return promise(c.core.InOrder, logged(c.log, name, f(c, args)))
		})
	}
	sync := func(name string, gone any, f func(c *Client) any) {
		a.method(class, name, func(this js.Value, _ []js.Value) any {
			c := a.clientOf(this)
			if c == nil {
				return gone
			}
			return f(c)
		})
	}
	a.method(class, "join", func(this js.Value, args []js.Value) any {
		c := a.clientOf(this)
		if c == nil {
			return rejected("client")
		}
		return c.join(arg(args, 0))
	})
	a.defineEncryption(class, async)
	async("leave", func(c *Client, _ []js.Value) work {
		return func() (any, error) { return nil, c.core.Leave(c.ctx) }
	})
	a.method(class, "destroy", func(this js.Value, _ []js.Value) any {
		c := a.clientOf(this)
		if c == nil {
			return rejected("client")
		}
		return c.destroy()
	})
	async("checkConnectivity", (*Client).checkConnectivity)
	a.defineLayers(async)
	a.defineTasks(async)
	async("publish", (*Client).publish)
	async("unpublish", (*Client).unpublish)
	async("subscribe", func(c *Client, args []js.Value) work {
		uid, types := uidText(arg(args, 0)), choice(arg(args, 1))
		q, chosen := layer(js.Property(arg(args, 1), "highOrLow"))
		return func() (any, error) {
			if chosen {
				if err := c.core.Choose(c.ctx, uid, q, pictures(protocol.MediaTypes[:])...); err != nil {
					return nil, err
				}
			}
			return nil, c.subscribe(uid, types)
		}
	})
	async("unsubscribe", func(c *Client, args []js.Value) work {
		uid := uidText(arg(args, 0))
		return func() (any, error) { return nil, c.subscribe(uid, nil) }
	})
	a.method(class, "setPlaybackVolume", func(this js.Value, args []js.Value) any {
		if c := a.clientOf(this); c != nil {
			c.setPlaybackVolume(arg(args, 0))
		}
		return nil
	})
	a.method(class, "setChannelProfile", func(this js.Value, args []js.Value) any {
		c := a.clientOf(this)
		return c != nil && c.core.SetProfile(protocol.Profile(js.TextOr(arg(args, 0), ""))) == nil
	})
	a.method(class, "setLocalMediaPriority", func(this js.Value, args []js.Value) any {
		c := a.clientOf(this)
		priority, _ := js.Integer(arg(args, 0))
		return c != nil && c.core.SetPriority(int(priority), js.IsSet(arg(args, 1))) == nil
	})
	async("setClientRole", func(c *Client, args []js.Value) work {
		// Begun here and not in the work: a join that the page calls next must find it.
		result := c.core.SetRole(protocol.Role(js.TextOr(arg(args, 0), "")))
		return func() (any, error) { return nil, <-result }
	})
	async("setRelay", func(c *Client, args []js.Value) work {
		// Done here and not in the work: a join that the page calls next must find it.
		err := c.core.SetRelay(js.IsTrue(arg(args, 0)))
		return func() (any, error) { return nil, err }
	})
	async("updatePermKey", func(c *Client, args []js.Value) work {
		permkey := js.TextOr(arg(args, 0), "")
		return func() (any, error) { return nil, c.core.UpdatePermkey(c.ctx, permkey) }
	})
	async("startMediaRecording", (*Client).startMediaRecording)
	async("stopMediaRecording", (*Client).stopMediaRecording)
	async("downloadMediaRecording", (*Client).downloadMediaRecording)
	async("cleanMediaRecording", (*Client).cleanMediaRecording)
	sync("getConnectionState", string(client.Disconnected), func(c *Client) any { return string(c.core.State()) })
	sync("getUid", nil, func(c *Client) any { return c.uid(c.core.UID()) })
	sync("getChannelInfo", nil, (*Client).channelInfo)
	a.method(class, "statistics", func(this js.Value, args []js.Value) any {
		c := a.clientOf(this)
		if c == nil {
			return js.Undefined()
		}
		return c.statistics(js.TextOr(arg(args, 0), ""), protocol.MediaType(js.TextOr(arg(args, 1), "")))
	})
	return class
}

// join settles its promise between the change to CONNECTED and the announcement of those
// who are there already, so that a page can register its handlers after `await join()`.
func (c *Client) join(options js.Value) js.Value {
	o, numeric, err := joinOptions(options, c.server)
	if err == nil && c.core.State() != client.Disconnected {
		err = errcode.New(errcode.RepeatedJoin, "join while %s", c.core.State())
	}
	if err != nil {
		return promise(c.core.InOrder, logged(c.log, "join", fail(err)))
	}
	p := js.NewPromise()
	c.mu.Lock()
	c.numeric, c.joining = numeric, p
	c.mu.Unlock()
	go func() {
		_, err := guarded(func() (any, error) { return nil, c.core.Join(c.ctx, o) })
		c.core.InOrder(func() { js.Guard(func() { p.Settle(js.Undefined(), err) }) })
	}()
	return p.Value
}

// destroy takes the object out of reach at once; its promise resolves when the room is left.
func (c *Client) destroy() js.Value {
	c.api.mu.Lock()
	delete(c.api.clients, c.id)
	c.api.mu.Unlock()
	c.core.Retire() // now: a join whose goroutine has not begun yet must not begin behind the leave
	p := js.NewPromise()
	go func() {
		_ = c.core.Leave(context.Background())
		c.core.InOrder(func() {
			js.Guard(func() {
				c.forgetRoom()
				c.cancel()
				c.scope.Close()
				p.Resolve(js.Undefined())
			})
			go func() {
				c.discardRecording()
				c.api.forgetRetired(c)
				c.api.forgetPublisher(c)
				c.api.collect()
			}()
			go func() { _ = c.core.Destroy(context.Background()) }()
		})
	}()
	return p.Value
}

func (c *Client) channelInfo() any {
	info := c.core.ChannelInfo()
	return map[string]any{
		"cid": float64(info.CID), "channelName": info.Channel, "uid": c.uid(info.UID), "token": info.Token,
	}
}

func (c *Client) uid(uid string) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return uidValue(uid, c.numeric)
}

func (c *Client) subscribe(uid string, types []protocol.MediaType) error {
	err := c.core.Subscribe(c.ctx, uid, types...)
	if err != nil {
		return err
	}
	// What is no longer received must not stand still in the page.
	c.core.InOrder(func() {
		c.mu.Lock()
		remote := c.remotes[uid]
		c.mu.Unlock()
		if remote != nil {
			remote.keepTracks(types)
		}
	})
	return nil
}
