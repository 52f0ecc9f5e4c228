// Whole calls, one after the other in one page, and what is left of each. Loaded before the SDK: it keeps weak
// references to what the page and the SDK make, so that a test can ask, once the garbage is collected, what is held.
(() => {
  const made = { elements: [], clients: [], streams: [] }
  const own = Document.prototype.createElement
  Document.prototype.createElement = function (name, ...rest) {
    const element = own.call(this, name, ...rest)
    if (/^(video|audio)$/i.test(name)) made.elements.push(new WeakRef(element))
    return element
  }

  const rounds = {}
  window.rounds = rounds

  // One call: a client of its own joins, sees and hears the one who is there, publishes, leaves, and is destroyed.
  rounds.call = async ({ channelName, uid, appkey = 'tests', fps = 15, scale = 0.5 }) => {
    const client = NERTC.createClient({ appkey })
    made.clients.push(new WeakRef(client))
    const view = document.createElement('div')
    view.style.cssText = 'width: 160px; height: 120px'
    document.body.append(view)
    const seen = new Promise((resolve, reject) => {
      client.on('stream-added', ({ stream }) => {
        made.streams.push(new WeakRef(stream))
        client.subscribe(stream).catch(reject)
      })
      client.on('stream-subscribed', ({ stream, mediaType }) => {
        stream.play(view, { [mediaType]: true }).then(() => {
          if (mediaType === 'video') view.querySelector('video').requestVideoFrameCallback(resolve)
        }, reject)
      })
    })
    await client.join({ channelName, uid })
    const picture = media.picture('red', { fps, scale })
    const tone = media.tone(440)
    const stream = NERTC.createStream({ client, uid, audio: true, video: true, audioSource: tone.track, videoSource: picture.track })
    made.streams.push(new WeakRef(stream))
    await stream.init()
    await client.publish(stream)
    await stream.play(view, { video: true })
    await seen
    await client.leave()
    stream.destroy()
    client.destroy()
    picture.stop()
    tone.stop()
    view.remove()
  }

  const alive = (list) => list.filter((reference) => reference.deref()).length

  // What is held now; to be asked when the garbage has been collected.
  rounds.held = () => {
    const { callbacks, clients, streams, memory } = NERTC.getParameters()
    return {
      callbacks, clients, streams, wasm: memory,
      heldClients: alive(made.clients), heldStreams: alive(made.streams), elements: alive(made.elements),
      peers: probe.openPeers(), sockets: probe.openSockets(), inPage: document.querySelectorAll('video, audio').length,
    }
  }
  // The probe keeps peer connections and sockets for tests that ask them: here they shall go.
  rounds.forget = () => {
    probe.peers = probe.peers.filter((p) => p.connectionState !== 'closed')
    probe.sockets = probe.sockets.filter((s) => s.readyState <= 1)
    probe.marks = []
    for (const name of Object.keys(made)) made[name] = made[name].filter((reference) => reference.deref())
  }
})()
