// Recordings, judged by what another decoder finds in the saved files.
import { expect, person, test } from '../fixtures/test.mjs'
import { pictures, seconds, sound, streams, tone as toneOf } from '../fixtures/decode.mjs'

const COLOURS = { red: [220, 30, 30], blue: [40, 40, 230], green: [30, 190, 30], black: [0, 0, 0] }
const shows = (frame, x, y, colour) => expect(Math.hypot(...frame.at(x, y).map((v, i) => v - COLOURS[colour][i])),
  `rgb(${frame.at(x, y)}) at ${x}, ${y} for ${colour}`).toBeLessThan(70)

// saved: the file that a call saves, with its name.
async function saved(page, body) {
  const [download, name] = await Promise.all([page.waitForEvent('download'), page.evaluate((body) => new Function(`return ${body}`)(), body)])
  expect(download.suggestedFilename()).toBe(name)
  return { name, path: await download.path() }
}

// How loud a tone is in the second half of a recording, where everything has begun.
const tone = (samples, hertz) => toneOf(samples.subarray(samples.length / 2 | 0, samples.length - 4800), hertz)
// Between two of its quarters.
const inside = (samples, hertz, from, to) => toneOf(samples.subarray(samples.length * from / 4, samples.length * to / 4), hertz)
const last = (frames) => frames[frames.length - 3]
const pause = (page, ms) => page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), ms)

async function two(open, room) {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', hertz: 900, amplitude: 0.3 })
  await ann.publish({ colour: 'red', hertz: 400, amplitude: 0.3 })
  await ann.sees(2, { count: 2 })
  return [ann, ben]
}

// covers: Client.startMediaRecording Client.stopMediaRecording Client.downloadMediaRecording Client.cleanMediaRecording
test('startMediaRecording, stopMediaRecording, downloadMediaRecording, cleanMediaRecording: everybody in one file that plays', async ({ open, room }) => {
  const [ann, ben] = await two(open, room)
  const { page } = ann
  const record = (options) => page.evaluate((o) => refused(() => people.ann.client.startMediaRecording(o)), options)
  const before = Date.now()
  expect(await record({ recorder: 'all', recordConfig: { recordType: 'video', recordName: 'meeting', recordVideoQuality: 2, recordVideoFrame: 3 } })).toEqual({ ok: true })
  const began = Date.now()
  expect(await record()).toMatchObject({ ok: false, code: 10008 })
  await pause(page, 2500)
  const least = (Date.now() - began) / 1000
  await page.evaluate(() => people.ann.client.stopMediaRecording())
  const most = (Date.now() - before) / 1000
  const whole = (length, what) => {
    expect(length, `${what}, which were ${least} at least`).toBeGreaterThan(least - 0.7)
    expect(length, `${what}, which were ${most} at most`).toBeLessThan(most + 0.7)
  }
  const { name, path } = await saved(page, 'people.ann.client.downloadMediaRecording()')
  expect(name).toBe('meeting.webm')
  const { video, audio, duration } = streams(path)
  expect([video.codec_name, audio.codec_name, video.width, video.height]).toEqual(['vp8', 'opus', 640, 360])
  whole(duration, 'seconds that the file says')
  const frames = pictures(path)
  expect(frames.length, 'frames of two and a half seconds').toBeGreaterThan(20)
  // Two pictures of 4:3 side by side, the own one first: each is 320 by 240.
  shows(last(frames), 40, 180, 'red')
  shows(last(frames), 360, 180, 'blue')
  shows(last(frames), 160, 30, 'black')
  const heard = sound(path)
  whole(seconds(heard), 'seconds of sound')
  for (const hertz of [400, 900]) expect(tone(heard, hertz), `${hertz} Hz`).toBeGreaterThan(0.2)
  expect(tone(heard, 650)).toBeLessThan(0.02)

  // Again as it is, then the next recording takes its place: the own stream alone, larger.
  await saved(page, 'people.ann.client.downloadMediaRecording()')
  expect(await record({ recorder: 'local', recordConfig: { recordVideoQuality: 8, recordVideoFrame: 30 } })).toEqual({ ok: true })
  await pause(page, 1500)
  await ann.leave() // ends it; what is recorded stays
  const local = await saved(page, 'people.ann.client.downloadMediaRecording()')
  expect(local.name).toMatch(new RegExp(`^${room}-\\d{8}-\\d{6}\\.webm$`))
  const own = pictures(local.path)
  expect([last(own).width, last(own).height]).toEqual([1280, 720])
  shows(last(own), 200, 360, 'red')
  shows(last(own), 100, 360, 'black') // one of 4:3 has black beside it
  expect(tone(sound(local.path), 400)).toBeGreaterThan(0.2)
  expect(tone(sound(local.path), 900)).toBeLessThan(0.02)

  const left = () => page.evaluate(async () => {
    const names = []
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name)
    return names.length
  })
  expect(await left(), 'it is on the disk').toBe(1)
  await page.evaluate(() => people.ann.client.cleanMediaRecording())
  expect(await left()).toBe(0)
  for (const method of ['stopMediaRecording', 'downloadMediaRecording']) {
    expect(await page.evaluate((m) => refused(() => people.ann.client[m]()), method)).toMatchObject({ code: 10008 })
  }
  expect(await record()).toMatchObject({ ok: false, code: 10009 })
  expect(await record({ recorder: 'them' })).toMatchObject({ ok: false, code: 10000 })
  expect(await ben.failures()).toEqual([])
})

test('a recording follows who comes, goes and mutes, and is sound alone when so wanted', async ({ open, room }) => {
  const [ann, ben] = await two(open, room)
  const { page } = ann
  await page.evaluate(() => people.ann.client.startMediaRecording({ recordConfig: { recordName: 'a' } }))
  await pause(page, 1500)
  await ben.mute('muteVideo')
  await ben.mute('muteAudio')
  await pause(page, 1500)
  await ben.leave()
  await ann.until(['peer-leave'], ['peer-leave 2'])
  await pause(page, 1200)
  await page.evaluate(() => people.ann.client.stopMediaRecording())
  const { path } = await saved(page, 'people.ann.client.downloadMediaRecording()')
  const frames = pictures(path, { fps: 10 })
  shows(frames[10], 360, 180, 'blue')
  shows(frames[10], 40, 180, 'red')
  // Alone: the whole height, so 480 by 360.
  shows(last(frames), 130, 20, 'red')
  shows(last(frames), 40, 180, 'black')
  const heard = sound(path)
  const end = heard.subarray(heard.length - 48_000, heard.length - 4800)
  expect(toneOf(heard.subarray(24_000, 62_400), 900)).toBeGreaterThan(0.2)
  expect(toneOf(end, 900)).toBeLessThan(0.02)
  expect(toneOf(end, 400)).toBeGreaterThan(0.2)

  await page.evaluate(() => people.ann.client.startMediaRecording({ recordConfig: { recordType: 'audio', recordName: 'b' } }))
  await pause(page, 2000)
  const going = await saved(page, 'people.ann.client.downloadMediaRecording()') // while it goes on
  expect(streams(going.path)).toMatchObject({ video: null, audio: { codec_name: 'opus' } })
  expect(tone(sound(going.path), 400)).toBeGreaterThan(0.2)
  await page.evaluate(() => people.ann.client.destroy())
  await expect.poll(() => page.evaluate(async () => {
    for await (const name of (await navigator.storage.getDirectory()).keys()) return name
    return 'nothing'
  })).toBe('nothing')
})

// covers: Stream.startMediaRecording Stream.stopMediaRecording Stream.downloadMediaRecording Stream.cleanMediaRecording
test('a remote and an own stream: startMediaRecording, stopMediaRecording, downloadMediaRecording, cleanMediaRecording', async ({ open, room }) => {
  const [ann, ben] = await two(open, room)
  const { page } = ann
  const ids = await page.evaluate(async () => {
    window.bens = people.ann.streams.get(2)
    window.anns = people.ann.stream
    return [await bens.startMediaRecording(), await anns.startMediaRecording({ type: 'audio' })]
  })
  // Of two that begin at once one is refused.
  const both = await page.evaluate(() => Promise.all([refused(() => bens.startMediaRecording({ type: 'audio' })), refused(() => bens.startMediaRecording({ type: 'audio' }))]))
  expect(both.map((r) => r.code ?? 0).sort()).toEqual([0, 10008])
  const again = await page.evaluate(() => Promise.all([refused(() => bens.startMediaRecording({ type: 'video' })),
    refused(() => bens.startMediaRecording({ type: 'screen' })), refused(() => bens.startMediaRecording({ type: 'x' })),
    refused(() => bens.stopMediaRecording({ recordId: 99 }))]))
  expect(again.map((r) => r.code)).toEqual([10008, 10008, 10012, 10000])
  await pause(page, 1800)
  await page.evaluate((id) => anns.stopMediaRecording({ recordId: id }), ids[1])
  await ben.leave()
  await ann.until(['peer-leave'], ['peer-leave 2'])
  // What was recorded of somebody who has gone can still be had.
  const { name, path } = await saved(page, `bens.downloadMediaRecording({recordId: ${ids[0]}})`)
  expect(name).toMatch(/^2-video-.*\.webm$/)
  const frames = pictures(path)
  expect([last(frames).width, last(frames).height]).toEqual([320, 240])
  shows(frames[frames.length / 2 | 0], 40, 120, 'blue')
  const heard = sound(path)
  expect(inside(heard, 900, 1, 3)).toBeGreaterThan(0.2)
  expect(inside(heard, 400, 1, 3)).toBeLessThan(0.02)
  const own = await saved(page, 'anns.downloadMediaRecording()')
  expect(streams(own.path)).toMatchObject({ video: null })
  expect(tone(sound(own.path), 400)).toBeGreaterThan(0.2)
  await page.evaluate(() => bens.cleanMediaRecording())
  expect(await page.evaluate(() => refused(() => bens.downloadMediaRecording()))).toMatchObject({ code: 10008 })
})

test('what is recorded comes whole, also of a picture that nobody can see in the page', async ({ open, room }) => {
  const [ann] = await two(open, room)
  const { page } = ann
  await page.evaluate(() => { people.ann.view(2).style.display = 'none' })
  // Out of sight for longer than the SDK goes on receiving it.
  await expect.poll(() => page.evaluate(async () => {
    const { framesDecoded } = await probe.media()
    await new Promise((resolve) => setTimeout(resolve, 500))
    return (await probe.media()).framesDecoded - framesDecoded
  }), { timeout: 30_000 }).toBe(0)
  await page.evaluate(() => people.ann.streams.get(2).startMediaRecording())
  await pause(page, 2500)
  await page.evaluate(() => people.ann.streams.get(2).stopMediaRecording())
  const { path } = await saved(page, 'people.ann.streams.get(2).downloadMediaRecording()')
  const frames = pictures(path)
  shows(last(frames), 40, 120, 'blue')
  // The number of each frame is in its picture: those of the end differ.
  const numbers = new Set(frames.slice(-20).map((f) => [0, 1, 2, 3].map((i) => f.at(110 + i * 60, 60)[0] > 127)).map(String))
  expect(numbers.size).toBeGreaterThan(3)
})
