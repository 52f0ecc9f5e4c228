// Pictures in two sizes: what is sent, what is received, and who decides.
import { expect, person, test } from '../fixtures/test.mjs'

const EVENTS = ['track-low-init-success', 'track-low-init-fail']

// A sender with a camera picture of 640×480.
async function sender(page, room, uid = 1) {
  const one = await person(page, 'sender')
  await page.evaluate((events) => {
    people.sender.lows = []
    for (const name of events) people.sender.client.on(name, ({ mediaType }) => people.sender.lows.push(`${name} ${mediaType}`))
  }, EVENTS)
  await one.join(room, uid)
  one.send = () => page.evaluate(async () => {
    const me = people.sender
    me.picture = media.noise(640, 480)
    me.stream = NERTC.createStream({ client: me.client, uid: me.client.getUid(), audio: false, video: true, videoSource: me.picture.track })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  one.layers = () => page.evaluate(() => probe.layers())
  one.lows = () => page.evaluate(() => people.sender.lows)
  return one
}

// A receiver whose view is large, so that the SDK itself finds no reason for less.
async function receiver(page, room, uid, size = [640, 480], config = { video: true }) {
  const one = await person(page, 'receiver', { auto: false })
  await page.addStyleTag({ content: `.view { width: ${size[0]}px; height: ${size[1]}px }` })
  await one.join(room, uid)
  await page.waitForFunction(() => people.receiver.streams.get(1)?.hasVideo())
  one.take = () => page.evaluate((config) => people.receiver.take(people.receiver.streams.get(1), config), config)
  one.choose = (highOrLow) => page.evaluate((n) => people.receiver.client.setRemoteVideoStreamType(people.receiver.streams.get(1), n), highOrLow)
  // Waits for the decoded picture to be of a layer; answers how long that took in ms. A sender alone with its high
  // layer, or a busy one, may make it smaller than the camera's picture, but not as small as the low one.
  one.becomes = async (layer, timeout = 60_000) => {
    await page.bringToFront()
    return page.evaluate(([low, timeout]) => probe.until((f) => f.width > 0 && (f.width <= 240) === low, timeout), [layer === 'low', timeout])
  }
  one.width = () => page.evaluate(() => probe.frame().then((f) => f.width))
  return one
}

// covers: Client.setRemoteVideoStreamType Client.enableDualStream Client.disableDualStream Client#track-low-init-success
test('setRemoteVideoStreamType switches between the layers of enableDualStream within 2 s', async ({ open, room }) => {
  const ann = await sender(await open(), room)
  await ann.page.evaluate(() => people.sender.client.enableDualStream())
  await ann.send()
  await expect.poll(ann.lows).toEqual(['track-low-init-success video'])
  const ben = await receiver(await open(), room, 2)
  await ben.choose(0) // before the subscription
  await ben.take()
  await ben.becomes('low')
  // A browser that has just begun to send may find out only after a while that there is room for the high layer, and
  // the engine that there is one.
  const { width, height } = await ben.page.evaluate(() => probe.frame())
  expect([width, height]).toEqual([240, 180])
  await ben.choose(1)
  await ben.becomes('high')
  await ben.choose(0)
  expect(await ben.becomes('low')).toBeLessThan(2000)
  await ben.choose(1)
  expect(await ben.becomes('high')).toBeLessThan(2000)
  await ben.choose(0)
  expect(await ben.becomes('low')).toBeLessThan(2000)

  // What nobody watches is not sent any more, and what is left keeps to its limit.
  await expect.poll(async () => (await ann.layers()).h.active, { timeout: 30_000 }).toBe(false)
  await ann.page.evaluate(() => { people.sender.picture.fields = 12 })
  await expect.poll(async () => {
    const rates = await ann.page.evaluate(() => probe.rates(4000))
    expect(rates.h, 'bit/s of the high layer').toBe(0)
    return rates.q > 80_000 && rates.q < 120_000 ? 'as limited' : rates.q
  }, 'bit/s of the low layer').toBe('as limited')

  await ann.page.evaluate(() => { people.sender.picture.fields = 4 })
  // Nor does it take longer to get what had stopped.
  await ben.choose(1)
  expect(await ben.becomes('high')).toBeLessThan(2000)
  await ben.choose(0)
  await ben.becomes('low')

  await ann.page.evaluate(() => people.sender.client.disableDualStream())
  await ben.becomes('high')
  await expect.poll(async () => (await ann.layers()).q.active).toBe(false)
  expect(await ann.lows()).toEqual(['track-low-init-success video'])
  expect(await ben.failures()).toEqual([])
})

test('a camera of 480 lines is sent in two sizes once more than two are in the room', async ({ open, room }) => {
  const ann = await sender(await open(), room)
  await ann.send()
  const ben = await receiver(await open(), room, 2)
  await ben.take()
  await ben.becomes('high')
  expect(await ann.layers()).toMatchObject({ q: { active: false }, h: { active: true } })
  expect(await ann.lows()).toEqual([])
  const eva = await receiver(await open(), room, 3, [640, 480], { video: true, highOrLow: 0 })
  await expect.poll(ann.lows).toEqual(['track-low-init-success video'])
  await eva.take()
  await eva.becomes('low')
  await ben.becomes('high')
  await eva.leave()
  await expect.poll(async () => (await ann.layers()).q.active).toBe(false)
  await ben.becomes('high')
})

// covers: Stream.setSubscribeConfig
test('a small video gets the low layer, a hidden one nothing, and setSubscribeConfig highOrLow overrules it', async ({ open, room }) => {
  const ann = await sender(await open(), room)
  await ann.page.evaluate(() => people.sender.client.enableDualStream({ video: true }))
  await ann.send()
  const ben = await receiver(await open(), room, 2, [200, 150])
  await ben.page.bringToFront()
  await ben.take()
  await ben.becomes('low')
  await ben.page.addStyleTag({ content: '.view { width: 640px; height: 480px }' })
  await ben.becomes('high')

  await ben.page.addStyleTag({ content: '.view { display: none }' })
  const still = () => ben.page.evaluate(() => probe.rates(1000, 'inbound-rtp').then((r) => r.video))
  await expect.poll(still, { timeout: 30_000 }).toBe(0)
  await expect.poll(async () => (await ann.layers()).h.active, { timeout: 30_000 }).toBe(false)
  await expect.poll(async () => (await ann.layers()).q.active, 'nobody watches').toBe(false)
  await ben.page.addStyleTag({ content: '.view { display: block }' })
  await ben.becomes('high')

  await ben.page.evaluate(() => people.receiver.take(people.receiver.streams.get(1), { video: true, highOrLow: 1 }))
  await ben.page.addStyleTag({ content: '.view { display: none }' })
  await ben.page.waitForTimeout(2500) // longer than a picture out of sight is waited for
  expect(await still()).toBeGreaterThan(0)
  expect(await ben.width()).toBeGreaterThan(240)
})

// covers: Client.setRemoteStreamType Client#track-low-init-fail Client.enableDualStream
test('what cannot be: bad arguments, strangers, and a browser that does not send a second layer', async ({ open, room }) => {
  const ann = await sender(await open(), room)
  await ann.send()
  const ben = await receiver(await open(), room, 2)
  const answers = await ben.page.evaluate(async () => {
    const { client, streams } = people.receiver
    const stream = streams.get(1)
    const own = NERTC.createStream({ client, uid: 2, audio: true })
    const answers = {
      good: await refused(() => client.setRemoteStreamType(stream, 0, 'video')),
      screen: await refused(() => client.setRemoteStreamType(stream, 1, 'screen')), // nothing is shared yet
      number: await refused(() => client.setRemoteStreamType(stream, 2, 'video')),
      type: await refused(() => client.setRemoteStreamType(stream, 1, 'audio')),
      own: await refused(() => client.setRemoteVideoStreamType(own, 1)),
      nobody: await refused(() => client.setRemoteVideoStreamType(null, 1)),
      config: await refused(() => client.enableDualStream({ video: 'yes' })),
      none: await refused(() => client.disableDualStream('video')),
    }
    await client.leave()
    answers.left = await refused(() => client.setRemoteStreamType(stream, 0, 'video'))
    return answers
  })
  expect(answers.good.ok).toBe(true)
  expect(answers.screen.ok).toBe(true)
  const codes = Object.fromEntries(Object.entries(answers).filter(([, a]) => !a.ok).map(([name, a]) => [name, a.code]))
  expect(codes).toEqual({ number: 10000, type: 10012, own: 10000, nobody: 10000, config: 10000, none: 10000, left: 10009 })

  const failed = await ann.page.evaluate(async () => {
    RTCRtpSender.prototype.setParameters = () => Promise.reject(new DOMException('no', 'OperationError'))
    return refused(() => people.sender.client.enableDualStream({ video: true }))
  })
  expect(failed).toMatchObject({ ok: false, code: 10001 })
  await expect.poll(ann.lows).toEqual(['track-low-init-fail video'])
})
