// How sound and picture of a stream are captured and sent: volume, level, profiles.
import { expect, person, test } from '../fixtures/test.mjs'

const near = (hertz, expected) => expect(Math.abs(hertz - expected), `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 0.03)

// about: within a part of the expected.
const about = (value, expected, part) => {
  expect(value, `${value} instead of ${expected}`).toBeGreaterThan(expected * (1 - part))
  expect(value, `${value} instead of ${expected}`).toBeLessThan(expected * (1 + part))
}

// settles: waits for a figure to be within a part of the expected.
const settles = (ask, expected, part) => expect.poll(async () => {
  const value = await ask()
  return Math.abs(value / expected - 1) < part ? 'as wanted' : `${value} instead of ${expected}`
}).toBe('as wanted')

// sender: what the page's browser sends of a kind: the id of the track, and of the encodings the limits.
const sender = (who, kind) => who.page.evaluate((kind) => {
  const sender = probe.peers.flatMap((p) => (p.connectionState === 'closed' ? [] : p.getSenders())).find((s) => s.track?.kind === kind)
  return { track: sender.track.id, bitrates: sender.getParameters().encodings.map((e) => e.maxBitrate ?? 0), hint: sender.track.contentHint }
}, kind)

// covers: Stream.setCaptureVolume Stream.getAudioLevel Stream.getAudioStream
test('setCaptureVolume turns down what the others hear, and getAudioLevel tells it', async ({ open, room }) => {
  const contexts = (page) => page.addInitScript(() => {
    window.contexts = []
    const Own = window.AudioContext
    window.AudioContext = class extends Own {
      constructor(...args) { super(...args); window.contexts.push(this) }
    }
  })
  const ann = await person(await open({ prepare: contexts }), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ hertz: 440, amplitude: 0.6, video: false })
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio'])
  near(await ben.hears(1, 440), 440)
  const captured = await ann.page.evaluate(() => people.ann.tone.track.id)
  expect((await sender(ann, 'audio')).track, 'untouched as long as nobody wants otherwise').toBe(captured)
  expect(await ann.page.evaluate(() => window.contexts.length), 'the test’s own').toBe(1)
  const streams = await ann.page.evaluate(() => {
    const { stream } = people.ann
    const audio = stream.getAudioStream()
    return [audio === stream.getAudioStream(), audio.getTracks()[0] === stream.getAudioTrack(), NERTC.createStream({}).getAudioStream()]
  })
  expect(streams).toEqual([true, true, null])

  const heard = () => ben.page.evaluate(() => media.loudness(people.ben.streams.get(1).getAudioTrack(), 300))
  const level = (who, of) => who.page.evaluate(([name, of]) => (of ? people[name].streams.get(of) : people[name].stream).getAudioLevel(), [who.name, of])
  const loud = await heard()
  about(loud, 0.6 / Math.SQRT2, 0.2)
  await settles(() => level(ann), 0.6, 0.15)
  await settles(() => level(ben, 1), 0.6, 0.2)

  await ann.page.evaluate(() => people.ann.stream.setCaptureVolume(50))
  await expect.poll(async () => (await sender(ann, 'audio')).track).not.toBe(captured)
  await settles(heard, loud / 2, 0.2)
  await settles(() => level(ann), 0.3, 0.15)
  near(await ben.hears(1, 440), 440)
  await ann.page.evaluate(() => people.ann.stream.setCaptureVolume(0, 'microphone'))
  await expect.poll(() => level(ann)).toBeLessThan(0.01)
  await expect.poll(heard).toBeLessThan(0.01)
  await ann.page.evaluate(() => people.ann.stream.setCaptureVolume(0, 'audioSlave')) // of another sound
  await ann.page.evaluate(() => people.ann.stream.setCaptureVolume(100, 'audio'))
  await expect.poll(heard).toBeGreaterThan(loud * 0.8)
  // What is opened anew has the volume from its beginning.
  await ann.page.evaluate(async () => {
    const { stream, tone } = people.ann
    stream.setCaptureVolume(25)
    await stream.close({ type: 'audio' })
    await stream.open({ type: 'audio', audioSource: tone.track })
  })
  await settles(() => level(ann), 0.15, 0.15)
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio', 'stream-subscribed 1 audio'])
  await settles(heard, loud / 4, 0.3)
  expect(await ann.page.evaluate(() => window.contexts.length)).toBeGreaterThan(1)
  await ann.page.evaluate(() => people.ann.stream.destroy())
  await expect.poll(() => ann.page.evaluate(() => window.contexts.slice(1).map((c) => c.state)), 'nothing stays behind').not.toContain('running')
  for (const args of [[101], [-1], ['5'], [50, 'video']]) {
    const { code } = await ann.page.evaluate((args) => refused(async () => NERTC.createStream({}).setCaptureVolume(...args)), args)
    expect(code).toBe(args.length > 1 ? 10012 : 10250)
  }
  expect((await ben.page.evaluate(() => refused(async () => people.ben.streams.get(1).setCaptureVolume(5)))).code).toBe(10008)
})

// covers: Stream.setVideoProfile Stream.setVideoEncoderConfiguration
test('setVideoProfile and setVideoEncoderConfiguration change what arrives', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.page.evaluate(async () => {
    const me = people.ann
    const { VIDEO_QUALITY, VIDEO_FRAME_RATE } = NERTC
    me.stream = NERTC.createStream({ client: me.client, video: true })
    me.stream.setVideoProfile({ resolution: VIDEO_QUALITY.VIDEO_QUALITY_180p, frameRate: VIDEO_FRAME_RATE.CHAT_VIDEO_FRAME_RATE_20 })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  const size = async () => { const { width, height } = await ben.sees(1, { count: 2 }); return [width, height] }
  await expect.poll(size).toEqual([320, 180])
  const settings = () => ann.page.evaluate(() => { const { width, height, frameRate } = people.ann.stream.getVideoTrack().getSettings(); return [width, height, frameRate] })
  expect(await settings()).toEqual([320, 180, 20])
  const small = await sender(ann, 'video')
  expect(small.bitrates.at(-1)).toBe(250_000)
  await ann.page.evaluate(() => people.ann.stream.setVideoProfile({ resolution: NERTC.VIDEO_QUALITY.VIDEO_QUALITY_480p }))
  await expect.poll(settings).toEqual([640, 480, 20])
  await expect.poll(async () => (await sender(ann, 'video')).bitrates.at(-1)).toBe(900_000)
  await expect.poll(size).toEqual([640, 480])

  await ann.page.evaluate(() => people.ann.stream.setVideoEncoderConfiguration({ mediaType: 'video', streamType: 'high', maxBitrate: 200, contentHint: 'detail' }))
  await expect.poll(() => sender(ann, 'video')).toMatchObject({ track: small.track, hint: 'detail' })
  await expect.poll(async () => (await sender(ann, 'video')).bitrates.at(-1)).toBe(200_000)
  const codes = await ann.page.evaluate(async () => {
    const { stream } = people.ann
    const calls = [() => stream.setVideoProfile({ resolution: 5 }), () => stream.setVideoProfile(), () => stream.setVideoEncoderConfiguration({ mediaType: 'audio', streamType: 'high' })]
    return Promise.all(calls.map(async (call) => (await refused(async () => call())).code))
  })
  expect(codes).toEqual([10000, 10000, 10012])
})

// covers: Stream.setScreenProfile
test('setScreenProfile bounds a shared screen, before and while it is shared', async ({ open }) => {
  const page = await open()
  const seen = await page.evaluate(async () => {
    NERTC.createClient({ appkey: 'tests' })
    const stream = NERTC.createStream({ screen: true })
    await stream.init()
    const track = stream.getVideoTrack('screen')
    const now = () => { const { width, height, frameRate } = track.getSettings(); return { width, height, frameRate, hint: track.contentHint } }
    const standard = now()
    // As soon as it is done: the fake screen has a camera's sizes, and with its next picture it is one of 320 by 240 again.
    const applied = new Promise((resolve, reject) => {
      track.applyConstraints = (constraints) => {
        const done = MediaStreamTrack.prototype.applyConstraints.call(track, constraints)
        done.then(() => resolve(now()), reject)
        return done
      }
    })
    stream.setScreenProfile({ resolution: NERTC.VIDEO_QUALITY.VIDEO_QUALITY_180p, frameRate: NERTC.VIDEO_FRAME_RATE.CHAT_VIDEO_FRAME_RATE_20 })
    const film = await applied
    while (track.contentHint !== 'motion') await new Promise((r) => setTimeout(r, 20))
    film.hint = track.contentHint
    stream.destroy()
    return { standard, film, state: track.readyState }
  })
  expect(seen.standard).toMatchObject({ frameRate: 5, hint: 'detail' })
  expect(seen.standard.width).toBeGreaterThan(1000)
  expect(seen.film).toMatchObject({ frameRate: 20, hint: 'motion' })
  expect(seen.film.width).toBeLessThanOrEqual(320)
  expect(seen.film.height).toBeLessThanOrEqual(180)
  expect(seen.state).toBe('ended')
})

// covers: Stream.setAudioProfile
test('setAudioProfile sends two channels with what they need, and a voice with less', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.page.evaluate(async () => {
    const me = people.ann
    // One tone on the left, another one on the right.
    const context = new AudioContext()
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 2 })
    const merger = new ChannelMergerNode(context, { numberOfInputs: 2 })
    for (const [side, frequency] of [500, 1500].entries()) {
      const tone = new OscillatorNode(context, { frequency })
      tone.connect(merger, 0, side)
      tone.start()
    }
    merger.connect(out)
    me.stream = NERTC.createStream({ client: me.client, audio: true, audioSource: out.stream.getAudioTracks()[0] })
    me.stream.setAudioProfile('high_quality_stereo')
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  expect((await sender(ann, 'audio')).bitrates).toEqual([192_000])
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio'])
  const sides = () => ben.page.evaluate(async () => {
    const context = new AudioContext()
    await context.resume()
    const source = context.createMediaStreamSource(people.ben.streams.get(1).getAudioStream())
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 })
    source.connect(splitter)
    const pitches = await Promise.all([0, 1].map(async (side) => {
      const one = context.createMediaStreamDestination()
      splitter.connect(one, side)
      return media.pitch(one.stream.getAudioTracks()[0], { near: [500, 1500][side] })
    }))
    await context.close()
    return pitches
  })
  const [left, right] = await sides()
  near(left, 500)
  near(right, 1500)
  await ann.page.evaluate(() => people.ann.stream.setAudioProfile('speech_low_quality'))
  await expect.poll(async () => (await sender(ann, 'audio')).bitrates).toEqual([16_000])
  expect((await ann.page.evaluate(() => refused(async () => people.ann.stream.setAudioProfile('loud')))).code).toBe(10000)
})
