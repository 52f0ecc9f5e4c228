// What a page is told of codecs that its browser cannot decode, in what it gets pictures, and what it sends itself.
import { expect, person, test } from '../fixtures/test.mjs'

// without: a browser that does not decode a codec, as a page can ask it and as it says in its offers.
const without = (...names) => (page) => page.addInitScript((names) => {
  const real = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver)
  const left = (kind) => real(kind).codecs.filter((c) => !names.includes(c.mimeType))
  RTCRtpReceiver.getCapabilities = (kind) => ({ ...real(kind), codecs: left(kind) })
  const add = RTCPeerConnection.prototype.addTransceiver
  RTCPeerConnection.prototype.addTransceiver = function (track, options) {
    const transceiver = add.call(this, track, options)
    if (track === 'video') transceiver.setCodecPreferences(left('video'))
    return transceiver
  }
}, names.map((name) => `video/${name}`))

// codecs: in what pictures come in (inbound-rtp) and go out (outbound-rtp) just now, by the growth of their packets.
const codecs = (who, type) => who.page.evaluate(async (type) => {
  const look = async () => {
    const seen = new Map()
    for (const pc of probe.peers.filter((p) => p.connectionState !== 'closed')) {
      const stats = await pc.getStats()
      for (const s of stats.values()) {
        if (s.type === type && s.kind === 'video') seen.set(s.id, [stats.get(s.codecId)?.mimeType.split('/')[1], s.packetsReceived ?? s.packetsSent])
      }
    }
    return seen
  }
  const before = await look()
  await new Promise((resolve) => setTimeout(resolve, 400))
  return [...await look()].filter(([id, [, n]]) => n > (before.get(id)?.[1] ?? 0)).map(([, [codec]]) => codec).sort()
}, type)

// encodesVP8Only: a browser that sends pictures in nothing but VP8, as Firefox does before it has loaded its H.264.
const encodesVP8Only = (page) => page.addInitScript(() => {
  const real = RTCRtpSender.getCapabilities.bind(RTCRtpSender)
  RTCRtpSender.getCapabilities = (kind) => ({ ...real(kind), codecs: real(kind).codecs.filter((c) => !/H264|VP9|AV1|H265/.test(c.mimeType)) })
})

const follow = (who) => who.page.evaluate(() => { window.frames = probe.follow() })
const gap = (who) => who.page.evaluate(() => { window.frames.stop(); return window.frames.longest() })

test('for who decodes H.264 only a publisher of VP8 sends that besides, and the others notice nothing', async ({ open, room }) => {
  const ben = await person(await open(), 'ben')
  const cat = await person(await open(), 'cat')
  await ben.join(room, 2)
  await cat.join(room, 3)
  await ben.publish({ colour: 'blue', hertz: 600 })
  expect((await cat.sees(2)).colours).toEqual(['blue'])
  await expect.poll(() => codecs(ben, 'outbound-rtp')).toEqual(['VP8'])

  const ann = await person(await open({ prepare: without('VP8') }), 'ann')
  const shown = async () => {
    const seen = await ann.sees(2)
    expect(seen.colours).toEqual(['blue'])
    expect(seen.different).toBeGreaterThanOrEqual(10)
    await expect.poll(() => codecs(ann, 'inbound-rtp')).toEqual(['H264'])
  }
  await ann.join(room, 1)
  await shown()
  await expect.poll(() => codecs(ben, 'outbound-rtp')).toEqual(['H264', 'VP8'])
  await expect.poll(() => codecs(cat, 'inbound-rtp')).toEqual(['VP8'])
  // Mute and unmute are of the picture, not of one codec.
  await ben.mute('muteVideo')
  for (const one of [ann, cat]) await one.until(['mute-video'], ['mute-video 2'])
  await ben.mute('unmuteVideo')
  for (const one of [ann, cat]) await one.until(['unmute-video'], ['unmute-video 2'])
  await shown()

  // Nobody is left who decodes VP8: it is not sent for nobody.
  expect(await cat.story('stream-added', 'stream-removed', 'stream-subscribed', 'warning')).toHaveLength(4)
  await cat.leave()
  await expect.poll(() => codecs(ben, 'outbound-rtp')).toEqual(['H264'])
  await shown()
  // And the other way round, also a second time.
  await cat.join(room, 3)
  expect((await cat.sees(2)).different).toBeGreaterThanOrEqual(10)
  await ann.leave()
  await expect.poll(() => codecs(ben, 'outbound-rtp')).toEqual(['VP8'])
  await ann.join(room, 1)
  await shown()

  // Published anew it begins anew.
  await ben.unpublish('video')
  await expect.poll(() => codecs(ben, 'outbound-rtp')).toEqual([])
  for (const one of [ann, cat]) await expect.poll(async () => (await one.story('stream-removed')).at(-1)).toBe('stream-removed 2 video')
  await ben.republish()
  await shown()
  for (const one of [ann, ben, cat]) {
    expect(await one.story('warning', 'error')).toEqual([])
    expect(await one.failures()).toEqual([])
  }
})

test('what comes in another codec does not disturb those who get the first', async ({ open, room }) => {
  const ben = await person(await open(), 'ben')
  const cat = await person(await open(), 'cat')
  await ben.join(room, 2)
  await cat.join(room, 3)
  await ben.publish({ colour: 'blue', hertz: 600 })
  await cat.sees(2)
  await follow(cat)
  const page = await open({ prepare: without('VP8') })
  await cat.page.bringToFront()
  const ann = await person(page, 'ann')
  await ann.join(room, 1)
  await expect.poll(() => codecs(ann, 'inbound-rtp')).toEqual(['H264'])
  expect(await gap(cat), 'the longest time without a frame').toBeLessThan(1000)
})

// covers: Client#warning
test('who cannot decode what anybody sends is warned once, and sends H.264', async ({ open, room }) => {
  const ann = await person(await open({ prepare: without('VP8') }), 'ann')
  const ben = await person(await open({ prepare: encodesVP8Only }), 'ben')
  const cat = await person(await open({ prepare: encodesVP8Only }), 'cat')
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue' })
  await ann.join(room, 1)
  await ann.until(['warning'], ['warning'])
  expect(await ann.page.evaluate(() => people.ann.events('warning')[0].warning))
    .toEqual({ code: 406, reason: 'ability not support', msg: 'ability not support' })

  // Somebody else with the same codec is no news.
  await cat.join(room, 3)
  await cat.publish({ colour: 'green' })
  await ann.until(['stream-added'], ['stream-added 2 audio', 'stream-added 2 video', 'stream-added 3 audio', 'stream-added 3 video'])

  // What cannot be decoded does not come, and who subscribes does not wait for it.
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 audio', 'stream-subscribed 3 audio'])
  await ann.subscribe(3)

  // The others decode what this one sends.
  await ann.publish({ colour: 'red' })
  expect((await ben.sees(1)).colours).toEqual(['red'])
  await expect.poll(() => codecs(ben, 'inbound-rtp')).toContain('H264')

  // The next stay is another.
  await ann.leave()
  await ann.join(room, 1)
  await ann.until(['warning'], ['warning', 'warning'])
  expect(await ben.story('warning')).toEqual([])
  for (const one of [ann, ben, cat]) expect(await one.failures()).toEqual([])
})
