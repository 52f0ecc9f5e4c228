// What a stream captures, opened and closed in a call: devices, tracks of the page's own, and failures of either.
import { expect, person, test } from '../fixtures/test.mjs'

const near = (hertz, expected) => expect(Math.abs(hertz - expected), `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 0.03)
const moving = (seen, colour) => {
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(5)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}

// covers: Stream.open Stream.close Stream.hasAudio Stream.hasVideo
test('open and close on a stream that was published empty', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.page.evaluate(async () => {
    const me = people.ann
    me.stream = NERTC.createStream({ client: me.client })
    await me.stream.init()
    await me.client.publish(me.stream)
    me.made = [media.picture('blue'), media.tone(700), media.picture('yellow')]
    await me.stream.open({ type: 'video', videoSource: me.made[0].track })
    await me.stream.open({ type: 'audio', audioSource: me.made[1].track })
  })
  await ben.until(['stream-added'], ['stream-added 1 audio', 'stream-added 1 video'])
  moving(await ben.sees(1, { count: 10 }), 'blue')
  near(await ben.hears(1, 700), 700)
  const result = await ann.page.evaluate(async () => {
    const { stream, made } = people.ann
    const has = () => [stream.hasAudio(), stream.hasVideo()]
    const before = has()
    const again = [await refused(() => stream.open({ type: 'video' })), await refused(() => stream.open({ type: 'audio' }))]
    await stream.close({ type: 'video' })
    const twice = await refused(() => stream.close({ type: 'video' }))
    const bad = [await refused(() => stream.open({ type: 'camera' })), await refused(() => stream.open({ type: 'video', videoSource: made[1].track }))]
    return { before, after: has(), own: made[0].track.readyState, codes: [...again, twice, ...bad].map((r) => r.code) }
  })
  expect(result).toEqual({ before: [true, true], after: [true, false], own: 'live', codes: [10223, 10221, 10230, 10012, 10000] })
  await ben.until(['stream-removed'], ['stream-removed 1 video'])
  // Calls that are made at once are done in their order.
  await ann.page.evaluate(async () => {
    const { stream, made } = people.ann
    const calls = [stream.open({ type: 'video', videoSource: made[0].track }), stream.close({ type: 'video' }), stream.open({ type: 'video', videoSource: made[2].track })]
    await Promise.all(calls)
  })
  moving(await ben.sees(1, { count: 10 }), 'yellow')
  // A camera of the machine instead; what was opened for a look only is not published before the page says so.
  const camera = await ann.page.evaluate(async () => {
    const { stream } = people.ann
    await stream.close({ type: 'video' })
    await stream.open({ type: 'video', enableMediaPub: false })
    return stream.getVideoTrack().readyState
  })
  expect(camera).toBe('live')
  await expect.poll(() => ben.page.evaluate(() => people.ben.streams.get(1).hasVideo())).toBe(false)
  await ann.republish()
  await expect.poll(() => ben.page.evaluate(() => people.ben.streams.get(1).hasVideo())).toBe(true)
  const seen = await ben.sees(1, { count: 8 })
  expect(seen.differentPixels).toBeGreaterThanOrEqual(4)
  const states = await ann.page.evaluate(async () => {
    const { stream } = people.ann
    const track = stream.getVideoTrack()
    await stream.close({ type: 'video' })
    return [track.readyState, stream.getVideoTrack()]
  })
  expect(states).toEqual(['ended', null])
  near(await ben.hears(1, 700), 700)
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

// covers: Stream.open Client#accessDenied Client#notFound Client#beOccupied Client#deviceError Stream#videoTrackEnded
test('devices that fail in a call, and the call goes on', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ hertz: 500, video: false })
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio'])
  const failed = await ann.page.evaluate(async () => {
    const { stream, client } = people.ann
    const told = []
    for (const event of ['accessDenied', 'notFound', 'beOccupied', 'deviceError']) {
      client.on(event, (type) => told.push(`client ${event} ${type}`))
      stream.on(event, (type) => told.push(`stream ${event} ${type}`))
    }
    const codes = []
    for (const name of ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'AbortError']) {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('scripted', name))
      codes.push((await refused(() => stream.open({ type: 'video' }))).code)
      delete navigator.mediaDevices.getUserMedia
    }
    codes.push((await refused(() => stream.open({ type: 'video', deviceId: 'no such camera' }))).code)
    return { told, codes, has: stream.hasVideo() }
  })
  expect(failed.codes).toEqual([10212, 10212, 10212, 10212, 10212])
  expect(failed.told).toEqual(['accessDenied', 'notFound', 'beOccupied', 'deviceError', 'notFound'].flatMap((e) => [`stream ${e} video`, `client ${e} video`]))
  expect(failed.has).toBe(false)

  // Pulled out in the call: the track ends, the stream can open another camera, and the publication is taken up.
  const ended = await ann.page.evaluate(async () => {
    const { stream, client } = people.ann
    await stream.open({ type: 'video', deviceId: (await NERTC.getCameras())[0].deviceId })
    await client.publish(stream)
    const told = new Promise((done) => stream.on('videoTrackEnded', () => done(client.getConnectionState())))
    const track = stream.getVideoTrack()
    track.stop()
    track.dispatchEvent(new Event('ended'))
    const state = await told
    await stream.open({ type: 'video' })
    return [state, stream.getVideoTrack() !== track, stream.getVideoTrack().readyState]
  })
  expect(ended).toEqual(['CONNECTED', true, 'live'])
  const seen = await ben.sees(1, { count: 8 })
  expect(seen.differentPixels).toBeGreaterThanOrEqual(4)
  expect(await ben.story('stream-added', 'stream-removed')).toEqual(['stream-added 1 audio', 'stream-added 1 video'])
  near(await ben.hears(1, 500), 500)

  // An audience opens nothing that would be published, and no device stays on.
  const audience = await ann.page.evaluate(async () => {
    const { stream, client } = people.ann
    await stream.close({ type: 'video' })
    await client.setClientRole('audience')
    const opened = []
    const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (c) => { const s = await own(c); opened.push(...s.getTracks()); return s }
    const { code } = await refused(() => stream.open({ type: 'video' }))
    delete navigator.mediaDevices.getUserMedia
    return { code, states: opened.map((t) => t.readyState), has: stream.hasVideo() }
  })
  expect(audience).toEqual({ code: 10351, states: ['ended'], has: false })
})

// covers: Stream.init Stream.open Stream.switchDevice Stream#audioTrackEnded
test('init is all or nothing, and open and switchDevice help themselves afterwards', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  const result = await ann.page.evaluate(async () => {
    const machine = media.machine({ cameras: {}, microphones: { desk: 440, headset: 880 } })
    const stream = people.ann.stream = NERTC.createStream({ client: people.ann.client, audio: true, video: true })
    const told = []
    for (const event of ['notFound', 'audioTrackEnded']) stream.on(event, (type) => told.push([event, type ?? null]))
    const { code } = await refused(() => stream.init())
    const after = [machine.open, stream.getAudioTrack()]
    await stream.open({ type: 'audio' })
    await people.ann.client.publish(stream)
    const track = stream.getAudioTrack()
    const has = [stream.hasAudio(), stream.hasVideo()]
    // Pulled out: another one in its place.
    track.stop()
    track.dispatchEvent(new Event('ended'))
    await stream.switchDevice('audio', 'headset')
    return { code, after, told, has, open: machine.open }
  })
  expect(result).toEqual({
    code: 10212, after: [[], null], told: [['notFound', 'video'], ['audioTrackEnded', null]], has: [true, false], open: ['headset'],
  })
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio'])
  near(await ben.hears(1, 880), 880)
})

// covers: Stream.init Stream.open Stream.destroy
test('facingMode, sourceId, audioProcessing and the ids of createStream become constraints', async ({ open }) => {
  const page = await open()
  const asked = await page.evaluate(async () => {
    NERTC.createClient({ appkey: 'tests' })
    const asked = []
    const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (c) => { asked.push(c); return own({ audio: Boolean(c.audio), video: Boolean(c.video) }) }
    const streams = [
      NERTC.createStream({ audio: true, video: true, facingMode: 'environment', microphoneId: 'mic', audioProcessing: { AEC: false, ANS: true, AGC: false } }),
      NERTC.createStream({ screen: true, screenAudio: true, sourceId: 'window:7' }),
    ]
    streams[1].setScreenProfile({ resolution: NERTC.VIDEO_QUALITY.VIDEO_QUALITY_720p, frameRate: NERTC.VIDEO_FRAME_RATE.CHAT_VIDEO_FRAME_RATE_10 })
    for (const stream of streams) {
      await stream.init()
      await stream.init() // a second time asks for nothing
    }
    const has = streams.map((s) => [s.hasAudio(), s.hasVideo(), s.hasScreen(), s.hasAudioSlave()])
    for (const stream of streams) stream.destroy()
    return { asked, has }
  })
  expect(asked.has).toEqual([[true, true, false, false], [false, false, true, true]])
  expect(asked.asked).toEqual([
    {
      audio: { echoCancellation: false, noiseSuppression: true, autoGainControl: false, channelCount: { ideal: 1 }, deviceId: { exact: 'mic' } },
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15 }, facingMode: { ideal: 'environment' } },
    },
    {
      audio: { mandatory: { chromeMediaSource: 'desktop' } },
      video: { mandatory: { chromeMediaSource: 'desktop', chromeMediaSourceId: 'window:7', maxWidth: 1280, maxHeight: 720, maxFrameRate: 10 } },
    },
  ])
})
