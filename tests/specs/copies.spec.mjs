// Several copies of the SDK on one page: of two versions, and of two module forms.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, person, test } from '../fixtures/test.mjs'
import { serve } from '../fixtures/site.mjs'

const dist = new URL('../../dist/', import.meta.url)

// The files of another version: script and core of this build, each with the number changed where it says it.
function anotherVersion(folder, from, to) {
  expect(to).toHaveLength(from.length)
  for (const name of ['nertc.js', 'nertc.wasm']) {
    const file = readFileSync(new URL(name, dist))
    let at = -1
    while ((at = file.indexOf(from, at + 1)) >= 0) file.write(to, at)
    writeFileSync(join(folder, name), file)
  }
}

const encrypt = (one) => one.page.evaluate((n) => people[n].client.setEncryptionMode('sm4-128-gcm') ?? people[n].client.setEncryptionSecret('correct horse'), one.name)

test('two versions by script tag and one module call each other on one page, and the end of one is not noticed by the others', async ({ open, gateway, room }) => {
  const folder = mkdtempSync(join(tmpdir(), 'nertc-copies-'))
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url)))
  const other = version.replace(/.$/, (digit) => (Number(digit) + 9) % 10)
  anotherVersion(folder, version, other)
  const elsewhere = await serve([pathToFileURL(`${folder}/`)], () => ({ 'access-control-allow-origin': '*' }))
  try {
    const page = await open()
    const seen = await page.evaluate(async ([elsewhere, gateway]) => {
      const globals = () => Object.getOwnPropertyNames(window).filter((name) => !/^\d+$/.test(name)).join()
      window.copies = [NERTC]
      const before = globals()
      await NERTC.ready
      await new Promise((onload, onerror) => document.body.append(Object.assign(document.createElement('script'), { src: `${elsewhere}/nertc.js`, onload, onerror })))
      copies.push(NERTC)
      const { default: third } = await import(`${gateway}/nertc.mjs`)
      copies.push(third)
      await Promise.all(copies.map((copy) => copy.ready))
      return { same: new Set(copies).size, versions: copies.map((copy) => copy.VERSION), left: globals() === before, last: window.NERTC === third && window.WebRTC2 === third }
    }, [elsewhere.url, gateway.url])
    expect(seen).toEqual({ same: 3, versions: [version, other, version], left: true, last: true })

    // One person by each, in one room. The second script came from a server that is no gateway.
    const people = []
    for (const [i, colour] of ['red', 'green', 'blue'].entries()) {
      await page.evaluate((i) => { window.NERTC = copies[i] }, i)
      const one = await person(page, colour, { options: { server: gateway.url } })
      await encrypt(one)
      await one.join(room, i + 1)
      await one.publish({ colour, hertz: 440 * (i + 1) })
      people.push(one)
    }
    const [red, green, blue] = people
    expect((await red.sees(2)).colours).toEqual(['green'])
    expect((await green.sees(3)).colours).toEqual(['blue'])
    expect((await blue.sees(1)).colours).toEqual(['red'])
    // What belongs to one is refused by another.
    expect(await page.evaluate(() => refused(() => window.people.green.client.publish(window.people.red.stream)))).toMatchObject({ ok: false, code: 10000 })

    await page.evaluate(() => window.people.red.client.destroy())
    for (const one of [green, blue]) await one.until(['peer-leave'], ['peer-leave 1'])
    const after = await green.sees(3)
    expect(after.colours).toEqual(['blue'])
    expect(after.different).toBeGreaterThan(9)
    expect(await blue.hears(2, 880)).toBeGreaterThan(850)
    // The first one is of use again.
    await page.evaluate(() => { window.NERTC = copies[0] })
    const again = await person(page, 'again')
    await encrypt(again)
    await again.join(room, 4)
    await green.until(['peer-online'], ['peer-online 1', 'peer-online 3', 'peer-online 4'])
    for (const one of people) expect(await one.failures()).toEqual([])
  } finally {
    await elsewhere.close()
    rmSync(folder, { recursive: true })
  }
})
