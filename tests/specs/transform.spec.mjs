// Pages that bring a cipher of their own: enableCustomTransform.
import { readFile } from 'node:fs/promises'
import { expect, person, test } from '../fixtures/test.mjs'

// The page's cipher: all but the first bytes, by which the server tells key frames, with a mask.
const cipher = (page, name, mask) => page.evaluate(([n, mask]) => {
  const { client } = people[n]
  window.told = {}
  for (const event of ['sender-transform', 'receiver-transform']) {
    client.on(event, ({ mediaType, streamType, uid, encodedFrame, controller }) => {
      const what = [event, mediaType, streamType, uid].join(' ')
      told[what] = (told[what] ?? 0) + 1
      const data = new Uint8Array(encodedFrame.data)
      for (let i = mediaType === 'audio' ? 1 : 10; i < data.length; i++) data[i] ^= mask
      encodedFrame.data = data.buffer
      controller.enqueue(encodedFrame)
    })
  }
  client.enableCustomTransform()
}, [name, mask])

// covers: Client.enableCustomTransform Client#sender-transform Client#receiver-transform
test('enableCustomTransform: sender-transform and receiver-transform bring the frames to the cipher of the page', async ({ open, room }) => {
  const [ann, ben, cat] = [await person(await open(), 'ann'), await person(await open(), 'ben'), await person(await open(), 'cat')]
  await cipher(ann.page, 'ann', 0x5a)
  await cipher(ben.page, 'ben', 0x5a)
  for (const [i, one] of [ann, ben, cat].entries()) await one.join(room, i + 1)
  await ann.publish({ colour: 'red', hertz: 440 })
  const seen = await ben.sees(1)
  expect(seen.different).toBeGreaterThanOrEqual(4)
  expect(seen.colours).toEqual(['red'])
  expect(Math.abs(await ben.hears(1, 440) - 440)).toBeLessThan(14)
  expect(Object.keys(await ann.page.evaluate(() => told)).filter((w) => w.includes(' high '))).toEqual(
    expect.arrayContaining(['sender-transform audio high 1', 'sender-transform video high 1']))
  expect(Object.keys(await ben.page.evaluate(() => told))).toEqual(
    expect.arrayContaining(['receiver-transform audio high 1', 'receiver-transform video high 1']))

  // Who has no cipher gets the frames and makes nothing of them.
  await cat.page.bringToFront()
  await expect.poll(() => cat.page.evaluate(async () => {
    let got = 0
    for (const s of (await probe.peers[0].getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'video') got += s.packetsReceived
    return got
  }), { timeout: 30_000 }).toBeGreaterThan(50)
  expect((await cat.media()).framesDecoded).toBe(0)

  // Not in a room, not with setEncryptionSecret, not with anything else than a boolean.
  const refused = (one, call) => one.page.evaluate(([n, call]) => window.refused(async () => new Function('client', call)(people[n].client)), [one.name, call])
  expect(await refused(ben, 'client.enableCustomTransform(false)')).toMatchObject({ ok: false, code: 10008 })
  await ben.leave()
  expect(await refused(ben, 'client.enableCustomTransform(\'yes\')')).toMatchObject({ ok: false, code: 10000 })
  const secret = "client.setEncryptionMode('sm4-128-gcm'); client.setEncryptionSecret('x')"
  expect(await refused(ben, secret)).toMatchObject({ ok: false, code: 10008 })
  expect(await refused(ben, 'client.enableCustomTransform(false)')).toMatchObject({ ok: true })
  expect(await refused(ben, secret)).toMatchObject({ ok: true })
  expect(await refused(ben, 'client.enableCustomTransform(true)')).toMatchObject({ ok: false, code: 10008 })
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

test('enableCustomTransform: without a handler nothing passes, and 10471 where frames cannot be brought', async ({ open, room }) => {
  const [ann, ben] = [await person(await open(), 'ann'), await person(await open(), 'ben')]
  await ann.page.evaluate(() => people.ann.client.enableCustomTransform())
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ colour: 'red', hertz: 440 })
  await ann.page.waitForFunction(async () => {
    for (const s of (await probe.peers[0].getStats()).values()) if (s.type === 'outbound-rtp' && s.kind === 'video' && s.framesEncoded > 10) return true
  })
  const sent = await ann.page.evaluate(async () => {
    let bytes = 0
    for (const s of (await probe.peers[0].getStats()).values()) if (s.type === 'outbound-rtp') bytes += s.bytesSent
    return bytes
  })
  expect(sent).toBe(0)

  // The log tells that the page encrypts, for whoever looks why nobody sees anything.
  const [file] = await Promise.all([ann.page.waitForEvent('download'), ann.page.evaluate(() => NERTC.Logger.download())])
  expect(await readFile(await file.path(), 'utf8')).toMatch(/ enableCustomTransform on=true$/m)

  const old = await person(await open({ prepare: (page) => page.addInitScript(() => { delete RTCRtpSender.prototype.createEncodedStreams }) }), 'old')
  expect(await old.page.evaluate(() => refused(async () => people.old.client.enableCustomTransform()))).toMatchObject({ ok: false, code: 10471 })
})
