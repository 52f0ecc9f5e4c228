// What encryption does through a call: what passes the server, other codecs, and all that makes senders and receivers anew.
import { readFileSync } from 'node:fs'
import { expect, person, test } from '../fixtures/test.mjs'
import { startGateway } from '../fixtures/gateway.mjs'

const moving = (seen, colour) => {
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(4)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}
const near = (hertz, expected) => expect(Math.abs(hertz - expected), `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 0.03)
const stats = (one) => one.page.evaluate((n) => people[n].client.getEncryptionStats(), one.name)
const encrypt = (one, secret = 'correct horse', mode = 'sm4-128-gcm') => one.page.evaluate(([n, mode, secret]) => {
  people[n].client.setEncryptionMode(mode)
  people[n].client.setEncryptionSecret(secret)
}, [one.name, mode, secret])

async function pair(open, room, { prepare, sdk, mode, settings } = {}) {
  const ann = await person(await open({ prepare, sdk }), 'ann')
  const ben = await person(await open({ prepare, sdk }), 'ben', settings)
  for (const [i, one] of [ann, ben].entries()) {
    await encrypt(one, 'correct horse', mode)
    await one.join(room, i + 1)
  }
  return [ann, ben]
}

// Frame workers that keep what they are given, before the core sees it.
const tap = readFileSync(new URL('../pages/tap.js', import.meta.url), 'utf8')
const tapped = (page) => page.addInitScript((tap) => {
  const Real = Blob
  window.Blob = class extends Real {
    constructor(parts, options) { super(options?.type === 'text/javascript' ? [tap, ...parts] : parts, options) }
  }
  const Plain = Worker
  window.workers = []
  window.Worker = class extends Plain {
    constructor(...args) { super(...args); workers.push(this) }
  }
  window.taps = () => new Promise((resolve) => {
    workers[0].addEventListener('message', ({ data }) => data.tapped && resolve(data.tapped.map((b) => [...b].map((v) => String.fromCharCode(v)).join(''))))
    workers[0].postMessage({ taps: true })
  })
}, tap)

for (const mode of ['sm4-128-gcm', 'sm4-128-ecb']) {
  test(`${mode}: what passes the server has no piece of the picture in it`, async ({ open, room }) => {
    const [ann, ben] = await pair(open, room, { prepare: tapped, mode })
    // Much of it: a picture of two colours is hardly anything once it is encoded.
    await ann.page.evaluate(async () => {
      const me = people.ann
      me.picture = media.noise(640, 480, 30)
      me.stream = NERTC.createStream({ client: me.client, uid: 1, audio: false, video: true, videoSource: me.picture.track })
      await me.stream.init()
      await me.client.publish(me.stream)
    })
    await ben.page.bringToFront()
    await expect.poll(() => ben.page.evaluate(() => probe.media().then((m) => m.framesDecoded))).toBeGreaterThan(30)
    await expect.poll(async () => (await ben.page.evaluate(() => taps())).length).toBeGreaterThan(30)
    const clear = await ann.page.evaluate(() => taps())
    const passed = await ben.page.evaluate(() => taps())
    const pieces = new Set()
    for (const frame of clear) for (let i = 10; i + 16 <= frame.length; i++) pieces.add(frame.slice(i, i + 16))
    expect(pieces.size, 'pieces of what the encoder made').toBeGreaterThan(1000)
    // The tap is where it should be: the clear bytes in front are the same on both sides.
    const fronts = new Set(clear.map((frame) => frame.slice(0, 3)))
    expect(passed.filter((frame) => fronts.has(frame.slice(0, 3))).length).toBeGreaterThan(10)
    let found = 0
    for (const frame of passed) for (let i = 0; i + 16 <= frame.length; i++) found += pieces.has(frame.slice(i, i + 16)) ? 1 : 0
    expect(found, 'of them in what arrives').toBe(0)
  })
}

const withoutVP8 = (page) => page.addInitScript(() => {
  const real = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver)
  RTCRtpReceiver.getCapabilities = (kind) => {
    const answer = real(kind)
    return { ...answer, codecs: answer.codecs.filter((c) => c.mimeType !== 'video/VP8') }
  }
})

for (const mode of ['sm4-128-gcm', 'sm4-128-ecb']) {
  test(`${mode}: a picture in H.264`, async ({ open, room }) => {
    const [ann, ben] = await pair(open, room, { prepare: withoutVP8, mode })
    await ann.publish({ colour: 'red', audio: false })
    moving(await ben.sees(1), 'red')
    const codecs = await ben.page.evaluate(async () => {
      const names = []
      for (const s of (await probe.peers[0].getStats()).values()) if (s.type === 'codec') names.push(s.mimeType)
      return names
    })
    expect(codecs).toContain('video/H264')
    expect(await stats(ben)).toMatchObject({ droppedForeign: 0, droppedClear: 0 })
  })
}

// Frame workers with something in front of their own script.
const hooked = (hook) => (page) => page.addInitScript((hook) => {
  const Real = Blob
  window.Blob = class extends Real {
    constructor(parts, options) { super(options?.type === 'text/javascript' ? [hook, ...parts] : parts, options) }
  }
  const Plain = Worker
  window.workers = []
  window.Worker = class extends Plain {
    constructor(...args) { super(...args); workers.push(this) }
  }
}, hook)

// They know how many senders and receivers they have.
const counting = hooked(`(() => {
  const tracks = new Set()
  Object.defineProperty(globalThis, 'nertcFrames', { configurable: true, set(resolve) {
    const boot = (core) => {
      const { open, close } = core
      core.open = (track, ...rest) => { tracks.add(track); return open(track, ...rest) }
      core.close = (track) => { tracks.delete(track); return close(track) }
      resolve(core)
    }
    Object.defineProperty(globalThis, 'nertcFrames', { configurable: true, writable: true, value: boot })
  } })
  addEventListener('message', (event) => {
    if (event.data?.close) tracks.delete(event.data.close)
    if (!event.data?.ask) return
    event.stopImmediatePropagation()
    postMessage({ tracks: tracks.size })
  })
})();`)
const tracks = (one) => one.page.evaluate(() => new Promise((resolve) => {
  workers[0].addEventListener('message', ({ data }) => { if (data.tracks !== undefined) resolve(data.tracks) })
  workers[0].postMessage({ ask: true })
}))

test('mute, another publication, a screen, and a stay after the first', async ({ open, room }) => {
  const [ann, ben] = await pair(open, room, { prepare: counting, settings: { wish: { audio: true, audioSlave: true, video: true, screen: true } } })
  await ann.publish({ colour: 'red', hertz: 440 })
  moving(await ben.sees(1), 'red')
  const first = await tracks(ann)
  await ann.mute('muteVideo')
  await ben.until(['mute-video'], ['mute-video 1'])
  await ann.mute('unmuteVideo')
  await ben.until(['unmute-video'], ['unmute-video 1'])
  moving(await ben.sees(1), 'red')

  await ann.unpublish()
  await ben.until(['stream-removed'], ['stream-removed 1 audio', 'stream-removed 1 video'])
  await ann.republish()
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio', 'stream-subscribed 1 audio', 'stream-subscribed 1 video', 'stream-subscribed 1 video'])
  moving(await ben.sees(1), 'red')
  near(await ben.hears(1, 440), 440)

  await ann.page.evaluate(() => people.ann.stream.open({ type: 'screen', screenVideoSource: media.picture('green', { fps: 10 }).track }))
  moving(await ben.sees(1, { type: 'screen', count: 8 }), 'green')
  await ann.page.evaluate(() => people.ann.stream.close({ type: 'screen' }))
  await ben.until(['stream-removed'], ['stream-removed 1 audio', 'stream-removed 1 video', 'stream-removed 1 screen'])
  moving(await ben.sees(1), 'red')
  // Browsers do not end the streams of what is stopped: the worker is told, and forgets its key.
  expect(await tracks(ann), 'tracks in the worker').toBe(first)
  // The engine fills a muted track with black frames of its own, which are clear and dropped.
  expect(await stats(ben)).toMatchObject({ droppedForeign: 0, droppedReplayed: 0 })

  // leave clears both; without them the room, which ben keeps encrypted, is closed to ann.
  await ann.leave()
  expect(await tracks(ann)).toBe(0)
  const again = await ann.page.evaluate((room) => refused(() => people.ann.join(room, 1)), room)
  expect(again).toMatchObject({ ok: false, extraCode: 4036 })
  expect(await ann.page.evaluate(() => refused(async () => people.ann.client.setEncryptionSecret('x')))).toMatchObject({ ok: false, code: 10473 })
  await encrypt(ann)
  await ann.join(room, 1)
  await ann.publish({ colour: 'yellow', audio: false })
  moving(await ben.sees(1), 'yellow')
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

test('a rejoin after the engine was lost is encrypted as before', async ({ open, room }) => {
  const gateway = await startGateway()
  try {
    const [ann, ben] = await pair(open, room, { sdk: gateway.url })
    await ann.publish({ colour: 'red', audio: false })
    moving(await ben.sees(1), 'red')
    const before = await stats(ben)
    await ben.page.evaluate(() => { window.frames = probe.follow() })
    process.kill(gateway.children()[0], 'SIGKILL')
    await ben.page.waitForFunction(() => frames.back(), null, { timeout: 60_000 })
    moving(await ben.sees(1), 'red')
    const after = await stats(ben)
    expect(after.decrypted, 'frames under the same key').toBeGreaterThan(before.decrypted)
    expect(after).toMatchObject({ droppedForeign: 0, droppedClear: 0, droppedReplayed: 0 })
    await ben.page.evaluate(() => frames.stop())
  } finally {
    await gateway.stop()
  }
})

// Their core ends when the test says so, as it does where the machine has no memory left. They count what is dropped and is neither
// silence nor black (8 by 8 pixels) of the engine's, which it puts in the place of a track that ends.
const mortal = hooked(`(() => {
  let dying = false
  let address = 0
  let strange = 0
  const instantiate = WebAssembly.instantiate
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args)
    const { mem, nertcFrame, nertcSpace } = instance.exports
    const frame = (track, codec, length) => {
      if (dying) throw new WebAssembly.RuntimeError('unreachable')
      const begins = [...new Uint8Array(mem.buffer, address, Math.min(10, length))].map((b) => b.toString(16).padStart(2, '0')).join('')
      const result = nertcFrame(track, codec, length)
      if (result < 0 && !/^(f8fffe|1002009d012a08000800)/.test(begins)) strange++
      return result
    }
    const space = (size) => (address = nertcSpace(size) >>> 0)
    Object.defineProperty(instance, 'exports', { value: { ...instance.exports, nertcFrame: frame, nertcSpace: space } })
    return instance
  }
  addEventListener('message', (event) => {
    if (!event.data?.die && !event.data?.ask) return
    event.stopImmediatePropagation()
    if (event.data.die) dying = true
    else postMessage({ strange })
  })
})();`)

test('a frame worker that stops lets nothing pass, and the call goes on with another', async ({ open, room }) => {
  const [ann, ben] = await pair(open, room, { prepare: mortal })
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  moving(await ann.sees(2), 'blue')
  moving(await ben.sees(1), 'red')
  await ann.page.evaluate(() => workers[0].postMessage({ die: true }))
  await ann.page.waitForFunction(() => {
    const changes = people.ann.log.filter((e) => e.event === 'connection-state-change')
    return changes.length > 3 && changes.at(-1).to === 'CONNECTED'
  }, null, { timeout: 60_000 })
  expect(await ann.page.evaluate(() => workers.length), 'workers in all').toBe(2)
  moving(await ann.sees(2), 'blue')
  moving(await ben.sees(1), 'red')
  near(await ben.hears(1, 440), 440)
  near(await ann.hears(2, 880), 880)
  for (const one of [ann, ben]) expect(await stats(one)).toMatchObject({ droppedForeign: 0, droppedReplayed: 0 })
  expect(await ben.page.evaluate(() => new Promise((resolve) => {
    workers[0].addEventListener('message', ({ data }) => { if (data.strange !== undefined) resolve(data.strange) })
    workers[0].postMessage({ ask: true })
  })), 'frames that came unencrypted').toBe(0)
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

// Their clock stands still until the test moves it on.
const clocked = hooked(`(() => {
  let now = performance.now()
  performance.now = () => now
  addEventListener('message', (event) => {
    if (!event.data?.ahead) return
    event.stopImmediatePropagation()
    now += event.data.ahead
  })
})();`)

test('rotateEncryptionSecret: another secret without a gap, and the newcomer needs it', async ({ open, room }) => {
  const [ann, ben] = await pair(open, room, { prepare: clocked })
  await ann.publish({ colour: 'red', audio: false })
  moving(await ben.sees(1), 'red')
  await ben.page.evaluate(() => { window.frames = probe.follow() })
  await ann.page.evaluate(() => people.ann.client.rotateEncryptionSecret('another horse'))
  const third = await person(await open(), 'cat')
  await encrypt(third, 'another horse')
  await ben.page.evaluate(() => people.ben.client.rotateEncryptionSecret('another horse'))
  await third.join(room, 3) // sees what is encrypted with the new one
  await ben.page.bringToFront()
  await ben.page.evaluate(() => frames.restart())
  const decrypted = async () => (await stats(ben)).decrypted
  // After 5 s the sender goes over to the new key, after 10 s the old one is gone.
  for (const seconds of [0, 5, 5]) {
    for (const { page } of [ann, ben]) await page.evaluate((s) => { if (s) workers[0].postMessage({ ahead: s * 1000 }) }, seconds)
    const before = await decrypted()
    await expect.poll(decrypted, { intervals: [100] }).toBeGreaterThan(before + 8)
    if (seconds === 0) expect(await stats(third)).toMatchObject({ decrypted: 0 })
  }
  expect(await ben.page.evaluate(() => frames.longest())).toBeLessThan(1000)
  await ben.page.evaluate(() => frames.stop())
  moving(await ben.sees(1), 'red')
  expect(await stats(ben)).toMatchObject({ droppedForeign: 0, droppedClear: 0, droppedReplayed: 0 })
  moving(await third.sees(1), 'red')

  // The former secret is good at the gateway for another while (gateway/room/crypt_test.go), a third one is not.
  const late = await person(await open(), 'dan')
  await encrypt(late, 'battery staple')
  expect(await late.page.evaluate((room) => refused(() => people.dan.join(room, 4)), room)).toMatchObject({ ok: false, extraCode: 4036 })
  await late.until(['crypt-error'], ['crypt-error sm4-128-gcm'])
  // While joined both setters are refused.
  for (const call of ["setEncryptionMode('none')", "setEncryptionSecret('x')"]) {
    expect(await ann.page.evaluate((call) => refused(async () => new Function('client', `client.${call}`)(people.ann.client)), call)).toMatchObject({ ok: false, code: 10008 })
  }
})

test('both layers of a picture are encrypted, and one can be had in the place of the other', async ({ open, room }) => {
  const [ann, ben] = await pair(open, room, { settings: { auto: false } })
  await ben.page.addStyleTag({ content: '.view { width: 640px; height: 480px }' })
  await ann.page.evaluate(async () => {
    const me = people.ann
    await me.client.enableDualStream()
    me.picture = media.noise(640, 480)
    me.stream = NERTC.createStream({ client: me.client, uid: 1, audio: false, video: true, videoSource: me.picture.track })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  await ben.page.waitForFunction(() => people.ben.streams.get(1)?.hasVideo())
  const choose = (n) => ben.page.evaluate((n) => people.ben.client.setRemoteVideoStreamType(people.ben.streams.get(1), n), n)
  const becomes = async (low) => {
    await ben.page.bringToFront()
    await ben.page.evaluate(([low]) => probe.until((f) => f.width > 0 && (f.width <= 240) === low, 60_000), [low])
  }
  await ben.page.evaluate(() => people.ben.take(people.ben.streams.get(1), { video: true }))
  await becomes(false)
  await choose(0)
  await becomes(true)
  await choose(1)
  await becomes(false)
  expect(await stats(ben)).toMatchObject({ droppedForeign: 0, droppedReplayed: 0 })
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

test('the second codec, for who decodes no VP8, is encrypted too', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open({ prepare: withoutVP8 }), 'ben')
  for (const [i, one] of [ann, ben].entries()) {
    await encrypt(one)
    await one.join(room, i + 1)
  }
  await ann.publish({ colour: 'red', audio: false })
  moving(await ben.sees(1), 'red')
  expect(await stats(ben)).toMatchObject({ droppedForeign: 0, droppedReplayed: 0 })
})
