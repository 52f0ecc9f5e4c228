// An app in secure mode that wants permission keys: what a page is told of them, and of custom data.
import { expect, person, test } from '../fixtures/secure.mjs'

const states = ['connection-state-change', 'permkey-will-expire', 'permkey-timeout', 'error']
const joined = ['connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED']
const over = ['connection-state-change CONNECTED>DISCONNECTED', 'permkey-timeout DISCONNECTED']
const receiving = ['join', 'create-room', 'receive-audio', 'receive-video']
const run = ({ page, name }, action, argument) => page.evaluate(([name, action, argument]) =>
  refused(() => new Function('me', 'argument', `return ${action}`)(people[name], argument)), [name, action, argument])

// covers: Client#custom-data
test('custom data comes with its member, to those who are there and to those who come', async ({ open, room, make }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const having = (uid, more) => ({ token: make('token', uid, 600), permkey: make('permkey', uid, 600), ...more })
  await ann.join(room, 1, having(1, { customData: '{"name":"Ann 安"}' }))
  await ben.join(room, 2, having(2, { customData: 'Ben' }))
  await ann.until(['peer-online', 'custom-data'], ['peer-online 2', 'custom-data 2 Ben'])
  await ben.until(['peer-online', 'custom-data'], ['peer-online 1', 'custom-data 1 {"name":"Ann 安"}'])
  await ben.leave()
  for (const customData of ['x'.repeat(1025), '声'.repeat(342), 7]) {
    expect(await run(ben, 'me.join(...argument)', [room, 2, having(2, { customData })])).toMatchObject({ ok: false, code: 10000 })
  }
  await ben.join(room, 2, having(2))
  await ann.until(['peer-leave', 'peer-online', 'custom-data'], ['peer-online 2', 'custom-data 2 Ben', 'peer-leave 2', 'peer-online 2'])
})

// covers: Client.updatePermKey Client#permkey-will-expire Client#permkey-timeout Client#error
test('a permission key limits, is replaced, and runs out for good', async ({ open, room, make }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const key = (uid, seconds, privilege) => make('permkey', uid, seconds, privilege)
  expect(await run(ann, 'me.join(...argument)', [room, 1, { token: make('token', 1, 600) }])).toMatchObject({ ok: false, code: 403 })
  await ann.join(room, 1, { token: make('token', 1, 600), permkey: key(1, 600) })
  await ben.join(room, 2, { token: make('token', 2, 600), permkey: key(2, 600, receiving) })
  await ann.publish({ colour: 'red' })
  expect((await ben.sees(1)).colours).toEqual(['red'])

  // Ben may look only.
  expect(await run(ben, "me.publish({ audio: false, colour: 'blue' })")).toMatchObject({ ok: false, code: 10355, reason: 'no-publish-video-permission' })
  await ben.until(states, [...joined, 'error no-publish-video-permission'])
  expect(await run(ben, 'me.client.updatePermKey(argument)', key(3, 600))).toMatchObject({ ok: false, code: 414 })
  expect(await run(ben, 'me.client.updatePermKey()')).toMatchObject({ ok: false, code: 10000 })
  expect(await run(ben, 'me.client.updatePermKey(argument)', key(2, 600))).toMatchObject({ ok: true })
  await ben.republish()
  expect((await ann.sees(2)).colours).toEqual(['blue'])

  // Back to looking, and once more to both: what was published is gone until the page publishes it again.
  expect(await run(ben, 'me.client.updatePermKey(argument)', key(2, 600, receiving))).toMatchObject({ ok: true })
  await ann.until(['stream-removed'], ['stream-removed 2 video'])
  expect(await run(ben, 'me.client.publish(me.stream)')).toMatchObject({ ok: false, code: 10355 })
  expect((await ben.sees(1)).colours).toEqual(['red'])
  expect(await run(ben, 'me.client.updatePermKey(argument)', key(2, 600))).toMatchObject({ ok: true })
  await ben.republish()
  await ann.until(['stream-added'], ['stream-added 2 video', 'stream-added 2 video'])
  expect((await ann.sees(2)).colours).toEqual(['blue'])

  // The last key is for a moment and permits nothing.
  expect(await run(ben, 'me.client.updatePermKey(argument)', key(2, 3, ['join']))).toMatchObject({ ok: true })
  await ann.until(['stream-removed'], ['stream-removed 2 video', 'stream-removed 2 video'])
  const refused = 'error no-publish-video-permission'
  await ben.until(states, [...joined, refused, refused, 'permkey-will-expire', ...over])
  expect(await ben.story('permkey-timeout')).toEqual(['permkey-timeout DISCONNECTED'])
  await ann.until(['peer-leave'], ['peer-leave 2'])
  expect(await run(ben, 'me.client.updatePermKey(argument)', key(2, 600))).toMatchObject({ ok: false, code: 10009 })
  // Nothing has tried to come back, and with another key the same client joins again.
  await ben.join(room, 2, { token: make('token', 2, 600), permkey: key(2, 600) })
  await ben.until(states, [...joined, refused, refused, 'permkey-will-expire', ...over, ...joined])
})

// covers: Client.publish Client.unpublish Stream.open Client#error
test('of several tracks the key may permit some: those are published, muted and ended as ever', async ({ open, room, make }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const having = (uid, privilege) => ({ token: make('token', uid, 600), permkey: make('permkey', uid, 600, privilege) })
  await ann.join(room, 1, having(1))
  await ben.join(room, 2, having(2, [...receiving, 'send-video']))
  const publish = "me.publish({ colour: 'blue', hertz: 440 })"
  expect(await run(ben, publish)).toMatchObject({ ok: false, code: 10355, reason: 'no-publish-audio-permission' })
  await ben.until(['error'], ['error no-publish-audio-permission'])
  expect((await ann.sees(2)).colours).toEqual(['blue'])
  expect(await run(ben, 'me.stream.muteVideo()')).toMatchObject({ ok: true })
  await ann.until(['mute-video'], ['mute-video 2'])
  expect(await run(ben, 'me.client.unpublish(me.stream)')).toMatchObject({ ok: true })
  await ann.until(['stream-added', 'stream-removed'], ['stream-added 2 video', 'stream-removed 2 video'])

  // A screen whose sound is refused is not shared without it behind the page's back.
  expect(await run(ben, `(async () => {
    const stream = NERTC.createStream({ client: me.client })
    await stream.init()
    await me.client.publish(stream)
    const { code } = await refused(() => stream.open({ type: 'screen', screenAudio: true }))
    const has = [stream.hasScreen(), stream.hasAudioSlave()]
    await stream.open({ type: 'video', videoSource: media.picture('green').track })
    return [code, ...has].join()
  })()`)).toMatchObject({ ok: true, result: '10355,false,false' })
  await expect.poll(async () => (await ann.story('stream-added')).filter((e) => e === 'stream-added 2 video').length).toBe(2)
  await expect.poll(() => ann.page.evaluate(() => people.ann.streams.get(2).hasScreen())).toBe(false)
})
