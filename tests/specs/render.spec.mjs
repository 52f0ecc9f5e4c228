// Where pictures appear in the page, in which shape, and when they go.
import { expect, person, test } from '../fixtures/test.mjs'

const shape = (page, selector) => page.evaluate((selector) => {
  const view = document.querySelector(selector)
  const wrapper = view.children[0]
  const video = wrapper?.children[0]
  const box = (e) => { const r = e.getBoundingClientRect(); return { width: Math.round(r.width), height: Math.round(r.height) } }
  return wrapper ? {
    children: view.children.length, wrapper: wrapper.tagName, classes: [...wrapper.classList], size: box(wrapper),
    video: video?.tagName, playsinline: video?.hasAttribute('playsinline'), autoplay: video?.autoplay, muted: video?.muted,
    fit: video && getComputedStyle(video).objectFit, videoSize: video && box(video),
  } : { children: view.children.length }
}, selector)

// covers: Stream.play Stream.isPlaying Stream.setRemoteRenderMode Stream.stop
test('a remote picture: play, isPlaying, render mode, stop', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', hertz: 500 })
  await ann.sees(2)
  const view = '[data-of="2"]'
  const { page } = ann
  expect(await shape(page, view)).toMatchObject({
    children: 1, wrapper: 'DIV', video: 'VIDEO', playsinline: true, autoplay: true, muted: true,
  })
  expect((await shape(page, view)).classes).toContain('nertc-video-container')
  const stream = (body) => page.evaluate((body) => new Function('stream', 'view', `return ${body}`)(
    people.ann.streams.get(2), document.querySelector('[data-of="2"]')), body)
  await expect.poll(() => stream('stream.isPlaying("video")')).toBe(true)
  await expect.poll(() => stream('stream.isPlaying("audio")')).toBe(true)

  // A second play never doubles.
  await stream('stream.play(view, {audio: true, video: true}).then(() => null)')
  expect((await shape(page, view)).children).toBe(1)

  // Cut fills the size given, uncut fits into it; both keep the size.
  await stream('stream.setRemoteRenderMode({width: 200, height: 100, cut: true}), null')
  expect(await shape(page, view)).toMatchObject({ size: { width: 200, height: 100 }, fit: 'cover' })
  await stream('stream.setRemoteRenderMode({width: 160, height: 160, cut: false}), null')
  expect(await shape(page, view)).toMatchObject({ size: { width: 160, height: 160 }, fit: 'contain' })
  const bad = await page.evaluate(() => refused(async () => people.ann.streams.get(2).setRemoteRenderMode({ width: 'wide' })))
  expect(bad).toMatchObject({ ok: false, name: 'NERtcError', code: 10216 })

  await stream('stream.stop("video"), null')
  expect((await shape(page, view)).children).toBe(0)
  expect(await stream('stream.isPlaying("video")')).toBe(false)
  expect(await stream('stream.isPlaying("audio")')).toBe(true)
  await stream('stream.play(view, {video: true}).then(() => null)')
  expect((await ann.sees(2)).different).toBeGreaterThanOrEqual(10)
  await stream('stream.stop(), null')
  expect((await shape(page, view)).children).toBe(0)
  expect(await stream('stream.isPlaying("audio")')).toBe(false)
})

// covers: Stream.play
test('a picture moves to another element, also by its id, and goes with its sender', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'green' })
  await ann.sees(2)
  await ann.page.evaluate(async () => {
    const other = document.createElement('div')
    other.id = 'other'
    other.style.cssText = 'width: 100px; height: 100px'
    document.body.append(other)
    await people.ann.streams.get(2).play('other', { video: true })
  })
  expect((await shape(ann.page, '#other')).children).toBe(1)
  expect((await shape(ann.page, '[data-of="2"]')).children).toBe(0)
  await ben.leave()
  await ann.until(['peer-leave'], ['peer-leave 2'])
  await expect.poll(async () => (await shape(ann.page, '#other')).children).toBe(0)
})

// covers: Stream.setLocalRenderMode Stream.getId Stream.hasVideo Stream.hasAudio Stream.destroy
test('one’s own picture: before join, mirrored or not, muted sound', async ({ open }) => {
  const page = await open()
  const seen = await page.evaluate(async () => {
    const picture = media.picture('red')
    const stream = NERTC.createStream({ audio: true, video: true, uid: 9, videoSource: picture.track, audioSource: media.tone(440).track })
    window.local = stream
    const view = document.createElement('div')
    view.id = 'mine'
    view.style.cssText = 'width: 320px; height: 240px'
    document.body.append(view)
    stream.setLocalRenderMode({ width: 320, height: 240, cut: false })
    await stream.init()
    await stream.play(view, { video: true })
    const video = view.children[0].children[0]
    const watched = await media.watch(video)
    return { id: stream.getId(), text: stream.stringStreamID, hasVideo: stream.hasVideo(), hasAudio: stream.hasAudio(), frames: watched.frames,
      different: watched.different, audible: [...document.querySelectorAll('audio')].some((a) => !a.muted && !a.paused) }
  })
  expect(seen).toMatchObject({ id: 9, text: '9', hasVideo: true, hasAudio: true, audible: false })
  expect(seen.different).toBeGreaterThanOrEqual(10)
  expect(await shape(page, '#mine')).toMatchObject({ size: { width: 320, height: 240 }, fit: 'contain' })
  await page.evaluate(() => window.local.destroy())
  expect((await shape(page, '#mine')).children).toBe(0)
})

// covers: Stream.setSubscribeConfig
test('sound alone: no view, no picture', async ({ open, room }) => {
  const ann = await person(await open(), 'ann', { auto: false })
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ video: false, hertz: 750 })
  await ann.until(['stream-added'], ['stream-added 2 audio'])
  await ann.page.evaluate(async () => {
    const { client, streams } = people.ann
    const stream = streams.get(2)
    people.ann.show = () => {}
    const subscribed = new Promise((resolve) => client.once('stream-subscribed', resolve))
    stream.setSubscribeConfig({ audio: true, video: false })
    await client.subscribe(stream)
    await subscribed
    await stream.play(null, { audio: true, video: false })
  })
  expect(Math.abs(await ann.hears(2, 750) - 750)).toBeLessThan(22)
  expect(await ann.page.evaluate(() => document.querySelectorAll('video').length)).toBe(0)
})
