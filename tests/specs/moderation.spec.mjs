// The operator removes, bans, mutes and closes; the pages are told what the documentation says.
import { startGateway } from '../fixtures/gateway.mjs'
import { expect, person, test as base } from '../fixtures/test.mjs'

const secret = 'the secret of the tests operator'

const test = base.extend({
  // A gateway with the operator's API on an address of its own, in the place of the one that the tests share.
  gateway: [async ({}, use) => {
    const gateway = await startGateway({ args: ['--admin-listen', '127.0.0.1:0'], env: { NERTC_ADMIN_SECRET: secret } })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],

  // operator(method, path, body): one request about the room; gives the status and what was answered.
  operator: async ({ gateway, room }, use) => {
    await use(async (method, path = '', body) => {
      const response = await fetch(`http://${gateway.ready.admin}/admin/v1/rooms/tests/${encodeURIComponent(room)}${path}`, {
        method, headers: { authorization: `Bearer ${secret}` }, body: body && JSON.stringify(body),
      })
      const text = await response.text()
      return { status: response.status, ...(text && JSON.parse(text)) }
    })
  },
})

const left = 'connection-state-change CONNECTED>DISCONNECTED'
const ends = ['connection-state-change', 'client-banned', 'channel-closed', 'uid-duplicate', 'error']
const joined = ['connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED']

// covers: Client#client-banned
test('who is removed gets client-banned, is out by then and stays out', async ({ open, room, operator }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ann.publish()
  await ben.join(room, 'ben')
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio', 'stream-subscribed 1 video'])
  const seen = await operator('GET')
  expect(seen.members.map((m) => [m.uid, m.tracks.map((t) => t.mediaType)])).toEqual([['1', ['audio', 'video']], ['ben', []]])

  expect((await operator('POST', '/bans', { uid: '1', seconds: 3600 })).status).toBe(201)
  await ann.until(ends, [...joined, left, 'client-banned 1 DISCONNECTED'])
  await ben.until(['stream-removed', 'peer-leave'], ['stream-removed 1 audio', 'stream-removed 1 video', 'peer-leave 1'])
  expect(await ann.page.evaluate(() => typeof people.ann.events('client-banned')[0].uid)).toBe('number')

  const refusal = await ann.page.evaluate((room) => refused(() => people.ann.join(room, 1)), room)
  expect(refusal).toMatchObject({ ok: false, isError: true, code: 10119, extraCode: 4031, reason: 'banned' })
  expect((await operator('DELETE', '/bans/1')).status).toBe(204)
  expect(await ann.join(room, 1)).toBe(1)
  // The ban, the refused join and the good one are all that has happened: it had not tried by itself.
  await ann.until(ends, [...joined, left, 'client-banned 1 DISCONNECTED',
    joined[0], 'connection-state-change CONNECTING>DISCONNECTED', ...joined])
})

// covers: Client#channel-closed
test('a room that is closed: channel-closed for everybody, and all are out', async ({ open, room, operator }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.until(['peer-online'], ['peer-online 2'])
  expect((await operator('DELETE')).status).toBe(204)
  for (const one of [ann, ben]) await one.until(ends, [...joined, left, 'channel-closed DISCONNECTED'])
  expect((await operator('GET')).status).toBe(404)
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.until(ends, [...joined, left, 'channel-closed DISCONNECTED', ...joined])
})

// covers: Client#audioVideoBanned
test('who is muted by the operator cannot unmute', async ({ open, room, operator }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ann.publish({ colour: 'green', hertz: 600 })
  await ben.join(room, 2)
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio', 'stream-subscribed 1 video'])
  const banned = () => ann.page.evaluate(() => people.ann.events('audioVideoBanned').map((e) => e.banned))

  expect(await operator('POST', '/members/1/mutes', { audio: true, duration: 600 })).toMatchObject({ status: 200, audio: true, video: false })
  await ben.until(['mute-audio', 'unmute-audio', 'mute-video'], ['mute-audio 1'])
  await expect.poll(banned).toEqual([{ uid: 1, audio: true, duration: 600 }])

  await ann.mute('muteAudio')
  const refusal = await ann.page.evaluate(() => refused(() => people.ann.stream.unmuteAudio()))
  expect(refusal).toMatchObject({ ok: false, isError: true, code: 10119, extraCode: 4032 })
  await ann.mute('muteVideo') // the picture is its own affair
  await ann.mute('unmuteVideo')
  await ben.until(['mute-video', 'unmute-video'], ['mute-video 1', 'unmute-video 1'])

  expect((await operator('DELETE', '/members/1/mutes')).status).toBe(204)
  await expect.poll(banned).toEqual([{ uid: 1, audio: true, duration: 600 }, { uid: 1, audio: false, duration: 0 }])
  await ann.mute('unmuteAudio')
  await ben.until(['mute-audio', 'unmute-audio'], ['mute-audio 1', 'unmute-audio 1'])
  const heard = await ben.hears(1, 600)
  expect(heard).toBeGreaterThan(580)
  expect(heard).toBeLessThan(620)
})
