// End-to-end encryption: who has the secret sees and hears, nobody else does.
import { expect, person, test } from '../fixtures/test.mjs'

const near = (hertz, expected) => {
  expect(hertz, `${hertz} Hz instead of ${expected}`).toBeGreaterThan(expected * 0.97)
  expect(hertz, `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 1.03)
}

const moving = (seen, colour) => {
  expect(seen.frames, 'frames shown').toBeGreaterThanOrEqual(15)
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(10)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}

const encrypt = (one, mode, secret) => one.page.evaluate(([n, mode, secret]) => {
  if (mode) people[n].client.setEncryptionMode(mode)
  if (secret) people[n].client.setEncryptionSecret(secret)
}, [one.name, mode, secret])

const tryJoin = (one, room, uid) => one.page.evaluate(([n, room, uid]) => refused(() => people[n].join(room, uid)), [one.name, room, uid])
const counts = (one) => one.page.evaluate((n) => people[n].client.getEncryptionStats(), one.name)

// A browser of before RTCRtpScriptTransform.
const withoutScripts = (page) => page.addInitScript(() => { delete window.RTCRtpScriptTransform })
// A browser of before either.
const withoutAny = (page) => page.addInitScript(() => {
  delete window.RTCRtpScriptTransform
  delete RTCRtpSender.prototype.createEncodedStreams
})
// A page whose frame worker gets another key than it should.
const withWrongKey = (page) => page.addInitScript(() => {
  const real = Worker.prototype.postMessage
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.key) message.key[0] ^= 1
    return real.call(this, message, ...rest)
  }
})

async function pair(open, room, mode, { prepare, secret = 'correct horse' } = {}) {
  const ann = await person(await open({ prepare }), 'ann')
  const ben = await person(await open(), 'ben')
  for (const one of [ann, ben]) await encrypt(one, mode, secret)
  await ann.join(room, 1)
  await ben.join(room, 2)
  return [ann, ben]
}

async function seeAndHear(ann, ben) {
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  moving(await ann.sees(2), 'blue')
  moving(await ben.sees(1), 'red')
  near(await ann.hears(2, 880), 880)
  near(await ben.hears(1, 440), 440)
  for (const one of [ann, ben]) {
    const n = await counts(one)
    expect(n.encrypted).toBeGreaterThan(50)
    expect(n.decrypted).toBeGreaterThan(50)
    expect(n).toMatchObject({ notEncrypted: 0, droppedForeign: 0, droppedReplayed: 0 })
  }
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
}

// covers: Client.setEncryptionMode Client.setEncryptionSecret
test('sm4-128-gcm: two pages with one secret see and hear each other', async ({ open, room }) => {
  const people = [await person(await open(), 'ann'), await person(await open(), 'ben')]
  for (const [i, one] of people.entries()) {
    await one.page.evaluate((n) => {
      people[n].client.setEncryptionMode('sm4-128-gcm')
      people[n].client.setEncryptionSecret('correct horse')
    }, one.name)
    await one.join(room, i + 1)
  }
  await seeAndHear(...people)
})

test('sm4-128-ecb: two pages with one secret see and hear each other', async ({ open, room }) => {
  await seeAndHear(...await pair(open, room, 'sm4-128-ecb'))
})

test('a browser with createEncodedStreams alone', async ({ open, room }) => {
  const [ann, ben] = await pair(open, room, 'sm4-128-gcm', { prepare: withoutScripts })
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  moving(await ann.sees(2), 'blue')
  moving(await ben.sees(1), 'red')
  near(await ann.hears(2, 880), 880)
  expect((await counts(ann)).encrypted).toBeGreaterThan(50)
})

test('a browser that cannot encrypt is refused, and sends nothing', async ({ open, room }) => {
  const ann = await person(await open({ prepare: withoutAny }), 'ann')
  await encrypt(ann, 'sm4-128-gcm', 'secret')
  expect(await tryJoin(ann, room, 1)).toMatchObject({ ok: false, name: 'NERtcError', code: 10471 })
  expect(await ann.state()).toBe('DISCONNECTED')
  expect(await ann.page.evaluate(() => probe.peers.length)).toBe(0)
})

test('a page that is not secure is refused, and sends nothing', async ({ open, room }) => {
  // What such a page lacks: https://w3c.github.io/webcrypto/#crypto-interface
  const insecure = (page) => page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }))
  const ann = await person(await open({ prepare: insecure }), 'ann')
  await encrypt(ann, 'sm4-128-gcm', 'secret')
  const refusal = await tryJoin(ann, room, 1)
  expect(refusal).toMatchObject({ ok: false, name: 'NERtcError', code: 10001 })
  expect(refusal.reason).toContain('https')
  expect(await ann.page.evaluate(() => probe.peers.length)).toBe(0)
})

test('a policy that forbids the worker is named, and nothing is sent', async ({ open, room }) => {
  const strict = (page) => page.addInitScript(() => addEventListener('DOMContentLoaded', () => {
    const meta = document.createElement('meta')
    meta.httpEquiv = 'Content-Security-Policy'
    meta.content = "worker-src 'none'"
    document.head.append(meta)
  }))
  const ann = await person(await open({ prepare: strict }), 'ann')
  await encrypt(ann, 'sm4-128-gcm', 'secret')
  const refusal = await tryJoin(ann, room, 1)
  expect(refusal).toMatchObject({ ok: false, name: 'NERtcError', code: 10001 })
  expect(refusal.reason).toMatch(/blob:.* worker-src/)
  expect(await ann.page.evaluate(() => probe.peers.length)).toBe(0)
})

test('a worker with another key decodes nothing', async ({ open, room }) => {
  const [ann, ben] = await pair(open, room, 'sm4-128-gcm', { prepare: withWrongKey })
  await ben.publish({ colour: 'blue', hertz: 880 })
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 audio', 'stream-subscribed 2 video'])
  await expect.poll(async () => (await counts(ann)).droppedForeign, { timeout: 60_000 }).toBeGreaterThan(100)
  const n = await counts(ann)
  expect(n).toMatchObject({ decrypted: 0, droppedClear: 0 })
  const decoded = await ann.page.evaluate(async () => {
    let frames = 0
    let received = 0
    for (const pc of probe.peers) {
      for (const s of (await pc.getStats()).values()) {
        if (s.type !== 'inbound-rtp') continue
        frames += s.framesDecoded ?? 0
        received += s.packetsReceived
      }
    }
    return { frames, received }
  })
  expect(decoded.received).toBeGreaterThan(100)
  expect(decoded.frames).toBe(0)
})

// covers: Client#crypt-error
test('another secret, another mode or none: crypt-error, rejected, and welcome with the right one', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await encrypt(ann, 'sm4-128-gcm', 'right')
  await ann.join(room, 1)
  const refusal = { ok: false, isError: true, name: 'NERtcError', code: 10119, extraCode: 4036 }
  expect(await tryJoin(ben, room, 2)).toMatchObject(refusal)
  await encrypt(ben, 'sm4-128-gcm', 'wrong')
  expect(await tryJoin(ben, room, 2)).toMatchObject(refusal)
  await encrypt(ben, 'sm4-128-ecb', 'right')
  expect(await tryJoin(ben, room, 2)).toMatchObject(refusal)
  expect(await ben.story('crypt-error')).toEqual(['crypt-error none', 'crypt-error sm4-128-gcm', 'crypt-error sm4-128-ecb'])
  expect(await ben.state()).toBe('DISCONNECTED')
  expect(await ann.story('peer-online')).toEqual([])

  // What a page may do in the handler itself: take another secret and join again.
  await encrypt(ben, 'sm4-128-gcm', 'wrong again')
  const joined = ben.page.evaluate((room) => new Promise((resolve, reject) => {
    people.ben.client.once('crypt-error', () => {
      people.ben.client.setEncryptionSecret('right')
      people.ben.join(room, 2).then(() => resolve(people.ben.client.getUid()), reject)
    })
    people.ben.join(room, 2).catch(() => {})
  }), room)
  expect(await joined).toBe(2)
  await ann.until(['peer-online'], ['peer-online 2'])

  // When everybody has gone the room is anybody's.
  await ann.leave()
  await ben.leave()
  await expect.poll(async () => (await tryJoin(ben, room, 2)).ok, { timeout: 60_000 }).toBe(true)
})
