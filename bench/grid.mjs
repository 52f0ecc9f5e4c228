// What nine people of 360p in one page cost its main thread, for livekit-client and for our SDK: the same eight senders,
// the same engine, the same elements, in turn.
import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { root } from '../tests/fixtures/gateway.mjs'
import { engineToken } from './token.mjs'
import { median, table } from './figures.mjs'

const OTHERS = 8
const SETTLE = 4000 // ms after the last picture has come
const WINDOW = 15_000 // ms that are measured
const PROFILE = 6000 // ms that are sampled, apart from the others: sampling costs time too
const LIMIT = 1.1
const at = (name) => fileURLToPath(new URL(`out/${name}`, import.meta.url))

// The senders are a program of their own: what they cost is not in the browser.
export async function startSenders(gateway, room) {
  const ffmpeg = (...args) => execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', ...args])
  ffmpeg('-i', 'testsrc2=size=640x360:rate=15', '-t', '4', '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8',
    '-b:v', '500k', '-g', '15', '-auto-alt-ref', '0', at('grid.ivf'))
  ffmpeg('-i', 'sine=440:sample_rate=48000', '-t', '4', '-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20',
    '-page_duration', '20000', at('grid.ogg'))
  execFileSync('go', ['build', '-o', at('senders'), './bench/senders'], { cwd: root, stdio: 'inherit', env: { GOFLAGS: '-trimpath', ...process.env } })
  const url = `${gateway.url.replace('http', 'ws')}/nertc/v1`
  const child = spawn(at('senders'), ['--url', url, '--app', 'bench', '--room', room, '--count', String(OTHERS),
    '--video', at('grid.ivf'), '--audio', at('grid.ogg')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])
  if (line[0] !== 'ready') throw new Error('the senders did not start')
  return async () => {
    child.stdin.end()
    await ended
  }
}

const inPage = {
  // Both put the pictures into boxes of one size, play every sound, and send one camera of 360p with a microphone.
  livekit: async ({ url, token }) => {
    const room = new livekit.Room()
    window.room = room
    room.on('trackSubscribed', (track) => {
      const element = track.attach()
      if (track.kind === 'video') element.style.cssText = 'width: 320px; height: 180px'
      document.body.append(element)
    })
    await room.connect(url, token)
    const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 15 }, audio: true })
    await room.localParticipant.publishTrack(camera.getVideoTracks()[0], { source: 'camera', simulcast: false })
    await room.localParticipant.publishTrack(camera.getAudioTracks()[0], { source: 'microphone' })
  },
  nertc: (where) => driver.sit(where),
}

const METRICS = ['TaskDuration', 'ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration']

async function round(sdk, { context, site, gateway, engine }, room) {
  const where = sdk === 'livekit'
    ? { url: engine.url, token: engineToken(engine, `bench:${room}`, `page-${randomUUID().slice(0, 6)}`) }
    : { channelName: room, uid: 1 }
  const page = await context.newPage()
  try {
    await page.goto(site.page(`${sdk}.html`, gateway.url))
    await page.evaluate(() => driver.ready())
    await page.evaluate(inPage[sdk], where)
    await page.waitForFunction((n) => [...document.querySelectorAll('video')].filter((v) => v.videoWidth === 640 && v.readyState >= 2).length === n,
      OTHERS, { timeout: 60_000 })
    await page.waitForTimeout(SETTLE)
    const cdp = await page.context().newCDPSession(page)
    // The thread's own clock: what others do to the machine is not in it.
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
    const metrics = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics')
      return { ...Object.fromEntries(metrics.filter((m) => METRICS.includes(m.name)).map((m) => [m.name, m.value])),
        frames: (await page.evaluate(() => probe.media())).framesDecoded }
    }
    const before = await metrics()
    const began = Date.now()
    await page.waitForTimeout(WINDOW)
    const after = await metrics()
    const seconds = (Date.now() - began) / 1000
    const per = (name) => (after[name] - before[name]) / seconds
    const share = await sampled(cdp, page)
    await page.evaluate(() => driver.leave())
    return {
      task: 1000 * per('TaskDuration'), script: 1000 * per('ScriptDuration'),
      layout: 1000 * (per('LayoutDuration') + per('RecalcStyleDuration')), fps: per('frames') / OTHERS, ...share,
    }
  } finally {
    await page.close()
  }
}

// Whose code the main thread was in, in ms of a second: the WebAssembly's, that of the scripts, the collector's.
async function sampled(cdp, page) {
  await cdp.send('Profiler.enable')
  await cdp.send('Profiler.setSamplingInterval', { interval: 200 })
  await cdp.send('Profiler.start')
  await page.waitForTimeout(PROFILE)
  const { profile } = await cdp.send('Profiler.stop')
  const of = new Map(profile.nodes.map((n) => [n.id, n.callFrame]))
  const time = { wasm: 0, scripts: 0, collector: 0 }
  profile.samples.forEach((id, i) => {
    const { url, functionName } = of.get(id)
    const ms = Math.max(0, profile.timeDeltas[i]) / 1000
    if (url.startsWith('wasm:') || functionName.startsWith('wasm-')) time.wasm += ms
    else if (url) time.scripts += ms
    else if (functionName === '(garbage collector)') time.collector += ms
  })
  const seconds = (profile.endTime - profile.startTime) / 1e6
  return Object.fromEntries(Object.entries(time).map(([key, ms]) => [key, ms / seconds]))
}

export async function grid(world, { rounds = 3, progress = () => {} } = {}) {
  const room = `grid-${randomUUID().slice(0, 12)}`
  const stop = await startSenders(world.gateway, room)
  const results = { livekit: [], nertc: [] }
  const load = [loadavg()[0]]
  try {
    for (let i = 0; i < rounds; i++) {
      // Who is first changes, so that neither always has the quieter machine.
      for (const sdk of i % 2 ? ['nertc', 'livekit'] : ['livekit', 'nertc']) {
        const result = await round(sdk, world, room)
        results[sdk].push(result)
        load.push(loadavg()[0])
        progress(`round ${i + 1} ${sdk}: ${JSON.stringify(Object.fromEntries(Object.entries(result).map(([k, v]) => [k, Number(v.toFixed(2))])))}`)
      }
    }
  } finally {
    await stop()
  }
  const mid = (sdk, key) => median(results[sdk].map((r) => r[key]))
  const rows = [
    ['main thread, all tasks', 'task'], ['of it scripts, WebAssembly included', 'script'], ['of it layout and style', 'layout'],
    ['sampled: WebAssembly', 'wasm'], ['sampled: scripts', 'scripts'], ['sampled: collector', 'collector'],
  ].map(([title, key]) => [title, mid('livekit', key).toFixed(1), mid('nertc', key).toFixed(1),
    mid('livekit', key) > 0.05 ? (mid('nertc', key) / mid('livekit', key)).toFixed(2) : '–'])
  const ratio = mid('nertc', 'task') / mid('livekit', 'task')
  table(`A grid of nine of 360p: ms of the page's main thread in a second, ${rounds} rounds each, in turn (limit ${LIMIT})`,
    ['', 'livekit', 'ours', 'ratio'], rows)
  console.log(`  frames a second of each picture: livekit ${mid('livekit', 'fps').toFixed(1)}, ours ${mid('nertc', 'fps').toFixed(1)}; ` +
    `load of the machine ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}`)
  return { rounds, ratio, limit: LIMIT, load, results }
}
