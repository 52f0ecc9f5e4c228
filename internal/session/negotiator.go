package session

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/journal"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/serial"
	"nertc/internal/signal"
)

// stepTimeout bounds one step of a peer connection, which a browser answers within milliseconds.
const stepTimeout = 10 * time.Second

// negotiator owns a session's peer connection. Every step on it (offers, answers,
// remote candidates, new sections) goes through one queue, so that no two overlap;
// between an offer and its answer the queue goes on, but no second offer is made.
type negotiator struct {
	queue serial.Queue
	pc    media.PeerConnection
	log   *journal.Log
	// send sends an offer and has the reply called with the answer, never from inside send.
	send func(protocol.Offer, func(protocol.Answer, error))
	// negotiated is told of each answer that has been set, with the tracks it brings.
	negotiated func(received map[string]media.RemoteTrack)

	// The rest belongs to the queue.
	offering bool                           // an offer waits for its answer
	again    bool                           // another is wanted after it
	fresh    []protocol.NewTrack            // tracks to announce with the next offer
	sent     map[string]int                 // how often a track was published, by its id
	waiting  []func(protocol.Answer, error) // who waits for the next offer's answer
}

// do runs one step on the peer connection in its turn.
func (n *negotiator) do(step func(ctx context.Context)) {
	n.queue.Post(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
		defer cancel()
		step(ctx)
	})
}

// start takes up the work after the first offer went out with the join: answer and candidates belong to it.
func (n *negotiator) start(answer protocol.Answer, candidates []string, failed func(error)) {
	n.do(func(ctx context.Context) {
		if err := n.pc.Answer(ctx, answer.SDP); err != nil {
			n.log.Error("the first answer does not fit", journal.Failure(err)...)
			failed(errcode.Wrap(errcode.Network, err, "set the first answer"))
			return
		}
		for _, c := range candidates {
			n.addCandidate(ctx, c)
		}
		n.tell(answer)
	})
}

// candidate adds a remote candidate in its turn.
func (n *negotiator) candidate(c string) {
	n.do(func(ctx context.Context) { n.addCandidate(ctx, c) })
}

func (n *negotiator) addCandidate(ctx context.Context, c string) {
	// A candidate that cannot be used is not an error of the session: another may do.
	_ = n.pc.AddCandidate(ctx, c)
}

// sections adds the receive sections that the media server asks for, and offers.
func (n *negotiator) sections(s protocol.Sections) {
	n.do(func(ctx context.Context) {
		if s.Audio > 0 || s.Video > 0 {
			if err := n.pc.AddReceivers(ctx, s.Audio, s.Video); err != nil {
				return
			}
		}
		n.offer(ctx, nil)
	})
}

// publish begins to send a track. The reply gets the sender and the id under which the room knows the track.
func (n *negotiator) publish(t protocol.NewTrack, track media.Track, o media.SendOptions, reply func(media.Sender, string, error)) {
	n.do(func(ctx context.Context) {
		if again := n.use(t.CID); again > 0 {
			t.CID = fmt.Sprintf("%s-%d", t.CID, again)
			o.CID = t.CID
		}
		o.Purpose = string(t.MediaType)
		sender, err := n.pc.Send(ctx, track, o)
		if err != nil {
			reply(nil, "", errcode.Wrap(errcode.PublishRefused, err, "send %s", t.MediaType))
			return
		}
		n.fresh = append(n.fresh, t)
		n.offer(ctx, func(a protocol.Answer, err error) {
			id := a.Published[t.CID]
			if err == nil && id == "" {
				err = errcode.New(errcode.PublishRefused, "the server did not take the %s track", t.MediaType)
			}
			if err != nil { // now: the next offer must not have what was refused
				ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
				defer cancel()
				_ = sender.Stop(ctx)
			}
			reply(sender, id, err)
		})
	})
}

// use counts the publications of a track before this one. Each gets an id of its own: the media server is not
// done with an ended one when the next offer comes, and keeps a track with an id that it still has for later.
func (n *negotiator) use(cid string) int {
	if n.sent == nil {
		n.sent = map[string]int{}
	}
	n.sent[cid]++
	return n.sent[cid] - 1
}

// restart looks for a new path for media, through these servers too or, with relayOnly, through nothing else.
func (n *negotiator) restart(servers []media.ICEServer, relayOnly bool) {
	n.do(func(ctx context.Context) {
		if len(servers) > 0 {
			_ = n.pc.SetICEServers(servers, relayOnly) // the former ones may do
		}
		if n.pc.RestartICE() == nil {
			n.offer(ctx, nil)
		}
	})
}

// unpublish ends the sending.
func (n *negotiator) unpublish(sender media.Sender, reply func(error)) {
	n.do(func(ctx context.Context) {
		if err := sender.Stop(ctx); err != nil {
			reply(errcode.Wrap(errcode.Network, err, "stop sending"))
			return
		}
		n.offer(ctx, func(_ protocol.Answer, err error) { reply(err) })
	})
}

// offer makes an offer, or asks for one after that which is under way.
func (n *negotiator) offer(ctx context.Context, reply func(protocol.Answer, error)) {
	if reply != nil {
		n.waiting = append(n.waiting, reply)
	}
	if n.offering {
		n.again = true
		return
	}
	waiting, fresh := n.waiting, n.fresh
	n.waiting, n.fresh = nil, nil
	tell := func(a protocol.Answer, err error) {
		for _, reply := range waiting {
			reply(a, err)
		}
	}
	sdp, err := n.pc.Offer(ctx)
	if err != nil {
		n.log.Warning("no offer could be made", journal.Failure(err)...)
		tell(protocol.Answer{}, errcode.Wrap(errcode.Network, err, "make an offer"))
		return
	}
	n.offering = true
	began := time.Now()
	n.send(protocol.Offer{SDP: sdp, Tracks: fresh}, func(a protocol.Answer, err error) {
		n.do(func(ctx context.Context) {
			if err == nil {
				if e := n.pc.Answer(ctx, a.SDP); e != nil {
					err = errcode.Wrap(errcode.Network, e, "set the answer")
				}
			}
			if err != nil {
				n.log.Warning("negotiation failed", journal.Failure(err)...)
			} else {
				n.log.Debug("negotiated", "took", journal.Since(began), "fresh", strconv.Itoa(len(fresh)))
			}
			n.offering = false
			if err == nil {
				n.tell(a)
			}
			tell(a, err)
			if n.again {
				n.again = false
				n.offer(ctx, nil)
			}
		})
	})
}

// tell says which tracks an answer brings: track id to track.
func (n *negotiator) tell(a protocol.Answer) {
	received := make(map[string]media.RemoteTrack, len(a.Mids))
	for mid, id := range a.Mids {
		if t, ok := n.pc.Receiver(mid); ok {
			received[id] = t
		}
	}
	n.negotiated(received)
}

// close ends the peer connection, also in the middle of a step.
func (n *negotiator) close() {
	n.queue.Close()
	_ = n.pc.Close()
}

// sendOver gives the send function over a socket.
func sendOver(socket *signal.Socket) func(protocol.Offer, func(protocol.Answer, error)) {
	return func(o protocol.Offer, reply func(protocol.Answer, error)) {
		socket.Request(protocol.TypeOffer, o, func(m protocol.Message, err error) {
			var a protocol.Answer
			if err == nil {
				err = signal.DecodeData(m, &a)
			}
			reply(a, err)
		})
	}
}
