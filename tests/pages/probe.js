// Loaded before the SDK. It keeps what the browser made on the SDK's behalf (peer connections, sockets,
// WebAssembly memories), so that a test can ask the browser itself what was sent and received, and when.
(() => {
  const probe = { peers: [], sockets: [], memories: [], marks: [] }
  window.probe = probe
  const mark = (name) => probe.marks.push({ name, at: performance.now() })

  const Peer = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Peer {
    constructor(...args) {
      super(...args)
      probe.peers.push(this)
      mark('peer made')
      this.addEventListener('iceconnectionstatechange', () => mark(`ice ${this.iceConnectionState}`))
      this.addEventListener('connectionstatechange', () => mark(`peer ${this.connectionState}`))
      this.addEventListener('track', () => mark('track'))
    }
    async setLocalDescription(...args) {
      await super.setLocalDescription(...args)
      mark('offer set')
    }
    async setRemoteDescription(...args) {
      mark('answer came')
      await super.setRemoteDescription(...args)
      mark('answer set')
    }
  }

  const Socket = window.WebSocket
  window.WebSocket = class extends Socket {
    constructor(...args) {
      mark('socket made')
      super(...args)
      probe.sockets.push(this)
      this.addEventListener('open', () => mark('socket open'))
      this.addEventListener('message', () => mark('first message'), { once: true })
    }
  }

  // Go exports its memory as `mem`.
  const keep = (result) => {
    const memory = (result.instance ?? result).exports?.mem
    if (memory instanceof WebAssembly.Memory) probe.memories.push(memory)
    return result
  }
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name]
    WebAssembly[name] = (...args) => original.apply(WebAssembly, args).then(keep)
  }
  const Instance = WebAssembly.Instance
  WebAssembly.Instance = function (...args) {
    return keep(new Instance(...args))
  }
  WebAssembly.Instance.prototype = Instance.prototype

  // Bytes of the WebAssembly memories of the page.
  probe.memory = () => probe.memories.reduce((sum, m) => sum + m.buffer.byteLength, 0)

  // Media bytes and frames that the page's peer connections took in and gave out, by kind.
  probe.media = async () => {
    const sum = { audioIn: 0, videoIn: 0, audioOut: 0, videoOut: 0, framesDecoded: 0 }
    for (const peer of probe.peers) {
      if (peer.connectionState === 'closed') continue
      for (const report of (await peer.getStats()).values()) {
        if (report.type === 'inbound-rtp') {
          sum[`${report.kind}In`] += report.bytesReceived
          sum.framesDecoded += report.framesDecoded ?? 0
        } else if (report.type === 'outbound-rtp') {
          sum[`${report.kind}Out`] += report.bytesSent
        }
      }
    }
    return sum
  }
  const reports = async (type) => {
    const found = []
    for (const peer of probe.peers) {
      if (peer.connectionState === 'closed') continue
      for (const report of (await peer.getStats()).values()) if (report.type === type) found.push(report)
    }
    return found
  }

  // The layers of the picture that is sent, by rid.
  probe.layers = async () => Object.fromEntries((await reports('outbound-rtp')).filter((r) => r.rid).map((r) => [r.rid,
    { active: r.active, width: r.frameWidth, height: r.frameHeight, bytes: r.bytesSent }]))

  // Bit/s over `ms` of what is sent, by rid, or received, by kind.
  probe.rates = async (ms, type = 'outbound-rtp') => {
    const count = async () => Object.fromEntries((await reports(type)).map((r) => [r.rid ?? r.kind, r.bytesSent ?? r.bytesReceived]))
    const [before, began] = [await count(), performance.now()]
    await new Promise((r) => setTimeout(r, ms))
    const [after, took] = [await count(), performance.now() - began]
    return Object.fromEntries(Object.keys(after).map((key) => [key, Math.round((after[key] - (before[key] ?? 0)) * 8000 / took)]))
  }

  // The size of the last decoded picture, of the first that is received.
  probe.frame = async () => {
    const report = (await reports('inbound-rtp')).find((r) => r.kind === 'video')
    return { width: report?.frameWidth ?? 0, height: report?.frameHeight ?? 0, frames: report?.framesDecoded ?? 0 }
  }

  // Waits until the decoded picture is as wanted; answers how long that took in ms.
  probe.until = async (wanted, timeout) => {
    const began = performance.now()
    for (;;) {
      const frame = await probe.frame()
      if (wanted(frame)) return Math.round(performance.now() - began)
      if (performance.now() - began > timeout) throw new Error(`still ${frame.width} pixels wide after ${timeout} ms`)
      await new Promise((r) => setTimeout(r, 40))
    }
  }

  // Follows the picture that the page decodes, shown or not, by asking every 40 ms. The answer's longest() is
  // the longest time without a new frame, the one that goes on included; back() when (Date.now()) the last one of
  // more than 300 ms ended, null before and during one.
  probe.follow = () => {
    let frames = 0
    let last = Date.now()
    let longest = 0
    let back = null
    let stopped = false
    const look = async () => {
      const { framesDecoded } = await probe.media()
      if (framesDecoded > frames) {
        const now = Date.now()
        longest = Math.max(longest, now - last)
        if (now - last > 300) back = now
        last = now
      }
      frames = framesDecoded // fewer when a peer connection has been closed: that is no picture
      if (!stopped) setTimeout(look, 40)
    }
    look()
    return {
      restart: () => { last = Date.now(); longest = 0; back = null },
      longest: () => Math.max(longest, Date.now() - last),
      back: () => (Date.now() - last > 300 ? null : back),
      since: () => Date.now() - last,
      stop: () => { stopped = true },
    }
  }
  probe.openPeers = () => probe.peers.filter((p) => p.connectionState !== 'closed').length
  probe.openSockets = () => probe.sockets.filter((s) => s.readyState <= 1).length
})()
