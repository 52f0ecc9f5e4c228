// Runs in front of the frame worker's own script: it takes hold of the core's object, and answers {bench: …} with how
// long frames take from one ArrayBuffer to another, as the pump does it. Of the frames of a call it keeps how long each was in
// the worker, from the browser's reader to the browser's writer, and answers {latencies: true} with that in ms, and {memory: true}
// with the core's memory in bytes.
(() => {
  let frames
  let core // the exports of the WebAssembly
  const instantiate = WebAssembly.instantiate
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args)
    core = instance.exports
    return instance
  }
  Object.defineProperty(globalThis, 'nertcFrames', {
    configurable: true,
    set(resolve) {
      const boot = (core) => { frames = core; resolve(core) }
      Object.defineProperty(globalThis, 'nertcFrames', { configurable: true, writable: true, value: boot })
    },
  })
  const arrived = new WeakMap()
  const latencies = { audio: [], video: [] }
  const wrap = (prototype, method, change) => {
    const real = prototype[method]
    prototype[method] = function (...args) { return change(real.apply(this, args)) }
  }
  wrap(ReadableStream.prototype, 'getReader', (reader) => {
    const read = reader.read.bind(reader)
    reader.read = async () => {
      const result = await read()
      if (!result.done) arrived.set(result.value, performance.now())
      return result
    }
    return reader
  })
  wrap(WritableStream.prototype, 'getWriter', (writer) => {
    const write = writer.write.bind(writer)
    writer.write = (frame) => {
      latencies[frame.type === undefined ? 'audio' : 'video'].push(performance.now() - arrived.get(frame))
      return write(frame)
    }
    return writer
  })
  addEventListener('message', ({ data }) => { if (data?.latencies) postMessage({ latencies }) })
  addEventListener('message', ({ data }) => {
    if (!data?.memory) return
    for (const list of Object.values(latencies)) list.length = 0 // ours, not the call's
    postMessage({ memory: core.mem.buffer.byteLength })
  })

  let room = 1000
  function open({ mode, key }) {
    frames.message({ begin: ++room, mode, key: Uint8Array.from(key) })
    const track = room
    frames.open(track, room, true)
    const size = 64 << 10
    const address = core.nertcSpace(size) >>> 0
    let space = new Uint8Array(0)
    const seen = () => (space.length ? space : (space = new Uint8Array(core.mem.buffer, address, 2 * size)))
    return (data) => {
      seen().set(new Uint8Array(data))
      const length = core.nertcFrame(track, 0, data.byteLength)
      if (length < 0) throw new Error('a frame was dropped')
      return seen().slice(size, size + length).buffer
    }
  }
  addEventListener('message', async ({ data }) => {
    if (!data?.bench) return
    const { mode, key, size, milliseconds } = data.bench
    const encrypt = open({ mode, key })
    const frame = Uint8Array.from({ length: size }, (_, i) => i * 7).buffer
    const sample = new Uint8Array(encrypt(frame))
    const time = (until) => {
      const begin = performance.now()
      let count = 0
      while (performance.now() - begin < until) for (let i = 0; i < 20; i++, count++) encrypt(frame)
      return (performance.now() - begin) / count
    }
    time(milliseconds / 4)
    postMessage({ benched: { each: time(milliseconds), sample } })
  })
})()
