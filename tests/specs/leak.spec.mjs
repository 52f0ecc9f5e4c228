// What a page leaves behind after many rounds: nothing that grows.
import { calls } from '../fixtures/rounds.mjs'
import { expect, person, test } from '../fixtures/test.mjs'

test('twenty rounds of join and leave leave no peer connection, socket, callback or element behind', async ({ open, room }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', fps: 5, scale: 0.5 })
  const ann = await person(await open(), 'ann')

  const count = () => ann.page.evaluate(() => ({
    funcs: people.ann.callbacks(), peers: probe.openPeers(), sockets: probe.openSockets(),
    media: document.querySelectorAll('video, audio').length,
  }))
  // The engine asks for a key frame once a second at most: most rounds leave as soon as the picture has its element.
  const round = async (seen) => {
    await ann.join(room, 1)
    await ann.page.waitForFunction((state) => people.ann.video(2)?.readyState >= state, seen ? 2 : 0)
    await ann.leave()
    await expect.poll(count).toMatchObject({ peers: 0, sockets: 0, media: 0 })
    return count()
  }
  await round(true)
  const first = await round(true)
  let last
  for (let i = 1; i <= 18; i++) last = await round(i % 6 === 0)
  // What the last round did may still be ending.
  expect(last).toMatchObject({ peers: first.peers, sockets: first.sockets, media: first.media })
  await expect.poll(async () => (await count()).funcs, 'callbacks').toBeLessThanOrEqual(first.funcs)
  expect(first.funcs, 'the count of live callbacks is known').toBeGreaterThan(0)
  // Whoever leaves while play is under way is told so.
  expect((await ann.failures()).filter((f) => !f.startsWith('play: NERtcError: code: 10008'))).toEqual([])
})

// covers: Client.destroy Stream.destroy
test('a destroyed client frees everything', async ({ open, room }) => {
  const page = await open()
  await page.evaluate(() => NERTC.ready)
  const counts = await page.evaluate(async (room) => {
    const counts = []
    const one = person('one') // its core is the same; it stays
    for (let i = 0; i < 5; i++) {
      const client = NERTC.createClient({ appkey: 'tests' })
      const stream = NERTC.createStream({ client, uid: 1, video: true, audio: false, videoSource: media.picture('red').track })
      await stream.init()
      await client.join({ channelName: room, uid: 1 })
      await client.publish(stream)
      stream.destroy()
      await client.leave()
      client.destroy()
      // destroy answers nothing to wait for.
      while (NERTC.getParameters().clients > 1 || probe.openPeers() > 0) await new Promise((resolve) => setTimeout(resolve, 50))
      await new Promise((resolve) => setTimeout(resolve, 200))
      counts.push(one.callbacks())
    }
    return counts
  }, room)
  expect(counts[0], 'the count of live callbacks is known').toBeGreaterThan(0)
  expect(counts.at(-1)).toBe(counts[1])
  expect(await page.evaluate(() => probe.openPeers() + probe.openSockets())).toBe(0)
})

test('eight whole calls in one page: no client, stream, element or callback is held, and memory is level', async ({ open, room }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', fps: 5, scale: 0.5 })
  const page = await open({ name: 'rounds.html' })
  await page.bringToFront()
  await page.evaluate(() => NERTC.ready)
  const all = await calls(page, 8, { channelName: room, uid: 1 })
  for (const [i, round] of all.entries()) {
    expect(round, `after call ${i + 1}`).toMatchObject({ clients: 0, streams: 0, heldClients: 0, heldStreams: 0, elements: 0, peers: 0, sockets: 0, inPage: 0, callbacks: all[0].callbacks })
    expect(round.callbacks).toBeGreaterThan(0)
  }
  const [early, late] = [all[3], all[7]]
  expect(late.nodes, 'nodes').toBeLessThanOrEqual(early.nodes)
  expect(late.listeners, 'listeners of the page').toBeLessThanOrEqual(early.listeners)
  expect(late.heap / early.heap, 'bytes of JavaScript').toBeLessThan(1.1)
  expect(late.wasm / early.wasm, 'bytes of WebAssembly').toBeLessThan(1.25)
})
