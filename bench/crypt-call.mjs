// A call of two at 720p and 30 fps, clear and encrypted in the same run: how long each frame is in the worker, what is
// dropped, and whether the page ever stands still. With --long also what memory a call takes, for ten minutes.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { MiB, percentile, table } from './figures.mjs'

const hook = await readFile(new URL('pages/crypt-worker.js', import.meta.url), 'utf8')

// A page in a window of its own: one behind another would present nothing.
async function caller({ browser, site, gateway }, { room, uid, mode }) {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript((hook) => {
    const Plain = Blob
    window.Blob = class extends Plain {
      constructor(parts, options) { super(options?.type === 'text/javascript' ? [hook, ...parts] : parts, options) }
    }
    const Spawn = Worker
    window.workers = []
    window.Worker = class extends Spawn {
      constructor(...args) { super(...args); workers.push(this) }
    }
    window.longTasks = []
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ['longtask'] })
  }, hook)
  await page.goto(site.page('nertc.html', gateway.url))
  await page.evaluate(async ({ room, uid, mode }) => {
    await driver.ready()
    const make = NERTC.createClient
    // The driver makes the client in join.
    NERTC.createClient = (options) => {
      const client = make(options)
      client.setEncryptionMode(mode)
      if (mode !== 'none') client.setEncryptionSecret('bench')
      return client
    }
    await driver.join({ channelName: room, uid })
    NERTC.createClient = make
    // Calm enough for the bits of a 720p camera: of more the encoder makes a smaller picture.
    const picture = Object.assign(media.noise(1280, 720, 30), { fields: 1 })
    window.local = NERTC.createStream({ client, uid, audio: true, video: true, audioSource: media.tone(300 + 40 * uid).track, videoSource: picture.track })
    local.setVideoProfile({ resolution: NERTC.VIDEO_QUALITY.VIDEO_QUALITY_720p, frameRate: NERTC.VIDEO_FRAME_RATE.CHAT_VIDEO_FRAME_RATE_30 })
    await local.init()
    await client.publish(local)
    // The browser is not to make the picture smaller or slower for its bandwidth or processor: what is measured is a frame of 720p in the worker.
    // https://www.w3.org/TR/mst-content-hint/#dom-rtcdegradationpreference-maintain-framerate-and-resolution
    for (const sender of probe.peers.flatMap((pc) => pc.getSenders()).filter((s) => s.track?.kind === 'video')) {
      const parameters = sender.getParameters()
      parameters.degradationPreference = 'maintain-framerate-and-resolution'
      await sender.setParameters(parameters)
    }
  }, { room, uid, mode })
  return { context, page }
}

const received = (page) => page.evaluate(async () => {
  const sum = { received: 0, decoded: 0, dropped: 0, width: 0, seconds: performance.now() / 1000 }
  for (const pc of probe.peers) {
    for (const s of (await pc.getStats()).values()) {
      if (s.type !== 'inbound-rtp' || s.kind !== 'video') continue
      sum.received += s.framesReceived
      sum.decoded += s.framesDecoded
      sum.dropped += s.framesDropped
      sum.width = Math.max(sum.width, s.frameWidth ?? 0)
    }
  }
  return sum
})

const WIDTH = 1280

// A call of two whose pictures have their size and rate on both sides.
async function pairOf(world, mode) {
  const room = `bench-${randomUUID().slice(0, 12)}`
  const pair = [await caller(world, { room, uid: 1, mode }), await caller(world, { room, uid: 2, mode })]
  for (const { page } of pair) {
    const deadline = performance.now() + 90_000
    for (let width = 0; width < WIDTH; { width } = await received(page)) {
      if (performance.now() > deadline) throw new Error(`after 90 s the picture is ${width} wide instead of ${WIDTH}`)
      await pause(500)
    }
  }
  await pause(3000)
  return pair
}

const part = (pair) => Promise.all(pair.map(async ({ page, context }) => {
  await page.evaluate(() => driver.leave()).catch(() => {})
  await context.close()
}))

async function call(world, mode, seconds) {
  const pair = await pairOf(world, mode)
  try {
    await Promise.all(pair.map(({ page }) => page.evaluate(() => { longTasks.length = 0 })))
    const before = await Promise.all(pair.map(({ page }) => received(page)))
    await pause(seconds * 1000)
    const after = await Promise.all(pair.map(({ page }) => received(page)))
    const latencies = mode === 'none' ? [] : await Promise.all(pair.map(({ page }) => page.evaluate(() => new Promise((resolve) => {
      workers[0].addEventListener('message', ({ data }) => data.latencies && resolve(data.latencies))
      workers[0].postMessage({ latencies: true })
    }))))
    const tasks = (await Promise.all(pair.map(({ page }) => page.evaluate(() => longTasks)))).flat()
    const sum = (of) => after.reduce((total, a, i) => total + a[of] - before[i][of], 0)
    return {
      mode, width: Math.min(...after.map((a) => a.width)), fps: sum('decoded') / sum('seconds'), decoded: sum('decoded'), dropped: sum('dropped'),
      video: latencies.flatMap((l) => l.video), audio: latencies.flatMap((l) => l.audio), longest: Math.max(0, ...tasks),
    }
  } finally {
    await part(pair)
  }
}

// What JavaScript holds in a page and in its frame worker, once the garbage is collected, by the browser's debugger.
async function heaps(page) {
  const cdp = await page.context().newCDPSession(page)
  const waiting = new Map()
  let worker
  cdp.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => { if (targetInfo.type === 'worker') worker = sessionId })
  cdp.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message)
    waiting.get(id)?.(result)
  })
  await cdp.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  const inWorker = (method) => new Promise((resolve) => {
    const id = waiting.size + 1
    waiting.set(id, resolve)
    cdp.send('Target.sendMessageToTarget', { sessionId: worker, message: JSON.stringify({ id, method }) })
  })
  try {
    await cdp.send('HeapProfiler.collectGarbage')
    await inWorker('HeapProfiler.collectGarbage')
    return { page: (await cdp.send('Runtime.getHeapUsage')).usedSize, worker: (await inWorker('Runtime.getHeapUsage')).usedSize }
  } finally {
    await cdp.detach()
  }
}

// The memory of one end: of the core in the page and in the worker, and what JavaScript holds in both.
async function memory(page) {
  const cores = await page.evaluate(async () => {
    const worker = await new Promise((resolve) => {
      const listen = ({ data }) => {
        if (!data.memory) return
        workers[0].removeEventListener('message', listen)
        resolve(data.memory)
      }
      workers[0].addEventListener('message', listen)
      workers[0].postMessage({ memory: true })
    })
    return { page: probe.memory(), worker }
  })
  const { page: pageHeap, worker: workerHeap } = await heaps(page)
  return { ...cores, pageHeap, workerHeap }
}

/** cryptMemory watches an encrypted call, and answers what there was at the end of each minute: the larger of the two ends. */
export async function cryptMemory(world, { minutes = 10, progress = () => {} } = {}) {
  const pair = await pairOf(world, 'sm4-128-gcm')
  const figures = []
  try {
    for (let minute = 1; minute <= minutes; minute++) {
      await pause(60_000)
      const ends = [await memory(pair[0].page), await memory(pair[1].page)]
      const of = Object.fromEntries(Object.keys(ends[0]).map((key) => [key, Math.max(...ends.map((end) => end[key]))]))
      figures.push(of)
      progress(`minute ${minute}: core ${MiB(of.page)}, worker ${MiB(of.worker)}, heaps ${MiB(of.pageHeap)} and ${MiB(of.workerHeap)}`)
    }
    const { decoded } = await received(pair[1].page)
    if (decoded < minutes * 60 * 15) throw new Error(`only ${decoded} pictures were decoded`)
  } finally {
    await part(pair)
  }
  const row = (label, of) => [label, MiB(figures[0][of]), MiB(figures.at(-1)[of])]
  table(`Memory of an encrypted call of two at 720p30 over ${minutes} minutes`, ['', 'minute 1', `minute ${minutes}`], [
    row("the core's, in the page", 'page'), row("the core's, in the worker", 'worker'),
    row("JavaScript's, page", 'pageHeap'), row("JavaScript's, worker", 'workerHeap'),
  ])
  return figures
}

export async function cryptCalls(world, { seconds = 20, progress = () => {} } = {}) {
  const figures = []
  for (const mode of ['none', 'sm4-128-gcm', 'sm4-128-ecb']) {
    const one = await call(world, mode, seconds)
    progress(`${mode}: ${one.decoded} pictures, ${one.dropped} dropped`)
    figures.push({
      ...one, video: { frames: one.video.length, p50: percentile(one.video, 0.5), p99: percentile(one.video, 0.99) },
      audio: { frames: one.audio.length, p50: percentile(one.audio, 0.5), p99: percentile(one.audio, 0.99) },
    })
  }
  const took = ({ p50, p99, frames }) => (frames ? [`${p50.toFixed(2)} ms`, `${p99.toFixed(2)} ms`] : ['–', '–'])
  table(`A call of two at 720p30, ${seconds} s each; p99 of a picture in the worker is to be below 2.5 ms, no task of the page above 50 ms`,
    ['', 'width', 'fps', 'dropped', 'picture p50', 'p99', 'sound p50', 'p99', 'longest task'],
    figures.map((f) => [f.mode, f.width, f.fps.toFixed(1), f.dropped, ...took(f.video), ...took(f.audio), f.longest ? `${f.longest.toFixed(0)} ms` : 'none']))
  return figures
}
