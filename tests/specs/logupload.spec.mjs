// The log of a call at the gateway, after it: what arrives, from whom, and what becomes of it where something fails.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { startGateway } from '../fixtures/gateway.mjs'
import { expect, person, test as base } from '../fixtures/test.mjs'

const test = base.extend({
  folder: [async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'nertc-logs-'))
    await use(folder)
    rmSync(folder, { recursive: true })
  }, { scope: 'worker' }],

  gateway: [async ({ folder }, use) => {
    const gateway = await startGateway({ args: ['--logs-directory', folder, '--logs-size', '16384'] })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],

  // stored(uid): the texts of the logs that the gateway has of a uid of the room.
  stored: async ({ folder, room }, use) => {
    await use((uid) => {
      let names = []
      try {
        names = readdirSync(join(folder, 'tests', room, String(uid))).filter((name) => name.endsWith('.log.gz'))
      } catch { /* nothing yet */ }
      return names.map((name) => gunzipSync(readFileSync(join(folder, 'tests', room, String(uid), name))).toString())
    })
  },
})

const soon = { timeout: 30_000, intervals: [50] }

// metric of the gateway's uploads with a result.
async function uploads(gateway, result) {
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  return Number(new RegExp(`^nertc_log_uploads_total\\{result="${result}"\\} (\\d+)`, 'm').exec(text)[1])
}

// noteFetches: what the page posts. Playwright sees no request that is to outlive its page.
const noteFetches = (page) => page.addInitScript(() => {
  const { fetch } = window
  window.posted = []
  window.fetch = (url, options) => {
    if (options?.method === 'POST') window.posted.push(`POST ${url} ${options.headers.authorization}`)
    return fetch(url, options)
  }
})
const fetches = (page) => page.evaluate(() => window.posted)

// noted: how many calls are noted, of which the log is still to be sent.
const noted = (page) => page.evaluate(async () => {
  const db = await new Promise((resolve) => { const r = indexedDB.open('nertc log uploads'); r.onsuccess = () => resolve(r.result) })
  try {
    return await new Promise((resolve) => { const r = db.transaction('calls').objectStore('calls').count(); r.onsuccess = () => resolve(r.result) })
  } finally { db.close() }
})

// covers: Logger.enableLogUpload Logger.disableLogUpload
test('after leave the log of the call is at the gateway, once, and only while uploads are enabled', async ({ open, room, stored, gateway }) => {
  const tickets = []
  const page = await open({ prepare: async (page) => {
    await noteFetches(page)
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
      const { type, data } = JSON.parse(payload)
      if (type === 'joined') tickets.push(data.logTicket)
    }))
  } })
  const ann = await person(page, 'ann')
  await ann.join(room, 1) // before it is enabled: also the call that goes on is sent
  expect(await page.evaluate(() => NERTC.Logger.enableLogUpload())).toBeUndefined()
  await page.evaluate(() => refused(() => people.ann.client.join({ channelName: 'another' })))
  expect(stored(1), 'nothing is sent during a call').toEqual([])
  await ann.leave()
  await expect.poll(() => stored(1).length, soon).toBe(1)
  const [text] = stored(1)
  for (const line of [`join room=${room} uid=1 `, 'joined uid=1 ', 'join failed code=10101', 'from=DISCONNECTING to=DISCONNECTED']) expect(text).toContain(line)
  expect(text.split('\n')[0]).toMatch(/ log: sdk=\S+ build=\S+ browser="Mozilla/)
  const [ticket] = tickets
  expect(await fetches(page), 'no ticket in the address').toEqual([`POST ${gateway.url}/nertc/v1/log Bearer ${ticket}`])
  expect(text.includes(ticket.slice(-20)), 'the ticket is in no line').toBe(false)

  // The same ticket once more, and without any: from the page, so that its browser's rules are tried too.
  expect(await page.evaluate(async ([url, ticket]) => {
    const body = new Uint8Array([0x1f, 0x8b, 8, 0, 0])
    const send = async (headers) => (await fetch(url, { method: 'POST', body, headers })).status
    return [await send({ authorization: `Bearer ${ticket}` }), await send({}), await send({ authorization: 'Bearer x.y' })]
  }, [`${gateway.url}/nertc/v1/log`, ticket])).toEqual([409, 401, 401])

  await page.evaluate(() => NERTC.Logger.disableLogUpload())
  await ann.join(room, 2)
  await ann.leave()
  await page.evaluate(() => NERTC.Logger.enableLogUpload())
  await ann.join(room, 3)
  // More than the gateway takes, with the ticket of a call: refused, and the ticket is still good for its log.
  expect(await page.evaluate(async ([url, ticket]) => {
    const body = crypto.getRandomValues(new Uint8Array(16385))
    body.set([0x1f, 0x8b, 8])
    return (await fetch(url, { method: 'POST', body, headers: { authorization: `Bearer ${ticket}` } })).status
  }, [`${gateway.url}/nertc/v1/log`, tickets.at(-1)])).toBe(413)
  await ann.leave()
  await expect.poll(() => stored(3).length, soon).toBe(1)
  expect(stored(3)[0]).toContain('to=DISCONNECTED')
  expect(stored(2), 'a call while it was disabled').toEqual([])
  await expect.poll(() => uploads(gateway, 'stored'), soon).toBe(2) // counted behind the file
  expect(await ann.failures()).toEqual([])
})

// covers: Logger.enableLogUpload
test('what fails to be sent, or belongs to a page that is gone, is sent by the page after it, and disturbs nobody', async ({ open, room, stored, gateway }) => {
  const page = await open()
  const ann = await person(page, 'ann')
  await page.evaluate(() => NERTC.Logger.enableLogUpload())
  await page.route('**/nertc/v1/log', (route) => route.abort('internetdisconnected'))
  await ann.join(room, 1)
  await ann.leave()
  // The page has lines of its failure, and lives: an error that nobody caught fails the test, see open().
  const lines = () => page.evaluate(async () => {
    const wait = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result) })
    const db = await wait(indexedDB.open('nertc log'))
    try { return (await wait(db.transaction('batches').objectStore('batches').getAll())).join('') } finally { db.close() }
  })
  await expect.poll(lines, soon).toContain('log: did not send the log of the call again=true reason=')
  expect(stored(1)).toEqual([])
  await ann.join(room, 2)
  await page.unroute('**/nertc/v1/log')
  expect(await ann.state()).toBe('CONNECTED')
  await expect.poll(() => noted(page), soon).toBe(2)
  await page.reload() // in the middle of a call
  const other = await open()
  expect([stored(1), stored(2)], 'nobody has enabled it there yet').toEqual([[], []])
  await other.evaluate(() => NERTC.Logger.enableLogUpload())
  await expect.poll(() => [stored(1).length, stored(2).length], soon).toEqual([1, 1])
  expect(stored(1)[0]).toContain(`join room=${room} uid=1 `)
  expect(stored(2)[0]).toContain('joined uid=2 ')
  await page.evaluate(() => NERTC.Logger.enableLogUpload())
  await expect.poll(() => noted(page), { ...soon, message: 'nothing is left over' }).toBe(0) // the gateway's answer may be on its way
})

base('a gateway that takes no logs gives no tickets, and nothing is sent', async ({ open, room, gateway }) => {
  const page = await open({ prepare: noteFetches })
  const ann = await person(page, 'ann')
  await page.evaluate(() => NERTC.Logger.enableLogUpload())
  await ann.join(room, 1)
  await ann.leave()
  // The upload would come a second after the end; the log of the next call is written by then.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1500)))
  expect(await fetches(page)).toEqual([])
  expect((await fetch(`${gateway.url}/nertc/v1/log`, { method: 'POST', body: 'x' })).status).toBe(404)
})
