// A page that is loaded again takes the place that it had in a room; docs/protocol.md says how.
import { startGateway } from '../fixtures/gateway.mjs'
import { startRelay } from '../fixtures/relay.mjs'
import { expect, person, test as base } from '../fixtures/test.mjs'

const secret = 'the secret of the tests operator'

const test = base.extend({
  gateway: [async ({}, use) => {
    const gateway = await startGateway({ args: ['--admin-listen', '127.0.0.1:0'], env: { NERTC_ADMIN_SECRET: secret } })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],

  // members(): the uids that the operator sees in the room. remove(uid): takes one out.
  operator: async ({ gateway, room }, use) => {
    const ask = (method, path = '') => fetch(`http://${gateway.ready.admin}/admin/v1/rooms/tests/${encodeURIComponent(room)}${path}`,
      { method, headers: { authorization: `Bearer ${secret}` } })
    await use({
      members: async () => (await (await ask('GET')).json()).members.map((m) => m.uid).sort(),
      remove: async (uid) => expect((await ask('DELETE', `/members/${uid}`)).status).toBe(204),
    })
  },
})

const comings = ['peer-online', 'peer-leave']

// Loads the page of somebody again, and gives who is there then.
async function again(one) {
  await one.page.reload()
  return person(one.page, one.name)
}

// Waits until the place of somebody in the room is stored: that is done behind the join.
const kept = (one, uid) => expect.poll(() => one.page.evaluate(async () => {
  if (!(await indexedDB.databases()).some((d) => d.name === 'nertc')) return []
  const wait = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = reject })
  const db = await wait(indexedDB.open('nertc'))
  try {
    const record = await wait(db.transaction('places').objectStore('places').get(sessionStorage.getItem('nertc') ?? ''))
    return record?.places.map((p) => p.uid) ?? []
  } finally {
    db.close()
  }
})).toEqual([String(uid)])

test('a page is loaded again: it is who it was, nobody sees a ghost, and its picture is there again', async ({ open, room, operator }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  let ann = await person(await open(), 'ann')
  const uid = await ann.join(room)
  await ann.publish({ colour: 'red' })
  expect((await ben.sees(uid)).colours).toEqual(['red'])
  await kept(ann, uid)

  ann = await again(ann)
  expect(await ann.join(room)).toBe(uid)
  await ann.publish({ colour: 'green' })
  await ben.page.waitForFunction((uid) => people.ben.story('stream-subscribed').filter((e) => e === `stream-subscribed ${uid} video`).length === 2, uid)
  const seen = await ben.sees(uid)
  expect(seen.colours).toEqual(['green'])
  expect(seen.different).toBeGreaterThanOrEqual(10)
  expect(await ben.story(...comings)).toEqual([`peer-online ${uid}`])
  expect(await operator.members()).toEqual(['2', String(uid)].sort())
  await ann.until([...comings, 'uid-duplicate', 'error'], ['peer-online 2'])

  // Once more, now by its name; and then it is gone for good.
  ann = await again(ann)
  expect(await ann.join(room, uid)).toBe(uid)
  expect(await ben.story(...comings)).toEqual([`peer-online ${uid}`])
  await ann.leave()
  await ben.until(comings, [`peer-online ${uid}`, `peer-leave ${uid}`])
  expect(await ann.join(room)).not.toBe(uid)
})

test('a page that comes back after it was seen to leave is who it was, and comes back once', async ({ open, room }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  const ann = await person(await open(), 'ann')
  const uid = await ann.join(room)
  await kept(ann, uid)
  const address = ann.page.url()
  await ann.page.goto('about:blank')
  await ben.until(comings, [`peer-online ${uid}`, `peer-leave ${uid}`])
  await ann.page.goto(address)
  const back = await person(ann.page, 'ann')
  expect(await back.join(room)).toBe(uid)
  await ben.until(comings, [`peer-online ${uid}`, `peer-leave ${uid}`, `peer-online ${uid}`])
})

test('tabs do not take the places of one another, also not a duplicated one', async ({ open, room, context, operator }) => {
  let ann = await person(await open(), 'ann')
  const uid = await ann.join(room)
  let tab = await person(await open(), 'tab')
  const another = await tab.join(room)
  expect(another).not.toBe(uid)
  await kept(ann, uid)

  // A page that a page opens begins with a copy of its sessionStorage, as a tab that is duplicated does.
  const opened = context.waitForEvent('page')
  await ann.page.evaluate(() => { window.open(location.href) })
  const copied = await opened
  await copied.waitForFunction(() => window.NERTC)
  expect(await copied.evaluate(() => sessionStorage.getItem('nertc'))).toBe(await ann.page.evaluate(() => sessionStorage.getItem('nertc')))
  let copy = await person(copied, 'copy')
  const third = await copy.join(room)
  expect([uid, another]).not.toContain(third)
  await kept(tab, another)
  await kept(copy, third)
  expect(await ann.story('uid-duplicate')).toEqual([])

  // All are loaded again, the copy first.
  await Promise.all([copy, tab, ann].map((one) => one.page.goto('about:blank')))
  for (const one of [copy, tab, ann]) await one.page.goBack()
  copy = await person(copy.page, 'copy')
  tab = await person(tab.page, 'tab')
  ann = await person(ann.page, 'ann')
  expect(await copy.join(room)).toBe(third)
  expect(await tab.join(room)).toBe(another)
  expect(await ann.join(room)).toBe(uid)
  expect(await operator.members()).toEqual([uid, another, third].map(String).sort())
  await copied.close()
})

test('who was told to go does not come back in the old place', async ({ open, room, operator }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  let ann = await person(await open(), 'ann')
  const uid = await ann.join(room)
  await kept(ann, uid)
  await operator.remove(uid)
  await ann.until(['client-banned'], [`client-banned ${uid} DISCONNECTED`])
  ann = await again(ann)
  const next = await ann.join(room)
  expect(next).not.toBe(uid)
  await kept(ann, next)

  // A second one comes by its name: the first is out, and does not throw the second out when it is loaded again.
  const twin = await person(await open(), 'twin')
  await twin.join(room, next)
  await ann.until(['uid-duplicate'], ['uid-duplicate'])
  ann = await again(ann)
  expect([uid, next]).not.toContain(await ann.join(room))
  expect(await twin.story('uid-duplicate')).toEqual([])
  expect(await twin.state()).toBe('CONNECTED')
})

test('it has gone unheard: who is removed while the page is loaded again is a newcomer', async ({ open, room, operator }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  const ann = await person(await open(), 'ann')
  const uid = await ann.join(room)
  await kept(ann, uid)
  const address = ann.page.url()
  await ann.page.goto('about:blank')
  await operator.remove(uid)
  await ben.until(comings, [`peer-online ${uid}`, `peer-leave ${uid}`])
  await ann.page.goto(address)
  expect(await (await person(ann.page, 'ann')).join(room)).not.toBe(uid)
})

// covers: Client#client-banned
test('who is removed while signalling is cut gets client-banned when it is back, and stays out', async ({ open, room, gateway, operator }) => {
  const relay = await startRelay(gateway)
  try {
    const ben = await person(await open(), 'ben')
    await ben.join(room, 2)
    let ann = await person(await open({ sdk: relay.url }), 'ann')
    const uid = await ann.join(room)
    await kept(ann, uid)
    relay.cut()
    const states = ['connection-state-change', 'client-banned', 'error']
    const moves = ['DISCONNECTED>CONNECTING', 'CONNECTING>CONNECTED', 'CONNECTED>CONNECTING', 'CONNECTING>CONNECTED', 'CONNECTED>DISCONNECTED']
      .map((move) => `connection-state-change ${move}`)
    await ann.until(states, moves.slice(0, 3))
    await operator.remove(uid)
    await ben.until(comings, [`peer-online ${uid}`, `peer-leave ${uid}`])
    relay.mend()
    await ann.until(states, [...moves, `client-banned ${uid} DISCONNECTED`])
    const sockets = await ann.page.evaluate(() => probe.sockets.length)
    await ann.page.evaluate(() => { window.dispatchEvent(new Event('online')) }) // even when it is told to try
    const later = await ann.page.evaluate(() => new Promise((resolve) => { setTimeout(() => resolve(probe.sockets.length), 500) }))
    expect(later).toBe(sockets)
    ann = await again(ann)
    expect(await ann.join(room)).not.toBe(uid)
  } finally {
    await relay.stop()
  }
})

test('storage is refused: joins work as ever, and who is loaded again is a newcomer', async ({ open, room }) => {
  const prepare = (page) => page.addInitScript(() => {
    for (const name of ['indexedDB', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError') } })
    }
  })
  let ann = await person(await open({ prepare }), 'ann')
  const uid = await ann.join(room)
  ann = await again(ann)
  const began = Date.now()
  expect(await ann.join(room)).not.toBe(uid)
  expect(Date.now() - began).toBeLessThan(5000)
  expect(await ann.failures()).toEqual([])
})
