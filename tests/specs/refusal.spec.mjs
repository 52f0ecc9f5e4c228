// Bad input: each gets the documented code, nothing is left half done, and the page can go on.
import { expect, person, test } from '../fixtures/test.mjs'

const error = (code) => ({ ok: false, isError: true, name: 'NERtcError', code, getCode: code })

// covers: Client.join
test('join: arguments are refused without network traffic or a change of state', async ({ open, room }) => {
  const me = await person(await open(), 'me')
  await me.page.evaluate(() => NERTC.ready)
  const sockets = () => me.page.evaluate(() => probe.sockets.length)
  const join = (options) => me.page.evaluate((o) => refused(() => people.me.client.join(o)), options)
  const before = await sockets()
  expect(before, 'no network traffic before join').toBe(0)

  for (const channelName of [NaN, '', null, undefined, {}, true, 'x'.repeat(65), '声'.repeat(22)]) {
    expect(await join({ channelName, uid: 1 }), `channelName ${channelName}`).toMatchObject(error(10110))
  }
  for (const uid of ['', {}, -1, 1.5, NaN, 2 ** 53, 'x'.repeat(65), [], true]) {
    expect(await join({ channelName: room, uid }), `uid ${uid}`).toMatchObject(error(10112))
  }
  for (const nothing of [undefined, null, 'room', 7]) {
    const answer = await join(nothing)
    expect(answer, `join(${nothing})`).toMatchObject({ ok: false, isError: true, name: 'NERtcError' })
    expect([10000, 10110]).toContain(answer.code)
  }
  expect(await sockets()).toBe(before)
  expect(await me.story()).toEqual([])
  expect(await me.state()).toBe('DISCONNECTED')

  // The same client joins with good ones, and odd ones that pages pass.
  await me.join(room, '12', { token: '', wssArr: null, unknown: { deep: [1] } })
  await me.leave()
  await me.page.evaluate(() => people.me.client.join({ channelName: 4711, uid: null }))
  expect(await me.page.evaluate(() => people.me.client.getChannelInfo().channelName)).toBe('4711')
  await me.leave()
})

// covers: Client.getUid Client.getConnectionState Client.getChannelInfo Client.destroy
test('calls in the wrong order', async ({ open, room }) => {
  const me = await person(await open(), 'me')
  const call = (body) => me.page.evaluate(([body, room]) => refused(() => new Function('client', 'stream', 'room', `return ${body}`)(
    people.me.client, people.me.local, room)), [body, room])
  await me.page.evaluate(async () => {
    people.me.local = NERTC.createStream({ video: true, audio: false, uid: 1, videoSource: media.picture('red').track })
    await people.me.local.init()
  })
  expect(await call('client.publish(stream)')).toMatchObject(error(10009))
  expect(await call('client.subscribe(stream)')).toMatchObject({ ok: false, name: 'NERtcError' })
  expect(await call('client.leave()')).toMatchObject({ ok: true })
  expect(await call('client.getUid()')).toEqual({ ok: true, result: null })
  expect(await call('client.getConnectionState()')).toEqual({ ok: true, result: 'DISCONNECTED' })

  // The second of two joins is refused, the first goes on.
  const both = await me.page.evaluate((room) => Promise.all([
    refused(() => people.me.client.join({ channelName: room, uid: 1 })),
    refused(() => people.me.client.join({ channelName: `${room}-2`, uid: 2 })),
  ]), room)
  expect(both[0]).toMatchObject({ ok: true })
  expect(both[1]).toMatchObject(error(10101))
  expect(await call('client.join({channelName: room, uid: 1})')).toMatchObject(error(10101))
  expect(await me.state()).toBe('CONNECTED')
  expect(await me.page.evaluate(() => people.me.client.getChannelInfo().channelName)).toBe(room)

  expect(await call('client.publish()')).toMatchObject(error(10000))
  expect(await call('client.publish({})')).toMatchObject({ ok: false, name: 'NERtcError' })
  expect(await call('client.publish(stream)')).toMatchObject({ ok: true })

  await me.page.evaluate(() => people.me.client.destroy())
  for (const body of ['client.join({channelName: room, uid: 1})', 'client.publish(stream)', 'client.getUid()']) {
    expect(await call(body), body).toMatchObject(error(10008))
  }
  await expect.poll(() => me.page.evaluate(() => probe.openPeers() + probe.openSockets())).toBe(0)
})

test('leave while joining: the join rejects and a later one works', async ({ open, room }) => {
  const me = await person(await open(), 'me')
  await me.page.evaluate(() => NERTC.ready)
  const join = await me.page.evaluate(async (room) => {
    const join = refused(() => people.me.client.join({ channelName: room, uid: 1 }))
    await people.me.client.leave()
    return join
  }, room)
  expect(join).toMatchObject({ ok: false, name: 'NERtcError' })
  expect(await me.state()).toBe('DISCONNECTED')
  await me.join(room, 1)
  expect(await me.state()).toBe('CONNECTED')
})

// covers: NERTC.createClient NERTC.createStream
test('createClient and createStream check their arguments at once', async ({ open }) => {
  const page = await open()
  const results = await page.evaluate(async () => {
    const run = (f) => refused(async () => { f(); return null })
    return {
      none: await run(() => NERTC.createClient()),
      empty: await run(() => NERTC.createClient({ appkey: '' })),
      number: await run(() => NERTC.createClient({ appkey: 7 })),
      good: await run(() => NERTC.createClient({ appkey: 'a', debug: true })),
      stream: await run(() => NERTC.createStream('audio')),
      same: window.NERTC === window.WebRTC2,
    }
  })
  for (const name of ['none', 'empty', 'number', 'stream']) {
    expect(results[name], name).toMatchObject({ ok: false, isError: true, name: 'NERtcError' })
  }
  expect(results.good.ok).toBe(true)
  expect(results.same).toBe(true)
})

// covers: Stream.init Stream.hasVideo Client#accessDenied
test('no camera or a refused one: an error with a code, and a second try works', async ({ open, room }) => {
  const me = await person(await open(), 'me')
  const answer = await me.page.evaluate(async () => {
    const original = navigator.mediaDevices.getUserMedia
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'))
    const events = []
    people.me.client.on('accessDenied', (type) => events.push(`accessDenied ${type}`))
    const stream = NERTC.createStream({ client: people.me.client, audio: false, video: true })
    const first = await refused(() => stream.init())
    navigator.mediaDevices.getUserMedia = original
    const second = await refused(() => stream.init())
    return { first, events, second, has: stream.hasVideo() }
  })
  expect(answer.first).toMatchObject({ ok: false, isError: true, name: 'NERtcError' })
  expect(answer.first.code).toBe(10212)
  expect(answer.events).toEqual(['accessDenied video'])
  expect(answer.second.ok).toBe(true)
  expect(answer.has).toBe(true)
  await me.join(room, 1)
})
