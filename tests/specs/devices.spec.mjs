// Devices that fail, end, come and go. The machine's own cannot be pulled out, so the page scripts what
// the browser would tell.
import { expect, person, test } from '../fixtures/test.mjs'

const EVENTS = ['accessDenied', 'notFound', 'beOccupied', 'deviceError', 'audioTrackEnded', 'videoTrackEnded',
  'recording-device-changed', 'camera-changed', 'playout-device-changed']

// watch: notes of the device events of a client as "event argument".
const watch = (who) => who.page.evaluate(([name, events]) => {
  const notes = ((window.notes ??= {})[name] = [])
  for (const event of events) {
    people[name].client.on(event, (...args) => notes.push([event, ...args]))
  }
}, [who.name, EVENTS])
const notes = (who) => who.page.evaluate((name) => window.notes[name], who.name)
const told = (who, expected) => expect.poll(() => notes(who)).toEqual(expected)

const camera = { kind: 'videoinput', deviceId: 'c1', label: 'Camera', groupId: 'g1' }
const second = { kind: 'videoinput', deviceId: 'c2', label: 'Second camera', groupId: 'g3' }
const microphone = { kind: 'audioinput', deviceId: 'm1', label: 'Microphone', groupId: 'g1' }
const speakers = { kind: 'audiooutput', deviceId: 'default', label: 'Speakers', groupId: 'g1' }
const headset = { kind: 'audiooutput', deviceId: 'default', label: 'Headset', groupId: 'g2' }
const shown = ({ deviceId, label }) => ({ deviceId, label })

// plug: the page's machine has these devices from now on.
const plug = (page, devices) => page.evaluate((devices) => {
  navigator.mediaDevices.enumerateDevices = async () => { window.looks = (window.looks ?? 0) + 1; return devices }
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
}, devices)

// covers: Client#camera-changed Client#recording-device-changed Client#playout-device-changed
test('devices that come, go and change', async ({ open }) => {
  const page = await open({
    prepare: (page) => page.addInitScript(() => {
      window.listening = 0
      const devices = MediaDevices.prototype
      for (const [name, by] of [['addEventListener', 1], ['removeEventListener', -1]]) {
        const original = EventTarget.prototype[name]
        devices[name] = function (event, ...rest) {
          if (event === 'devicechange') window.listening += by
          return original.call(this, event, ...rest)
        }
      }
    }),
  })
  await plug(page, [camera, microphone, speakers])
  const ann = await person(page, 'ann')
  const ben = await person(page, 'ben')
  await watch(ann)
  await watch(ben)
  await page.evaluate(() => NERTC.ready)
  await expect.poll(() => page.evaluate(() => [window.listening, window.looks])).toEqual([2, 2])

  await plug(page, [camera, second, microphone, speakers])
  const came = ['camera-changed', { state: 'ACTIVE', device: shown(second) }]
  await told(ann, [came])
  await told(ben, [came]) // every client of the page hears of the machine's devices

  // Told while the client is alive, and no longer.
  await page.evaluate(() => people.ben.client.destroy())
  await expect.poll(() => page.evaluate(() => window.listening)).toBe(1)
  await plug(page, [second, headset])
  await told(ann, [
    came,
    ['camera-changed', { state: 'INACTIVE', device: shown(camera) }],
    ['recording-device-changed', { state: 'INACTIVE', device: shown(microphone) }],
    ['playout-device-changed', { state: 'CHANGED', device: shown(headset) }],
  ])
  await plug(page, [second, headset]) // nothing new
  await plug(page, [second, headset, microphone])
  await expect.poll(async () => (await notes(ann)).length).toBe(5)
  expect((await notes(ann)).at(-1)).toEqual(['recording-device-changed', { state: 'ACTIVE', device: shown(microphone) }])
  expect(await notes(ben)).toEqual([came])
  await page.evaluate(() => people.ann.client.destroy())
  await expect.poll(() => page.evaluate(() => window.listening)).toBe(0)
})

// covers: Client#audioTrackEnded Client#videoTrackEnded Stream#audioTrackEnded Stream#videoTrackEnded
test('a device that is pulled out ends its track on the client that the stream belongs to', async ({ open, room }) => {
  const page = await open()
  const ann = await person(page, 'ann')
  const ben = await person(page, 'ben') // the first client made is not the one the stream belongs to
  await watch(ann)
  await watch(ben)
  await ben.join(room, 2)
  await page.evaluate(async () => {
    people.ben.stream = NERTC.createStream({ client: people.ben.client, audio: true, video: true })
    for (const event of ['videoTrackEnded', 'audioTrackEnded']) {
      people.ben.stream.on(event, (...args) => window.notes.ben.push([`stream ${event}`, ...args]))
    }
    await people.ben.stream.init()
    await people.ben.client.publish(people.ben.stream)
    for (const track of [people.ben.stream.getVideoTrack(), people.ben.stream.getAudioTrack()]) track.dispatchEvent(new Event('ended'))
  })
  await told(ben, [['stream videoTrackEnded'], ['videoTrackEnded'], ['stream audioTrackEnded'], ['audioTrackEnded']])
  expect(await notes(ann)).toEqual([])
})

// covers: Client#accessDenied Client#notFound Client#beOccupied Client#deviceError Stream#accessDenied
// covers: Stream#notFound Stream#beOccupied Stream#deviceError
test('capture that fails says so on the client that the stream belongs to', async ({ open }) => {
  const page = await open()
  const ann = await person(page, 'ann')
  const ben = await person(page, 'ben')
  await watch(ann)
  await watch(ben)
  const failures = [
    ['NotAllowedError', 'accessDenied'], ['NotFoundError', 'notFound'], ['NotReadableError', 'beOccupied'], ['AbortError', 'deviceError'],
  ]
  const expected = []
  for (const [error, event] of failures) {
    for (const type of ['audio', 'video']) {
      const result = await page.evaluate(([error, event, type]) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('scripted', error))
        const stream = NERTC.createStream({ client: people.ben.client, [type]: true })
        stream.on(event, (...args) => window.notes.ben.push([`stream ${event}`, ...args]))
        return refused(() => stream.init())
      }, [error, event, type])
      expect({ ok: result.ok, code: result.code }, `${error} ${type}`).toEqual({ ok: false, code: 10212 })
      expected.push([`stream ${event}`, type], [event, type])
    }
  }
  expect(await notes(ben)).toEqual(expected)
  expect(await notes(ann)).toEqual([])
  // A stream without a client of its own belongs to the first one made.
  await page.evaluate(() => refused(() => NERTC.createStream({ audio: true }).init()))
  expect(await notes(ann)).toEqual([['deviceError', 'audio']])
})
