// Runs in front of the frame worker's own script (tests/specs/encryption-path.spec.mjs): it keeps copies of the first
// encoded pictures that the worker takes from the browser, and answers {taps: true} with them.
(() => {
  const taken = []
  const keep = (frame) => {
    if (frame?.type === undefined || taken.length >= 60) return // sound has no type
    taken.push(new Uint8Array(frame.data.slice(0)))
  }
  const getReader = ReadableStream.prototype.getReader
  ReadableStream.prototype.getReader = function (...args) {
    const reader = getReader.apply(this, args)
    const read = reader.read.bind(reader)
    reader.read = async () => {
      const result = await read()
      if (!result.done) keep(result.value)
      return result
    }
    return reader
  }
  addEventListener('message', (event) => {
    if (!event.data?.taps) return
    event.stopImmediatePropagation()
    postMessage({ tapped: taken })
  })
})()
