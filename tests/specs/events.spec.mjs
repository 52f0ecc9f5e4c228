// Which events a page gets, in which order, and how often.
import { expect, person, test } from '../fixtures/test.mjs'

const pair = async (open, room, settings = {}) => {
  const ann = await person(await open(), 'ann', settings.ann)
  const ben = await person(await open(), 'ben', settings.ben)
  await ann.join(room, 1)
  await ben.join(room, 2)
  return { ann, ben }
}

const state = (from, to) => `connection-state-change ${from}>${to}`

// covers: Client.join Client.publish Client.leave Client#connection-state-change Client#peer-online Client#peer-leave
// covers: Client#stream-added Client#stream-subscribed Client#stream-removed Stream.getVideoTrack
test('join, publish, subscribe, leave: the whole story', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  expect(await ann.story('connection-state-change')).toEqual([state('DISCONNECTED', 'CONNECTING'), state('CONNECTING', 'CONNECTED')])
  expect(await ann.state()).toBe('CONNECTED')

  await ben.publish({ colour: 'blue' })
  await ann.until(['peer-online', 'stream-added'], ['peer-online 2', 'stream-added 2 audio', 'stream-added 2 video'])
  await ann.sees(2)
  // Once for each media type; which one's answer is first is not said.
  await expect.poll(async () => (await ann.story('stream-subscribed')).sort()).toEqual(['stream-subscribed 2 audio', 'stream-subscribed 2 video'])

  await ben.leave()
  expect(await ben.story('connection-state-change')).toEqual([
    state('DISCONNECTED', 'CONNECTING'), state('CONNECTING', 'CONNECTED'),
    state('CONNECTED', 'DISCONNECTING'), state('DISCONNECTING', 'DISCONNECTED')])
  await ann.until(['stream-removed', 'peer-leave'], ['stream-removed 2 audio', 'stream-removed 2 video', 'peer-leave 2'])

  // Local tracks stay usable, and leave may be called again.
  expect(await ben.page.evaluate(() => people.ben.stream.getVideoTrack().readyState)).toBe('live')
  await ben.leave()
  expect(await ben.state()).toBe('DISCONNECTED')
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

// covers: Client#peer-online Client#stream-added
test('members and streams that were there before are announced after join', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.join(room, 1)
  await ann.publish({ colour: 'red' })
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  await ben.until(['peer-online', 'stream-added'], ['peer-online 1', 'stream-added 1 audio', 'stream-added 1 video'])
  expect((await ben.sees(1)).colours).toEqual(['red'])
})

// covers: Stream.muteAudio Stream.unmuteAudio Stream.muteVideo Stream.unmuteVideo Client#mute-audio
// covers: Client#unmute-audio Client#mute-video Client#unmute-video
test('mute and unmute: one event with the uid for each, and the media follows', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'blue', hertz: 600 })
  await ann.sees(2)
  for (const method of ['muteAudio', 'muteVideo', 'unmuteVideo', 'unmuteAudio']) await ben.mute(method)
  await ann.until(['mute-audio', 'unmute-audio', 'mute-video', 'unmute-video'],
    ['mute-audio 2', 'mute-video 2', 'unmute-video 2', 'unmute-audio 2'])
  expect((await ann.sees(2)).different).toBeGreaterThanOrEqual(10)

  // Muted sound is silence at the other side, unmuted it is back.
  await ben.mute('muteAudio')
  await ann.page.waitForFunction(() => people.ann.events('mute-audio').length === 2)
  await expect.poll(() => ann.page.evaluate(() => media.loudness(people.ann.streams.get(2).getAudioTrack(), 400))).toBeLessThan(0.01)
  await ben.mute('unmuteAudio')
  const hertz = await ann.hears(2, 600)
  expect(Math.abs(hertz - 600)).toBeLessThan(18)
  // Muting what is muted is no news.
  await ben.mute('muteVideo')
  await ben.mute('muteVideo')
  await ben.mute('unmuteVideo')
  await ann.until(['mute-video', 'unmute-video'], ['mute-video 2', 'unmute-video 2', 'mute-video 2', 'unmute-video 2'])
  // A local mute is not told to oneself.
  expect(await ben.story('mute-audio', 'mute-video')).toEqual([])
})

// covers: Client#mute-video Client#unmute-video
test('published while muted: stream-added is followed by the mute event', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'green', muted: ['video'] })
  await ann.until(['stream-added', 'mute-video', 'mute-audio'], ['stream-added 2 audio', 'stream-added 2 video', 'mute-video 2'])
  await ben.mute('unmuteVideo')
  await ann.until(['unmute-video'], ['unmute-video 2'])
  expect((await ann.sees(2)).different).toBeGreaterThanOrEqual(10)
  // Who comes later is told the same.
  await ben.mute('muteAudio')
  await ann.until(['mute-audio'], ['mute-audio 2'])
  const cat = await person(await open(), 'cat')
  await cat.join(room, 3)
  await cat.until(['mute-audio', 'mute-video'], ['mute-audio 2'])
})

// covers: Client.unpublish Client#stream-removed
test('unpublish and publish again', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'blue' })
  await ann.sees(2)
  await ben.unpublish()
  await ann.until(['stream-removed'], ['stream-removed 2 audio', 'stream-removed 2 video'])
  expect(await ann.story('peer-leave')).toEqual([])
  await ben.republish()
  await ann.until(['stream-added'], ['stream-added 2 audio', 'stream-added 2 video', 'stream-added 2 audio', 'stream-added 2 video'])
  const seen = await ann.sees(2)
  expect(seen.colours).toEqual(['blue'])
  expect(seen.different).toBeGreaterThanOrEqual(10)
  expect(await ann.failures()).toEqual([])
})

// covers: Client.unpublish
test('unpublish of one media type leaves the other', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'blue', hertz: 700 })
  await ann.sees(2)
  await ben.unpublish('video')
  await ann.until(['stream-removed'], ['stream-removed 2 video'])
  expect(Math.abs(await ann.hears(2, 700) - 700)).toBeLessThan(21)
})

test('publishing twice publishes only what is new', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'blue' })
  await ben.republish()
  await ann.sees(2)
  expect(await ann.story('stream-added')).toEqual(['stream-added 2 audio', 'stream-added 2 video'])
})

// covers: Client.subscribe Client.unsubscribe
test('nothing is received before subscribe and after unsubscribe', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room, { ann: { auto: false } })
  await ben.publish({ colour: 'blue', hertz: 500 })
  await ann.until(['stream-added'], ['stream-added 2 audio', 'stream-added 2 video'])
  // Long enough for media to have come, had anybody asked for it: that nothing happens cannot be awaited.
  await ann.page.waitForTimeout(1500)
  const before = await ann.media()
  expect(before.audioIn + before.videoIn).toBe(0)
  expect(await ann.story('stream-subscribed')).toEqual([])

  await ann.subscribe(2, { audio: false, video: true })
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 video'])
  expect((await ann.sees(2)).colours).toEqual(['blue'])
  expect((await ann.media()).audioIn).toBe(0)

  await ann.subscribe(2, { audio: true, video: true })
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 video', 'stream-subscribed 2 audio'])
  expect(Math.abs(await ann.hears(2, 500) - 500)).toBeLessThan(15)

  await ann.unsubscribe(2)
  // What was under way may still arrive; then the counters stand still.
  let last = -1
  await expect.poll(async () => {
    const { audioIn, videoIn } = await ann.media()
    const still = audioIn + videoIn === last
    last = audioIn + videoIn
    return still
  }, { intervals: [1000], timeout: 60_000 }).toBe(true)

  await ann.subscribe(2, { audio: true, video: true })
  expect((await ann.sees(2)).different).toBeGreaterThanOrEqual(10)
})

// covers: Client.join Client.leave Client.getChannelInfo
test('join again after leave with other options', async ({ open, room }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'green' })
  await ann.sees(2)
  await ann.leave()
  await ben.until(['peer-leave'], ['peer-leave 1'])
  expect(await ann.join(room, 11)).toBe(11)
  await ben.until(['peer-online'], ['peer-online 1', 'peer-online 11'])
  expect((await ann.sees(2)).colours).toEqual(['green'])
  expect(await ann.page.evaluate(() => people.ann.client.getChannelInfo())).toMatchObject({ channelName: room, uid: 11 })
  await ann.leave()
  await ann.join(`${room}-other`, 'a string')
  expect(await ann.state()).toBe('CONNECTED')
  expect(await ben.story('peer-online')).toEqual(['peer-online 1', 'peer-online 11'])
})

// covers: Client#uid-duplicate
test('the same uid joins elsewhere: uid-duplicate at the first, the newcomer stays', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const twin = await person(await open(), 'twin')
  await ann.join(room, 5)
  await twin.join(room, 5)
  await ann.until(['uid-duplicate'], ['uid-duplicate'])
  await expect.poll(() => ann.state()).toBe('DISCONNECTED')
  expect(await twin.state()).toBe('CONNECTED')
  // The one who was put out can come back under another name.
  await ann.join(room, 6)
  await twin.until(['peer-online'], ['peer-online 6'])
  expect(await twin.story('uid-duplicate')).toEqual([])
})

test('a page that is closed leaves', async ({ open, room, context }) => {
  const { ann, ben } = await pair(open, room)
  await ben.publish({ colour: 'blue' })
  await ann.sees(2)
  await ben.page.close()
  await ann.until(['stream-removed', 'peer-leave'], ['stream-removed 2 audio', 'stream-removed 2 video', 'peer-leave 2'], 20_000)
})

// covers: Client.on Client.once Client.off
test('careless handlers: order, throwing, off and once', async ({ open, room }) => {
  const ann = await person(await open({ name: 'call.html' }), 'ann')
  const result = await ann.page.evaluate(async (room) => {
    const calls = []
    const { client } = people.ann
    const gone = () => calls.push('gone')
    // The error is the page's own; it shall reach the console, not the other handlers.
    window.addEventListener('error', (e) => { if (/careless/.test(e.message)) e.preventDefault() })
    client.on('connection-state-change', () => calls.push('first'))
    client.on('connection-state-change', gone)
    client.on('connection-state-change', () => calls.push('last'))
    client.once('connection-state-change', () => calls.push('once'))
    client.off('connection-state-change', gone)
    await client.join({ channelName: room })
    await client.leave()
    return calls
  }, room)
  expect(result).toEqual(['first', 'last', 'once', 'first', 'last', 'first', 'last', 'first', 'last'])
})
