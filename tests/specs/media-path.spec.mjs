// The path of media breaks while signalling lives.
import { expect, person, test } from '../fixtures/test.mjs'
import { startMediaRelay } from '../fixtures/media-relay.mjs'

const watched = ['connection-state-change', 'error', 'peer-online', 'peer-leave', 'stream-added', 'stream-removed']
const joined = ['connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED']
const broken = 'connection-state-change CONNECTED>CONNECTING'
const mended = 'connection-state-change CONNECTING>CONNECTED'

test('the path of media breaks: another is found by a restart of ICE, and the others see no event', async ({ open, room, gateway }) => {
  const relay = await startMediaRelay()
  // How many restarts of ICE the gateway has seen, by how they ended.
  const restarts = async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    return Object.fromEntries([...metrics.matchAll(/^nertc_reconnects_total\{kind="ice-restart",result="(\w+)"\} (\d+)$/gm)].map((m) => [m[1], Number(m[2])]))
  }
  try {
    const ann = await person(await open({ prepare: relay.prepare }), 'ann')
    const ben = await person(await open(), 'ben')
    await ann.join(room, 1)
    await ben.join(room, 2)
    await ann.publish({ colour: 'red' })
    await ben.publish({ colour: 'blue' })
    expect((await ben.sees(1)).colours).toEqual(['red'])
    expect((await ann.sees(2)).colours).toEqual(['blue'])
    expect(relay.paths()).toBeGreaterThan(0)
    for (const [one, uid] of [[ben, 1], [ann, 2]]) await one.until(['stream-subscribed'], [`stream-subscribed ${uid} audio`, `stream-subscribed ${uid} video`])
    const calm = await Promise.all([ann, ben].map((one) => one.story(...watched)))
    for (const one of [ann, ben]) await one.page.evaluate(() => { window.frames = probe.follow() })

    const before = await restarts()
    relay.break()
    await expect.poll(() => ann.page.evaluate(() => probe.marks.map((m) => m.name)), { timeout: 30_000 }).toContain('peer disconnected')
    await ann.until(watched, [...calm[0], broken, mended])
    const reconnect = (await ann.page.evaluate(() => people.ann.events('connection-state-change'))).slice(-2).map((e) => e.reconnect)
    expect(reconnect).toEqual([true, true])

    // On the same peer connections, both see each other's pictures move again.
    for (const [one, uid, colour] of [[ann, 2, 'blue'], [ben, 1, 'red']]) {
      await one.page.waitForFunction(() => frames.back(), null, { timeout: 60_000 })
      const seen = await one.sees(uid)
      expect(seen.colours).toEqual([colour])
      expect(seen.different).toBeGreaterThanOrEqual(10)
      expect(await one.page.evaluate(() => probe.peers.length)).toBe(1)
    }
    const after = await restarts()
    expect(after.ok).toBeGreaterThan(before.ok)
    expect(after.refused).toBe(before.refused)
    expect(await ben.story(...watched)).toEqual(calm[1])
    expect(await ann.story(...watched)).toEqual([...calm[0], broken, mended])
  } finally {
    relay.stop()
  }
})
