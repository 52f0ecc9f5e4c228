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
  // Follows the picture that the page decodes, shown or not, by asking every 40 ms. The answer's longest() is
  // the longest time without a new frame since, the one that goes on included, and when (Date.now()) it ended.
  probe.follow = () => {
    let frames = 0
    let last = Date.now()
    let longest = { ms: 0, ended: null }
    let stopped = false
    const keep = (gap) => { if (gap.ms > longest.ms) longest = gap }
    const look = async () => {
      const { framesDecoded } = await probe.media()
      if (framesDecoded !== frames) {
        keep({ ms: Date.now() - last, ended: Date.now() })
        frames = framesDecoded
        last = Date.now()
      }
      if (!stopped) setTimeout(look, 40)
    }
    look()
    return {
      // The time before the first look does not count.
      restart: () => { last = Date.now(); longest = { ms: 0, ended: null } },
      longest: () => { keep({ ms: Date.now() - last, ended: null }); return longest },
      since: () => Date.now() - last,
      stop: () => { stopped = true },
    }
  }
  probe.openPeers = () => probe.peers.filter((p) => p.connectionState !== 'closed').length
  probe.openSockets = () => probe.sockets.filter((s) => s.readyState <= 1).length
})()
