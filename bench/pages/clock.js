// What both SDKs are measured with: the browser's own clock and its callback for a presented frame.
(() => {
  const clock = {}
  window.clock = clock

  // Milliseconds of a clock that two pages of one browser share.
  clock.now = () => performance.timeOrigin + performance.now()

  // The first frame of each <video> that is put into the page from now on. The element is found when it is
  // inserted, so neither SDK's own promise decides what is measured.
  const waiting = []
  const seen = []
  const deliver = (entry) => { const next = waiting.shift(); next ? next(entry) : seen.push(entry) }
  const watched = new WeakSet()
  const watch = (video) => {
    if (watched.has(video)) return
    watched.add(video)
    const inserted = clock.now()
    video.requestVideoFrameCallback((_, about) => deliver({
      at: clock.now(),
      inserted,
      // When the last packet of this frame came in, where the browser tells.
      received: about.receiveTime ? performance.timeOrigin + about.receiveTime : null,
    }))
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node instanceof HTMLVideoElement) watch(node)
        else if (node instanceof Element) node.querySelectorAll('video').forEach(watch)
      }
    }
  }).observe(document, { childList: true, subtree: true })

  clock.firstFrame = () => new Promise((resolve) => seen.length ? resolve(seen.shift()) : waiting.push(resolve))

  // The stages of a join, in ms since `start` (of clock.now), from the marks of probe.js: the first of each name.
  clock.stages = (start) => {
    const stages = {}
    for (const { name, at } of window.probe?.marks ?? []) {
      const ms = performance.timeOrigin + at - start
      if (ms >= 0) stages[name] ??= ms
    }
    return stages
  }
})()
