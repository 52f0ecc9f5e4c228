// What the log at DEBUG, and reading the statistics, cost the main thread of a page with nine people in it, WebAssembly included.
// One page in one call, switched from one condition to the next and back: everything else stays as it is.
import { randomUUID } from 'node:crypto'
import { loadavg } from 'node:os'
import { startSenders } from './grid.mjs'
import { median, table } from './figures.mjs'

const OTHERS = 8
const SETTLE = 3000 // ms after a switch, in which nothing is measured
const WINDOW = 12_000 // ms that are measured
const LIMIT = 2 // percent of a core

// What is on in each condition. `quiet` is what the others are compared with.
const CONDITIONS = {
  quiet: { level: 'NONE', read: false, asked: false },
  'log at DEBUG': { level: 'DEBUG', read: false, asked: false },
  'statistics read, for events alone': { level: 'NONE', read: true, asked: false },
  'statistics read, and asked for every second': { level: 'NONE', read: true, asked: true },
}

const inPage = {
  join: async ({ channelName, uid }) => {
    window.condition = { read: true, asked: false }
    // Where nothing is to be read the core waits for a report that does not come.
    const { getStats } = RTCPeerConnection.prototype
    window.held = []
    RTCPeerConnection.prototype.getStats = function () {
      if (window.condition.read) return getStats.call(this)
      return new Promise((resolve) => window.held.push(() => resolve(getStats.call(this))))
    }
    await driver.sit({ channelName, uid })
    for (const event of ['network-quality', 'volume-indicator', 'active-speaker', 'exception']) client.on(event, () => {})
    // Four calls a second in every condition, so that there is something to write: a quiet call has no lines at all.
    let muted = false
    setInterval(() => { muted = !muted; (muted ? local.muteAudio() : local.unmuteAudio()).catch(() => {}) }, 250)
    const names = ['getSessionStats', 'getTransportStats', 'getLocalAudioStats', 'getLocalVideoStats', 'getRemoteAudioStats', 'getRemoteVideoStats']
    setInterval(() => { if (window.condition.asked) for (const name of names) void client[name]() }, 1000)
  },
  become: (condition) => {
    NERTC.Logger.setLogLevel(NERTC.Logger[condition.level])
    window.condition = condition
    if (condition.read) for (const go of window.held.splice(0)) go()
  },
}

/** logging measures each condition in each round, prints the table and answers all figures, in ms of a second. */
export async function logging({ context, site, gateway }, { rounds = 4, progress = () => {} } = {}) {
  const room = `logging-${randomUUID().slice(0, 12)}`
  const stop = await startSenders(gateway, room)
  const results = Object.fromEntries(Object.keys(CONDITIONS).map((name) => [name, []]))
  const load = [loadavg()[0]]
  const page = await context.newPage()
  try {
    await page.goto(site.page('nertc.html', gateway.url))
    await page.evaluate(() => driver.ready())
    await page.evaluate(inPage.join, { channelName: room, uid: 1 })
    await page.waitForFunction((n) => [...document.querySelectorAll('video')].filter((v) => v.videoWidth === 640 && v.readyState >= 2).length === n,
      OTHERS, { timeout: 60_000 })
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' }) // the thread's own clock
    const task = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value
    for (let i = 0; i < rounds; i++) {
      const order = Object.entries(CONDITIONS)
      if (i % 2) order.reverse() // so that none always has the quieter machine
      for (const [name, condition] of order) {
        await page.evaluate(inPage.become, condition)
        await page.waitForTimeout(SETTLE)
        const before = await task()
        const began = performance.now()
        await page.waitForTimeout(WINDOW)
        results[name].push(1e6 * (await task() - before) / (performance.now() - began))
        load.push(loadavg()[0])
        progress(`round ${i + 1} ${name}: ${results[name].at(-1).toFixed(2)} ms of a second`)
      }
    }
  } finally {
    await page.close()
    await stop()
  }
  const more = Object.fromEntries(Object.entries(results).map(([name, all]) => [name, median(all.map((ms, i) => ms - results.quiet[i]))]))
  table(`Nine people in a page: ms of its main thread in a second, ${rounds} rounds in turn (limit ${LIMIT} % of a core more)`,
    ['', 'median', 'more than quiet', 'share of a core'],
    Object.entries(results).map(([name, all]) => [name, median(all).toFixed(1), more[name].toFixed(2), `${(more[name] / 10).toFixed(2)} %`]))
  console.log(`  load of the machine ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}`)
  return { rounds, limit: LIMIT, load, results, more }
}
