// Measures side by side on one engine, in one run: `node bench/run.mjs [-v] [--rounds N] [--long]`.
// docs/benchmarks.md says what each figure means.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { chromium } from '@playwright/test'
import { build } from 'esbuild'
import { args, executablePath } from '../tests/fixtures/chromium.mjs'
import { root, startGateway } from '../tests/fixtures/gateway.mjs'
import { serve } from '../tests/fixtures/site.mjs'
import { calls, callsTable, stagesTable } from './calls.mjs'
import { grid } from './grid.mjs'
import { imposed } from './imposed.mjs'
import { cryptCalls, cryptMemory } from './crypt-call.mjs'
import { crypt } from './crypt.mjs'
import { layers } from './layers.mjs'
import { leaks } from './leaks.mjs'
import { live } from './live.mjs'
import { logging } from './logging.mjs'
import { serverMemory, wasmMemory } from './memory.mjs'
import { devices } from './devices.mjs'
import { recovery } from './recovery.mjs'
import { start } from './start.mjs'

const usage = `usage: node bench/run.mjs [-v] [--rounds N] [--long] [--tries N] [--only calls,start,wasm,server,recovery,devices,layers,leaks,grid,logging,crypt,imposed,live]
  -v          also each round, and the stages of a join
  --rounds N  rounds of each SDK, 10 to 200 (default 12)
  --tries N   tries of each break of the recovery and of live tasks, and change of the device and the layer, 1 to 100 (default 10)
  --long      watch the WebAssembly memory, and a live task's sound and picture, for 10 minutes instead of one, and that of an encrypted call for 10 minutes
  --only      some of the measurements`

function options() {
  const { values } = parseArgs({
    options: {
      verbose: { type: 'boolean', short: 'v' }, rounds: { type: 'string', default: '12' }, long: { type: 'boolean' },
      tries: { type: 'string', default: '10' },
      only: { type: 'string', default: 'calls,start,wasm,server,recovery,devices,layers,leaks,grid,logging,crypt,imposed,live' }, help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 10 || rounds > 200) throw new Error('--rounds is a whole number from 10 to 200')
  const tries = Number(values.tries)
  if (!Number.isInteger(tries) || tries < 1 || tries > 100) throw new Error('--tries is a whole number from 1 to 100')
  return { verbose: values.verbose ?? false, rounds, tries, seconds: values.long ? 600 : 60, only: new Set(values.only.split(',')) }
}

async function main() {
  const { verbose, rounds, tries, seconds, only } = options()
  const out = new URL('out/', import.meta.url)
  await mkdir(out, { recursive: true })
  await build({
    stdin: { contents: "export * from 'livekit-client'", resolveDir: root },
    bundle: true, minify: true, format: 'iife', globalName: 'livekit', logLevel: 'warning',
    outfile: new URL('livekit-client.js', out).pathname,
  })

  const key = { key: 'bench', secret: randomBytes(24).toString('hex') }
  const gateway = await startGateway({ engine: key })
  const site = await serve([new URL('pages/', import.meta.url), out, new URL('../tests/pages/', import.meta.url)])
  const browser = await chromium.launch({ executablePath, args })
  const progress = verbose ? console.log : () => {}
  const figures = { when: new Date().toISOString(), cpus: cpus().length, cpu: cpus()[0]?.model, browser: browser.version(), rounds }
  try {
    const context = await browser.newContext()
    // livekit-client talks to the engine's own signalling directly.
    const world = { browser, context, site, gateway, engine: { ...key, url: `ws://127.0.0.1:${gateway.ready.enginePort}` } }
    console.log(`Chromium ${browser.version()}, ${figures.cpus} × ${figures.cpu}`)
    if (only.has('calls')) {
      const results = await calls(world, { rounds, progress })
      figures.calls = callsTable(results)
      if (verbose) figures.stages = stagesTable(results)
    }
    if (only.has('start')) figures.start = await start(world, { rounds, progress })
    if (only.has('wasm')) figures.wasmMemory = await wasmMemory(world, { seconds, progress })
    if (only.has('server')) figures.serverMemory = await serverMemory(world, { progress })
    if (only.has('grid')) figures.grid = await grid(world, { progress })
    if (only.has('logging')) figures.logging = await logging(world, { progress })
    if (only.has('imposed')) figures.imposed = await imposed(world, { progress })
    if (only.has('crypt')) figures.crypt = { ...await crypt(world, { progress }), calls: await cryptCalls(world, { progress }) }
    if (only.has('crypt') && seconds > 60) figures.crypt.memory = await cryptMemory(world, { minutes: seconds / 60, progress })
    if (only.has('leaks')) figures.leaks = await leaks(world, { progress })
    if (only.has('recovery')) figures.recovery = await recovery(world, { tries, progress })
    if (only.has('layers')) figures.layers = await layers(world, { tries, progress })
    if (only.has('live')) figures.live = await live(world, { tries, seconds, progress })
    if (only.has('devices')) figures.devices = await devices(world, { tries, progress })
  } finally {
    await browser.close()
    await site.close()
    await gateway.stop()
  }
  const file = new URL('bench.json', out)
  await writeFile(file, JSON.stringify(figures, null, 2))
  console.log('\nThe same figures as JSON: bench/out/bench.json')
}

main().catch((e) => {
  console.error(e.message.includes('--') ? `${e.message}\n${usage}` : e)
  process.exit(1)
})
