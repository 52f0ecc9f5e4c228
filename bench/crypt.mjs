// Encryption of frames: ours in its worker with all copies, others' SM4 in JavaScript, AES-GCM of the browser, and our
// own Go code as a native program.
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { root } from '../tests/fixtures/gateway.mjs'
import { table } from './figures.mjs'

const SIZES = [1200, 20_000]
const KEY = Array.from({ length: 32 }, (_, i) => i)
const rate = (size, ms) => size / ms / 1000 // MB/s

// What `go test -bench` says of the same code natively: {"sm4-128-ecb/1200": MB/s}.
function native() {
  const text = execFileSync('go', ['test', './internal/framecrypt', '-run', '^$', '-bench', 'Encrypt', '-benchtime', '1s'], { cwd: root, encoding: 'utf8' })
  return Object.fromEntries([...text.matchAll(/^BenchmarkEncrypt\/(\S+?)(?:-\d+)?\s.*?([\d.]+) MB\/s/gm)].map(([, name, mbs]) => [name, Number(mbs)]))
}

// A page whose frame worker can be asked to measure itself.
async function openPage({ context, site, gateway }) {
  const hook = await readFile(new URL('pages/crypt-worker.js', import.meta.url), 'utf8')
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
  }, hook)
  await page.goto(site.page('crypt.html', gateway.url))
  await page.evaluate(async (channelName) => {
    const client = NERTC.createClient({ appkey: 'bench' })
    client.setEncryptionMode('sm4-128-gcm')
    client.setEncryptionSecret('bench')
    await client.join({ channelName }) // which starts the worker
    window.rivals = new Worker('/crypt-rivals.js')
    window.ask = (worker, message, pick) => new Promise((resolve) => {
      const listen = ({ data }) => {
        const answer = pick(data)
        if (!answer) return
        worker.removeEventListener('message', listen)
        resolve(answer.sample ? { ...answer, sample: [...answer.sample.slice(0, 64)] } : answer)
      }
      worker.addEventListener('message', listen)
      worker.postMessage(message)
    })
  }, `crypt-${Date.now()}`)
  return page
}

export async function crypt(world, { milliseconds = 1500, progress = () => {} } = {}) {
  await build({
    entryPoints: [new URL('crypt-rivals.js', import.meta.url).pathname], bundle: true, minify: true, format: 'iife', logLevel: 'warning',
    define: { global: 'globalThis' }, outfile: new URL('out/crypt-rivals.js', import.meta.url).pathname,
  })
  const inGo = native()
  const page = await openPage(world)
  const figures = { native: inGo, ours: {}, rivals: {} }
  try {
    const ours = (mode, size) => page.evaluate((bench) => ask(workers[0], { bench }, (data) => data.benched), { mode, size, key: KEY, milliseconds })
    const rival = (name, size) => page.evaluate((message) => ask(rivals, message, (data) => data.each && data), { name, size, key: KEY.slice(0, 16), milliseconds })
    const names = await page.evaluate(() => ask(rivals, {}, (data) => Array.isArray(data) && data))
    for (const size of SIZES) {
      for (const mode of ['sm4-128-ecb', 'sm4-128-gcm']) {
        const one = await ours(mode, size)
        figures.ours[`${mode}/${size}`] = { each: one.each, rate: rate(size, one.each) }
        progress(`${mode} ${size}: ${one.each.toFixed(3)} ms`)
        if (mode === 'sm4-128-ecb') figures.sample = one.sample
      }
      for (const name of names) {
        const one = await rival(name, size)
        // All that encrypt alike must give alike, or the comparison is none.
        if (/^(sm|gm)-.*ECB$/.test(name) && one.sample.join() !== figures.sample.join()) throw new Error(`${name} encrypts otherwise`)
        figures.rivals[`${name}/${size}`] = { each: one.each, rate: rate(size, one.each) }
        progress(`${name} ${size}: ${one.each.toFixed(3)} ms`)
      }
    }
    // The crossing alone: nothing to encrypt but a padding.
    figures.crossing = (await ours('sm4-128-ecb', 0)).each
    const row = (label, of) => [label, ...SIZES.flatMap((size) => {
      const f = of(size)
      return f ? [`${f.rate.toFixed(1)} MB/s`, f.each ? `${(f.each * 1000).toFixed(0)} µs` : ''] : ['', '']
    })]
    table('Encryption of frames in a worker of Chromium, copies included', ['', ...SIZES.flatMap((s) => [`${s} bytes`, 'a frame'])], [
      ...['sm4-128-ecb', 'sm4-128-gcm'].flatMap((mode) => [
        row(`${mode}, ours`, (size) => figures.ours[`${mode}/${size}`]),
        row(`${mode}, the same Go code natively`, (size) => inGo[`${mode}/${size}`] && { rate: inGo[`${mode}/${size}`] }),
      ]),
      ...names.map((name) => row(name, (size) => figures.rivals[`${name}/${size}`])),
    ])
    const big = SIZES.at(-1)
    for (const mode of ['sm4-128-ecb', 'sm4-128-gcm']) {
      const own = figures.ours[`${mode}/${big}`].rate
      const best = Math.max(...Object.entries(figures.rivals).filter(([name]) => /^(sm|gm)-/.test(name) && name.endsWith(`/${big}`)).map(([, f]) => f.rate))
      console.log(`  ${mode} at ${big} bytes: ${(own / inGo[`${mode}/${big}`]).toFixed(2)} of the native rate (0.6 is wanted), ${(own / best).toFixed(1)} times the best SM4 in JavaScript`)
    }
    console.log(`  a call with nothing to encrypt: ${(figures.crossing * 1000).toFixed(1)} µs`)
  } finally {
    await page.close()
  }
  delete figures.sample
  return figures
}
