// How long it takes until setRemoteVideoStreamType shows, and what the low layer really takes.
import { randomUUID } from 'node:crypto'
import { kbps, ms, summary, table } from './figures.mjs'

export const LIMIT = 2000 // ms until a choice shows
export const LOW = [100, 200] // kbit/s: the documented low layers of a camera and of a screen
export const TOLERANCE = 0.2
const UNWATCHED = 20_000 // ms after which a layer that nobody watches must have stopped
const WINDOW = 10_000 // ms of a bitrate
const SETTLE = 700 // ms between two changes

// Somebody who sends a moving picture of 640×480 in two sizes, as a camera or as a screen; that alone, so that nothing shares its rate.
const sender = (page, room, type) => page.evaluate(async ([room, type]) => {
  person('me')
  await people.me.join(room, 1)
  await people.me.client.enableDualStream({ video: true, screen: true })
  people.me.picture = media.noise(640, 480)
  people.me.stream = NERTC.createStream({ client: people.me.client, [type]: true,
    [type === 'screen' ? 'screenVideoSource' : 'videoSource']: people.me.picture.track })
  await people.me.stream.init()
  await people.me.client.publish(people.me.stream)
}, [room, type])

// In the page that watches: change(highOrLow) gives the ms from the call to the first frame of that size that is presented,
// received(ms) the kbit/s of what comes in.
const watch = (page, room, type) => page.evaluate(async ([room, type]) => {
  person('me', { auto: false })
  const style = document.head.appendChild(document.createElement('style'))
  style.textContent = '.view { width: 640px; height: 480px }'
  await people.me.join(room, 2)
  const until = async (f) => { while (!f()) await new Promise((r) => setTimeout(r, 20)) }
  await until(() => people.me.streams.get(1)?.[type === 'screen' ? 'hasScreen' : 'hasVideo']())
  const stream = people.me.streams.get(1)
  await people.me.take(stream, { [type]: true, highOrLow: 1 })
  window.change = (highOrLow) => new Promise((resolve, reject) => {
    const video = people.me.video(1, type)
    const began = performance.now()
    const late = setTimeout(() => reject(new Error(`${type} ${highOrLow}: still ${video.videoWidth} pixels wide`)), 20_000)
    people.me.client.setRemoteStreamType(stream, highOrLow, type).catch(reject)
    const next = (now, { width }) => {
      if ((width > 240) === (highOrLow === 1)) {
        clearTimeout(late)
        return resolve(performance.now() - began)
      }
      video.requestVideoFrameCallback(next)
    }
    video.requestVideoFrameCallback(next)
  })
  const bytes = async () => {
    const all = [...(await probe.peers[0].getStats()).values()]
    const { bytesReceived, timestamp } = all.find((r) => r.type === 'inbound-rtp' && r.trackIdentifier === stream.getVideoTrack(type).id)
    return [bytesReceived, timestamp]
  }
  window.received = async (ms) => {
    const before = await bytes()
    await new Promise((r) => setTimeout(r, ms))
    const after = await bytes()
    return (after[0] - before[0]) * 8 / (after[1] - before[1])
  }
  await until(() => people.me.video(1, type)?.readyState >= 2)
}, [room, type])

// call has somebody send such a picture and somebody watch it, and runs f with the two pages and change().
async function call({ context, site, gateway }, type, f) {
  const room = `layers-${randomUUID().slice(0, 12)}`
  const pages = []
  try {
    for (const make of [sender, watch]) {
      const page = await context.newPage()
      pages.push(page)
      await page.goto(site.page('call.html', gateway.url))
      await page.bringToFront()
      await make(page, room, type)
    }
    const [from, to] = pages
    return await f(from, to, async (n) => {
      await to.waitForTimeout(SETTLE)
      return to.evaluate((n) => change(n), n)
    })
  } finally {
    await Promise.all(pages.map((page) => page.close()))
  }
}

// rates reads three times what the low layer takes while the picture changes more than the encoder can follow.
async function rates(from, to, progress) {
  await from.evaluate(() => { people.me.picture.fields = 12 })
  await to.waitForTimeout(5000)
  const all = []
  for (let i = 0; i < 3; i++) all.push(await to.evaluate((ms) => received(ms), WINDOW))
  progress(`the low layer: ${all.map(kbps).join(', ')}`)
  return { ...summary(all), all }
}

// layers makes each change `tries` times and reads the low layers' bitrates.
export async function layers(world, { tries, progress = () => {} }) {
  const figures = { low: [], high: [], again: [] }
  await call(world, 'video', async (from, to, change) => {
    // A browser that has just begun to send finds out only after a while that there is room for everything.
    await change(0)
    await change(1)
    for (let n = 1; n <= tries; n++) {
      figures.low.push(await change(0))
      figures.high.push(await change(1))
      progress(`try ${n}: low ${ms(figures.low.at(-1))}, high ${ms(figures.high.at(-1))}`)
    }
    for (let n = 1; n <= tries; n++) {
      await change(0)
      await from.waitForFunction(() => probe.layers().then((l) => !l.h.active), undefined, { timeout: UNWATCHED, polling: 200 })
      figures.again.push(await change(1))
      progress(`try ${n}: high again ${ms(figures.again.at(-1))}`)
    }
    await change(0)
    figures.camera = await rates(from, to, progress)
  })
  await call(world, 'screen', async (from, to, change) => {
    await change(0)
    figures.screen = await rates(from, to, progress)
  })
  for (const key of ['low', 'high', 'again']) figures[key] = { ...summary(figures[key]), all: figures[key] }
  table(`setRemoteVideoStreamType: call → first frame of that size presented, ${tries} tries each (at most ${LIMIT} ms)`, ['', 'median', 'p90', 'max'],
    [['to the low layer', 'low'], ['to the high layer', 'high'], ['to the high layer, which nobody watched and was not sent', 'again']]
      .map(([title, key]) => [title, ms(figures[key].median), ms(figures[key].p90), ms(figures[key].max)]))
  table(`The low layer of a restless picture, 3 × ${WINDOW / 1000} s (documented rate ± ${TOLERANCE * 100} %)`, ['', 'documented', 'median', 'min', 'max', 'ratio'],
    [['camera', LOW[0]], ['screen', LOW[1]]].map(([key, want]) => [key, kbps(want), kbps(figures[key].median),
      kbps(figures[key].min), kbps(figures[key].max), (figures[key].median / want).toFixed(2)]))
  return figures
}
