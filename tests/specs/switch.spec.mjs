// Changes of camera and microphone in a call. Of Chromium's fake cameras the second gives depth, which WebRTC does
// not take, so that there have to be three.
import { args, executablePath } from '../fixtures/chromium.mjs'
import { expect, person, test } from '../fixtures/test.mjs'

test.use({ launchOptions: { executablePath, args: args.map((a) => (a.startsWith('--use-fake-device') ? '--use-fake-device-for-media-stream=device-count=3,fps=30' : a)) } })

const near = (hertz, expected) => expect(Math.abs(hertz - expected), `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 0.03)
const moving = (seen, colour) => {
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(5)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}
// colour: waits until what is shown has it.
const colour = async (who, expected) => {
  await who.page.bringToFront()
  await expect.poll(() => who.page.evaluate(([n]) => media.readFrame(people[n].video(1)).colour, [who.name])).toBe(expected)
}

// covers: Stream.switchDevice
test('switchDevice puts another camera and microphone in place without an end of the publication', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  const on = await ann.page.evaluate(async () => {
    window.machine = media.machine({ cameras: { front: 'red', back: 'blue' }, microphones: { desk: 440, headset: 880 } })
    const me = people.ann
    me.stream = NERTC.createStream({ client: me.client, audio: true, video: true })
    await me.stream.init()
    await me.client.publish(me.stream)
    return machine.open
  })
  expect(on).toEqual(['desk', 'front'])
  moving(await ben.sees(1, { count: 10 }), 'red')
  near(await ben.hears(1, 440), 440)
  const switched = (type, id) => ann.page.evaluate(async ([type, id]) => {
    await people.ann.stream.switchDevice(type, id)
    return machine.open.sort()
  }, [type, id])
  expect(await switched('video', 'back')).toEqual(['back', 'desk'])
  expect(await switched('audio', 'headset')).toEqual(['back', 'headset'])
  expect(await switched('audio', 'headset')).toEqual(['back', 'headset']) // the same again
  await colour(ben, 'blue')
  moving(await ben.sees(1, { count: 10 }), 'blue')
  near(await ben.hears(1, 880), 880)
  // Muted it stays muted, and what is opened later is the device that was chosen.
  await ann.mute('muteVideo')
  expect(await switched('video', 'front')).toEqual(['front', 'headset'])
  expect(await ann.page.evaluate(() => people.ann.stream.getVideoTrack().enabled)).toBe(false)
  await ann.mute('unmuteVideo')
  await colour(ben, 'red')
  expect(await ben.story('stream-added', 'stream-removed')).toEqual(['stream-added 1 audio', 'stream-added 1 video'])
  const later = await ann.page.evaluate(async () => {
    const { stream } = people.ann
    await stream.close({ type: 'audio' })
    await stream.open({ type: 'audio' })
    const open = machine.open.sort()
    stream.destroy()
    return [open, machine.open]
  })
  expect(later).toEqual([['front', 'headset'], []])
})

// covers: Stream.switchDevice
test('switchDevice of the browser’s own devices', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  const switched = await ann.page.evaluate(async () => {
    const me = people.ann
    const stream = me.stream = NERTC.createStream({ client: me.client, audio: true, video: true })
    await stream.init()
    await me.client.publish(stream)
    const former = [stream.getVideoTrack(), stream.getAudioTrack()]
    const ids = [(await NERTC.getCameras())[2].deviceId, (await NERTC.getMicrophones()).at(-1).deviceId]
    await stream.switchDevice('video', ids[0])
    await stream.switchDevice('audio', ids[1])
    const now = [stream.getVideoTrack(), stream.getAudioTrack()]
    return { former: former.map((t) => t.readyState), now: now.map((t) => t.readyState), right: now.map((t, i) => t.getSettings().deviceId === ids[i]) }
  })
  expect(switched).toEqual({ former: ['ended', 'ended'], now: ['live', 'live'], right: [true, true] })
  const after = await ben.sees(1, { count: 8 })
  expect(after.differentPixels).toBeGreaterThanOrEqual(4)
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio', 'stream-subscribed 1 video'])
  expect(await ben.page.evaluate(() => media.loudness(people.ben.streams.get(1).getAudioTrack(), 2500))).toBeGreaterThan(0.01)
})

// covers: Stream.switchDevice Stream#notFound
test('switchDevice that fails leaves the former device', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.join(room, 1)
  const result = await ann.page.evaluate(async () => {
    const me = people.ann
    const stream = me.stream = NERTC.createStream({ client: me.client, video: true })
    const told = []
    for (const event of ['notFound', 'beOccupied', 'deviceError', 'videoTrackEnded']) stream.on(event, (type) => told.push(`${event} ${type ?? ''}`))
    await stream.init()
    await me.client.publish(stream)
    const [first, , second] = (await NERTC.getCameras()).map((c) => c.deviceId)
    const track = stream.getVideoTrack()
    const codes = []
    for (const args of [['screen', second], ['video', ''], ['video', 7], ['audio', second]]) codes.push((await refused(() => stream.switchDevice(...args))).code)
    codes.push((await refused(() => stream.switchDevice('video', 'no such camera'))).code)
    const same = stream.getVideoTrack() === track && track.readyState
    // One camera at a time, and the other one is in use elsewhere: the former comes back.
    const { mediaDevices } = navigator
    const own = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = (c) => (c.video.deviceId?.exact === second ? Promise.reject(new DOMException('', 'NotReadableError')) : own(c))
    codes.push((await refused(() => stream.switchDevice('video', second))).code)
    const back = stream.getVideoTrack()
    // One at a time, but the other one is free: the former goes off first.
    mediaDevices.getUserMedia = (c) => (back.readyState === 'live' ? Promise.reject(new DOMException('', 'NotReadableError')) : own(c))
    await stream.switchDevice('video', second)
    const now = stream.getVideoTrack()
    // The same in Firefox, whose word for it is another.
    mediaDevices.getUserMedia = (c) => (now.readyState === 'live' ? Promise.reject(new DOMException('Starting videoinput failed', 'AbortError')) : own(c))
    await stream.switchDevice('video', first)
    const again = stream.getVideoTrack()
    // The browser does not send it: what was sent goes on.
    mediaDevices.getUserMedia = own
    const { replaceTrack } = RTCRtpSender.prototype
    RTCRtpSender.prototype.replaceTrack = () => Promise.reject(new DOMException('', 'OperationError'))
    codes.push((await refused(() => stream.switchDevice('video', second))).code)
    RTCRtpSender.prototype.replaceTrack = replaceTrack
    const kept = stream.getVideoTrack() === again && again.readyState === 'live'
    const before = told.length
    // One that is pulled out as soon as it is open does not take the place of one that works.
    mediaDevices.getUserMedia = async (c) => {
      const opened = await own(c)
      for (const t of opened.getTracks()) t.stop()
      return opened
    }
    codes.push((await refused(() => stream.switchDevice('video', second))).code)
    // Opened, it is told that it has ended.
    await stream.close({ type: 'video' })
    await stream.open({ type: 'video' })
    delete mediaDevices.getUserMedia
    return { codes, kept, same, told: told.slice(0, before), late: told.slice(before), back: back.getSettings().deviceId === first,
      now: now.getSettings().deviceId === second, again: again.getSettings().deviceId === first && now.readyState, after: stream.getVideoTrack().readyState }
  })
  expect(result).toEqual({
    codes: [10254, 10254, 10254, 10011, 10212, 10212, 10008, 10212], kept: true, same: 'live', told: ['notFound video', 'beOccupied video'], late: ['deviceError video', 'videoTrackEnded '],
    back: true, now: true, again: 'ended', after: 'ended',
  })
})
