// Recoveries that come to nothing: each ends in DISCONNECTED with its error, and the client can join again. Pages whose
// clock the test moves need no real minute for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, person, test } from '../fixtures/test.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { freePort } from '../fixtures/ports.mjs'
import { startMediaRelay } from '../fixtures/media-relay.mjs'

const states = ['connection-state-change', 'error']
const joined = ['connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>CONNECTED']
const broken = 'connection-state-change CONNECTED>CONNECTING'
const over = 'connection-state-change CONNECTING>DISCONNECTED'

const clocked = (page) => page.clock.install()

// Moves the page's clock on until the client has given up. Answers for how long it has tried, by that clock, in ms.
async function untilGivenUp(one) {
  const now = () => one.page.evaluate(() => Date.now())
  const began = await now()
  await expect.poll(async () => {
    if (await one.state() !== 'DISCONNECTED') await one.page.clock.fastForward(3000)
    return one.state()
  }, { timeout: 120_000, intervals: [100] }).toBe('DISCONNECTED')
  return await now() - began
}

// Nothing of the call is left, and the client joins again.
async function joinsAgain(one, room, uid, story) {
  expect(await one.page.evaluate(() => [probe.openPeers(), probe.openSockets()])).toEqual([0, 0])
  expect(await one.page.evaluate((n) => people[n].client.getUid(), one.name)).toBe(null)
  expect(await one.join(room, uid)).toBe(uid)
  await one.until(states, [...story, ...joined])
  const moves = await one.page.evaluate((n) => people[n].events('connection-state-change').map((e) => e.reconnect), one.name)
  expect(moves.slice(-2)).toEqual([false, false])
}

// covers: Client#error
test('signalling does not come back: SOCKET_ERROR after a minute, and a later join works', async ({ open, room }) => {
  let gateway = await startGateway({ listen: `127.0.0.1:${await freePort()}` })
  try {
    const ann = await person(await open({ sdk: gateway.url, prepare: clocked }), 'ann')
    await ann.join(room, 1)
    await ann.publish({ colour: 'red' })
    process.kill(gateway.pid, 'SIGKILL')
    await gateway.exited
    await ann.until(states, [...joined, broken])
    const tried = await untilGivenUp(ann)
    expect(tried).toBeGreaterThan(50_000)
    expect(tried).toBeLessThan(70_000)
    const story = [...joined, broken, over, 'error SOCKET_ERROR']
    await ann.until(states, story)
    gateway = await startGateway({ listen: new URL(gateway.url).host })
    await joinsAgain(ann, room, 1, story)
  } finally {
    await gateway.stop()
  }
})

// covers: Client#error
test('media does not come back: MEDIA_TRANSPORT_DISCONNECT after a minute, and a later join works', async ({ open, room }) => {
  const relay = await startMediaRelay()
  try {
    const ann = await person(await open({ prepare: async (page) => { await clocked(page); await relay.prepare(page) } }), 'ann')
    const ben = await person(await open(), 'ben')
    await ben.join(room, 2)
    await ann.join(room, 1)
    await ann.publish({ colour: 'red' })
    expect((await ben.sees(1)).colours).toEqual(['red'])
    relay.cut()
    await expect.poll(() => ann.story(...states)).toContain(broken)
    const tried = await untilGivenUp(ann)
    expect(tried).toBeGreaterThan(50_000)
    // What was begun within the minute is waited for, and the clock goes in steps of three seconds and more.
    expect(tried).toBeLessThan(90_000)
    const story = [...joined, broken, over, 'error MEDIA_TRANSPORT_DISCONNECT']
    await ann.until(states, story)
    // A restart of ICE came first, then new sessions, all on signalling that works.
    expect(await ann.page.evaluate(() => probe.peers.length)).toBeGreaterThan(1)
    await ben.until(['peer-online', 'peer-leave'], ['peer-online 1', 'peer-leave 1'])

    relay.mend()
    await joinsAgain(ann, room, 1, story)
    await ann.page.evaluate(() => people.ann.client.publish(people.ann.stream))
    expect((await ben.sees(1)).colours).toEqual(['red'])
  } finally {
    relay.stop()
  }
})

// covers: Client#error
test('the server refuses who comes back: RELOGIN_ERROR at once, and a later join works', async ({ open, room }) => {
  const folder = mkdtempSync(join(tmpdir(), 'nertc-giveup-'))
  const configured = (name, app) => {
    const file = join(folder, name)
    writeFileSync(file, `apps:\n- {appkey: tests, allowedOrigins: ["*"], ${app}}\n`, { mode: 0o600 })
    return ['--config', file]
  }
  let gateway = await startGateway({ listen: `127.0.0.1:${await freePort()}`, args: configured('open.yaml', 'appSecret: 5ec2e7, secureMode: false') })
  try {
    const listen = new URL(gateway.url).host
    const ann = await person(await open({ sdk: gateway.url }), 'ann')
    await ann.join(room, 1)
    const end = async () => { process.kill(gateway.pid, 'SIGKILL'); await gateway.exited }
    await end()
    // It is another secret that signs now, and no token of it is there.
    gateway = await startGateway({ listen, args: configured('closed.yaml', 'appSecret: an0the2, secureMode: true') })
    const story = [...joined, broken, over, 'error RELOGIN_ERROR']
    await ann.until(states, story)
    expect(await ann.page.evaluate((room) => refused(() => people.ann.join(room, 1)), room)).toMatchObject({ ok: false, code: 403 })
    await end()
    gateway = await startGateway({ listen, args: configured('open.yaml', 'appSecret: 5ec2e7, secureMode: false') })
    await joinsAgain(ann, room, 1, [...story, joined[0], over])
  } finally {
    await gateway.stop()
    rmSync(folder, { recursive: true })
  }
})
