// A page that pins the SDK by its integrity gets what was published with the build, or nothing.
import { readFileSync } from 'node:fs'
import { expect, person, test } from '../fixtures/test.mjs'

const published = JSON.parse(readFileSync(new URL('../../dist/integrity.json', import.meta.url)))

// insert: a script tag as in <script src="…/nertc.js" integrity="…" crossorigin="anonymous">; says whether it ran.
const insert = (page, src, integrity) => page.evaluate(([src, integrity]) => new Promise((resolve) => {
  const script = Object.assign(document.createElement('script'), { src, integrity, crossOrigin: 'anonymous' })
  script.onload = () => resolve('ran')
  script.onerror = () => resolve('refused')
  document.body.append(script)
}), [src, integrity])

test('pinned, the SDK of this build calls, and another script or another core does not run', async ({ open, gateway, room }) => {
  const page = await open({ sdk: 'nowhere' })
  const src = `${gateway.url}/nertc.js`
  expect(await (await fetch(`${gateway.url}/integrity.json`)).json()).toEqual(published)
  expect(await insert(page, src, published['nertc.mjs'])).toBe('refused')
  expect(await page.evaluate(() => typeof window.NERTC)).toBe('undefined')

  // A core that was changed on its way, in one byte of its last section.
  await page.route('**/nertc.wasm*', async (route) => {
    const response = await route.fetch()
    const body = await response.body()
    body[body.length - 1] ^= 1
    await route.fulfill({ response, body })
  })
  expect(await insert(page, src, published['nertc.js'])).toBe('ran')
  expect(await page.evaluate(() => refused(() => NERTC.ready))).toMatchObject({ ok: false, code: 10002, reason: expect.stringContaining(published['nertc.wasm']) })

  await page.unroute('**/nertc.wasm*')
  const me = await person(page)
  await me.join(room, 1)
  expect(await me.state()).toBe('CONNECTED')
})
