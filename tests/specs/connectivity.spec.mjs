// checkConnectivity: what gets through to the gateway and by which ways, and what the devices are like.
import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { args, executablePath } from '../fixtures/chromium.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { expect, person, test as base } from '../fixtures/test.mjs'
import { freePort } from '../fixtures/ports.mjs'

const test = base.extend({
  // The gateway has media over TCP, and its relay over TLS besides.
  files: [async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'nertc-connectivity-'))
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name))
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' })
    await use({ cert, key })
    rmSync(folder, { recursive: true })
  }, { scope: 'worker' }],

  gateway: [async ({ files: { cert, key } }, use) => {
    const gateway = await startGateway({ args: ['--engine-tcp-port', String(await freePort()), '--turn-domain', 'localhost', '--turn-cert', cert, '--turn-key', key] })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],
})

const passed = { ok: true, reason: '', ms: expect.any(Number) }
const failed = (reason) => ({ ok: false, reason: expect.stringMatching(reason), ms: expect.any(Number) })

test('everything passes, before a join and beside a call that goes on', async ({ open, room, context }) => {
  await context.grantPermissions(['camera', 'microphone'])
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const check = (options) => ann.page.evaluate((options) => people.ann.client.checkConnectivity(options), options)
  const all = { signalling: passed, udp: passed, tcp: passed, turn: passed, devices: { ...passed, camera: passed, microphone: passed, speaker: passed } }
  expect(await check({ devices: true })).toEqual(all)
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue' })
  await ann.sees(2)
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 audio', 'stream-subscribed 2 video'])
  const story = [await ann.story(), await ben.story()]
  expect(await check(undefined)).toEqual(all)
  expect(await check({ channelName: room, uid: 1 }), 'as who is in the room already').toEqual(all)
  expect((await ann.sees(2)).colours).toEqual(['blue'])
  expect([await ann.story(), await ben.story()], 'nobody is told of it').toEqual(story)
  expect(await ann.page.evaluate(() => probe.openPeers()), 'nothing of it is left').toBe(1)
  for (const [options, code] of [['room', 10000], [{ uid: -1 }, 10112], [{ channelName: '' }, 10110], [{ devices: 'yes' }, 10000]]) {
    expect(await ann.page.evaluate((o) => refused(() => people.ann.client.checkConnectivity(o)), options)).toMatchObject({ ok: false, code })
  }
  expect(await ann.failures()).toEqual([])
})

test('where no UDP gets out, UDP fails with a reason and the rest passes', async ({ site, gateway, files }) => {
  const publicKey = new X509Certificate(readFileSync(files.cert)).publicKey.export({ type: 'spki', format: 'der' })
  const pin = createHash('sha256').update(publicKey).digest('base64')
  const browser = await chromium.launch({ executablePath, args: [...args, `--ignore-certificate-errors-spki-list=${pin}`, '--webrtc-ip-handling-policy=disable_non_proxied_udp'] })
  try {
    const page = await browser.newPage()
    await page.goto(site.page('call.html', gateway.url))
    const found = await page.evaluate(() => { person('me'); return people.me.client.checkConnectivity() })
    expect(found).toMatchObject({ signalling: passed, udp: failed(/^no answer within 5 s$|^the connection failed$/), tcp: passed, turn: passed })
  } finally {
    await browser.close()
  }
})

base('what the gateway does not offer or permit, a gateway that is not there, and what the demo shows of it', async ({ open, context }) => {
  const gateway = await startGateway({ args: ['--turn=false'] })
  try {
    const page = await open({ sdk: gateway.url, prepare: (page) => page.addInitScript(() => {
      Object.defineProperty(navigator, 'mediaDevices', { value: undefined })
    }) })
    const check = (options) => page.evaluate((options) => NERTC.createClient({ appkey: 'tests', ...options }).checkConnectivity(), options)
    const none = failed(/secure contexts/)
    expect(await check()).toEqual({
      signalling: passed, udp: passed, tcp: failed(/^not offered by the server$/), turn: failed(/^not offered by the server$/),
      devices: { ...failed(/camera: .*; microphone: .*; speaker: /), camera: none, microphone: none, speaker: none },
    })
    const nobody = failed(/^not tried: no signalling$/)
    const demo = await context.newPage()
    await demo.goto(`${gateway.url}/?lang=en`)
    await demo.getByTestId('advanced').locator('summary').click()
    await demo.getByTestId('check-connection').click()
    for (const [part, ok] of Object.entries({ signalling: true, udp: true, tcp: false, turn: false, devices: true })) {
      await expect(demo.getByTestId(`way-${part}`)).toHaveAttribute('data-ok', String(ok))
    }
    await expect(demo.getByTestId('way-turn')).toContainText('Media through the relay')
    await expect(demo.getByTestId('way-turn')).toContainText('not offered by the server')
    await expect(demo.getByTestId('way-udp')).toContainText(/\d+ ms/)
    await demo.close()
    expect(await check({ server: 'ws://127.0.0.1:9' })).toMatchObject({ signalling: failed(/connect to the server/), udp: nobody, tcp: nobody, turn: nobody })
  } finally {
    await gateway.stop()
  }
})
