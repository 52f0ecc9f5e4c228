// Live tasks: how soon hosts are told of what happens to an RTMP server, how soon a task is on the air again, and what a
// programme costs.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { startGateway } from '../tests/fixtures/gateway.mjs'
import { gap, startRTMP, times } from '../tests/fixtures/rtmp.mjs'
import { summary, table } from './figures.mjs'
import { sync } from './live-sync.mjs'

const LIMIT = 40_000 // ms that anything may take
const DOWN = 3000 // ms that a server is away before it comes back

const s = (ms) => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : '–')

// A host in a room, with picture and sound, and what it is told.
async function host({ context, site }, gateway, { room = `live-${randomUUID().slice(0, 12)}`, uid = 1, scale = 1 } = {}) {
  const page = await context.newPage()
  await page.goto(site.page('call.html', gateway.url))
  await page.evaluate(async ([room, uid, scale]) => {
    window.states = []
    const { client } = person('me')
    client.on('rtmp-state', ({ code, msg }) => states.push({ code, msg, at: Date.now() }))
    client.setChannelProfile({ mode: 'live' })
    await people.me.join(room, uid)
    await people.me.publish({ colour: 'red', fps: 25, scale })
  }, [room, uid, scale])
  const ask = (method, argument) => page.evaluate(([method, argument]) => people.me.client[method](argument).then(() => Date.now()), [method, argument])
  return {
    page,
    count: () => page.evaluate(() => states.length),
    // The moment at which a state of that code was told, of those from the nth on.
    told: async (code, from) => {
      const handle = await page.waitForFunction(([code, from]) => states.slice(from).find((s) => s.code === code), [code, from], { timeout: LIMIT, polling: 20 })
      return (await handle.jsonValue()).at
    },
    add: (url, layout) => ask('addTasks', task(url, layout)),
    move: (url) => ask('updateTasks', task(url)),
    remove: () => ask('deleteTasks', { taskIds: ['bench'] }),
  }
}

const user = (uid, x, width, height) => ({ uid, x, y: 0, width, height, adaption: 0, pushAudio: true, pushVideo: true, zOrder: 0 })
const ALONE = { canvas: { width: 640, height: 360, color: 0 }, users: [user(1, 0, 640, 360)] }
const task = (streamUrl, layout = ALONE) => ({ rtmpTasks: [{ taskId: 'bench', streamUrl, record: false, layout }] })

const MEASURED = [
  ['begun', 'a task is added: on the air (505)'],
  ['moved', 'it moves to another server: on the air there'],
  ['refused', 'a server refuses it: told (506)'],
  ['killed', 'the server is killed: told'],
  ['killedBack', `it comes back after ${DOWN / 1000} s: on the air`],
  ['hung', 'the server hangs (SIGSTOP): told'],
  ['hungBack', `it goes on after ${DOWN / 1000} s more: on the air`],
]

async function attempt(world, gateway) {
  const rtmp = await startRTMP()
  const other = await startRTMP()
  const one = await host(world, gateway)
  const took = {}
  try {
    let since = await one.add(rtmp.url('bench'))
    took.begun = await one.told(505, 0) - since
    // What the break does, and then the next state of the code.
    const next = async (code, action) => {
      const from = await one.count()
      since = Date.now()
      since = await action() ?? since
      return await one.told(code, from) - since
    }
    took.moved = await next(505, () => one.move(other.url('bench')))
    took.refused = await next(506, () => one.move(rtmp.url('bench', 'closed')))
    await next(505, () => one.move(rtmp.url('bench')))
    took.killed = await next(506, () => { rtmp.kill() })
    await pause(DOWN)
    took.killedBack = await next(505, () => rtmp.again())
    took.hung = await next(506, () => { rtmp.hang() })
    await pause(DOWN)
    took.hungBack = await next(505, () => { rtmp.resume() })
    await one.remove()
    return took
  } finally {
    await one.page.close()
    await rtmp.stop()
    await other.stop()
  }
}

// Processor time of a process in seconds so far. The kernel counts in hundredths.
const used = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

// The gateway's own processor time, and that of its ffmpeg processes by what they do.
function account(gateway) {
  const took = { gateway: used(gateway.pid), decoders: 0, encoder: 0 }
  for (const pid of gateway.children()) {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    if (!line[0].endsWith('ffmpeg')) continue
    took[line.includes('libx264') ? 'encoder' : 'decoders'] += used(pid)
  }
  return took
}

// What a second of something costs, in cores.
async function cost(gateway, seconds) {
  const before = account(gateway)
  const at = performance.now()
  await pause(seconds * 1000)
  const after = account(gateway)
  const span = (performance.now() - at) / 1000
  return Object.fromEntries(Object.keys(before).map((key) => [key, (after[key] - before[key]) / span]))
}

const percent = (cores) => `${(cores * 100).toFixed(0)} %`

// 1280×720 with 25 pictures a second of two users, of 960×720 each.
async function load(world, { seconds, progress }) {
  const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8'] })
  const rtmp = await startRTMP()
  const hosts = []
  try {
    const room = `live-${randomUUID().slice(0, 12)}`
    for (const uid of [1, 2]) hosts.push(await host(world, gateway, { room, uid, scale: 3 }))
    await pause(3000)
    const call = await cost(gateway, seconds)
    await hosts[0].add(rtmp.url('load'), { canvas: { width: 1280, height: 720, color: 0 }, users: [user(1, 0, 640, 720), user(2, 640, 640, 720)] })
    await hosts[0].told(505, 0)
    await pause(3000)
    const live = await cost(gateway, seconds)
    await hosts[0].remove()
    const at = times(rtmp.arrived('load')[0])
    const figures = {
      seconds, mixing: live.gateway - call.gateway, decoders: live.decoders, encoder: live.encoder, call: call.gateway,
      rate: (at.video.length - 1) / (at.video.at(-1) - at.video[0]), gap: Math.max(gap(at.video), gap(at.audio)),
    }
    progress(JSON.stringify(figures))
    table(`A programme of 1280×720 at 25/s with two users, over ${seconds} s`, ['', 'of a core'], [
      ['composing, mixing and pushing (the gateway, without the call itself)', percent(figures.mixing)],
      ['decoding and scaling two users (ffmpeg)', percent(figures.decoders)],
      ['both, which is everything beside the encoder', percent(figures.mixing + figures.decoders)],
      ['encoding H.264 and AAC (ffmpeg)', percent(figures.encoder)],
    ])
    console.log(`  what arrived: ${figures.rate.toFixed(2)} pictures a second, no gap beyond ${(figures.gap * 1000).toFixed(0)} ms`)
    return figures
  } finally {
    for (const { page } of hosts) await page.close()
    await rtmp.stop()
    await gateway.stop()
  }
}

// live tries each break `tries` times with a server of its own, then watches programmes for some time. Times of breaks are in ms, others
// in seconds, costs in cores.
export async function live(world, { tries, seconds, progress = () => {} }) {
  const breaks = await breaking(world, { tries, progress })
  return { ...breaks, load: await load(world, { seconds: 20, progress }), sync: await sync(world, { seconds, progress }) }
}

async function breaking(world, { tries, progress }) {
  const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8'] })
  const all = Object.fromEntries(MEASURED.map(([key]) => [key, []]))
  try {
    for (let i = 0; i < tries; i++) {
      const took = await attempt(world, gateway)
      for (const [key] of MEASURED) all[key].push(took[key])
      progress(`try ${i + 1}: ${MEASURED.map(([key]) => `${key} ${s(took[key])}`).join(', ')}`)
    }
  } finally {
    await gateway.stop()
  }
  const figures = Object.fromEntries(MEASURED.map(([key]) => [key, { ...summary(all[key]), all: all[key] }]))
  table(`Live tasks and their servers, ${tries} tries each`, ['', 'median', 'max'],
    MEASURED.map(([key, title]) => [title, s(figures[key].median), s(figures[key].max)]))
  return figures
}
