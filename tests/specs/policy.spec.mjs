// Pages with a Content-Security-Policy: what they need, and what is said where it is missing.
import { expect, person, test as base } from '../fixtures/test.mjs'
import { serve } from '../fixtures/site.mjs'

const dist = new URL('../../dist/', import.meta.url)
const pages = new URL('../pages/', import.meta.url)

const encrypt = (one) => one.page.evaluate((name) => {
  const { client } = people[name]
  client.setEncryptionMode('sm4-128-gcm')
  client.setEncryptionSecret('correct horse')
}, one.name)

const test = base.extend({
  // The pages and the SDK on one origin: 'self' is both. Every answer has `site.policy`.
  site: [async ({}, use) => {
    const site = await serve([pages, dist], () => (site.policy ? { 'content-security-policy': site.policy } : {}))
    await use(site)
    await site.close()
  }, { scope: 'worker' }],
  // under(policy): somebody with an encryption in a page with this policy, and what the console says of it.
  under: async ({ open, site, gateway }, use) => {
    await use(async (policy) => {
      const said = []
      site.policy = policy
      const page = await open({
        sdk: site.url,
        prepare: (page) => page.on('console', (message) => { if (message.type() === 'error') said.push(message.text()) }),
      })
      const one = await person(page, 'me', { options: { server: gateway.url } })
      await encrypt(one)
      return Object.assign(one, { said, tryJoin: (room) => page.evaluate((room) => refused(() => people.me.join(room, 1)), room) })
    })
  },
})

// What docs/migration.md names, and a style sheet of the page itself; everything else is forbidden.
const policy = (gateway, without = '') => [
  "default-src 'none'", "style-src 'unsafe-inline'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self' blob:",
  "require-trusted-types-for 'script'", "trusted-types nertc",
  `connect-src 'self' ${gateway.url.replace('http', 'ws')}`,
].map((line) => line.replace(without, '')).join('; ')

test('a strict policy permits an encrypted call', async ({ under, gateway, room }) => {
  const ann = await under(policy(gateway))
  const ben = await under(policy(gateway))
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  const seen = await ann.sees(2)
  expect(seen.colours).toEqual(['blue'])
  expect(seen.different).toBeGreaterThan(9)
  expect((await ben.sees(1)).colours).toEqual(['red'])
  expect(await ben.hears(1, 440)).toBeGreaterThan(425)
  // A second client of the page has a worker of its own.
  await ann.leave()
  const cat = await person(ann.page, 'cat', { options: { server: gateway.url } })
  await encrypt(cat)
  await cat.join(room, 3)
  expect((await cat.sees(2)).colours).toEqual(['blue'])
  expect([...ann.said, ...ben.said]).toEqual([])
})

for (const [what, without, code, says] of [
  ['WebAssembly', " 'wasm-unsafe-eval'", 10001, /add 'wasm-unsafe-eval' to its script-src/],
  ['the frame worker', ' blob:', 10001, /add blob: to its worker-src/],
  ['the address of the frame worker', ' nertc', 10001, /add nertc to its trusted-types/],
  ['the gateway', / ws:.*/, 10002, /add it to its connect-src/],
  ['nertc.wasm', /connect-src 'self'/, 10002, /add it to its connect-src/],
]) {
  test(`a policy that forbids ${what} is named`, async ({ under, gateway, room }) => {
    const one = await under(policy(gateway, without))
    expect(await one.tryJoin(room)).toMatchObject({ ok: false, code, reason: says })
    expect(one.said.filter((line) => line.startsWith('nertc ')).join('\n')).toMatch(says)
  })
}
