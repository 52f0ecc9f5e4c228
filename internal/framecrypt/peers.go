package framecrypt

// peer is a sender that was heard: a tag with its key has verified.
type peer struct {
	keys   *senderKeys
	epoch  *epoch
	window window
	used   uint64
}

// maxPeers is how many senders are remembered. A sender is one track of one stay, so that
// this is a call of hundreds for hours, and 25 MB of the worker's memory; then the one that was silent for longest is forgotten,
// and frames of it could be replayed.
const maxPeers = 4096

// peers are the known senders by key id. Only members with the key can make entries.
type peers struct {
	byKID map[uint64]*peer
	tick  uint64
}

func (p *peers) find(kid uint64) *peer {
	found := p.byKID[kid]
	if found != nil {
		p.tick++
		found.used = p.tick
	}
	return found
}

func (p *peers) add(n *peer) {
	if p.byKID == nil {
		p.byKID = map[uint64]*peer{}
	}
	if len(p.byKID) >= maxPeers {
		oldest := n
		for _, o := range p.byKID {
			if oldest == n || o.used < oldest.used {
				oldest = o
			}
		}
		delete(p.byKID, oldest.keys.kid)
		oldest.keys.forget()
	}
	p.tick++
	n.used = p.tick
	p.byKID[n.keys.kid] = n
}

// forget drops the senders of an epoch, and their keys.
func (p *peers) forget(e *epoch) {
	for kid, o := range p.byKID {
		if o.epoch == e {
			delete(p.byKID, kid)
			o.keys.forget()
		}
	}
}

// windowSize is how far behind the newest frame of a sender another may come, in frames:
// ten seconds of three layers at 30 fps. What is older is taken for a replay.
const windowSize = 1024

// window remembers which counters of a sender came. https://www.rfc-editor.org/rfc/rfc9605.html#section-9.3
type window struct {
	top  uint64
	any  bool
	bits [windowSize / 64]uint64
}

func (w *window) seen(counter uint64) bool {
	switch {
	case !w.any || counter > w.top:
		return false
	case w.top-counter >= windowSize:
		return true
	}
	return w.bits[counter%windowSize/64]>>(counter%64)&1 == 1
}

// add notes a counter that seen has not. Only for frames whose tag has verified.
func (w *window) add(counter uint64) {
	if w.any && counter > w.top {
		if counter-w.top >= windowSize {
			w.bits = [windowSize / 64]uint64{}
		} else {
			for n := w.top + 1; n <= counter; n++ {
				w.bits[n%windowSize/64] &^= 1 << (n % 64)
			}
		}
	}
	if !w.any || counter > w.top {
		w.any, w.top = true, counter
	}
	w.bits[counter%windowSize/64] |= 1 << (counter % 64)
}
