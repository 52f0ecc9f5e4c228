// Another browser's engine: Chromium and Firefox in one room, clear and encrypted.
import { MICROPHONE, startFirefox } from '../fixtures/firefox.mjs'
import { expect, person, test as base } from '../fixtures/test.mjs'

const test = base.extend({
  firefox: [async ({}, use) => {
    const firefox = await startFirefox()
    await use(firefox)
    await firefox.stop()
  }, { scope: 'worker' }],

  // A page in Firefox, with the SDK of the gateway loaded. Its errors fail the test.
  fox: async ({ firefox, gateway, site }, use) => {
    const errors = []
    const page = await firefox.page(site.page('call.html', gateway.url), errors)
    await use(page)
    await page.close()
    expect(errors, 'uncaught errors in Firefox').toEqual([])
  },
})

const moving = (seen, colour) => {
  expect(seen.frames, 'frames shown').toBeGreaterThanOrEqual(15)
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(10)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}

const encrypt = (one, mode) => one.page.evaluate(([n, mode]) => {
  people[n].client.setEncryptionMode(mode)
  people[n].client.setEncryptionSecret('correct horse')
}, [one.name, mode])

const counts = (one) => one.page.evaluate((n) => people[n].client.getEncryptionStats(), one.name)

// Without a sound card Firefox's AudioContext does not run: what it sends is its microphone, with a picture of ours.
const publishInFirefox = (one, uid, colour) => one.page.evaluate(async ([n, uid, colour]) => {
  const me = people[n]
  me.picture = media.picture(colour)
  me.stream = NERTC.createStream({ client: me.client, uid, audio: true, video: true, videoSource: me.picture.track })
  await me.stream.init()
  await me.client.publish(me.stream)
}, [one.name, uid, colour])

// And what it hears is in its statistics: the mean of the squared loudness over the next second of decoded sound.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-totalaudioenergy
const power = (one) => one.page.evaluate(async () => {
  const read = async () => {
    for (const peer of probe.peers) {
      for (const r of (await peer.getStats()).values()) {
        if (r.type === 'inbound-rtp' && r.kind === 'audio') return [r.totalAudioEnergy, r.totalSamplesDuration]
      }
    }
    return [0, 0]
  }
  const [energy, duration] = await read()
  for (let tries = 0; tries < 100; tries++) {
    await new Promise((r) => setTimeout(r, 100))
    const [e, d] = await read()
    if (d - duration >= 1) return (e - energy) / (d - duration)
  }
  return null
})

// The statistics of one who sends and receives in Firefox, where much of them stands elsewhere than in Chromium.
const measures = async (one) => {
  const stats = (name) => one.page.evaluate(([n, name]) => people[n].client[name](), [one.name, name])
  const [sent] = await eventually(() => stats('getLocalVideoStats'), ([v]) => v?.SendFrameRate > 0 && v.CaptureFrameRate > 0 && v.SendBitrate > 0)
  expect(sent).toMatchObject({ CodecName: 'VP8', CaptureResolutionWidth: 320, CaptureResolutionHeight: 240, SendResolutionWidth: 320, SendResolutionHeight: 240, LayerType: 1 })
  const [microphone] = await eventually(() => stats('getLocalAudioStats'), ([a]) => a?.SendBitrate > 0)
  expect(microphone).toMatchObject({ CodecType: 'opus', SamplingRate: 48000, MuteState: false })
  const seen = await eventually(() => stats('getRemoteVideoStats'), (u) => u[1]?.RenderFrameRate > 0 && u[1].RecvBitrate > 0)
  expect(seen[1]).toMatchObject({ CodecName: 'VP8', RecvResolutionWidth: 320, RecvResolutionHeight: 240, PacketLossRate: 0 })
  const heard = await eventually(() => stats('getRemoteAudioStats'), (u) => u[1]?.RecvLevel > 20)
  expect(heard[1].End2EndDelay).toBeGreaterThan(0)
  const session = await stats('getSessionStats')
  for (const figure of ['RecvBytes', 'SendBytes', 'RecvBitrate', 'SendBitrate']) expect(session[figure], figure).toBeGreaterThan(0)
}
const eventually = async (ask, ok) => {
  let last
  await expect.poll(async () => (ok(last = await ask()) ? 'there' : JSON.stringify(last))).toBe('there')
  return last
}

for (const mode of ['none', 'sm4-128-ecb', 'sm4-128-gcm']) {
  test(`Chromium and Firefox see and hear each other, encryption ${mode}`, async ({ open, fox, room }) => {
    const ann = await person(await open(), 'ann')
    const ben = await person(fox, 'ben')
    if (mode !== 'none') for (const one of [ann, ben]) await encrypt(one, mode)
    expect(await ann.join(room, 1)).toBe(1)
    expect(await ben.join(room, 2)).toBe(2)
    await ann.until(['peer-online'], ['peer-online 2'])
    await ben.until(['peer-online'], ['peer-online 1'])
    await ann.publish({ colour: 'red', hertz: 440 })
    await publishInFirefox(ben, 2, 'blue')

    moving(await ann.sees(2), 'blue')
    const hertz = await ann.hears(2, MICROPHONE)
    expect(Math.abs(hertz - MICROPHONE), `${hertz} Hz`).toBeLessThan(0.03 * MICROPHONE)

    moving(await ben.sees(1), 'red')
    expect((await ben.media()).framesDecoded).toBeGreaterThanOrEqual(15)
    // A sine of half the full scale has an eighth of its power.
    await expect.poll(async () => await power(ben) ?? 0).toBeGreaterThan(0.05)

    if (mode === 'none') await measures(ben)

    for (const one of [ann, ben]) {
      const n = await counts(one)
      expect(n).toMatchObject({ notEncrypted: 0, droppedClear: 0, droppedForeign: 0, droppedReplayed: 0 })
      if (mode === 'none') {
        expect(n).toMatchObject({ encrypted: 0, decrypted: 0 })
      } else {
        expect(n.encrypted).toBeGreaterThan(50)
        expect(n.decrypted).toBeGreaterThan(50)
      }
    }

    // The server fills a muted sound with frames of its own; those that are not encrypted are dropped and counted.
    await ann.mute('muteAudio')
    await ben.until(['mute-audio'], ['mute-audio 1'])
    await expect.poll(async () => await power(ben) ?? 1).toBeLessThan(0.001)

    expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
    await ben.leave()
    await ann.until(['peer-leave'], ['peer-leave 2'])
  })
}

// covers: Stream.switchDevice Stream.open Stream.close Client.setRemoteVideoStreamType Stream.takeSnapshotBase64
test('Firefox changes its camera, shares a screen, sends in two sizes and saves what it sees', async ({ open, fox, room }) => {
  const ann = await person(await open(), 'ann', { wish: { video: true, screen: true } })
  const ben = await person(fox, 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ colour: 'green', audio: false })
  await ben.page.evaluate(async () => {
    const me = people.ben
    window.machine = media.machine({ cameras: { front: 'red', back: 'blue' }, microphones: {} })
    me.lows = []
    for (const name of ['track-low-init-success', 'track-low-init-fail']) me.client.on(name, ({ mediaType }) => me.lows.push(`${name} ${mediaType}`))
    await me.client.enableDualStream({ video: true })
    me.stream = NERTC.createStream({ client: me.client, video: true })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  moving(await ann.sees(2), 'red')
  expect(await ben.page.evaluate(async () => {
    await people.ben.stream.switchDevice('video', 'back')
    return machine.open
  })).toEqual(['back'])
  await expect.poll(() => ann.page.evaluate(() => media.readFrame(people.ann.video(2)).colour), { timeout: 30_000 }).toBe('blue')
  expect((await ann.sees(2, { count: 8 })).different).toBeGreaterThanOrEqual(4)

  await expect.poll(() => ben.page.evaluate(() => people.ben.lows)).toEqual(['track-low-init-success video'])
  const choose = (n) => ann.page.evaluate((n) => people.ann.client.setRemoteVideoStreamType(people.ann.streams.get(2), n), n)
  const width = () => ann.page.evaluate(() => people.ann.video(2).videoWidth)
  await choose(0)
  await expect.poll(width).toBe(240)
  await choose(1)
  await expect.poll(width).toBe(320)

  // A screen beside it, and both closed. The picture of the other one is saved.
  await ben.page.evaluate(async () => {
    people.ben.screen = media.picture('yellow', { fps: 10 })
    await people.ben.stream.open({ type: 'screen', screenVideoSource: people.ben.screen.track })
  })
  const screen = await ann.sees(2, { type: 'screen', count: 5 })
  expect(screen.colours).toEqual(['yellow'])
  await ben.page.evaluate(async () => {
    await people.ben.stream.close({ type: 'screen' })
    await people.ben.stream.close({ type: 'video' })
  })
  await ann.until(['stream-removed'], ['stream-removed 2 screen', 'stream-removed 2 video'])
  await ben.sees(1, { count: 5 })
  const address = await ben.page.evaluate(() => people.ben.streams.get(1).takeSnapshotBase64())
  expect(address.slice(0, 22)).toBe('data:image/png;base64,')
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})
