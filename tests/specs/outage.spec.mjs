// Servers that are down, files that are cut short, engines that die: a clear error within 10 s, and another try works.
import { createServer } from 'node:net'
import { once } from 'node:events'
import { expect, person, test } from '../fixtures/test.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { freePort } from '../fixtures/ports.mjs'

const timed = (page, body, argument) => page.evaluate(async ([body, argument]) => {
  const start = performance.now()
  const answer = await refused(() => new Function('argument', `return ${body}`)(argument))
  return { ...answer, ms: performance.now() - start }
}, [body, argument])

test('the server is down: join rejects, and works once the server is there', async ({ open, room }) => {
  const port = await freePort()
  const me = await person(await open(), 'me', { options: { server: `http://127.0.0.1:${port}` } })
  await me.page.evaluate(() => NERTC.ready)
  const down = await timed(me.page, 'people.me.client.join({channelName: argument, uid: 1})', room)
  expect(down).toMatchObject({ ok: false, isError: true, name: 'NERtcError', code: 10002 })
  expect(down.ms).toBeLessThan(10_000)
  expect(await me.story()).toEqual(['connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>DISCONNECTED'])

  const late = await startGateway({ listen: `127.0.0.1:${port}` })
  try {
    await me.join(room, 1)
    expect(await me.state()).toBe('CONNECTED')
    await me.leave()
  } finally {
    await late.stop()
  }
})

test('a server that takes the connection and never answers', async ({ open, room }) => {
  const sockets = new Set()
  const deaf = createServer((socket) => { sockets.add(socket); socket.on('error', () => {}) }).listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  try {
    // The test moves the page's clock: nobody has to wait for it.
    const me = await person(await open({ prepare: (page) => page.clock.install() }), 'me', { options: { server: `http://127.0.0.1:${deaf.address().port}` } })
    await me.page.evaluate(() => NERTC.ready)
    let over = false
    const end = timed(me.page, 'people.me.client.join({channelName: argument, uid: 1})', room).finally(() => { over = true })
    await expect.poll(() => sockets.size, { intervals: [20] }).toBeGreaterThan(0)
    await expect.poll(async () => {
      if (!over) await me.page.clock.fastForward(500)
      return over
    }, { intervals: [50] }).toBe(true)
    const answer = await end
    expect(answer).toMatchObject({ ok: false, isError: true, name: 'NERtcError', code: 10002 })
    expect(answer.ms).toBeGreaterThan(5000)
    expect(answer.ms).toBeLessThan(10_500)
    expect(await me.state()).toBe('DISCONNECTED')
  } finally {
    for (const socket of sockets) socket.destroy()
    deaf.close()
  }
})

for (const [name, spoil] of [
  ['is missing', (route) => route.fulfill({ status: 404, body: 'not found' })],
  ['is cut short', async (route) => {
    const response = await route.fetch()
    const body = await response.body()
    await route.fulfill({ status: 200, contentType: 'application/wasm', headers: { 'access-control-allow-origin': '*' }, body: body.subarray(0, 100_000) })
  }],
  ['is refused by the network', (route) => route.abort('connectionrefused')],
]) {
  test(`the wasm file ${name}: calls reject, and a later one loads it again`, async ({ open, room }) => {
    let broken = true
    const page = await open({
      prepare: (page) => page.route(/\.wasm(\?|$)/, (route) => (broken ? spoil(route) : route.continue())),
    })
    const me = await person(page, 'me')
    const first = await timed(page, 'people.me.client.join({channelName: argument, uid: 1})', room)
    expect(first).toMatchObject({ ok: false, isError: true, name: 'NERtcError' })
    expect(typeof first.code).toBe('number')
    expect(first.ms).toBeLessThan(10_000)
    expect(await me.state()).toBe('DISCONNECTED')
    broken = false
    expect(await me.join(room, 1)).toBe(1)
    const ann = await person(await open(), 'ann')
    await ann.join(room, 2)
    await me.until(['peer-online'], ['peer-online 2'])
    await me.publish({ colour: 'red' })
    expect((await ann.sees(1)).colours).toEqual(['red'])
  })
}

test('what is called before the core runs is kept in order', async ({ open, room }) => {
  // The core comes only when everything has been called.
  let release
  const gate = new Promise((resolve) => { release = resolve })
  const page = await open({ prepare: (page) => page.route(/\.wasm(\?|$)/, async (route) => { await gate; await route.continue() }) })
  const me = await person(page, 'me')
  const early = await page.evaluate((room) => {
    const { client } = people.me
    const stream = NERTC.createStream({ client, uid: 1, audio: false, video: true, videoSource: media.picture('yellow').track })
    people.me.stream = stream
    window.all = Promise.all([stream.init(), client.join({ channelName: room, uid: 1 })]).then(() => client.publish(stream))
    return { state: client.getConnectionState(), uid: client.getUid(), id: stream.getId() }
  }, room)
  expect(['DISCONNECTED', 'CONNECTING']).toContain(early.state)
  expect(early.uid).toBe(null)
  expect(early.id).toBe(1)
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  release()
  await page.evaluate(() => window.all.then(() => null))
  expect((await ben.sees(1)).colours).toEqual(['yellow'])
  expect(await me.story('connection-state-change')).toEqual([
    'connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED'])
})

test('the engine is killed: the page hears of it, the gateway recovers, a new call works without a reload', async ({ open, room }) => {
  const gateway = await startGateway() // of its own: the other tests keep theirs
  try {
    const ann = await person(await open({ sdk: gateway.url }), 'ann')
    const ben = await person(await open({ sdk: gateway.url }), 'ben')
    await ann.join(room, 1)
    await ben.join(room, 2)
    await ann.publish({ colour: 'red' })
    await ben.sees(1)

    const [engine] = gateway.children()
    expect(engine, 'the engine is a child process').toBeGreaterThan(0)
    process.kill(engine, 'SIGKILL')
    const killed = Date.now()
    for (const one of [ann, ben]) {
      await one.page.waitForFunction((n) => people[n].story().includes('connection-state-change CONNECTED>CONNECTING'), one.name, { timeout: 10_000 })
    }
    await expect.poll(() => gateway.status('/readyz'), { timeout: 30_000, intervals: [50] }).toBe(200)
    expect(Date.now() - killed).toBeLessThan(12_000)
    expect(gateway.children()).not.toContain(engine)
    expect(await gateway.status('/healthz')).toBe(200)

    for (const one of [ann, ben]) {
      await one.leave()
      expect(await one.state()).toBe('DISCONNECTED')
    }
    await ann.join(room, 1)
    await ben.join(room, 2)
    await ann.page.evaluate(() => people.ann.client.publish(people.ann.stream))
    expect((await ben.sees(1)).different).toBeGreaterThanOrEqual(10)
  } finally {
    await gateway.stop()
  }
})

test('the gateway goes while in a call: the page hears of it and can join the next one', async ({ open, room }) => {
  const port = await freePort()
  const listen = `127.0.0.1:${port}`
  let gateway = await startGateway({ listen })
  try {
    const ann = await person(await open({ sdk: gateway.url }), 'ann')
    await ann.join(room, 1)
    await gateway.stop()
    await expect.poll(() => ann.state()).not.toBe('CONNECTED')
    await ann.leave()
    gateway = await startGateway({ listen })
    await ann.join(room, 1)
    expect(await ann.state()).toBe('CONNECTED')
    await ann.leave()
  } finally {
    await gateway.stop()
  }
})

test('ten thousand random bytes into the socket leave the gateway serving', async ({ open, room, gateway }) => {
  const page = await open()
  const closed = await page.evaluate(async (address) => {
    return Promise.all([
      (s) => { const b = new Uint8Array(10_000); crypto.getRandomValues(b); s.send(b) },
      (s) => { const b = new Uint8Array(10_000); crypto.getRandomValues(b); s.send(String.fromCharCode(...b)) },
      (s) => s.send('{"type":"join","id":1,"data":{"version":99}}'),
      (s) => s.send('{"type":"no-such-thing","id":1}'),
      (s) => s.send('['.repeat(100_000)),
      (s) => s.send('x'.repeat(2_000_000)),
    ].map((send) => new Promise((resolve) => {
      const socket = new WebSocket(address)
      const timer = setTimeout(() => { socket.close(); resolve('open') }, 1500)
      socket.onopen = () => send(socket)
      socket.onmessage = () => {}
      socket.onclose = () => { clearTimeout(timer); resolve('closed') }
    })))
  }, `${gateway.url.replace('http', 'ws')}/nertc/v1`)
  expect(closed).toHaveLength(6)
  expect(await gateway.status('/healthz')).toBe(200)
  const me = await person(page, 'me')
  await me.join(room, 1)
  expect(await me.state()).toBe('CONNECTED')
})
