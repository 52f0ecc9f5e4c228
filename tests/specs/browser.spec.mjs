// What the SDK says of the browser, and of itself.
import { expect, person, test } from '../fixtures/test.mjs'

// covers: NERTC.checkBrowserCompatibility NERTC.getSupportedCodec
test('checkBrowserCompatibility and getSupportedCodec say what a call then does', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const asked = await ann.page.evaluate(async () => ({ compatibility: await NERTC.checkBrowserCompatibility(), codecs: await NERTC.getSupportedCodec(),
    known: RTCRtpSender.getCapabilities('video').codecs.map((c) => c.mimeType.toUpperCase()) }))
  expect(asked.compatibility).toEqual({ isPullStreamSupport: true, isPushStreamSupport: true, isScreenShareSupport: true })
  expect(asked.codecs.audio).toEqual(['OPUS'])
  expect(asked.codecs.video).toContain('VP8')
  for (const codec of asked.codecs.video) expect(asked.known).toContain(`VIDEO/${codec}`)
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue' })
  expect((await ann.sees(2, { count: 3 })).colours).toEqual(['blue'])
  expect(await ann.hears(2)).toBeGreaterThan(0)
  const used = await ann.page.evaluate(async () => {
    const stats = [...(await probe.peers[0].getStats()).values()]
    return stats.filter((r) => r.type === 'inbound-rtp').map((r) => stats.find((c) => c.id === r.codecId)?.mimeType.split('/')[1].toUpperCase())
  })
  expect(used.length).toBe(2)
  for (const codec of used) expect([...asked.codecs.audio, ...asked.codecs.video]).toContain(codec)
})

// covers: NERTC.getParameters
test('getParameters counts clients, streams and callbacks, which go when they are destroyed', async ({ open, room, gateway }) => {
  const page = await open()
  const before = await page.evaluate(() => NERTC.ready.then(() => NERTC.getParameters()))
  expect(before).toMatchObject({ running: true, clients: 0, streams: 0, server: `${gateway.url.replace('http', 'ws')}/nertc/v1` })
  expect([before.version, before.build]).toEqual(await page.evaluate(() => [NERTC.VERSION, NERTC.BUILD]))
  expect(before.memory).toBe(await page.evaluate(() => probe.memory()))
  const ann = await person(page, 'ann')
  const ben = await person(page, 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue' })
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 audio', 'stream-subscribed 2 video'])
  const during = await page.evaluate(() => NERTC.getParameters())
  expect(during).toMatchObject({ clients: 2, streams: 2 }) // ben's own, and ben's at ann's
  expect(during.callbacks).toBeGreaterThan(before.callbacks)
  await page.evaluate(() => {
    people.ben.stream.destroy()
    people.ann.client.destroy()
    people.ben.client.destroy()
  })
  await expect.poll(() => page.evaluate(() => NERTC.getParameters())).toEqual({ ...before, memory: expect.any(Number) })
})
