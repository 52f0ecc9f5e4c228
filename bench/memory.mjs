// Memory: of the page's WebAssembly in a call of two, and of gateway and engine with ten people in a room.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { residentOf, shareOf } from '../tests/fixtures/gateway.mjs'
import { MiB, table } from './figures.mjs'

// People who have joined one room, publish a picture and a tone, and see each other.
async function people({ context, site, gateway }, count, picture) {
  const room = `bench-${randomUUID().slice(0, 12)}`
  const pages = []
  for (let n = 1; n <= count; n++) {
    const page = await context.newPage()
    pages.push(page)
    await page.goto(site.page('nertc.html', gateway.url))
    await page.evaluate(async ({ room, n, picture }) => {
      await driver.ready()
      await driver.join({ channelName: room, uid: n })
      const { fps, scale } = picture
      await driver.prepare(media.picture(['red', 'green', 'blue', 'yellow'][n % 4], { fps, scale }).track, media.tone(300 + 40 * n).track)
      await driver.publish()
    }, { room, n, picture })
  }
  // Everybody decodes everybody else.
  for (const page of pages) {
    await page.waitForFunction((others) => [...document.querySelectorAll('video')].filter((v) => v.videoWidth > 0).length >= others,
      count - 1, { timeout: 60_000 })
  }
  return pages
}

const leave = (pages) => Promise.all(pages.map(async (page) => {
  await page.evaluate(() => driver.leave()).catch(() => {})
  await page.close()
}))

export async function wasmMemory(world, { seconds, progress = () => {} }) {
  const pages = await people(world, 2, { fps: 15, scale: 1 })
  const samples = []
  const every = Math.max(1, Math.floor(seconds / 60))
  try {
    for (let s = 0; s <= seconds; s += every) {
      if (s) await pause(every * 1000)
      const bytes = await Promise.all(pages.map((page) => page.evaluate(() => probe.memory())))
      samples.push({ second: s, bytes: Math.max(...bytes) })
      if (s % 60 === 0) progress(`wasm memory after ${s} s: ${bytes.map(MiB).join(', ')}`)
    }
    const media = await pages[0].evaluate(() => probe.media())
    if (!media.framesDecoded) throw new Error('no picture was decoded in the call of two')
  } finally {
    await leave(pages)
  }
  const values = samples.map((s) => s.bytes)
  const figures = { seconds, first: values[0], last: values.at(-1), max: Math.max(...values), limit: 24 * 2 ** 20, samples }
  table(`WebAssembly memory of a page in a call of two, over ${seconds} s`, ['', 'at first', 'at last', 'most', 'limit'],
    [['wasm memory', MiB(figures.first), MiB(figures.last), MiB(figures.max), MiB(figures.limit)]])
  return figures
}

export async function serverMemory(world, { count = 10, seconds = 20, progress = () => {} } = {}) {
  const { gateway } = world
  const idle = gateway.resident()
  const pages = await people(world, count, { fps: 5, scale: 0.5 })
  const samples = []
  try {
    for (let s = 0; s < seconds; s++) {
      const gatewayBytes = residentOf(gateway.pid)
      samples.push({ gateway: gatewayBytes, sum: gateway.resident(), pss: gateway.resident(shareOf) })
      await pause(1000)
    }
  } finally {
    await leave(pages)
  }
  const most = samples.reduce((a, b) => (b.sum > a.sum ? b : a))
  progress(`resident: ${samples.map((s) => MiB(s.sum)).join(', ')}`)
  const figures = { count, idle, gateway: most.gateway, engine: most.sum - most.gateway, sum: most.sum, pss: most.pss, limit: 250 * 2 ** 20 }
  table(`Resident memory, ${count} people in a room, each with picture and tone (the most of ${seconds} samples)`,
    ['', 'before', 'gateway', 'engine', 'sum', 'limit', 'shared pages once'],
    [['resident', MiB(idle), MiB(figures.gateway), MiB(figures.engine), MiB(figures.sum), MiB(figures.limit), MiB(figures.pss)]])
  return figures
}
