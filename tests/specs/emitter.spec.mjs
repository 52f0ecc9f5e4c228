// Client and Stream as event emitters in Node's sense, and what NERTC answers about the machine.
import { expect, person, test } from '../fixtures/test.mjs'

// covers: Client.on Client.once Client.off Client.addListener Client.removeListener Client.removeAllListeners
// covers: Client.emit Client.listeners Client.eventNames
// covers: Stream.on Stream.once Stream.off Stream.addListener Stream.removeListener Stream.removeAllListeners
// covers: Stream.emit Stream.listeners Stream.eventNames
test('a client and a stream take, tell and forget handlers', async ({ open }) => {
  const { page } = await person(await open(), 'me')
  const both = await page.evaluate(() => ['Client', 'Stream'].map((kind) => {
    const { client } = people.me
    const emitter = kind === 'Client' ? client : NERTC.createStream({ client })
    emitter.removeAllListeners()
    const calls = []
    const a = (value) => calls.push(`a ${value}`)
    const b = (value) => calls.push(`b ${value}`)
    const c = (value) => calls.push(`c ${value}`)
    emitter.on('x', a)
    emitter.addListener('x', b)
    emitter.once('x', c)
    emitter.on('y', c)
    const told = { names: emitter.eventNames(), count: emitter.listeners('x').length, first: emitter.listeners('x')[0] === a }
    emitter.emit('x', 1)
    emitter.emit('x', 2)
    emitter.off('x', a)
    emitter.emit('x', 3)
    emitter.removeListener('x', b)
    const unheard = emitter.emit('x', 4)
    emitter.on('x', a)
    emitter.off('x')
    emitter.emit('x', 5)
    emitter.on('x', a)
    emitter.removeAllListeners('x')
    const left = emitter.eventNames()
    emitter.removeAllListeners()
    return { told, calls, unheard, left, none: emitter.eventNames() }
  }))
  for (const seen of both) {
    expect(seen).toEqual({
      told: { names: ['x', 'y'], count: 3, first: true },
      calls: ['a 1', 'b 1', 'c 1', 'a 2', 'b 2', 'b 3'], unheard: false, left: ['y'], none: [],
    })
  }
})

// covers: NERTC.getDevices NERTC.getCameras NERTC.getMicrophones NERTC.getSpeakers NERTC.checkSystemRequirements
test('NERTC tells of the devices and of what the browser lacks', async ({ open }) => {
  const page = await open()
  const seen = await page.evaluate(async () => ({
    all: await NERTC.getDevices(),
    lists: [await NERTC.getCameras(), await NERTC.getMicrophones(), await NERTC.getSpeakers()],
    // What the browser itself says, to be told in two fields each.
    browser: (await navigator.mediaDevices.enumerateDevices()).map(({ kind, deviceId, label }) => ({ kind, deviceId, label })),
    good: NERTC.checkSystemRequirements(),
    without: ((kept) => {
      window.RTCPeerConnection = undefined
      const answer = NERTC.checkSystemRequirements()
      window.RTCPeerConnection = kept
      return answer
    })(window.RTCPeerConnection),
  }))
  const of = (kind) => seen.browser.filter((d) => d.kind === kind).map(({ deviceId, label }) => ({ deviceId, label }))
  expect(seen.all).toEqual({ video: of('videoinput'), audioIn: of('audioinput'), audioOut: of('audiooutput') })
  expect(seen.lists).toEqual([of('videoinput'), of('audioinput'), of('audiooutput')])
  expect(seen.all.video.length, 'the fake camera').toBeGreaterThan(0)
  expect(seen.all.audioIn.length, 'the fake microphone').toBeGreaterThan(0)
  expect([seen.good, seen.without]).toEqual([true, false])
})

// covers: NERTC.destroy
test('NERTC.destroy ends a client, or the first one made', async ({ open, room }) => {
  const page = await open()
  const ann = await person(page, 'ann')
  const ben = await person(page, 'ben')
  const cat = await person(await open(), 'cat')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await cat.join(room, 3)
  // Who was there before is told in any order.
  await expect.poll(async () => (await cat.story('peer-online')).sort()).toEqual(['peer-online 1', 'peer-online 2'])
  const code = (name) => page.evaluate((name) => refused(async () => people[name].client.getUid()).then((r) => r.code ?? null), name)
  await page.evaluate(() => NERTC.destroy())
  await cat.until(['peer-leave'], ['peer-leave 1'])
  expect([await code('ann'), await code('ben')]).toEqual([10008, null])
  await page.evaluate(() => NERTC.destroy(people.ben.client))
  await cat.until(['peer-leave'], ['peer-leave 1', 'peer-leave 2'])
  expect(await code('ben')).toBe(10008)
  await expect.poll(() => page.evaluate(() => probe.openPeers() + probe.openSockets())).toBe(0)
})
