// What the browser says of the network makes a recovery try at once. The pages' clock stands still in these tests, so
// nothing comes back because its time has come.
import { expect, person, test } from '../fixtures/test.mjs'
import { startRelay } from '../fixtures/relay.mjs'

const joined = ['connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED']
const broken = 'connection-state-change CONNECTED>CONNECTING'
const mended = 'connection-state-change CONNECTING>CONNECTED'
const watched = ['connection-state-change', 'error']

// pause: the clock stands still a little later than now; how much, shows when it is not past by then.
async function pause(page) {
  for (let ahead = 200; ; ahead *= 2) {
    try {
      return await page.clock.pauseAt(await page.evaluate(() => Date.now()) + ahead)
    } catch (e) {
      if (!/past/.test(e.message)) throw e
    }
  }
}

// Somebody in a call by way of a relay, on a page whose clock stands still.
async function standing(open, room, relay) {
  const ann = await person(await open({ sdk: relay.url, prepare: (page) => page.clock.install() }), 'ann')
  await ann.join(room, 1)
  await ann.until(watched, joined)
  await pause(ann.page)
  return ann
}

const dispatch = (name, target = 'window') => (page) => page.evaluate(([target, name]) => {
  const on = { window, document, connection: navigator.connection }[target]
  on.dispatchEvent(new Event(name))
}, [target, name])

for (const [name, tell] of [
  ['online', async (page) => { await dispatch('offline')(page); await dispatch('online')(page) }],
  ['another network', dispatch('change', 'connection')],
  ['the page is shown again', dispatch('visibilitychange', 'document')],
  ['the page is thawed', dispatch('resume', 'document')],
]) {
  test(`${name}: signalling that is cut is resumed at once`, async ({ open, room, gateway }) => {
    const relay = await startRelay(gateway)
    try {
      const ann = await standing(open, room, relay)
      const before = await ann.page.evaluate(() => probe.sockets.length)
      relay.cut()
      await ann.until(watched, [...joined, broken])
      // The first attempt is not waited for; the second would be.
      await expect.poll(() => ann.page.evaluate(() => probe.sockets.filter((s) => s.readyState === 3).length)).toBe(before + 1)
      relay.mend()
      await tell(ann.page)
      await ann.until(watched, [...joined, broken, mended])
      expect(await ann.page.evaluate(() => [probe.openPeers(), probe.openSockets()])).toEqual([1, 1])
    } finally {
      await relay.stop()
    }
  })
}

test('a connection that was left behind by a change of the network is found and replaced in two seconds', async ({ open, room, gateway }) => {
  const relay = await startRelay(gateway)
  try {
    const ann = await standing(open, room, relay)
    relay.strand()
    await ann.page.clock.runFor(4000) // nothing says that anything is wrong
    expect(await ann.state()).toBe('CONNECTED')
    await dispatch('change', 'connection')(ann.page)
    await ann.page.clock.runFor(2500)
    await ann.until(watched, [...joined, broken, mended])
    expect(await ann.page.evaluate(() => probe.openPeers())).toBe(1)
  } finally {
    await relay.stop()
  }
})

test('offline: nothing is tried again and again, and the first moment online is used', async ({ open, room, gateway, context }) => {
  const relay = await startRelay(gateway)
  try {
    const ann = await person(await open({ sdk: relay.url, prepare: (page) => page.clock.install() }), 'ann')
    await ann.join(room, 1)
    const sockets = () => ann.page.evaluate(() => probe.sockets.length)
    const before = await sockets()
    await context.setOffline(true)
    relay.cut()
    await ann.until(watched, [...joined, broken])
    await ann.page.clock.runFor(9000)
    expect(await sockets() - before).toBeLessThanOrEqual(2) // one at once, and one that may have been under way
    relay.mend()
    await context.setOffline(false)
    await ann.until(watched, [...joined, broken, mended])
  } finally {
    await context.setOffline(false)
    await relay.stop()
  }
})
