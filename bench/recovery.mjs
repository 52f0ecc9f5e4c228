// How long a call of two is without pictures when its signalling, the engine or the gateway breaks.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { startGateway } from '../tests/fixtures/gateway.mjs'
import { startRelay } from '../tests/fixtures/relay.mjs'
import { ms, summary, table } from './figures.mjs'
import { freePort } from '../tests/fixtures/ports.mjs'

const LIMIT = 60_000 // ms that a try may take to recover
const CUT = 5000 // ms that signalling stays cut
const CALM = 1000 // ms of steady pictures before a break, and of the same after it

// Two people who see each other, each in a page, watched by the frames that their pages decode.
async function call({ context, site }, sdks) {
  const room = `recovery-${randomUUID().slice(0, 12)}`
  const pages = []
  for (const [i, colour] of ['red', 'blue'].entries()) {
    const page = await context.newPage()
    pages.push(page)
    await page.goto(site.page('call.html', sdks[i]))
    await page.evaluate(async ([room, uid, colour]) => {
      person('me')
      await people.me.join(room, uid)
      await people.me.publish({ colour, fps: 30 })
      window.frames = probe.follow()
    }, [room, i + 1, colour])
  }
  await steady(pages)
  return pages
}

// Waits until all pages have decoded without a gap for a while.
const steady = (pages) => Promise.all(pages.map((page) => page.evaluate(async ([calm, limit]) => {
  const until = Date.now() + limit
  for (let since = 0; !since || Date.now() - since < calm;) {
    if (Date.now() > until) throw new Error(`no steady picture within ${limit} ms: ${people.me.story().join(', ')}`)
    await new Promise((r) => setTimeout(r, 20))
    if (frames.since() > 250 || people.me.client.getConnectionState() !== 'CONNECTED') since = 0
    else since ||= Date.now()
  }
}, [CALM, LIMIT])))

const restart = (pages) => Promise.all(pages.map((page) => page.evaluate(() => frames.restart())))
const longest = (pages) => Promise.all(pages.map((page) => page.evaluate(() => frames.longest())))
const close = (pages) => Promise.all(pages.map((page) => page.close()))

// The longest time that either page went without a new frame while signalling of one of them was cut.
async function signallingCut(world) {
  const gateway = await startGateway()
  const relay = await startRelay(gateway)
  try {
    const pages = await call(world, [relay.url, gateway.url])
    const before = await pages[1].evaluate(() => people.me.log.length)
    await restart(pages)
    relay.cut()
    await pause(CUT)
    if (await pages[0].evaluate(() => people.me.client.getConnectionState()) !== 'CONNECTING') throw new Error('the cut was not noticed')
    relay.mend()
    await steady(pages)
    const gaps = await longest(pages)
    const told = await pages[1].evaluate((n) => people.me.story().slice(n), before)
    if (told.length) throw new Error(`the peer was told: ${told.join(', ')}`)
    await close(pages)
    return Math.max(...gaps)
  } finally {
    await relay.stop()
    await gateway.stop()
  }
}

// From the moment of a kill until the last of the pages decodes again, for good.
async function killed(world, gateway, kill) {
  const pages = await call(world, [gateway.url, gateway.url])
  await restart(pages)
  const at = Date.now()
  await kill()
  await Promise.all(pages.map((page) => page.waitForFunction(() => frames.back(), null, { timeout: LIMIT, polling: 50 })))
  await steady(pages)
  const back = await Promise.all(pages.map((page) => page.evaluate(() => frames.back())))
  if (back.includes(null)) throw new Error('the pictures went again')
  await close(pages)
  return Math.max(...back) - at
}

async function engineKilled(world) {
  const gateway = await startGateway()
  try {
    return await killed(world, gateway, () => { process.kill(gateway.children()[0], 'SIGKILL') })
  } finally {
    await gateway.stop()
  }
}

async function gatewayKilled(world) {
  const listen = `127.0.0.1:${await freePort()}`
  const first = await startGateway({ listen })
  let second
  try {
    return await killed(world, first, async () => {
      process.kill(first.pid, 'SIGKILL')
      await first.exited
      second = await startGateway({ listen })
    })
  } finally {
    await first.stop()
    await second?.stop()
  }
}

const BREAKS = [
  ['signallingCut', `signalling cut for ${CUT / 1000} s: longest time without a frame`, signallingCut],
  ['engineKilled', 'engine killed: until everyone has pictures again', engineKilled],
  ['gatewayKilled', 'gateway killed and started again: the same', gatewayKilled],
]

// recovery tries each break `tries` times and answers all figures in ms.
export async function recovery(world, { tries, progress = () => {} }) {
  const figures = {}
  for (const [key, title, attempt] of BREAKS) {
    const all = []
    for (let i = 0; i < tries; i++) {
      all.push(await attempt(world))
      progress(`try ${i + 1}, ${title}: ${ms(all.at(-1))}`)
    }
    figures[key] = { ...summary(all), all }
  }
  table(`Recovery, ${tries} tries each`, ['', 'median', 'p90', 'max'],
    BREAKS.map(([key, title]) => [title, ms(figures[key].median), ms(figures[key].p90), ms(figures[key].max)]))
  return figures
}
