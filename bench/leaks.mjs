// What is left in a page after many whole calls: join, publish, subscribe, play, leave, destroy.
import { randomUUID } from 'node:crypto'
import { calls } from '../tests/fixtures/rounds.mjs'
import { median, MiB, table } from './figures.mjs'

const CALLS = 50
const LIMIT = 1.05 // the last ten against calls 11 to 20

export async function leaks({ context, site, gateway }, { progress = () => {} }) {
  const channelName = `leaks-${randomUUID().slice(0, 12)}`
  const other = await context.newPage()
  const page = await context.newPage()
  try {
    await other.goto(site.page('call.html', gateway.url))
    await other.evaluate(async (room) => {
      person('other', { options: { appkey: 'bench' } })
      await people.other.join(room, 2)
      await people.other.publish({ colour: 'blue', fps: 5, scale: 0.5 })
    }, channelName)
    await page.goto(site.page('rounds.html', gateway.url))
    await page.bringToFront()
    await page.evaluate(() => NERTC.ready)
    const all = await calls(page, CALLS, { channelName, uid: 1, appkey: 'bench' }, (n, h) =>
      progress(`call ${n}: JS ${MiB(h.heap)}, wasm ${MiB(h.wasm)}, ${h.callbacks} callbacks, ${h.nodes} nodes`))
    return summarise(all)
  } finally {
    await page.close()
    await other.close()
  }
}

const EXACT = ['heldClients', 'heldStreams', 'elements', 'peers', 'sockets', 'inPage', 'clients', 'streams']

function summarise(all) {
  const of = (key, from, to) => median(all.slice(from, to).map((r) => r[key]))
  const level = Object.fromEntries(['heap', 'wasm', 'callbacks', 'nodes', 'listeners'].map((key) => {
    const early = of(key, 10, 20)
    const late = of(key, -10)
    return [key, { early, late, ratio: late / early }]
  }))
  const left = Object.fromEntries(EXACT.map((key) => [key, Math.max(...all.slice(-10).map((r) => r[key]))]))
  table(`What a page holds after each of ${CALLS} calls, median of calls 11 to 20 and of the last ten`,
    ['', 'calls 11–20', 'last ten', 'ratio', 'limit'], [
      ['JavaScript memory', MiB(level.heap.early), MiB(level.heap.late), level.heap.ratio.toFixed(3), String(LIMIT)],
      ['WebAssembly memory', MiB(level.wasm.early), MiB(level.wasm.late), level.wasm.ratio.toFixed(3), String(LIMIT)],
      ['callbacks of the core', level.callbacks.early, level.callbacks.late, level.callbacks.ratio.toFixed(3), '1'],
      ['nodes of documents', level.nodes.early, level.nodes.late, level.nodes.ratio.toFixed(3), '1'],
      ['listeners', level.listeners.early, level.listeners.late, level.listeners.ratio.toFixed(3), '1'],
    ])
  table('Held after any of the last ten calls', ['', 'most', 'limit'], EXACT.map((key) => [key, left[key], 0]))
  const over = [
    ...EXACT.filter((key) => left[key] > 0),
    ...['heap', 'wasm'].filter((key) => level[key].ratio > LIMIT),
    ...['callbacks', 'nodes', 'listeners'].filter((key) => level[key].ratio > 1),
  ]
  if (over.length) console.log(`  over the limit: ${over.join(', ')}`)
  return { calls: CALLS, level, left, over, all }
}
