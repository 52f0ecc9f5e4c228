// Pictures in two sizes whose source changes meanwhile, a screen's low layer, and the end of a choice.
// Of Chromium's fake cameras the second gives depth, which WebRTC does not take, so that there have to be three.
import { args, executablePath } from '../fixtures/chromium.mjs'
import { expect, person, test } from '../fixtures/test.mjs'

test.use({ launchOptions: { executablePath, args: args.map((a) => (a.startsWith('--use-fake-device') ? '--use-fake-device-for-media-stream=device-count=3,fps=15' : a)) } })

// The sizes in pixels of what is sent, low and high layer, of the picture that is `width` wide.
const layers = (page) => page.evaluate(async () => {
  const { q, h } = await probe.layers()
  return { q: q && [q.width, q.height, q.active], h: h && [h.width, h.height] }
})

async function receiver(open, room, uid) {
  const one = await person(await open(), 'receiver', { auto: false })
  await one.page.addStyleTag({ content: '.view { width: 640px; height: 480px }' })
  await one.join(room, uid)
  one.subscribe = (config) => one.page.evaluate((config) => people.receiver.take(people.receiver.streams.get(1), config), config)
  one.choose = (highOrLow, type = 'video') => one.page.evaluate(([n, type]) =>
    people.receiver.client.setRemoteStreamType(people.receiver.streams.get(1), n, type), [highOrLow, type])
  one.sizes = (type = 'video') => one.page.evaluate((type) => {
    const video = people.receiver.video(1, type)
    return [video?.videoWidth, video?.videoHeight]
  }, type)
  return one
}

// covers: Stream.setVideoProfile Stream.switchDevice
test('the layers of a camera after setVideoProfile and switchDevice', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.join(room, 1)
  await ann.page.evaluate(async () => {
    const me = people.ann
    await me.client.enableDualStream({ video: true })
    me.stream = NERTC.createStream({ client: me.client, video: true })
    me.stream.setVideoProfile({ resolution: NERTC.VIDEO_QUALITY_480p })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  const ben = await receiver(open, room, 2)
  await ben.page.evaluate(() => {
    window.told = []
    for (const socket of probe.sockets) {
      socket.addEventListener('message', ({ data }) => {
        const m = JSON.parse(data)
        if (m.type === 'track-updated') told.push([m.data.track.width, m.data.track.height])
      })
    }
  })
  await ben.page.waitForFunction(() => people.receiver.streams.get(1)?.hasVideo())
  await ben.page.bringToFront()
  await ben.choose(0)
  await ben.subscribe({ video: true })
  await expect.poll(ben.sizes).toEqual([240, 180])

  // The low layer stays what it is when the picture becomes another one, and the others are told.
  await ann.page.evaluate(() => people.ann.stream.setVideoProfile({ resolution: NERTC.VIDEO_QUALITY_720p }))
  await expect.poll(ben.sizes).toEqual([240, 135])
  await expect.poll(() => ben.page.evaluate(() => told.at(-1))).toEqual([1280, 720])
  await ben.choose(1)
  await expect.poll(async () => (await ben.sizes())[0]).toBeGreaterThan(240)

  const before = await ann.page.evaluate(() => people.ann.stream.getVideoTrack().id)
  await ann.page.evaluate(async () => people.ann.stream.switchDevice('video', (await NERTC.getCameras())[2].deviceId))
  expect(await ann.page.evaluate(() => people.ann.stream.getVideoTrack().id)).not.toBe(before)
  await ben.choose(0)
  await expect.poll(ben.sizes).toEqual([240, 135])
  expect((await layers(ann.page)).q).toEqual([240, 135, true])
  await ben.choose(1)
  await expect.poll(async () => (await ben.sizes())[0]).toBeGreaterThan(240)
  expect((await ben.sees(1, { count: 8 })).differentPixels, 'the other camera moves').toBeGreaterThanOrEqual(4)

  // Without a choice it is what can be seen of it that counts, as before the choice.
  await ben.page.addStyleTag({ content: '.view { width: 160px; height: 120px }' })
  await ben.page.waitForTimeout(1500)
  expect((await ben.sizes())[0], 'the choice holds').toBeGreaterThan(240)
  await ben.choose(null)
  await expect.poll(ben.sizes).toEqual([240, 135])
  await ben.page.addStyleTag({ content: '.view { width: 640px; height: 480px }' })
  await expect.poll(async () => (await ben.sizes())[0]).toBeGreaterThan(240)
})

// covers: Client.enableDualStream
test('a shared screen in two sizes beside a camera in one', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.join(room, 1)
  await ann.page.evaluate(async () => {
    const me = people.ann
    await me.client.enableDualStream({ screen: true })
    me.screen = media.noise(1280, 720, 5)
    me.screen.fields = 60
    me.stream = NERTC.createStream({ client: me.client, video: true, screen: true, screenVideoSource: me.screen.track,
      videoSource: media.picture('red').track })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  const ben = await receiver(open, room, 2)
  await ben.page.waitForFunction(() => people.receiver.streams.get(1)?.hasScreen() && people.receiver.streams.get(1)?.hasVideo())
  await ben.page.bringToFront()
  await ben.choose(0, 'screen')
  await ben.subscribe({ video: true, screen: true })
  await expect.poll(() => ben.sizes('screen')).toEqual([240, 135])
  await expect.poll(() => ben.sizes()).toEqual([320, 240])
  const rate = () => ann.page.evaluate(() => probe.rates(3000).then((r) => r.q))
  await ben.page.waitForTimeout(2000)
  expect(await rate(), 'bit/s of the low layer').toBeLessThan(240_000)
  await ben.choose(1, 'screen')
  await expect.poll(async () => (await ben.sizes('screen'))[0]).toBeGreaterThan(600)
  expect(await ben.sizes(), 'of the camera nothing was chosen').toEqual([320, 240])
})

// covers: Stream.open Stream.close Client.enableDualStream
test('a camera in two sizes that is opened again beside a shared screen', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.join(room, 1)
  await ann.page.evaluate(async () => {
    const me = people.ann
    await me.client.enableDualStream({ video: true })
    me.stream = NERTC.createStream({ client: me.client, video: true, videoSource: media.noise(640, 480).track })
    await me.stream.init()
    await me.client.publish(me.stream)
    await me.stream.open({ type: 'screen', screenVideoSource: media.picture('yellow').track })
  })
  const ben = await receiver(open, room, 2)
  const added = (n) => ben.page.waitForFunction((n) => people.receiver.story('stream-added').length === n, n)
  await added(2)
  await ben.page.bringToFront()
  await ben.subscribe({ video: true, screen: true })
  await expect.poll(async () => (await ben.sizes())[0]).toBeGreaterThan(240)
  // Its section takes the place of the closed one, in front of the screen's.
  await ann.page.evaluate(async () => {
    await people.ann.stream.close({ type: 'video' })
    await people.ann.stream.open({ type: 'video', videoSource: media.noise(640, 480).track })
  })
  await added(3)
  await ben.subscribe({ video: true, screen: true })
  expect((await ben.sees(1)).differentPixels).toBeGreaterThan(5)
  await expect.poll(async () => (await ben.sizes())[0], 'in its large size').toBeGreaterThan(240)
  expect((await ben.sees(1, { type: 'screen' })).colours).toContain('yellow')
})
