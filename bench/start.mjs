// What a page pays before the first call: bytes over the wire, and the time until the core runs.
import { get } from 'node:http'
import { kB, ms, summary, table } from './figures.mjs'

// The bytes of a response's body as they cross the wire, for a browser that takes `encoding`.
const wire = (url, encoding) => new Promise((resolve, reject) => {
  get(url, { headers: { 'accept-encoding': encoding } }, (response) => {
    let bytes = 0
    response.on('data', (chunk) => { bytes += chunk.length })
    response.on('end', () => resolve({ bytes, encoding: response.headers['content-encoding'] ?? 'identity', status: response.statusCode }))
  }).on('error', reject)
})

export async function start({ browser, site, gateway }, { rounds, progress = () => {} }) {
  const cold = []
  const warm = []
  let wasm
  for (let i = 0; i < rounds; i++) {
    // A fresh context has an empty cache of its own; its second page finds what the first one left there.
    const context = await browser.newContext()
    try {
      for (const times of [cold, warm]) {
        const page = await context.newPage()
        await page.goto(site.page('nertc.html', gateway.url))
        await page.waitForFunction(() => window.coreRan, undefined, { timeout: 20_000 })
        times.push(await page.evaluate(() => window.coreRan))
        wasm ??= await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name).find((n) => n.includes('.wasm')))
        // The page that is measured next shall not share the machine with this one.
        await page.close()
      }
      progress(`start ${i + 1}: cold ${ms(cold.at(-1))}, warm ${ms(warm.at(-1))}`)
    } finally {
      await context.close()
    }
  }
  const files = { 'nertc.js': `${gateway.url}/nertc.js`, 'nertc.wasm': wasm ?? `${gateway.url}/nertc.wasm` }
  const bytes = {}
  for (const [name, url] of Object.entries(files)) {
    bytes[name] = { br: await wire(url, 'br'), gzip: await wire(url, 'gzip'), identity: await wire(url, 'identity') }
  }

  table('Bytes over the wire', ['', 'brotli', 'gzip', 'plain', 'brotli limit'], Object.entries(bytes).map(([name, b]) =>
    [name, kB(b.br.bytes), kB(b.gzip.bytes), kB(b.identity.bytes), name.endsWith('.js') ? '25 kB' : '1400 kB']))
  const figures = { cold: summary(cold), warm: summary(warm), bytes }
  table(`Navigation → core runs (NERTC.ready), ${rounds} rounds`, ['', 'median', 'p90'],
    [['cold cache', ms(figures.cold.median), ms(figures.cold.p90)], ['warm cache', ms(figures.warm.median), ms(figures.warm.p90)]])
  return figures
}
