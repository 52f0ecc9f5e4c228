// Encryption in the demo: the switch in the lobby, the lock in the call, and what a wrong secret says.
import { byId, enter, shows } from '../fixtures/demo.mjs'
import { expect, test } from '../fixtures/test.mjs'

const choose = (mode, secret) => async (page) => {
  await byId(page, 'advanced').locator('summary').click()
  await byId(page, 'encryption').selectOption(mode)
  await byId(page, 'secret').fill(secret)
}

test('two people with one secret see each other behind a lock, a third with another is told and corrects it', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { before: choose('sm4-128-gcm', 'one secret') })
  const ben = await enter(context, gateway.url, room, 2, { before: choose('sm4-128-gcm', 'one secret') })
  await shows(ann.page, 2)
  await expect(byId(ann.page, 'encrypted')).toBeVisible()

  const cat = await context.newPage()
  await cat.goto(`${gateway.url}/?room=${room}&lang=en`)
  await choose('sm4-128-gcm', 'another')(cat)
  await byId(cat, 'join').click()
  await expect(byId(cat, 'error')).toContainText('encrypted differently')
  await expect(byId(cat, 'call')).toBeHidden()
  await expect(byId(cat, 'secret')).toBeFocused()
  await byId(cat, 'secret').fill('one secret')
  await byId(cat, 'join').click()
  await expect(byId(cat, 'call')).toBeVisible()
  await expect(byId(cat, 'error')).toBeHidden()
  await shows(cat, 1)
  // The secret is in no address and in no store.
  const kept = await cat.evaluate(() => location.href + JSON.stringify({ ...localStorage, ...sessionStorage }))
  expect(kept).not.toContain('one secret')
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const page of [ann.page, ben.page, cat]) await page.close()
})

test('a call without encryption has no lock, and encryption without a secret is not begun', async ({ context, gateway, room }) => {
  const page = await context.newPage()
  await page.goto(`${gateway.url}/?room=${room}&lang=en`)
  await choose('sm4-128-ecb', '')(page)
  await byId(page, 'join').click()
  await expect(byId(page, 'secret')).toBeFocused()
  await expect(byId(page, 'call')).toBeHidden()
  await byId(page, 'encryption').selectOption('none')
  await expect(byId(page, 'secret')).toBeHidden()
  await byId(page, 'join').click()
  await expect(byId(page, 'call')).toBeVisible()
  await expect(byId(page, 'encrypted')).toBeHidden()
  await page.close()
})
