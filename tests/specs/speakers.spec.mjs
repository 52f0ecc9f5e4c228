// How loud the others are, who speaks, and how loud they are played.
import { expect, person, test } from '../fixtures/test.mjs'

// listen: what a person is told of volumes from now on, as plain data.
const listen = (who) => who.page.evaluate((name) => {
  const told = (window.told = { volumes: [], active: [], at: [] })
  const { client } = people[name]
  client.on('volume-indicator', (volumes) => {
    told.at.push(performance.now())
    told.volumes.push({ array: Array.isArray(volumes), list: volumes.map((v) => ({ ...v })), uid: volumes.uid, level: volumes.level })
  })
  client.on('active-speaker', (speaker) => told.active.push(speaker))
}, who.name)
const told = (who) => who.page.evaluate(() => window.told)
// next: the n-th volumes from now. The first may still be of the time before.
const next = async (who, n = 2) => {
  const before = (await told(who)).volumes.length
  await who.page.waitForFunction((count) => window.told.volumes.length >= count, before + n, { timeout: 30_000 })
  return (await told(who)).volumes[before + n - 1]
}
// becomes: waits until exactly these are told, and gives what is told a second later of the same.
const becomes = async (who, list) => {
  await who.page.waitForFunction((list) => window.told.volumes.at(-1)?.list.map((v) => v.uid).join() === list.join(), list, { timeout: 30_000 })
  const volumes = await next(who, 1)
  expect(uids(volumes)).toEqual(list)
  return volumes
}
const near = (level, amplitude) => expect(Math.abs(level - 100 * amplitude), `level ${level} of a tone of ${amplitude}`).toBeLessThan(10 * amplitude)
const middle = (values) => [...values].sort((a, b) => a - b)[values.length / 2 | 0]
const uids = (volumes) => volumes.list.map((v) => v.uid)

// Ann listens; ben and cat are in another page, the one with a tone of 0.25, the other of 0.5.
const three = async (open, room, settings) => {
  const ann = await person(await open(), 'ann', settings)
  const page = await open()
  const ben = await person(page, 'ben')
  const cat = await person(page, 'cat')
  await ann.join(room, 1)
  await listen(ann)
  await ben.join(room, 2)
  await cat.join(room, 3)
  await ben.publish({ hertz: 440, amplitude: 0.25, video: false })
  await cat.publish({ hertz: 600, amplitude: 0.5, video: false })
  await ann.page.waitForFunction(() => window.told.volumes.at(-1)?.list.filter((v) => v.level > 0).length === 2, null, { timeout: 30_000 })
  return { ann, ben, cat }
}

// covers: Client#volume-indicator Client#active-speaker
test('volume-indicator and active-speaker: levels of known tones, louder first, in both shapes, every second', async ({ open, room }) => {
  const { ann } = await three(open, room)
  const levels = { 2: [], 3: [] }
  for (let i = 0; i < 5; i++) {
    const volumes = await next(ann, i ? 1 : 2)
    expect(volumes.array).toBe(true)
    expect(uids(volumes).sort()).toEqual([2, 3])
    expect(volumes.list.map((v) => v.type)).toEqual(['audio', 'audio'])
    expect(volumes.list[0].level).toBeGreaterThanOrEqual(volumes.list[1].level)
    for (const { uid, level } of volumes.list) levels[uid].push(level)
    expect({ uid: volumes.uid, level: volumes.level }).toEqual({ uid: volumes.list[0].uid, level: volumes.list[0].level })
  }
  // The middle one: a moment without packets, which a busy machine has, is not how loud somebody is.
  near(middle(levels[3]), 0.5)
  near(middle(levels[2]), 0.25)
  const { active, at } = await told(ann)
  expect(Object.keys(active.at(-1)).sort()).toEqual(['level', 'uid'])
  expect(middle(active.slice(-3).map((a) => a.uid))).toBe(3)
  near(middle(active.slice(-3).map((a) => a.level)), 0.5)
  const gaps = at.slice(1).map((t, i) => t - at[i])
  expect(gaps.reduce((a, b) => a + b) / gaps.length).toBeGreaterThan(900)
  expect(gaps.reduce((a, b) => a + b) / gaps.length).toBeLessThan(1600)
})

test('nobody is listed who is muted, who is not received or who is gone', async ({ open, room }) => {
  const { ann, ben, cat } = await three(open, room)
  await cat.mute('muteAudio')
  let volumes = await becomes(ann, [2])
  near(volumes.level, 0.25)
  expect((await told(ann)).active.at(-1).uid).toBe(2)

  // All muted: still told, of nobody, and nobody speaks.
  await ben.mute('muteAudio')
  volumes = await becomes(ann, [])
  expect(volumes).toEqual({ array: true, list: [], uid: 0, level: 0 })
  const silent = (await told(ann)).active.length
  await next(ann)
  expect((await told(ann)).active.length).toBe(silent)

  await ben.mute('unmuteAudio')
  await cat.mute('unmuteAudio')
  await becomes(ann, [3, 2])
  near((await next(ann)).level, 0.5)

  // Muted here alone.
  await ann.page.evaluate(() => people.ann.streams.get(3).muteAudio())
  await becomes(ann, [2])
  await ann.page.evaluate(() => people.ann.streams.get(3).unmuteAudio())
  await becomes(ann, [3, 2])

  await ann.unsubscribe(3)
  await becomes(ann, [2])
  // Nothing is received any more: that is told like everything else.
  await ben.leave()
  await becomes(ann, [])
  await ann.subscribe(3, { audio: true })
  await becomes(ann, [3])

  // And none after the room.
  await ann.leave()
  const { volumes: last } = await told(ann)
  await cat.leave()
  expect((await told(ann)).volumes.length).toBe(last.length)
  expect(await ann.failures()).toEqual([])
})

// covers: Client#volume-indicator
test('volume-indicator comes every second from join to leave, also alone, in the type of the own uid', async ({ open, room }) => {
  const page = await open()
  const ann = await person(page, 'ann')
  for (const [uid, nobody] of [[1, 0], ['ann', '']]) {
    await ann.join(room, uid)
    await listen(ann)
    const began = Date.now()
    for (let i = 0; i < 2; i++) expect(await next(ann, 1)).toEqual({ array: true, list: [], uid: nobody, level: 0 })
    expect(Date.now() - began).toBeLessThan(4000)
    // A page of the one shape, as the documentation has it.
    expect(await page.evaluate(() => {
      const { uid, level } = window.told.volumes.at(-1)
      return [uid.toString(), level.toFixed(0)]
    })).toEqual([String(nobody), '0'])
    await ann.leave()
    expect((await told(ann)).active).toEqual([])
    const count = (await told(ann)).volumes.length
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1200))) // that nothing comes cannot be awaited
    expect((await told(ann)).volumes.length).toBe(count)
    await page.evaluate(() => people.ann.client.off('volume-indicator'))
  }
})

// What arrives at the loudspeaker: Chromium's statistics are taken behind the volume.
const played = (who) => who.page.evaluate(async () => {
  const levels = []
  for (const peer of probe.peers.filter((p) => p.connectionState !== 'closed')) {
    for (const report of (await peer.getStats()).values()) if (report.type === 'inbound-rtp' && report.kind === 'audio') levels.push(report.audioLevel)
  }
  return levels.sort().map((level) => Math.round(level * 100))
})
const within = (values, wanted) => values.length === wanted.length && values.every((v, i) => Math.abs(v - wanted[i]) <= 2)

// covers: Client.setPlaybackVolume
test('the playback volume: set before the core runs, for streams to come, and levels are told as before', async ({ open, room, gateway }) => {
  const page = await open()
  await page.evaluate((wasmUrl) => {
    const { client } = person('ann', { options: { wasmUrl } }) // a core of its own, which does not run yet
    client.setPlaybackVolume(40)
  }, `${gateway.url}/nertc.wasm?another`)
  const ann = { page, name: 'ann' }
  const sender = await open()
  const ben = await person(sender, 'ben')
  await page.evaluate((room) => people.ann.join(room, 1), room)
  await listen(ann)
  await ben.join(room, 2)
  await ben.publish({ amplitude: 0.5, video: false })
  await expect.poll(async () => within(await played(ann), [20])).toBe(true)
  near((await next(ann, 3)).level, 0.5)

  for (const bad of [-1, 101, NaN, '50', null, undefined]) {
    const result = await page.evaluate((v) => refused(() => people.ann.client.setPlaybackVolume(v)), bad)
    expect({ ok: result.ok, code: result.code }, String(bad)).toEqual({ ok: false, code: 10250 })
  }
  await expect.poll(async () => within(await played(ann), [20])).toBe(true)

  await page.evaluate(() => people.ann.client.setPlaybackVolume(10))
  const cat = await person(sender, 'cat')
  await cat.join(room, 3)
  await cat.publish({ amplitude: 0.25, video: false })
  await expect.poll(async () => within(await played(ann), [3, 5])).toBe(true)
  const volumes = await next(ann, 3)
  expect(uids(volumes)).toEqual([2, 3])
  near(volumes.list[0].level, 0.5)
  near(volumes.list[1].level, 0.25)

  await page.evaluate(() => people.ann.client.setPlaybackVolume(0))
  await expect.poll(async () => within(await played(ann), [0, 0])).toBe(true)
  await page.evaluate(() => people.ann.client.setPlaybackVolume(100))
  await expect.poll(async () => within(await played(ann), [25, 50])).toBe(true)
  // It stays with the client through another stay.
  await page.evaluate(() => { people.ann.client.setPlaybackVolume(20); return people.ann.client.leave() })
  await page.evaluate((room) => people.ann.join(room, 1), room)
  await expect.poll(async () => within(await played(ann), [5, 10]), { timeout: 30_000 }).toBe(true)
})
