// A call of two at 720p and 30 fps, clear and encrypted in the same run: how long each frame is in the worker, what is
// dropped, and whether the page ever stands still.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { percentile, table } from './figures.mjs'

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
    window.local = NERTC.createStream({ client, uid, audio: true, video: true, audioSource: media.tone(300 + 40 * uid).track, videoSource: media.noise(1280, 720, 30).track })
    local.setVideoProfile({ resolution: NERTC.VIDEO_QUALITY.VIDEO_QUALITY_720p, frameRate: NERTC.VIDEO_FRAME_RATE.CHAT_VIDEO_FRAME_RATE_30 })
    await local.init()
    await client.publish(local)
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

async function call(world, mode, seconds) {
  const room = `bench-${randomUUID().slice(0, 12)}`
  const pair = [await caller(world, { room, uid: 1, mode }), await caller(world, { room, uid: 2, mode })]
  try {
    for (const { page } of pair) await page.waitForFunction(() => [...document.querySelectorAll('video')].some((v) => v.videoWidth > 0), null, { timeout: 30_000 })
    await pause(5000) // the bandwidth is found meanwhile
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
    for (const { page, context } of pair) {
      await page.evaluate(() => driver.leave()).catch(() => {})
      await context.close()
    }
  }
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
