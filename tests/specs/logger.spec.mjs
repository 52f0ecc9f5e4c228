// The log of a page: what the console gets, what is kept in the browser, and that nothing secret is in either.
import { readFileSync } from 'node:fs'
import { expect, person, test } from '../fixtures/secure.mjs'

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-z]{4} (DEBUG  |INFO   |WARNING|ERROR  ) [^:]+: ./

// download: the lines of the file that Logger.download saves.
async function download(page) {
  const [file, name] = await Promise.all([page.waitForEvent('download'), page.evaluate(() => NERTC.Logger.download())])
  expect(file.suggestedFilename()).toBe(name)
  expect(name).toMatch(/^nertc-log-\d{8}-\d{6}\.txt$/)
  const lines = readFileSync(await file.path(), 'utf8').split('\n')
  expect(lines.pop(), 'the last line is a whole one').toBe('')
  for (const line of lines) expect(line).toMatch(LINE)
  return lines
}

// consoleOf: what the SDK has written to the console, as `type text`.
function consoleOf(page) {
  const lines = []
  page.on('console', (m) => { if (m.text().startsWith('nertc ')) lines.push(`${m.type()} ${m.text()}`) })
  return lines
}

// secretsOf: the secrets that pass through the sockets of a page: credentials of any kind, and of the descriptions
// the passwords and fingerprints.
function secretsOf(page) {
  const found = new Set()
  const look = (value, key = '') => {
    if (typeof value === 'string') {
      if (/^(token|permkey|pass|resume|place|credential|check|secret|key)$/i.test(key) && value.length >= 4) found.add(value)
      for (const [, secret] of value.matchAll(/a=(?:ice-pwd:|fingerprint:\S+ )(\S+)/g)) found.add(secret)
    } else if (value && typeof value === 'object') {
      for (const [k, v] of Object.entries(value)) look(v, k)
    }
  }
  const frame = ({ payload }) => { try { look(JSON.parse(payload)) } catch { /* no message of ours */ } }
  page.on('websocket', (socket) => socket.on('framesent', frame).on('framereceived', frame))
  return found
}

// covers: Logger.download
test('the lines of a call are kept over a reload, Logger.download saves them, and no secret is among them', async ({ open, room, make }) => {
  let secrets, shown
  const page = await open({ prepare: (page) => { secrets = secretsOf(page); shown = consoleOf(page) } })
  const ann = await person(page, 'ann', { options: { debug: true } })
  const ben = await person(await open(), 'ben')
  const used = { token: make('token', 1), permkey: make('permkey', 1), next: make('permkey', 1), encryption: 'correct horse battery', custom: 'what the others are told' }
  for (const one of [ann, ben]) {
    await one.page.evaluate(([n, secret]) => {
      people[n].client.setEncryptionMode('sm4-128-gcm')
      people[n].client.setEncryptionSecret(secret)
    }, [one.name, used.encryption])
  }
  await ann.join(room, 1, { token: used.token, permkey: used.permkey, customData: used.custom })
  await ben.join(room, 2, { token: make('token', 2), permkey: make('permkey', 2) })
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  await ann.sees(2)
  await page.evaluate((permkey) => people.ann.client.updatePermKey(permkey), used.next)
  expect(await page.evaluate((s) => refused(() => people.ann.client.updatePermKey(s)), `${used.next}x`)).toMatchObject({ ok: false, code: 414 })
  await page.evaluate(() => people.ann.client.rotateEncryptionSecret('another horse battery'))
  expect(await page.evaluate((s) => refused(() => people.ann.client.join({ channelName: 'x', uid: 1, token: s })), used.token)).toMatchObject({ ok: false })

  // What a page that goes has just written may be lost with it.
  await expect.poll(() => stored(page)).toContain('rotateEncryptionSecret took=')
  await page.reload() // in the middle of the call
  const lines = await download(page)
  const text = lines.join('\n')
  for (const step of [`join room=${room} uid=1 `, 'joined uid=1 ', 'from=CONNECTING to=CONNECTED', 'negotiated took=', 'event peer-online uid=2',
    'event stream-subscribed uid=2 mediaType=video', 'encryption=sm4-128-gcm', 'updatePermKey failed code=414', 'updatePermKey took=',
    'rotateEncryptionSecret took=', 'media is connected']) expect(text).toContain(step)

  expect(secrets.size, 'secrets seen on the way').toBeGreaterThanOrEqual(7)
  for (const secret of [used.token, used.permkey, used.next]) expect(secrets, 'the look at the sockets works').toContain(secret)
  const all = `${text}\n${shown.join('\n')}`
  for (const secret of [...secrets, ...Object.values(used), 'another horse battery', '5ec2e7', 'pe2m']) {
    // In pieces too: a long value is cut in the log.
    for (const part of secret.match(/.{16,31}$|.{16}/g) ?? [secret]) {
      expect(all.includes(part), `of a secret of ${secret.length} characters a part is in the log`).toBe(false)
    }
  }
  expect(all).not.toMatch(/a=ice-pwd|a=fingerprint|v=0/)
})

// stored: the text of the log that is in the browser's database by now, seen from a page.
const stored = (page) => page.evaluate(async () => {
  const wait = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error) })
  if (!(await indexedDB.databases()).some((d) => d.name === 'nertc log')) return ''
  const db = await wait(indexedDB.open('nertc log'))
  try {
    return (await wait(db.transaction('batches').objectStore('batches').getAll())).join('')
  } finally { db.close() }
})

// covers: Logger.download
test('a page that goes in its first second has written its lines by then, and Logger.download has them', async ({ open }) => {
  // Nothing is written because its time has come.
  const page = await open({ prepare: (page) => page.addInitScript(() => {
    const { setTimeout } = window
    window.setTimeout = (run, ms, ...rest) => (ms === 1000 ? 0 : setTimeout(run, ms, ...rest))
  }) })
  const asked = await page.evaluate(async () => {
    await NERTC.ready
    await refused(() => NERTC.createClient({ appkey: 'tests' }).updatePermKey('the first call'))
    while (!(await indexedDB.databases()).some((d) => d.name === 'nertc log')) await new Promise((resolve) => setTimeout(resolve, 20))
    // The SDK asked for it before, and has it before.
    await new Promise((resolve) => { indexedDB.open('nertc log').onsuccess = ({ target }) => { target.result.close(); resolve() } })
    const asked = []
    for (const [type, name] of [[IDBObjectStore, 'put'], [IDBTransaction, 'commit']]) {
      const own = type.prototype[name]
      type.prototype[name] = function (...args) {
        asked.push(name)
        return own.apply(this, args)
      }
    }
    dispatchEvent(new PageTransitionEvent('pagehide'))
    return [...asked] // a page that goes runs nothing after this
  })
  expect(asked, 'what the browser can do without the page').toEqual(['put', 'commit'])
  await expect.poll(() => stored(page)).toContain('updatePermKey failed')
  expect((await download(page)).filter((line) => line.includes('updatePermKey failed'))).toHaveLength(1)
})

// covers: Logger.setLogLevel
test('setLogLevel says what the console gets, and at NONE nothing is kept either', async ({ open, room, make }) => {
  let shown
  const page = await open({ prepare: (page) => { shown = consoleOf(page) } })
  const ann = await person(page, 'ann')
  const stay = async (level) => {
    await page.evaluate((level) => NERTC.Logger.setLogLevel(NERTC.Logger[level]), level)
    shown.length = 0 // only now: what the former stay had to say has come
    await ann.join(room, 1, { token: make('token', 1), permkey: make('permkey', 1) })
    await page.evaluate(() => refused(() => people.ann.client.updatePermKey('no key at all')))
    await ann.leave()
    return [...new Set(shown.map((line) => line.split(' ')[0]))].sort()
  }
  const before = await page.evaluate(async () => { await NERTC.ready; return NERTC.Logger.INFO })
  expect(before).toBe(1)
  expect(await stay('DEBUG')).toEqual(['debug', 'info', 'warning'])
  expect(await stay('INFO')).toEqual(['info', 'warning'])
  expect(shown.length, `a stay at INFO:\n${shown.join('\n')}`).toBeLessThanOrEqual(10)
  expect(await stay('WARNING')).toEqual(['warning'])
  expect(await stay('ERROR')).toEqual([])
  const kept = await download(page)
  expect(kept.filter((line) => / INFO .*: joined /.test(line)), 'the store has INFO of all four').toHaveLength(4)
  expect(kept.filter((line) => / DEBUG .*: leave took/.test(line)), 'and DEBUG of the first').toHaveLength(1)
  expect(await stay('NONE')).toEqual([])
  expect(await download(page)).toHaveLength(kept.length)
  expect(await page.evaluate(() => refused(() => NERTC.Logger.setLogLevel(7)))).toMatchObject({ ok: false, code: 10000 })
})

// covers: Logger.download
test('several pages write into one log, which Logger.download saves and which keeps the last 10 MB of 7 days', async ({ open }) => {
  const one = await open()
  await one.evaluate(() => NERTC.ready)
  await one.evaluate(async () => {
    NERTC.createClient({ appkey: 'tests', debug: true })
    await NERTC.Logger.download() // the store is there then
    const wait = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error) })
    const db = await wait(indexedDB.open('nertc log'))
    const put = (age, text) => wait(db.transaction('batches', 'readwrite').objectStore('batches')
      .put(`2026-01-01T00:00:00.000Z test INFO    filler: ${text}\n`, [Date.now() - age, 'test', age, text.length + 49]))
    const day = 24 * 3600_000
    await put(8 * day, 'too old')
    await put(3 * day, `first ${'x'.repeat(6 << 20)}`)
    await put(2 * day, `second ${'x'.repeat(6 << 20)}`)
    await put(1 * day, `third ${'x'.repeat(1 << 20)}`)
    db.close()
  })
  const two = await open()
  for (const [page, n] of [[one, 1], [two, 2]]) {
    await page.evaluate((n) => {
      NERTC.Logger.setLogLevel(NERTC.Logger.DEBUG)
      const client = NERTC.createClient({ appkey: 'tests' })
      return refused(() => client.updatePermKey(`page ${n} has no room`))
    }, n)
  }
  const pagesOf = (lines) => new Set(lines.filter((line) => /updatePermKey failed code=\d+/.test(line)).map((line) => line.split(' ')[1]))
  // A page that is closed may take its last second along.
  await expect.poll(async () => pagesOf((await stored(one)).split('\n')).size, { timeout: 30_000, intervals: [50] }).toBe(2)
  await two.close()
  const lines = await download(one)
  expect(lines.filter((line) => line.includes('filler')).map((line) => line.match(/filler: (\w+)/)[1])).toEqual(['second', 'third'])
  expect(pagesOf(lines).size, 'lines of both pages').toBe(2)
})

// covers: Logger.download
test('Logger.download on another page has the lines of one that has crashed', async ({ open, room, make }) => {
  const ann = await person(await open(), 'ann')
  const other = await open()
  await ann.join(room, 1, { token: make('token', 1), permkey: make('permkey', 1) })
  // It is said to be a second at most: what is there by then is there after the crash.
  await expect.poll(() => stored(other), { timeout: 30_000, intervals: [50] }).toContain(': joined uid=1')
  const crashed = ann.page.waitForEvent('crash')
  ann.page.goto('chrome://crash').catch(() => {})
  await crashed
  expect((await download(other)).some((line) => line.includes(`join room=${room} uid=1`))).toBe(true)
})

// covers: Logger.download
test('where the browser refuses storage, calls work and Logger.download gives that of the page', async ({ open, room, make }) => {
  const page = await open({ prepare: (page) => page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('refused', 'SecurityError') } })
  }) })
  const ann = await person(page, 'ann')
  await ann.join(room, 1, { token: make('token', 1), permkey: make('permkey', 1) })
  expect((await download(page)).some((line) => line.includes('joined uid=1'))).toBe(true)
  await ann.leave()
  expect(await ann.failures()).toEqual([])
})

// covers: Logger.download
test('where storage is full the oldest lines make room for new ones, and where it fails it is left alone; Logger.download has what is there', async ({ open }) => {
  const page = await open()
  await page.evaluate(() => NERTC.ready)
  await page.evaluate(async () => {
    const client = NERTC.createClient({ appkey: 'tests' })
    window.fail = (n, from = 0) => Promise.all(Array.from({ length: n }, (_, i) => refused(() => client.updatePermKey(`number ${from + i}`))))
    await NERTC.Logger.download() // the store is there then
    const wait = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error) })
    const db = await wait(indexedDB.open('nertc log'))
    for (let n = 1; n <= 4; n++) {
      const text = `2026-01-01T00:00:00.000Z test INFO    filler: number ${n}\n`
      await wait(db.transaction('batches', 'readwrite').objectStore('batches').put(text, [Date.now() - 1e6 + n, 'test', n, text.length]))
    }
    db.close()
    // A disk that is full until something has gone.
    const { put, delete: remove } = IDBObjectStore.prototype
    window.disk = 'full'
    window.puts = 0
    IDBObjectStore.prototype.put = function (...args) {
      puts++
      if (disk !== 'free') throw new DOMException('no room', disk === 'full' ? 'QuotaExceededError' : 'UnknownError')
      return put.apply(this, args)
    }
    IDBObjectStore.prototype.delete = function (...args) {
      if (disk === 'full') window.disk = 'free'
      return remove.apply(this, args)
    }
    await fail(1)
  })
  await expect.poll(() => stored(page), { timeout: 30_000 }).toContain('updatePermKey failed')
  const left = (await stored(page)).match(/filler: number \d/g)
  expect(left, 'the newer ones').toContain('filler: number 4')
  for (const old of [1, 2]) expect(left, 'the older half').not.toContain(`filler: number ${old}`)
  // Far more than what is written at once otherwise, and each line is there.
  const puts = await page.evaluate(async () => {
    window.disk = 'broken'
    window.puts = 0
    await fail(1000)
    return puts
  })
  expect(puts, 'writes that were tried').toBeLessThan(10)
  expect((await download(page)).filter((line) => line.includes('updatePermKey failed'))).toHaveLength(1001)
})
