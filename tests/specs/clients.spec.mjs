// Several clients in one page, a client that is used again, and one that is destroyed at any moment.
import { createServer } from 'node:net'
import { once } from 'node:events'
import { expect, person, test } from '../fixtures/test.mjs'
import { startRelay } from '../fixtures/relay.mjs'

const gone = { ok: false, isError: true, name: 'NERtcError', code: 10008 }
const open0 = (page) => expect.poll(() => page.evaluate(() => [probe.openPeers(), probe.openSockets()])).toEqual([0, 0])
const callbacks = (page) => page.evaluate(() => people.stays.callbacks())
// unchanging: what is left after one more time is what was left before it, so nothing grows. Answers how much that is.
const unchanging = async (round) => {
  let left = await round()
  await expect.poll(async () => {
    const before = left
    left = await round()
    return left - before
  }).toBe(0)
  return left
}

test('two clients of one page in one room see and hear each other', async ({ open, room }) => {
  const page = await open()
  const ann = await person(page, 'ann')
  const ben = await person(page, 'ben')
  const cat = await person(await open(), 'cat')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await cat.join(room, 3)
  await ann.until(['peer-online'], ['peer-online 2', 'peer-online 3'])
  await ben.until(['peer-online'], ['peer-online 1', 'peer-online 3'])
  await expect.poll(async () => (await cat.story('peer-online')).sort()).toEqual(['peer-online 1', 'peer-online 2'])
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  for (const [who, uid, colour, hertz] of [[ann, 2, 'blue', 880], [ben, 1, 'red', 440], [cat, 1, 'red', 440], [cat, 2, 'blue', 880]]) {
    const seen = await who.sees(uid)
    expect(seen.colours).toEqual([colour])
    expect(seen.different).toBeGreaterThanOrEqual(10)
    expect(Math.abs(await who.hears(uid, hertz) - hertz)).toBeLessThan(hertz * 0.03)
  }
  // What one does is told to the other, and not to itself.
  await ann.mute('muteAudio')
  await ben.until(['mute-audio'], ['mute-audio 1'])
  expect(await ann.story('mute-audio')).toEqual([])
  // One leaves, the other goes on.
  await ann.leave()
  for (const one of [ben, cat]) await one.until(['peer-leave'], ['peer-leave 1'])
  expect(await ann.story('peer-leave')).toEqual([])
  expect((await cat.sees(2)).different).toBeGreaterThanOrEqual(10)
  expect(await page.evaluate(() => [probe.openPeers(), probe.openSockets()])).toEqual([1, 1])
  expect([...await ann.failures(), ...await ben.failures(), ...await cat.failures()]).toEqual([])
})

test('a client and its stream are used again after leave, in other rooms and in the same', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  await ann.join(`${room}-other`, 9)
  await ann.publish({ colour: 'green', hertz: 500 })
  for (const uid of [1, 'ann']) {
    await ann.leave()
    expect(await ann.join(room, uid)).toBe(uid)
    await ann.republish()
    const seen = await ben.sees(uid)
    expect(seen.colours).toEqual(['green'])
    expect(seen.different).toBeGreaterThanOrEqual(10)
    expect(Math.abs(await ben.hears(uid, 500) - 500)).toBeLessThan(15)
  }
  await ben.until(['peer-online', 'peer-leave'], ['peer-online 1', 'peer-leave 1', 'peer-online ann'])
  expect(await ann.page.evaluate(() => [probe.openPeers(), probe.openSockets()])).toEqual([1, 1])
})

// covers: Client.destroy
test('destroy before the wasm is loaded: the join rejects at once, and nothing is opened later', async ({ open, room }) => {
  let release
  const held = new Promise((resolve) => { release = resolve })
  const page = await open({
    prepare: (page) => page.route(/\.wasm(\?|$)/, async (route) => { await held; await route.continue() }),
  })
  await person(page, 'me')
  const results = await page.evaluate(async (room) => {
    const { client } = people.me
    const stream = NERTC.createStream({ client, uid: 1, audio: false, video: true, videoSource: media.picture('red').track })
    const calls = [client.leave(), client.join({ channelName: room, uid: 1 }), client.setClientRole('audience'), client.publish(stream), client.leave()]
    client.destroy()
    client.destroy()
    return Promise.all(calls.map((call) => refused(() => call)))
  }, room)
  for (const i of [0, 4]) expect(results[i], 'leave').toMatchObject({ ok: true })
  for (const i of [1, 2, 3]) expect(results[i]).toMatchObject(gone)
  release()
  await page.evaluate(() => NERTC.ready)
  // Another client of the page is not touched, and by then the first would have dialled.
  const other = await person(page, 'other')
  await other.join(room, 2)
  expect(await page.evaluate(() => [probe.sockets.length, probe.peers.length])).toEqual([1, 1])
  expect(await page.evaluate(() => people.me.story())).toEqual([])
  expect(await other.story('peer-online')).toEqual([])
})

// covers: Client.destroy
test('destroy while the socket opens: the join rejects and nothing stays open', async ({ open, room }) => {
  const deaf = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  const page = await open()
  await person(page, 'stays')
  await page.evaluate(() => NERTC.ready)
  const server = `http://127.0.0.1:${deaf.address().port}`
  const round = async () => {
    await person(page, 'me', { options: { server } })
    const result = await page.evaluate(async (room) => {
      const known = probe.sockets.length
      const joining = refused(() => people.me.client.join({ channelName: room, uid: 1 }))
      while (probe.sockets.length === known) await new Promise((resolve) => setTimeout(resolve, 5))
      const began = performance.now()
      people.me.client.destroy()
      return { ...await joining, ms: performance.now() - began }
    }, room)
    expect(result).toMatchObject(gone)
    expect(result.ms).toBeLessThan(1000)
    await open0(page)
    expect(await page.evaluate(() => people.me.story())).toEqual([
      'connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>DISCONNECTED'])
    return callbacks(page)
  }
  try {
    await round()
    await unchanging(round)
  } finally {
    deaf.close()
  }
})

for (const [moment, script] of [
  ['in the turn of join', (client, destroy) => queueMicrotask(destroy)],
  ['when join was sent', (client, destroy) => {
    const send = WebSocket.prototype.send
    WebSocket.prototype.send = function (...args) {
      send.apply(this, args)
      if (!String(args[0]).includes('"join"')) return
      WebSocket.prototype.send = send
      destroy()
    }
  }],
  ['when joined has come', (client, destroy) => {
    // The first listener of the socket: before the core hears of it.
    const Socket = window.WebSocket
    window.WebSocket = class extends Socket {
      constructor(...args) {
        super(...args)
        window.WebSocket = Socket
        this.addEventListener('message', destroy, { once: true })
      }
    }
  }],
  ['in the handler of CONNECTED', (client, destroy) => {
    client.on('connection-state-change', (e) => { if (e.curState === 'CONNECTED') destroy() })
  }],
]) {
  // covers: Client.destroy
  test(`destroy ${moment}: the promises settle, nothing leaks, and nobody stays in the room`, async ({ open, room }) => {
    const ann = await person(await open(), 'ann')
    await ann.join(room, 1)
    const page = await open()
    await person(page, 'stays')
    await page.evaluate(() => NERTC.ready)
    let rounds = 0
    const round = async () => {
      rounds++
      await person(page, 'me')
      const results = await page.evaluate(async ([room, script]) => {
        const { client } = people.me
        const stream = NERTC.createStream({ client, uid: 2, audio: false, video: true, videoSource: media.picture('red').track })
        await stream.init()
        const calls = []
        const destroyed = new Promise((resolve) => {
          new Function(`return ${script}`)()(client, () => {
            calls.push(refused(() => client.publish(stream)), refused(() => client.leave()))
            client.destroy()
            resolve()
          })
        })
        const joining = refused(() => client.join({ channelName: room, uid: 2 }))
        await destroyed
        const results = [await joining, ...await Promise.all(calls)]
        stream.destroy()
        return results
      }, [room, String(script)])
      const [join, publish, leave] = results
      expect(join).toMatchObject(gone)
      expect(publish).toMatchObject(gone)
      expect(leave).toMatchObject({ ok: true })
      await open0(page)
      // He may have been seen for a moment, and never stays.
      await expect.poll(async () => {
        const story = await ann.story('peer-online', 'peer-leave')
        return story.length % 2 === 0 && story.every((line, i) => line === (i % 2 ? 'peer-leave 2' : 'peer-online 2'))
      }).toBe(true)
      return callbacks(page)
    }
    await round()
    await unchanging(round)
    expect((await ann.story('peer-leave')).length).toBeLessThanOrEqual(rounds)
    // The uid is free: another client takes it, and ann sees that one come. What the last round left may still be told.
    await (await person(page, 'again')).join(room, 2)
    await expect.poll(async () => (await ann.story('peer-online')).length - (await ann.story('peer-leave')).length).toBe(1)
    expect(await ann.story('uid-duplicate')).toEqual([])
  })
}

// covers: Client.destroy
test('destroy in a call: the peers see one peer-leave, and only the own tracks live on', async ({ open, room, gateway }) => {
  const relay = await startRelay(gateway)
  try {
    const ann = await person(await open(), 'ann')
    await ann.join(room, 1)
    await ann.publish({ colour: 'red', hertz: 440 })
    const page = await open()
    await person(page, 'stays')
    await page.evaluate(() => NERTC.ready)
    let rounds = 0
    // The connection is there, or is just being recovered.
    const round = async (broken) => {
      rounds++
      const ben = await person(page, 'ben', { options: { server: relay.url } })
      await ben.join(room, 2)
      await ben.publish({ colour: 'blue', hertz: 880 })
      await ben.sees(1)
      await ann.sees(2)
      // The sound may come after the picture.
      for (const [one, uid] of [[ben, 1], [ann, 2]]) await one.page.waitForFunction(([n, uid]) => people[n].streams.get(uid)?.getAudioTrack(), [one.name, uid])
      if (broken) {
        relay.cut()
        await expect.poll(() => ben.state()).toBe('CONNECTING')
      }
      const seen = await page.evaluate(async () => {
        const { client, stream, streams } = people.ben
        window.remote = [streams.get(1).getVideoTrack(), streams.get(1).getAudioTrack()]
        const calls = [() => client.unpublish(stream), () => client.setClientRole('audience'), () => client.subscribe(streams.get(1)), () => client.updatePermKey('x')]
          .map((call) => refused(call))
        const began = performance.now()
        client.destroy()
        const results = await Promise.all(calls)
        return { ms: performance.now() - began, results, own: [stream.getVideoTrack().readyState, stream.getAudioTrack().readyState] }
      })
      for (const result of seen.results) expect(result).toMatchObject(gone)
      expect(seen.ms).toBeLessThan(1000)
      expect(seen.own).toEqual(['live', 'live'])
      await open0(page)
      await expect.poll(() => page.evaluate(() => document.querySelectorAll('video, audio').length)).toBe(0)
      expect(await page.evaluate(() => window.remote.map((track) => track.readyState))).toEqual(['ended', 'ended'])
      await page.evaluate(() => { people.ben.stream.destroy(); people.ben.drop() })
      if (broken) return null // who cannot say goodbye is missed when the time for a resumption is over
      await expect.poll(async () => (await ann.story('peer-leave')).length).toBe(rounds)
      expect((await ann.story('peer-online')).length).toBe(rounds)
      expect(await ann.page.evaluate(() => people.ann.streams.size)).toBe(0)
      return callbacks(page)
    }
    await round(false)
    const left = await unchanging(() => round(false))
    await round(true)
    await expect.poll(() => callbacks(page)).toBe(left)
    expect(await ann.failures()).toEqual([])
  } finally {
    await relay.stop()
  }
})
