// How long a call takes to begin, for livekit-client and for our SDK: the same engine, the same browser, in turn.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { engineToken } from './token.mjs'
import { ms, summary, table } from './figures.mjs'

const SDKS = ['livekit', 'nertc']
const LIMIT = 20_000 // ms that one step of a round may take
// A person needs a moment from the page to the call; the browser still compiles what it has just loaded.
const SETTLE = 400 // ms

const within = (promise, what) => {
  let timer
  return Promise.race([promise, new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${LIMIT} ms`)), LIMIT)
  })]).finally(() => clearTimeout(timer))
}

// One round: a publisher is in the room, a newcomer joins, sees it, and publishes too.
async function round(sdk, { context, site, gateway, engine }) {
  const room = `bench-${randomUUID().slice(0, 12)}`
  const where = (n) => sdk === 'livekit'
    ? { url: engine.url, token: engineToken(engine, room, `user-${n}`) }
    : { channelName: room, uid: n }
  const open = async () => {
    const page = await context.newPage()
    await page.goto(site.page(`${sdk}.html`, gateway?.url ?? ''))
    await within(page.evaluate(() => driver.ready()), `${sdk}: core running`)
    await pause(SETTLE)
    return page
  }
  const picture = (page, colour) => page.evaluate((colour) => driver.prepare(media.picture(colour, { fps: 30 }).track), colour)
  const pages = []
  try {
    const publisher = await open()
    pages.push(publisher)
    await within(publisher.evaluate((w) => driver.join(w), where(1)), `${sdk}: publisher's join`)
    await picture(publisher, 'red')
    await within(publisher.evaluate(() => driver.publish()), `${sdk}: publisher's publish`)

    const newcomer = await open()
    pages.push(newcomer)
    const { joined, frame, stages } = await within(newcomer.evaluate(async (w) => {
      const first = clock.firstFrame()
      const joined = await driver.join(w)
      const frame = await first
      return { joined, frame, stages: clock.stages(joined.start) }
    }, where(2)), `${sdk}: join to first frame`)

    await picture(newcomer, 'blue')
    await publisher.bringToFront() // Chromium presents frames at full rate in the tab in front only
    const shown = publisher.evaluate(() => clock.firstFrame())
    shown.catch(() => {}) // awaited below; the page may close before
    const published = await within(newcomer.evaluate(() => driver.publish()), `${sdk}: publish`)
    const other = await within(shown, `${sdk}: publish to first frame`)
    await Promise.all(pages.map((p) => p.evaluate(() => driver.leave())))
    return {
      connected: joined.connected - joined.start,
      firstFrame: frame.at - joined.start,
      published: other.at - published,
      stages: {
        ...stages,
        joined: joined.connected - joined.start,
        'element in page': frame.inserted - joined.start,
        'first frame received': frame.received && frame.received - joined.start,
        'first frame shown': frame.at - joined.start,
      },
    }
  } finally {
    await Promise.all(pages.map((p) => p.close()))
  }
}

// calls measures `rounds` rounds of each SDK after one that does not count, and answers all figures in ms.
export async function calls(world, { rounds, sdks = SDKS, progress = () => {} }) {
  const results = Object.fromEntries(sdks.map((sdk) => [sdk, []]))
  for (let i = -1; i < rounds; i++) {
    // Who is first changes, so that neither always runs on the quieter machine.
    for (const sdk of i % 2 ? sdks : [...sdks].reverse()) {
      const result = await round(sdk, world)
      if (i >= 0) results[sdk].push(result)
      progress(`${i < 0 ? 'warm-up' : `round ${i + 1}`} ${sdk}: connected ${ms(result.connected)}, ` +
        `first frame ${ms(result.firstFrame)}, published ${ms(result.published)}`)
    }
  }
  return results
}

const MEASURES = [
  ['join call → connected', 'connected'],
  ['join call → first decoded remote frame', 'firstFrame'],
  ['publish call → first frame at the other side', 'published'],
]

export function callsTable(results) {
  const rows = []
  const figures = {}
  for (const [title, key] of MEASURES) {
    const of = Object.fromEntries(Object.entries(results).map(([sdk, all]) => [sdk, summary(all.map((r) => r[key]))]))
    const ratio = of.livekit && of.nertc ? of.nertc.median / of.livekit.median : NaN
    figures[key] = { ...of, ratio }
    rows.push([title, ...['livekit', 'nertc'].flatMap((s) => (of[s] ? [ms(of[s].median), ms(of[s].p90)] : ['–', '–'])),
      Number.isFinite(ratio) ? ratio.toFixed(2) : '–'])
  }
  table(`Calls, ${Object.values(results)[0].length} rounds each, in turn (ratio of the medians, ours to livekit-client's)`,
    ['', 'livekit median', 'p90', 'ours median', 'p90', 'ratio'], rows)
  return figures
}

// In the order in which they are reached; the last column of a stage that one SDK does not have is empty.
const STAGES = [
  ['socket made', 'socket made'], ['peer made', 'peer connection made'], ['offer set', 'offer set'],
  ['socket open', 'socket open'], ['first message', 'first message of the server'],
  ['answer came', 'answer came'], ['answer set', 'answer set'], ['ice connected', 'ICE connected'],
  ['peer connected', 'DTLS connected'], ['joined', 'join resolved'], ['track', 'track event'],
  ['element in page', 'video element in the page'], ['first frame received', 'first key frame received'],
  ['first frame shown', 'first frame shown'],
]

export function stagesTable(results) {
  const figures = {}
  const rows = STAGES.map(([key, title]) => {
    figures[key] = {}
    return [title, ...Object.entries(results).flatMap(([sdk, all]) => {
      const values = all.map((r) => r.stages[key]).filter((v) => Number.isFinite(v))
      if (!values.length) return ['–', '–']
      figures[key][sdk] = summary(values)
      return [ms(figures[key][sdk].median), ms(figures[key][sdk].p90)]
    })]
  })
  table('Stages of a join, since the call of join',
    ['', ...Object.keys(results).flatMap((sdk) => [`${sdk === 'nertc' ? 'ours' : sdk} median`, 'p90'])], rows)
  return figures
}
