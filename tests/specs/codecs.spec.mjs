// What a page is told of codecs that its browser cannot decode, and what it sends itself.
import { expect, person, test } from '../fixtures/test.mjs'

// A browser without VP8, as far as a page can ask it.
const withoutVP8 = (page) => page.addInitScript(() => {
  const real = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver)
  RTCRtpReceiver.getCapabilities = (kind) => {
    const answer = real(kind)
    return { ...answer, codecs: answer.codecs.filter((c) => c.mimeType !== 'video/VP8') }
  }
})

// covers: Client#warning
test('who cannot decode VP8 is warned once, and sends H.264', async ({ open, room }) => {
  const ann = await person(await open({ prepare: withoutVP8 }), 'ann')
  const ben = await person(await open(), 'ben')
  const cat = await person(await open(), 'cat')
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

  // The others decode what this one sends.
  await ann.publish({ colour: 'red' })
  expect((await ben.sees(1)).colours).toEqual(['red'])
  const codecs = await ben.page.evaluate(async () => {
    const names = []
    for (const pc of probe.peers) {
      const stats = await pc.getStats()
      for (const s of stats.values()) if (s.type === 'inbound-rtp' && s.kind === 'video') names.push(stats.get(s.codecId)?.mimeType)
    }
    return names.sort()
  })
  expect(codecs).toContain('video/H264')

  // The next stay is another.
  await ann.leave()
  await ann.join(room, 1)
  await ann.until(['warning'], ['warning', 'warning'])
  expect(await ben.story('warning')).toEqual([])
  expect([...await ann.failures(), ...await ben.failures(), ...await cat.failures()]).toEqual([])
})
