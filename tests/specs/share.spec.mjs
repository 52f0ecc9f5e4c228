// Screen sharing: four tracks of one user at once, and how a sharing ends.
import { expect, person, test } from '../fixtures/test.mjs'

const near = (hertz, expected) => expect(Math.abs(hertz - expected), `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 0.03)
const moving = (seen, colour) => {
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(4)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}
const everything = { wish: { audio: true, audioSlave: true, video: true, screen: true } }

// publishFour: a camera, a microphone, a screen and its sound, all of the page's own making.
const publishFour = (who) => who.page.evaluate(async (name) => {
  const me = people[name]
  me.made = {
    camera: media.picture('red'), microphone: media.tone(440),
    screen: media.picture('green', { scale: 3, fps: 5 }), film: media.tone(1250),
  }
  me.stream = NERTC.createStream({
    client: me.client, audio: true, video: true, screen: true, screenAudio: true,
    audioSource: me.made.microphone.track, videoSource: me.made.camera.track,
    screenVideoSource: me.made.screen.track, screenAudioSource: me.made.film.track,
  })
  for (const event of ['stopScreenSharing', 'stopScreenAudio']) me.stream.on(event, (argument) => (me.told ??= []).push([event, argument, me.stream.hasScreen(), me.stream.hasAudioSlave()]))
  await me.stream.init()
  await me.client.publish(me.stream)
}, who.name)

// covers: Stream.hasScreen Stream.hasAudioSlave Stream.muteScreen Stream.unmuteScreen Stream.muteAudioSlave Stream.unmuteAudioSlave
// covers: Client#mute-screen Client#unmute-screen Client#mute-audio-slave Client#unmute-audio-slave
// covers: Client#stopScreenSharing Client#stopScreenAudio Stream#stopScreenSharing Stream#stopScreenAudio
test('four tracks of one user at once, each with its events, until the sharing ends from outside', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben', everything)
  await ann.join(room, 1)
  await ben.join(room, 2)
  await publishFour(ann)
  const types = ['audio', 'audioSlave', 'screen', 'video']
  await ben.until(['stream-added'], types.map((t) => `stream-added 1 ${t}`))
  await ben.until(['stream-subscribed'], types.map((t) => `stream-subscribed 1 ${t}`))
  moving(await ben.sees(1, { count: 10 }), 'red')
  moving(await ben.sees(1, { type: 'screen', count: 5 }), 'green')
  await expect.poll(async () => {
    const { width, height } = await ben.sees(1, { type: 'screen', count: 1 })
    return [width, height]
  }).toEqual([960, 720])
  near(await ben.hears(1, 440), 440)
  near(await ben.hears(1, 1250, 'audioSlave'), 1250)
  const carries = (who, uid) => who.page.evaluate(([n, uid]) => {
    const stream = uid ? people[n].streams.get(uid) : people[n].stream
    return [stream.hasAudio(), stream.hasAudioSlave(), stream.hasVideo(), stream.hasScreen()]
  }, [who.name, uid])
  expect(await carries(ben, 1)).toEqual([true, true, true, true])
  expect(await carries(ann)).toEqual([true, true, true, true])

  // Each sound is played by itself.
  const playing = () => ben.page.evaluate(() => ['audio', 'audioSlave'].map((t) => people.ben.streams.get(1).isPlaying(t)))
  await expect.poll(playing).toEqual([true, true])
  await ben.page.evaluate(() => people.ben.streams.get(1).stop('audioSlave'))
  expect(await playing()).toEqual([true, false])
  await ben.page.evaluate(() => people.ben.streams.get(1).play(null, { audioSlave: true }))
  await expect.poll(playing).toEqual([true, true])

  // Each is muted by itself.
  const mutes = ['mute-screen', 'unmute-screen', 'mute-audio-slave', 'unmute-audio-slave', 'mute-audio', 'mute-video']
  for (const method of ['muteScreen', 'muteAudioSlave', 'unmuteScreen', 'unmuteAudioSlave']) await ann.mute(method)
  await ben.until(mutes, ['mute-screen 1', 'mute-audio-slave 1', 'unmute-screen 1', 'unmute-audio-slave 1'])
  near(await ben.hears(1, 1250, 'audioSlave'), 1250)

  // The browser's own bar cannot be clicked here: the tracks end as they do when it is.
  await ann.page.evaluate(() => people.ann.made.screen.track.dispatchEvent(new Event('ended')))
  await ben.until(['stream-removed'], ['stream-removed 1 screen'])
  await ann.page.evaluate(() => people.ann.made.film.track.dispatchEvent(new Event('ended')))
  await ben.until(['stream-removed'], ['stream-removed 1 screen', 'stream-removed 1 audioSlave'])
  await ann.until(['stopScreenSharing', 'stopScreenAudio'], ['stopScreenSharing', 'stopScreenAudio'])
  expect(await ann.page.evaluate(() => people.ann.told)).toEqual([['stopScreenSharing', {}, false, true], ['stopScreenAudio', {}, false, false]])
  expect(await carries(ben, 1)).toEqual([true, false, true, false])
  moving(await ben.sees(1, { count: 10 }), 'red')
  near(await ben.hears(1, 440), 440)
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

// covers: Stream.open Stream.close
test('open and close of a screen beside a camera', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben', everything)
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ colour: 'red', hertz: 440 })
  const shared = await ann.page.evaluate(async () => {
    const { stream } = people.ann
    await stream.open({ type: 'screen', screenAudio: true })
    const track = stream.getVideoTrack('screen')
    return { hint: track.contentHint, rate: track.getSettings().frameRate, sound: stream.getAudioTrack('audioSlave').readyState }
  })
  expect(shared).toEqual({ hint: 'detail', rate: 5, sound: 'live' })
  const all = ['audio', 'video', 'audioSlave', 'screen']
  await ben.until(['stream-added'], all.map((t) => `stream-added 1 ${t}`))
  const seen = await ben.sees(1, { type: 'screen', count: 4 })
  expect(seen.differentPixels, 'the shared picture moves').toBeGreaterThanOrEqual(2)
  const result = await ann.page.evaluate(async () => {
    const { stream } = people.ann
    const tracks = [stream.getVideoTrack('screen'), stream.getAudioTrack('audioSlave')]
    const again = await refused(() => stream.open({ type: 'screen' }))
    const sound = await refused(() => stream.open({ type: 'screenAudio' }))
    await stream.close({ type: 'screen' }) // the sound that came with it goes too
    const states = tracks.map((t) => t.readyState)
    await stream.close({ type: 'screenAudio' }) // no mistake of a page that closes both
    const closed = await Promise.all([refused(() => stream.close({ type: 'screen' })), refused(() => stream.close({ type: 'screenAudio' }))])
    return { codes: [again, sound, ...closed].map((r) => r.code), states }
  })
  expect(result).toEqual({ codes: [10224, 10222, 10231, 10229], states: ['ended', 'ended'] })
  await ben.until(['stream-removed'], ['stream-removed 1 audioSlave', 'stream-removed 1 screen'])
  // Who cancels the choice of a screen goes on as before, and may choose again.
  const cancelled = await ann.page.evaluate(async () => {
    const denied = []
    people.ann.client.on('accessDenied', (type) => denied.push(type))
    navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException('cancelled', 'NotAllowedError'))
    const { code } = await refused(() => people.ann.stream.open({ type: 'screen' }))
    delete navigator.mediaDevices.getDisplayMedia
    await people.ann.stream.open({ type: 'screen' })
    return { code, denied, has: [people.ann.stream.hasScreen(), people.ann.stream.hasAudioSlave()] }
  })
  expect(cancelled).toEqual({ code: 10212, denied: ['screen'], has: [true, false] })
  await ben.until(['stream-added'], [...all, 'screen'].map((t) => `stream-added 1 ${t}`))
  moving(await ben.sees(1, { count: 10 }), 'red')
  near(await ben.hears(1, 440), 440)
})
