// Live tasks: what a real RTMP server gets of a real call, judged by another decoder.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, person, test as base } from '../fixtures/test.mjs'
import { seconds, sound, streams, tone as toneOf } from '../fixtures/decode.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { gap, picture, startRTMP, times, until } from '../fixtures/rtmp.mjs'

const COLOURS = { red: [220, 30, 30], green: [30, 190, 30], blue: [40, 40, 230], yellow: [225, 215, 20] }
const number = ([r, g, b]) => 65536 * r + 256 * g + b
const RATE = 48_000

const test = base.extend({
  recordings: [async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'nertc-recordings-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  }, { scope: 'worker' }],

  // The server stands on the loopback network, which no task may reach without the operator's permission.
  gateway: [async ({ recordings }, use) => {
    const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8', '--live-recordings', recordings] })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],

  rtmp: async ({}, use) => {
    const server = await startRTMP()
    await use(server)
    await server.stop()
  },

  // An address below which there is an image of each colour, by its name.
  images: [async ({}, use) => {
    const server = createServer((request, response) => {
      const colour = COLOURS[request.url.slice(1)]
      if (!colour) return response.writeHead(404).end()
      const hex = colour.map((v) => v.toString(16).padStart(2, '0')).join('')
      response.end(execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `color=0x${hex}:size=64x48`, '-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe', '-']))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use(`http://127.0.0.1:${server.address().port}`)
    server.close()
  }, { scope: 'worker' }],
})

// host: somebody in a room of the live profile, whose rtmp-state is kept.
async function host(open, name, room, uid, colour, hertz) {
  const one = await person(await open(), name)
  await one.page.evaluate((name) => {
    const { client } = people[name]
    window.states = []
    client.on('rtmp-state', (state) => states.push({ ...state, at: Date.now() }))
    client.setChannelProfile({ mode: 'live' })
  }, name)
  await one.join(room, uid)
  await one.publish({ colour, hertz, amplitude: 0.3, fps: 25 })
  const call = (method) => (argument) => one.page.evaluate(([name, method, argument]) =>
    refused(() => people[name].client[method](argument)), [name, method, argument])
  return Object.assign(one, {
    add: call('addTasks'), update: call('updateTasks'), remove: call('deleteTasks'),
    states: () => one.page.evaluate(() => states),
    // told: the first state of that code from the nth on.
    told: async (code, { from = 0, timeout = 30_000 } = {}) => {
      const handle = await one.page.waitForFunction(([code, from]) => states.slice(from).find((s) => s.code === code), [code, from], { timeout, polling: 50 })
      return handle.jsonValue()
    },
    count: () => one.page.evaluate(() => states.length),
  })
}

// showing: waits until the end of what has arrived in a file shows a colour at each spot, and answers when that is, in seconds.
const showing = async (file, size, spots) => {
  let at
  const differs = () => {
    at = until(file) - 0.5
    if (at < 0.5) return ['nothing has arrived']
    let frame
    try { frame = picture(file, at, size) } catch (e) { return [String(e)] } // sound may be ahead
    return spots.filter(([x, y, colour]) => Math.hypot(...frame.at(x, y).map((v, i) => v - COLOURS[colour][i])) >= 70)
  }
  await expect.poll(differs, { timeout: 30_000 }).toEqual([])
  return at
}

const shows = (file, at, size, spots) => {
  const frame = picture(file, at, size)
  for (const [x, y, colour] of spots) {
    const [r, g, b] = frame.at(x, y)
    expect(Math.hypot(...[r, g, b].map((v, i) => v - COLOURS[colour][i])), `rgb(${r}, ${g}, ${b}) at ${x}, ${y} after ${at} s, for ${colour}`).toBeLessThan(70)
  }
}

// How loud a tone is in a part of a file's sound, in seconds.
const tone = (samples, from, to, hertz) => toneOf(samples.subarray(from * RATE, to * RATE), hertz)

const user = (uid, x, y, width, height, more) => ({ uid, x, y, width, height, adaption: 0, pushAudio: true, pushVideo: true, zOrder: 0, ...more })

// covers: Client.addTasks Client.updateTasks Client.deleteTasks Client#rtmp-state
test('addTasks, updateTasks, deleteTasks, rtmp-state: a call on a real RTMP server, in a layout that changes', async ({ open, room, rtmp, images }) => {
  const ann = await host(open, 'ann', room, 1, 'red', 400)
  const ben = await host(open, 'ben', room, 2, 'blue', 900)
  const both = [ann, ben]
  const size = { width: 640, height: 360 }
  const task = (color, users, images = []) => ({ rtmpTasks: [{
    taskId: 'show', streamUrl: rtmp.url('show?sign=1'), record: false, layout: { canvas: { ...size, color: number(COLOURS[color]) }, users, images },
  }] })

  // Ann on the left, cut to fill her half; Ben on the right, whole, between margins.
  expect(await ann.add(task('green', [user(1, 0, 0, 320, 360, { adaption: 1 }), user(2, 320, 0, 320, 360)]))).toEqual({ ok: true })
  for (const one of both) {
    expect(await one.told(505)).toMatchObject({ taskId: 'show', task_id: 'show', code: 505, state: 505, streamUrl: rtmp.url('show?sign=1'), hostUid: 1 })
  }
  const [file] = rtmp.arrived('show')
  const begun = await showing(file, size, [[16, 180, 'red'], [340, 180, 'blue'], [480, 20, 'green']])
  await expect.poll(() => until(file), { timeout: 30_000 }).toBeGreaterThan(begun + 2)
  const before = begun + 1.5

  // Any host may change it: Ben large on the left, Ann small over his corner, another colour around. Of the images for when one of them
  // is away the second is not there.
  const away = [{ url: `${images}/green`, x: 0, y: 0, width: 320, height: 360, adaption: 1 }, { url: `${images}/none`, x: 400, y: 240, width: 160, height: 120 }]
  expect(await ben.update(task('yellow', [user(2, 0, 0, 480, 360), user(1, 400, 240, 160, 120, { zOrder: 1 })], away))).toEqual({ ok: true })
  const changed = await showing(file, size, [[40, 180, 'blue'], [412, 300, 'red'], [600, 100, 'yellow']])
  const together = until(file)

  for (const one of both) {
    const { msg, streamUrl } = await one.told(512)
    expect(msg).toMatch(/images\[1\].*404/)
    expect(msg).not.toContain('127.0.0.1')
    expect(streamUrl).toBe(rtmp.url('show?sign=1'))
  }

  // Who leaves is neither seen nor heard any more, and the programme goes on; so it does when he comes back.
  await ben.leave()
  const left = await showing(file, size, [[40, 180, 'green'], [400, 100, 'yellow'], [412, 300, 'red']])
  await expect.poll(() => until(file), { timeout: 30_000 }).toBeGreaterThan(left + 2)
  const alone = left + 1.5
  await ben.join(room, 2)
  await ben.republish()
  const again = await showing(file, size, [[40, 180, 'blue'], [412, 300, 'red']])

  // The end; who has come back is told as well.
  const known = await ann.count()
  expect(await ann.remove({ taskIds: ['show'] })).toEqual({ ok: true })
  for (const one of both) expect(await one.told(511)).toMatchObject({ taskId: 'show', streamUrl: rtmp.url('show?sign=1'), hostUid: 1 })
  expect((await ann.states()).slice(0, known).map((s) => s.code), 'nothing else').toEqual([505, 512])
  expect(await ann.remove({ taskIds: ['show'] })).toMatchObject({ ok: false, code: 10135 })

  const { video, audio } = streams(file)
  expect([video.codec_name, video.width, video.height, audio.codec_name]).toEqual(['h264', 640, 360, 'aac'])
  const at = times(file)
  const length = at.video.at(-1) - at.video[0]
  expect(Math.abs((at.video.length - 1) / length - 25), `${at.video.length} pictures in ${length} s`).toBeLessThan(0.5)
  expect(gap(at.video), 'between two pictures').toBeLessThanOrEqual(0.2)
  expect(gap(at.audio), 'between two sounds').toBeLessThanOrEqual(0.2)

  shows(file, before, size, [[16, 180, 'red'], [340, 180, 'blue'], [480, 20, 'green']])
  shows(file, changed, size, [[40, 180, 'blue'], [412, 300, 'red'], [600, 100, 'yellow']])
  shows(file, alone, size, [[40, 180, 'green'], [400, 100, 'yellow'], [412, 300, 'red']])
  shows(file, again, size, [[40, 180, 'blue'], [412, 300, 'red']])
  const heard = sound(file)
  expect(Math.abs(seconds(heard) - length), `${seconds(heard)} s of sound beside ${length} s of pictures`).toBeLessThan(0.3)
  for (const hertz of [400, 900]) expect(tone(heard, before - 1, together, hertz), `${hertz} Hz of both`).toBeGreaterThan(0.15)
  expect(tone(heard, alone - 1, alone, 400), 'Ann alone').toBeGreaterThan(0.15)
  expect(tone(heard, alone - 1, alone, 900), 'Ben, who has left').toBeLessThan(0.02)
})

test('a server that refuses, dies and comes back is told within 6 s, and a recording goes on beside', async ({ open, room, rtmp, recordings }) => {
  const ann = await host(open, 'ann', room, 1, 'red', 400)
  const task = (streamUrl) => ({ rtmpTasks: [{
    taskId: 'main', streamUrl, record: true, extraInfo: 'scene one', layout: { canvas: { width: 320, height: 240, color: 0 }, users: [user(1, 0, 0, 320, 240)] },
  }] })
  const began = Date.now()
  expect(await ann.add(task(rtmp.url('s3cr3t', 'closed')))).toEqual({ ok: true })
  const refusal = await ann.told(506)
  expect(refusal).toMatchObject({ taskId: 'main', streamUrl: rtmp.url('s3cr3t', 'closed') })
  expect(refusal.msg).toContain('refuses')
  expect(refusal.msg).not.toContain('s3cr3t')

  // Another address, and the same task goes on.
  expect(await ann.update(task(rtmp.url('main')))).toEqual({ ok: true })
  expect(await ann.told(505)).toMatchObject({ streamUrl: rtmp.url('main') })

  let from = await ann.count()
  const killed = Date.now()
  await rtmp.kill()
  expect((await ann.told(506, { from })).at - killed, 'ms until a dead server is told').toBeLessThan(6000)
  await rtmp.again()
  const back = await ann.told(505, { from })

  expect(await ann.remove({ taskIds: ['main'] })).toEqual({ ok: true })
  const end = await ann.told(511)
  const [name, ...more] = readdirSync(recordings)
  expect(more).toEqual([])
  expect(name).toMatch(/^room-[0-9a-f]+\.main\.\d{8}T\d{6}Z\.[0-9a-f]{8}\.mp4$/)
  const recording = streams(join(recordings, name))
  expect([recording.video.codec_name, recording.video.width, recording.audio.codec_name]).toEqual(['h264', 320, 'aac'])
  const length = recording.duration
  const [least, most] = [(back.at - refusal.at) / 1000, (end.at - began) / 1000]
  expect(length, `seconds from the first refusal to the server that came back, ${killed - refusal.at} ms of which were before it died`).toBeGreaterThan(least - 0.5)
  expect(length, 'seconds from the call to the end').toBeLessThan(most + 0.5)
  shows(join(recordings, name), length - 1, { width: 320, height: 240 }, [[30, 120, 'red']])
  expect(tone(sound(join(recordings, name)), length - 2, length - 0.5, 400)).toBeGreaterThan(0.15)
})

test('a gateway that is killed leaves no process behind, and a recording that plays', async ({ open, room, rtmp }) => {
  const folder = mkdtempSync(join(tmpdir(), 'nertc-recordings-'))
  const args = ['--live-allow', '127.0.0.0/8', '--live-recordings', folder]
  const first = await startGateway({ args })
  let second
  try {
    const ann = await host(() => open({ sdk: first.url }), 'ann', room, 1, 'red', 400)
    await ann.add({ rtmpTasks: [{
      taskId: 'main', streamUrl: rtmp.url('main'), record: true, layout: { canvas: { width: 320, height: 240, color: 0 }, users: [user(1, 0, 0, 320, 240)] },
    }] })
    await ann.told(505)
    const size = { width: 320, height: 240 }
    const begun = await showing(rtmp.arrived('main')[0], size, [[30, 120, 'red']])
    await expect.poll(() => until(rtmp.arrived('main')[0]), { timeout: 30_000 }).toBeGreaterThan(begun + 4.5)
    const left = first.children()
    expect(left.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('ffmpeg')).length, 'decoders and an encoder').toBeGreaterThanOrEqual(2)
    process.kill(first.pid, 'SIGKILL')
    await first.exited
    await expect.poll(() => left.filter((pid) => existsSync(`/proc/${pid}/exe`)), { timeout: 20_000, intervals: [50] }).toEqual([])

    second = await startGateway({ args })
    await expect.poll(() => readdirSync(folder).join(), { timeout: 20_000, intervals: [50] }).toMatch(/^room-[^,]*\.mp4$/)
    const file = join(folder, readdirSync(folder)[0])
    const { video, audio } = streams(file)
    expect([video.codec_name, audio.codec_name]).toEqual(['h264', 'aac'])
    // All but the seconds since the last key frame.
    const rest = seconds(sound(file))
    expect(rest, 'seconds that are left of five').toBeGreaterThan(2.5)
    shows(file, rest - 0.5, size, [[30, 120, 'red']])
  } finally {
    await first.stop()
    await second?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
