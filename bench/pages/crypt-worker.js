// Runs in front of the frame worker's own script: it takes hold of the core's object, and answers {bench: …} with how
// long frames take from one ArrayBuffer to another, as the pump does it.
(() => {
  let frames
  Object.defineProperty(globalThis, 'nertcFrames', {
    configurable: true,
    set(resolve) {
      const boot = (core) => { frames = core; resolve(core) }
      Object.defineProperty(globalThis, 'nertcFrames', { configurable: true, writable: true, value: boot })
    },
  })
  let room = 1000
  function open({ mode, key }) {
    frames.message({ begin: ++room, mode, key: Uint8Array.from(key) })
    const track = frames.open(room, true)
    const buffer = new Uint8Array(64 << 10)
    frames.buffer(buffer)
    return (data) => {
      buffer.set(new Uint8Array(data))
      const length = frames.frame(track, 0, data.byteLength)
      if (length < 0) throw new Error('a frame was dropped')
      return buffer.slice(0, length).buffer
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
