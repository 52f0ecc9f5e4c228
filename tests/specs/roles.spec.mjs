// Hosts and audiences: who hears of whom, and whose pictures come.
import { expect, person, test } from '../fixtures/test.mjs'

const code = ({ page, name }, action) => page.evaluate(([name, action]) =>
  refused(() => new Function('client', 'stream', `return ${action}`)(people[name].client, people[name].stream)).then((r) => r.code), [name, action])

// covers: Client.setChannelProfile Client.setClientRole Client#client-role-changed
test('host to audience and back: events at all sides, and pictures that go and come back', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const cat = await person(await open(), 'cat')
  // Without waiting: what is asked before the core runs is in place when the join goes out.
  await cat.page.evaluate((room) => {
    const { client } = people.cat
    client.setChannelProfile({ mode: 'live' })
    client.setClientRole('audience')
    return client.join({ channelName: room, uid: 3 }).then(() => null)
  }, room)
  expect(await cat.story('client-role-changed', 'connection-state-change')).toEqual([
    'client-role-changed audience', 'connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED'])
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', hertz: 600 })
  await cat.until(['peer-online'], ['peer-online 1', 'peer-online 2'])
  expect((await cat.sees(2)).colours).toEqual(['blue'])
  await ann.until(['peer-online', 'stream-added'], ['peer-online 2', 'stream-added 2 audio', 'stream-added 2 video'])
  expect((await ann.sees(2)).different).toBeGreaterThanOrEqual(10)
  expect(await code(cat, "client.setChannelProfile({ mode: 'rtc' })")).toBe(10008)

  // To audience: for the others that is a leave.
  await ben.role('audience')
  const gone = ['stream-removed 2 audio', 'stream-removed 2 video', 'peer-leave 2']
  for (const one of [ann, cat]) await one.until(['stream-removed', 'peer-leave'], gone)
  expect(await ben.story('client-role-changed', 'error')).toEqual(['client-role-changed audience'])
  expect(await ben.state()).toBe('CONNECTED')
  expect(await code(ben, 'client.publish(stream)')).toBe(10351)
  let last = -1
  await expect.poll(async () => {
    const { audioOut, videoOut } = await ben.media()
    const still = audioOut + videoOut === last
    last = audioOut + videoOut
    return still
  }, { intervals: [1000], timeout: 30_000 }).toBe(true)
  await ben.mute('muteAudio')

  // And back: exactly what was published, as muted as it is now.
  await ben.role('host')
  const back = ['peer-online 2', 'stream-added 2 audio', 'mute-audio 2', 'stream-added 2 video']
  for (const one of [ann, cat]) {
    await expect.poll(async () => (await one.story('peer-online', 'stream-added', 'mute-audio')).slice(-4).sort()).toEqual([...back].sort())
    const seen = await one.sees(2)
    expect(seen.colours).toEqual(['blue'])
    expect(seen.different).toBeGreaterThanOrEqual(10)
  }
  await ben.mute('unmuteAudio')
  expect(Math.abs(await ann.hears(2, 600) - 600)).toBeLessThan(18)
  expect(await ben.story('client-role-changed')).toEqual(['client-role-changed audience', 'client-role-changed host'])

  // Who was an audience from the start shows itself, and is seen by all.
  await cat.role('host')
  await cat.publish({ colour: 'green' })
  expect((await ann.sees(3)).colours).toEqual(['green'])
  expect((await ben.sees(3)).colours).toEqual(['green'])
  await cat.role('audience')
  for (const one of [ann, ben]) {
    await expect.poll(async () => (await one.story('peer-online', 'peer-leave')).filter((line) => line.endsWith(' 3')))
      .toEqual(['peer-online 3', 'peer-leave 3'])
  }
  expect((await cat.sees(2)).different).toBeGreaterThanOrEqual(10)

  // The role that is, and what is none, change nothing.
  await cat.role('audience')
  expect(await code(cat, "client.setClientRole('king')")).toBe(10477)
  expect(await code(cat, "client.setChannelProfile({ mode: 'party' })")).toBe(10121)
  expect(await cat.story('client-role-changed')).toEqual(['audience', 'host', 'audience'].map((role) => `client-role-changed ${role}`))
  // An audience goes as it came: without a word.
  await cat.leave()
  await ben.leave()
  await ann.until(['peer-leave'], ['peer-leave 2', 'peer-leave 3', 'peer-leave 2'])
  expect([...await ann.failures(), ...await ben.failures(), ...await cat.failures()]).toEqual([])
})
