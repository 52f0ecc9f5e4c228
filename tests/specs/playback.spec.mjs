// What a page can do with what it plays: ask, look at, save, turn down.
import { expect, person, test } from '../fixtures/test.mjs'
import { pictures, streams } from '../fixtures/decode.mjs'

const BLUE = [40, 40, 230]
const near = (seen, wanted) => expect(Math.hypot(...seen.map((v, i) => v - wanted[i])), `rgb(${seen}) for rgb(${wanted})`).toBeLessThan(60)

// covers: Stream.canPlay Stream.takeSnapshot Stream.takeSnapshotBase64 Stream.getCurrentFrameData
test('canPlay, takeSnapshot, takeSnapshotBase64 and getCurrentFrameData of a remote picture', async ({ open, room }) => {
  const ann = await person(await open(), 'ann', { auto: false })
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', audio: false })
  await ann.until(['stream-added'], ['stream-added 2 video'])
  const { page } = ann
  const stream = (body) => page.evaluate((body) => new Function('stream', `return ${body}`)(people.ann.streams.get(2)), body)
  expect(await stream('stream.canPlay("video")')).toEqual({ result: false, reason: expect.stringContaining('subscribe') })
  expect(await stream('stream.canPlay("audio")')).toEqual({ result: false, reason: expect.stringContaining('no audio') })
  const before = await page.evaluate(() => Promise.all([
    refused(() => people.ann.streams.get(2).takeSnapshot({ name: 'x' })),
    refused(async () => people.ann.streams.get(2).takeSnapshotBase64()),
    refused(async () => people.ann.streams.get(2).canPlay('smell')),
    refused(() => people.ann.streams.get(2).takeSnapshot({ mediaType: 'audio' })),
  ]))
  expect(before.map((r) => r.code)).toEqual([10008, 10008, 10012, 10012])
  expect(await stream('stream.getCurrentFrameData()')).toBeNull()

  await ann.subscribe(2, { video: true })
  await ann.sees(2, { count: 3 })
  expect(await stream('stream.canPlay("video")')).toEqual({ result: true, reason: '' })
  const saved = async (options) => {
    const [download, name] = await Promise.all([page.waitForEvent('download'), stream(`stream.takeSnapshot(${JSON.stringify(options)})`)])
    expect(download.suggestedFilename()).toBe(name)
    return { name, path: await download.path() }
  }
  const { name, path } = await saved({ name: 'ben at work' })
  expect(name).toBe('ben at work.png')
  expect(streams(path).video.codec_name).toBe('png')
  const [png] = pictures(path)
  expect([png.width, png.height]).toEqual([320, 240])
  near(png.at(40, 120), BLUE)
  await stream('stream.stop()') // a picture that is not played can be saved too
  const other = await saved({ mediaType: 'video' })
  expect(other.name).toBe('2-1.png')
  near(pictures(other.path)[0].at(40, 120), BLUE)
  await stream('stream.play(people.ann.view(2), {video: true})')
  await ann.sees(2, { count: 2 })

  const seen = await page.evaluate(async () => {
    const stream = people.ann.streams.get(2)
    const image = new Image()
    image.src = stream.takeSnapshotBase64({ mediaType: 'video' })
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    const paint = canvas.getContext('2d')
    paint.drawImage(image, 0, 0)
    const data = stream.getCurrentFrameData({ mediaType: 'video' })
    const start = (120 * data.width + 40) * 4
    return { size: [image.width, image.height], start: image.src.slice(0, 22), shown: [...paint.getImageData(40, 120, 1, 1).data].slice(0, 3),
      isImageData: data instanceof ImageData, dataSize: [data.width, data.height], pixel: [...data.data.slice(start, start + 4)] }
  })
  expect(seen).toMatchObject({ size: [320, 240], dataSize: [320, 240], start: 'data:image/png;base64,', isImageData: true })
  near(seen.shown, BLUE)
  near(seen.pixel.slice(0, 3), BLUE)
  expect(seen.pixel[3]).toBe(255)
})

// covers: Stream.setAudioVolume Stream.setAudioSlaveVolume
test('setAudioVolume of one stream and setPlaybackVolume of all multiply, and the others stay as they are', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.join(room, 1)
  for (const uid of [2, 3]) {
    const other = await person(await open(), `p${uid}`)
    await other.join(room, uid)
    await other.publish({ video: false, hertz: 500 })
  }
  // What an element gives out, as Chromium measures it behind the element's volume.
  const level = () => ann.page.evaluate(async () => {
    const of = async (uid) => {
      const id = people.ann.streams.get(uid)?.getAudioTrack()?.id
      for (const peer of probe.peers) {
        for (const r of (await peer.getStats()).values()) if (r.type === 'inbound-rtp' && r.trackIdentifier === id) return r.audioLevel
      }
      return 0
    }
    return { 2: await of(2), 3: await of(3) }
  })
  const settles = (two, three) => expect.poll(async () => {
    const at = await level()
    return Math.abs(at[2] - two) < 0.04 && Math.abs(at[3] - three) < 0.04 ? 'as wanted' : JSON.stringify(at)
  }, { timeout: 30_000 }).toBe('as wanted')
  await settles(0.5, 0.5)
  const set = (body) => ann.page.evaluate((body) => new Function('two', 'client', body)(people.ann.streams.get(2), people.ann.client), body)
  await set('two.setAudioVolume(50)')
  await settles(0.25, 0.5)
  await set('client.setPlaybackVolume(50)')
  await settles(0.125, 0.25)
  await set('two.setAudioVolume(0); client.setPlaybackVolume(100)')
  await settles(0, 0.5)
  await set('two.setAudioVolume(100)')
  await settles(0.5, 0.5)
  for (const bad of ['-1', '101', 'NaN', '"50"', 'null', '']) {
    for (const method of ['setAudioVolume', 'setAudioSlaveVolume']) {
      const answer = await ann.page.evaluate(([method, bad]) => refused(async () =>
        new Function('two', `two.${method}(${bad})`)(people.ann.streams.get(2))), [method, bad])
      expect(answer, `${method}(${bad})`).toMatchObject({ ok: false, code: 10250 })
    }
  }
  await settles(0.5, 0.5)
})

// covers: Stream.setAudioOutput
test('setAudioOutput plays by another loudspeaker, and refuses one that is not there', async ({ open, room, context }) => {
  await context.grantPermissions(['microphone', 'camera'])
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ video: false, hertz: 600 })
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 audio'])
  expect(Math.abs(await ann.hears(2, 600) - 600)).toBeLessThan(18)
  const done = await ann.page.evaluate(async () => {
    // Loudspeakers have names for a page that was allowed a microphone.
    const held = await navigator.mediaDevices.getUserMedia({ audio: true })
    const { deviceId } = (await NERTC.getSpeakers()).find((d) => d.deviceId && d.deviceId !== 'default')
    held.getTracks().forEach((t) => t.stop())
    const stream = people.ann.streams.get(2)
    const elements = []
    const own = HTMLMediaElement.prototype.setSinkId
    HTMLMediaElement.prototype.setSinkId = function (id) {
      elements.push(this)
      return own.call(this, id)
    }
    await stream.setAudioOutput(deviceId)
    const playing = elements.filter((e) => !e.paused)
    const bad = [await refused(() => stream.setAudioOutput('nobody')), await refused(() => stream.setAudioOutput(7))]
    const after = playing.map((e) => e.sinkId === deviceId && !e.paused)
    delete HTMLMediaElement.prototype.setSinkId
    const missing = await refused(() => stream.setAudioOutput(deviceId))
    HTMLMediaElement.prototype.setSinkId = own
    return { playing: playing.length, after, bad: bad.map((r) => r.code), missing: missing.code }
  })
  expect(done).toEqual({ playing: 1, after: [true], bad: [10212, 10000], missing: 10001 })
  expect(Math.abs(await ann.hears(2, 600) - 600)).toBeLessThan(18)
})

test('camera and screen of one user in views of their own, and setAudioSlaveVolume for the sound of the screen alone', async ({ open, room }) => {
  const ann = await person(await open(), 'ann', { auto: false })
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.page.evaluate(async () => {
    const stream = NERTC.createStream({ client: people.ben.client, uid: 2, audio: true, video: true, screen: true, screenAudio: true,
      audioSource: media.tone(500).track, videoSource: media.picture('red').track,
      screenVideoSource: media.picture('green').track, screenAudioSource: media.tone(1100).track })
    await stream.init()
    await people.ben.client.publish(stream)
  })
  const { page } = ann
  await expect.poll(() => page.evaluate(() => people.ann.story('stream-added').length)).toBe(4)
  const shown = await page.evaluate(async () => {
    const { client, streams } = people.ann
    people.ann.show = () => {}
    const stream = streams.get(2)
    const [camera, screen] = [1, 2].map(() => {
      const view = document.body.appendChild(document.createElement('div'))
      view.style.cssText = 'width: 320px; height: 240px'
      return view
    })
    // Before the tracks are there: each plays when it comes.
    await stream.play(camera, { video: true, audio: true, audioSlave: true })
    await stream.play(screen, { screen: true })
    stream.setRemoteRenderMode({ width: 100, height: 80, cut: true }, 'screen')
    await client.subscribe(stream, { audio: true, audioSlave: true, video: true, screen: true })
    const shape = async (view) => {
      while (!(view.children[0]?.children[0]?.readyState >= 2)) await new Promise((r) => setTimeout(r, 30))
      const video = view.children[0].children[0]
      const { width, height } = view.children[0].getBoundingClientRect()
      return { children: view.children.length, box: [width, height], fit: video.style.objectFit, colour: media.readFrame(video).colour }
    }
    const both = [await shape(camera), await shape(screen)]
    await stream.play(camera, { screen: true }) // moves
    return [...both, camera.children.length, screen.children.length]
  })
  expect(shown).toEqual([
    { children: 1, box: [320, 240], fit: 'contain', colour: 'red' },
    { children: 1, box: [100, 80], fit: 'cover', colour: 'green' }, 2, 0,
  ])
  const levels = () => page.evaluate(async () => {
    const stream = people.ann.streams.get(2)
    const wanted = ['audio', 'audioSlave'].map((type) => stream.getAudioTrack(type)?.id)
    const found = [0, 0]
    for (const r of (await probe.peers[0].getStats()).values()) {
      if (r.type === 'inbound-rtp' && wanted.includes(r.trackIdentifier)) found[wanted.indexOf(r.trackIdentifier)] = r.audioLevel
    }
    return found
  })
  const settles = (audio, slave) => expect.poll(async () => {
    const now = await levels()
    return Math.abs(now[0] - audio) < 0.04 && Math.abs(now[1] - slave) < 0.04 ? 'as wanted' : JSON.stringify(now)
  }, { timeout: 30_000 }).toBe('as wanted')
  await settles(0.5, 0.5)
  await page.evaluate(() => people.ann.streams.get(2).setAudioSlaveVolume(20))
  await settles(0.5, 0.1)
  await page.evaluate(() => { people.ann.client.setPlaybackVolume(50) })
  await settles(0.25, 0.05)
})
