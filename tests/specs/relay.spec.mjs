// startProxyServer: media goes through the gateway's relay, and no other way.
import { createHash, X509Certificate } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { args, executablePath } from '../fixtures/chromium.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { expect, person, test } from '../fixtures/test.mjs'

const start = (one, type) => one.page.evaluate(([n, type]) => refused(() => people[n].client.startProxyServer(type)), [one.name, type])
const stop = (one, type) => one.page.evaluate(([n, type]) => refused(() => people[n].client.stopProxyServer(type)), [one.name, type])

// How media goes in the page's only peer connection, as the browser says: its own end of the path that it has chosen,
// and which kinds of candidates it has found at all.
const path = async (one) => {
  const look = () => one.page.evaluate(async () => {
    const [peer] = probe.peers.filter((p) => p.connectionState === 'connected')
    if (!peer) return null
    const report = await peer.getStats()
    const all = [...report.values()]
    const transport = all.find((r) => r.type === 'transport')
    const pair = report.get(transport?.selectedCandidatePairId)
    if (!pair) return null
    const local = report.get(pair.localCandidateId)
    return {
      type: local.candidateType, relayProtocol: local.relayProtocol,
      found: [...new Set(all.filter((r) => r.type === 'local-candidate').map((r) => r.candidateType))],
    }
  })
  await expect.poll(look).not.toBeNull()
  return look()
}

// covers: Client.startProxyServer Client.stopProxyServer
test('startProxyServer: pictures go through the relay over UDP both ways; stopProxyServer: directly again', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  // Not awaited: it comes before the join all the same.
  const answers = await ann.page.evaluate(([n, room]) => {
    const { client } = people[n]
    return Promise.all([refused(() => client.startProxyServer(3)), refused(() => client.join({ channelName: room, uid: 1 }))])
  }, [ann.name, room])
  expect(answers).toMatchObject([{ ok: true }, { ok: true }])
  await ben.join(room, 2)
  await ann.publish({ colour: 'red' })
  await ben.publish({ colour: 'blue' })
  for (const [one, uid, colour] of [[ben, 1, 'red'], [ann, 2, 'blue']]) {
    const seen = await one.sees(uid)
    expect(seen.colours).toEqual([colour])
    expect(seen.different).toBeGreaterThanOrEqual(10)
  }
  expect(await path(ann)).toEqual({ type: 'relay', relayProtocol: 'udp', found: ['relay'] })
  expect((await path(ben)).type).not.toBe('relay')

  // In a room nothing changes.
  for (const call of [start, stop]) expect(await call(ann)).toMatchObject({ ok: false, name: 'NERtcError', code: 10008 })
  expect(await start(ann, 'UDP')).toMatchObject({ ok: false, name: 'NERtcError', code: 10000 })
  expect(await stop(ann, NaN)).toMatchObject({ ok: false, name: 'NERtcError', code: 10000 })
  expect(await ann.failures()).toEqual([])
  expect(await ann.story('error')).toEqual([])
  expect((await ann.story('connection-state-change')).length).toBe(2)

  await ann.leave()
  expect(await stop(ann)).toMatchObject({ ok: true })
  expect(await stop(ann), 'once more').toMatchObject({ ok: true })
  await ann.join(room, 1)
  await ann.publish({ colour: 'green' })
  expect((await ben.sees(1)).colours).toContain('green')
  const direct = await path(ann)
  expect(direct.type).not.toBe('relay')
  expect(direct.found).not.toContain('relay')
})

test('startProxyServer where there is no relay: the join rejects, and nothing goes directly', async ({ open, room, site }) => {
  const gateway = await startGateway({ args: ['--turn=false'] })
  try {
    const me = await person(await open({ sdk: gateway.url }), 'me')
    expect(await start(me)).toMatchObject({ ok: true })
    const join = () => me.page.evaluate(([n, room]) => refused(() => people[n].client.join({ channelName: room, uid: 1 })), [me.name, room])
    expect(await join()).toMatchObject({ ok: false, isError: true, name: 'NERtcError', code: 10119, extraCode: 4035 })
    expect(await me.story('connection-state-change')).toEqual([
      'connection-state-change DISCONNECTED>CONNECTING', 'connection-state-change CONNECTING>DISCONNECTED'])
    expect(await me.page.evaluate(() => probe.openPeers())).toBe(0)
    expect(await stop(me)).toMatchObject({ ok: true })
    expect(await join()).toMatchObject({ ok: true })
    await me.leave()
  } finally {
    await gateway.stop()
  }
})

// A gateway whose relay is reached over TLS too, and a browser that trusts its certificate, which nobody else does.
async function overTLS(site, { flags = [], relay = [] }, use) {
  const folder = mkdtempSync(join(tmpdir(), 'nertc-relay-'))
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name))
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const publicKey = new X509Certificate(readFileSync(cert)).publicKey.export({ type: 'spki', format: 'der' })
  const pin = createHash('sha256').update(publicKey).digest('base64')
  const gateway = await startGateway({ args: ['--turn-domain', 'localhost', '--turn-cert', cert, '--turn-key', key, ...relay] })
  const browser = await chromium.launch({ executablePath, args: [...args, `--ignore-certificate-errors-spki-list=${pin}`, ...flags] })
  try {
    const context = await browser.newContext()
    await use(async () => {
      const page = await context.newPage()
      await page.goto(site.page('call.html', gateway.url))
      return page
    })
  } finally {
    await browser.close()
    await gateway.stop()
    rmSync(folder, { recursive: true })
  }
}

test('startProxyServer where the relay is reached over TLS alone', async ({ room, site }) => {
  await overTLS(site, { relay: ['--turn-udp=false'] }, async (open) => {
    const ann = await person(await open(), 'ann')
    const ben = await person(await open(), 'ben')
    expect(await start(ann)).toMatchObject({ ok: true })
    await ann.join(room, 1)
    await ben.join(room, 2)
    await ann.publish({ colour: 'red' })
    const seen = await ben.sees(1)
    expect(seen.colours).toEqual(['red'])
    expect(seen.different).toBeGreaterThanOrEqual(10)
    expect(await path(ann)).toEqual({ type: 'relay', relayProtocol: 'tls', found: ['relay'] })
  })
})

test('where no UDP gets out, media finds the relay over TLS by itself', async ({ room, site }) => {
  await overTLS(site, { flags: ['--webrtc-ip-handling-policy=disable_non_proxied_udp'] }, async (open) => {
    const ann = await person(await open(), 'ann')
    const ben = await person(await open(), 'ben')
    await ann.join(room, 1)
    await ben.join(room, 2)
    await ann.publish({ colour: 'red' })
    const seen = await ben.sees(1)
    expect(seen.colours).toEqual(['red'])
    expect(seen.different).toBeGreaterThanOrEqual(10)
    for (const one of [ann, ben]) {
      expect(await path(one)).toMatchObject({ type: 'relay', relayProtocol: 'tls' })
      expect((await one.story('connection-state-change')).length, 'the page is not told of it').toBe(2)
    }
  })
})
