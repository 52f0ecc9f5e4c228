// The demo page at /, used as people use it.
import { byId, enter, fits, shows } from '../fixtures/demo.mjs'
import { expect, test } from '../fixtures/test.mjs'

for (const [name, viewport] of [['a desktop', { width: 1280, height: 800 }], ['a phone’s width', { width: 360, height: 780 }]]) {
  test(`two people meet in the demo on ${name}`, async ({ context, gateway, room }) => {
    const ann = await enter(context, gateway.url, room, 1, { viewport })
    const ben = await enter(context, gateway.url, room, 2, { viewport })
    await shows(ann.page, 2)
    await shows(ben.page, 1)
    await shows(ann.page, 1) // oneself
    await fits(ann.page)

    await byId(ben.page, 'mute').click()
    await expect(byId(ann.page, 'muted-2')).toBeVisible()
    await byId(ben.page, 'mute').click()
    await expect(byId(ann.page, 'muted-2')).toBeHidden()
    await byId(ben.page, 'camera').click()
    await expect(byId(ann.page, 'tile-2')).toHaveAttribute('data-video', 'off')
    await byId(ben.page, 'camera').click()
    await expect(byId(ann.page, 'tile-2')).toHaveAttribute('data-video', 'on')
    await shows(ann.page, 2)

    await byId(ben.page, 'leave').click()
    await expect(byId(ann.page, 'tile-2')).toHaveCount(0)
    await expect(byId(ben.page, 'lobby')).toBeVisible()
    // And in again, without a reload.
    await byId(ben.page, 'join').click()
    await expect(byId(ben.page, 'call')).toBeVisible()
    await shows(ann.page, 2)
    expect([...ann.errors, ...ben.errors]).toEqual([])
    await ann.page.close()
    await ben.page.close()
  })
}

test('the demo speaks the browser’s language', async ({ browser, gateway }) => {
  for (const [locale, lang] of [['zh-CN', /^zh/], ['en-GB', /^en/]]) {
    const context = await browser.newContext({ locale })
    const page = await context.newPage()
    await page.goto(`${gateway.url}/`)
    await expect(page.locator('html')).toHaveAttribute('lang', lang)
    const label = await byId(page, 'join').innerText()
    expect(/\p{Script=Han}/u.test(label)).toBe(locale.startsWith('zh'))
    await context.close()
  }
})

test('the demo tells a bad room name apart and a uid that is none', async ({ context, gateway }) => {
  const page = await context.newPage()
  await page.goto(`${gateway.url}/?room=ok&lang=en`)
  await byId(page, 'room').fill('声'.repeat(30))
  await byId(page, 'join').click()
  await expect(byId(page, 'call')).toBeHidden()
  await byId(page, 'room').fill('fine')
  await byId(page, 'uid').fill('-4')
  await byId(page, 'join').click()
  await expect(byId(page, 'call')).toBeHidden()
  await page.close()
})
