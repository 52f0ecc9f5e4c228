// Connections that break while in a call come back by themselves; docs/protocol.md says how.
import { expect, person, test } from '../fixtures/test.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { startRelay } from '../fixtures/relay.mjs'
import { freePort } from '../fixtures/ports.mjs'

// Two who see each other, and the Streams that they have of one another.
async function call(open, room, sdks) {
  const ann = await person(await open({ sdk: sdks[0] }), 'ann')
  const ben = await person(await open({ sdk: sdks[1] }), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ colour: 'red' })
  await ben.publish({ colour: 'blue' })
  expect((await ben.sees(1)).colours).toEqual(['red'])
  expect((await ann.sees(2)).colours).toEqual(['blue'])
  for (const [one, uid] of [[ann, 2], [ben, 1]]) {
    await one.page.evaluate(([n, uid]) => {
      window.first = people[n].streams.get(uid)
      window.calm = people[n].log.length
      window.frames = probe.follow()
      window.counters = []
      setInterval(() => people[n].client.getSessionStats().then((s) => counters.push(s), (e) => people[n].failures.push(`statistics: ${e}`)), 200)
    }, [one.name, uid])
  }
  return [ann, ben]
}

// What has happened since the call was set up.
const since = (one) => one.page.evaluate((n) => people[n].log.slice(calm), one.name)
const states = async (one) => (await since(one)).filter((e) => e.event === 'connection-state-change')
  .map((e) => `${e.from}>${e.to}${e.reconnect ? ' reconnect' : ''}`)
const gap = (one) => one.page.evaluate(() => frames.longest())
const there = ['CONNECTED>CONNECTING reconnect', 'CONNECTING>CONNECTED reconnect']

// Both see each other's moving picture on the Streams that they had, and nobody left more than once.
async function asBefore(ann, ben) {
  for (const [one, uid, colour] of [[ann, 2, 'blue'], [ben, 1, 'red']]) {
    await expect.poll(() => one.state()).toBe('CONNECTED')
    await expect.poll(() => states(one)).not.toEqual([])
    // Not the last frame of before: what has been decoded since the break.
    await one.page.waitForFunction(() => frames.back(), null, { timeout: 60_000 })
    const seen = await one.sees(uid)
    expect(seen.colours).toEqual([colour])
    expect(seen.different).toBeGreaterThanOrEqual(10)
    const events = await since(one)
    for (const name of ['peer-leave', 'peer-online']) {
      expect(events.filter((e) => e.event === name).length, name).toBeLessThanOrEqual(1)
    }
    expect(events.filter((e) => e.event === 'error')).toEqual([])
    expect(await one.page.evaluate(([n, uid]) => people[n].streams.get(uid) === window.first, [one.name, uid])).toBe(true)
    const moves = await states(one)
    expect(moves[0]).toBe(there[0])
    expect(moves.at(-1)).toBe(there[1])
    // What is counted goes on from where it was, on another connection too.
    const fallen = await one.page.evaluate(() => ['Duration', 'RecvBytes', 'SendBytes'].flatMap((figure) =>
      counters.filter((now, i) => i && now[figure] < counters[i - 1][figure]).map((now) => [figure, now])))
    expect(fallen).toEqual([])
    const { SendBytes: before } = await one.page.evaluate(() => counters[0])
    await expect.poll(() => one.page.evaluate(() => counters.at(-1).SendBytes)).toBeGreaterThan(before)
    expect(await one.failures()).toEqual([])
    expect(await one.page.evaluate(() => probe.openPeers())).toBe(1)
  }
}

test('signalling is cut: media goes on, no peer notices, what was called meanwhile arrives once', async ({ open, room, gateway }) => {
  const relay = await startRelay(gateway)
  try {
    const [ann, ben] = await call(open, room, [relay.url, gateway.url])
    for (const one of [ann, ben]) await one.page.evaluate(() => frames.restart())
    const cut = Date.now()
    relay.cut()
    await expect.poll(() => states(ann)).toEqual(there.slice(0, 1))
    await ann.page.evaluate(() => { window.muting = people.ann.stream.muteAudio() })
    await expect.poll(() => Date.now() - cut, { timeout: 6000, intervals: [100] }).toBeGreaterThan(3000)
    expect(await since(ben)).toEqual([])
    relay.mend()
    await expect.poll(() => states(ann)).toEqual(there)
    await ann.page.evaluate(() => window.muting.then(() => null))
    await expect.poll(() => since(ben)).toMatchObject([{ event: 'mute-audio', uid: 1 }])
    await ann.mute('unmuteAudio')
    // Messages are in order: a second mute would have come before this.
    await expect.poll(async () => (await since(ben)).map((e) => e.event)).toEqual(['mute-audio', 'unmute-audio'])
    expect((await since(ann)).map((e) => e.event)).toEqual(['connection-state-change', 'connection-state-change'])
    for (const one of [ann, ben]) expect(await gap(one), 'the longest time without a frame').toBeLessThan(1000)
  } finally {
    await relay.stop()
  }
})

test('the engine is killed: both see each other again by themselves', async ({ open, room }) => {
  const gateway = await startGateway()
  try {
    const [ann, ben] = await call(open, room, [gateway.url, gateway.url])
    const [engine] = gateway.children()
    for (const one of [ann, ben]) await one.page.evaluate(() => frames.restart())
    process.kill(engine, 'SIGKILL')
    await asBefore(ann, ben)
    const leaves = (await ben.story('peer-leave')).length
    await ann.leave()
    await expect.poll(async () => (await ben.story('peer-leave')).slice(leaves)).toEqual(['peer-leave 1'])
  } finally {
    await gateway.stop()
  }
})

test('the gateway is killed and started again: both see each other again by themselves', async ({ open, room }) => {
  const listen = `127.0.0.1:${await freePort()}`
  let gateway = await startGateway({ listen })
  try {
    const [ann, ben] = await call(open, room, [gateway.url, gateway.url])
    for (const one of [ann, ben]) await one.page.evaluate(() => frames.restart())
    process.kill(gateway.pid, 'SIGKILL')
    await gateway.exited
    gateway = await startGateway({ listen })
    await asBefore(ann, ben)
    const leaves = (await ben.story('peer-leave')).length
    await ann.leave()
    await expect.poll(async () => (await ben.story('peer-leave')).slice(leaves)).toEqual(['peer-leave 1'])
  } finally {
    await gateway.stop()
  }
})

// covers: Client.publish
test('publish while the connection is being restored waits for it', async ({ open, room, gateway }) => {
  const relay = await startRelay(gateway)
  try {
    const ann = await person(await open(), 'ann')
    const ben = await person(await open({ sdk: relay.url }), 'ben')
    await ann.join(room, 1)
    await ben.join(room, 2)
    relay.cut()
    await expect.poll(() => ben.state()).toBe('CONNECTING')
    const published = ben.publish({ colour: 'blue' })
    relay.mend()
    await published
    expect((await ann.sees(2)).colours).toEqual(['blue'])
  } finally {
    await relay.stop()
  }
})
