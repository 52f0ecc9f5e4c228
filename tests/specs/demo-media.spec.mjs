// What the demo sends: the screen, another device, another quality.
import { readFile } from 'node:fs/promises'
import { byId, enter, fits, large, shows } from '../fixtures/demo.mjs'
import { expect, test } from '../fixtures/test.mjs'

const sizeOf = (page, id) => page.evaluate((id) => document.querySelector(`[data-testid="tile-${id}"] video`)?.videoHeight ?? 0, id)

test('a shared screen comes to the front at the others, and the layout of before is back when it ends', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 1280, height: 800 } })
  const ben = await enter(context, gateway.url, room, 2)
  await shows(ann.page, 2)
  await expect(byId(ann.page, 'layout-screen')).toBeDisabled()
  await byId(ben.page, 'share').click()
  await expect(byId(ben.page, 'sharing')).toBeVisible()
  await expect(byId(ben.page, 'share')).toHaveAttribute('aria-pressed', 'true')
  // One's own screen is a small tile: large it would be a hall of mirrors.
  await expect(byId(ben.page, 'tile-2-screen')).toBeVisible()
  expect(await large(ben.page)).toBe('')

  await expect.poll(() => large(ann.page)).toBe('tile-2-screen')
  await expect(byId(ann.page, 'layout-screen')).toBeChecked()
  await shows(ann.page, '2-screen', 3) // five frames a second
  await shows(ann.page, 2) // and the camera goes on beside it
  await fits(ann.page)
  expect(await ann.page.evaluate(() => getComputedStyle(document.querySelector('[data-testid="tile-2-screen"] video')).objectFit)).toBe('contain')
  await byId(ann.page, 'layout-grid').check()
  await expect.poll(() => large(ann.page)).toBe('')
  await byId(ann.page, 'layout-screen').check()
  await expect.poll(() => large(ann.page)).toBe('tile-2-screen')

  await byId(ben.page, 'share-stop').click()
  await expect(byId(ben.page, 'sharing')).toBeHidden()
  await expect(byId(ben.page, 'tile-2-screen')).toHaveCount(0)
  await expect(byId(ann.page, 'tile-2-screen')).toHaveCount(0)
  await expect(byId(ann.page, 'layout-grid')).toBeChecked()
  await shows(ann.page, 2)
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const { page } of [ann, ben]) await page.close()
})

test('who has thought better of sharing is told nothing, and who has no camera shares all the same', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  const cancel = () => {
    const pick = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices)
    let times = 0
    navigator.mediaDevices.getDisplayMedia = (...args) => (times++ === 0 ? Promise.reject(new DOMException('cancelled', 'NotAllowedError')) : pick(...args))
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'))
  }
  const ben = await enter(context, gateway.url, room, 2, { before: (page) => page.evaluate(cancel) })
  await expect(byId(ben.page, 'error')).toHaveAttribute('data-kind', 'dev_missing_both')
  await ben.page.locator('#error-close').click()
  await byId(ben.page, 'share').click()
  await expect(byId(ben.page, 'share')).not.toHaveAttribute('aria-busy', 'true')
  await expect(byId(ben.page, 'sharing')).toBeHidden()
  await expect(byId(ben.page, 'error')).toBeHidden()
  await byId(ben.page, 'share').click()
  await expect(byId(ben.page, 'sharing')).toBeVisible()
  await shows(ann.page, '2-screen', 3)
  for (const { page } of [ann, ben]) await page.close()
})

test('another microphone and another quality take effect during the call', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  const ben = await enter(context, gateway.url, room, 2)
  await shows(ann.page, 2)
  // One's own voice: the ring around the microphone follows it, and the tile.
  await expect(byId(ben.page, 'tile-2')).toHaveClass(/speaking/)
  await byId(ben.page, 'microphone-menu').click()
  const others = ben.page.locator('[data-testid="popup"] [data-testid^="microphone-"]:not(:checked)')
  const chosen = await others.first().getAttribute('value')
  await others.first().check()
  await ben.page.keyboard.press('Escape')
  await byId(ben.page, 'settings-toggle').click()
  await expect(byId(ben.page, 'call-microphone')).toHaveValue(chosen)
  await expect(byId(ann.page, 'tile-2')).toHaveClass(/speaking/)

  await byId(ben.page, 'resolution').selectOption('180p')
  await ann.page.bringToFront()
  await expect.poll(() => sizeOf(ann.page, 2)).toBeLessThanOrEqual(180)
  await byId(ben.page, 'resolution').selectOption('480p')
  await ann.page.bringToFront()
  await expect.poll(() => sizeOf(ann.page, 2)).toBeGreaterThan(180)

  await byId(ben.page, 'capture').fill('0')
  await expect(byId(ann.page, 'tile-2')).not.toHaveClass(/speaking/)
  // Remembered for the next call.
  await ben.page.reload()
  await byId(ben.page, 'join').click()
  await byId(ben.page, 'settings-toggle').click()
  await expect(byId(ben.page, 'capture')).toHaveValue('0')
  await expect(byId(ben.page, 'call-microphone')).toHaveValue(chosen)
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const { page } of [ann, ben]) await page.close()
})

test('a recording of the call is saved when it is stopped, and when the call is left', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  const ben = await enter(context, gateway.url, room, 2)
  await shows(ann.page, 2)
  const saved = async (act) => {
    const [download] = await Promise.all([ann.page.waitForEvent('download'), act()])
    expect(download.suggestedFilename()).toContain(room)
    const file = await readFile(await download.path())
    expect(file.subarray(0, 4).toString('hex')).toBe('1a45dfa3') // EBML: https://www.rfc-editor.org/rfc/rfc8794#section-11.2.1
    expect(file.includes('V_VP')).toBe(true)
    expect(file.includes('A_OPUS')).toBe(true)
    expect(file.length).toBeGreaterThan(5_000)
  }
  await byId(ann.page, 'record').click()
  await expect(byId(ann.page, 'recording')).toBeVisible()
  await shows(ann.page, 2, 30)
  await saved(() => byId(ann.page, 'record').click())
  await expect(byId(ann.page, 'recording')).toBeHidden()
  await byId(ann.page, 'record').click()
  await expect(byId(ann.page, 'recording')).toBeVisible()
  await shows(ann.page, 2, 30)
  await saved(() => byId(ann.page, 'leave').click())
  await expect(byId(ann.page, 'lobby')).toBeVisible()
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const { page } of [ann, ben]) await page.close()
})

test('the quality of one picture, or of all, is chosen and given back', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 1280, height: 800 } })
  const ben = await enter(context, gateway.url, room, 2)
  const cat = await enter(context, gateway.url, room, 3) // two sizes are sent when more than two are there
  await shows(ann.page, 2)
  await shows(ann.page, 3)
  await expect.poll(() => sizeOf(ann.page, 2)).toBeGreaterThan(240) // tiles of 240 px and more
  const choose = async (value) => {
    await byId(ann.page, 'member-more-2').click()
    await byId(ann.page, `quality-${value}`).check()
    await ann.page.keyboard.press('Escape')
  }
  await choose('low')
  await expect.poll(() => sizeOf(ann.page, 2)).toBeLessThanOrEqual(180)
  await expect.poll(() => sizeOf(ann.page, 3)).toBeGreaterThan(240) // it is chosen for one alone
  await choose('auto')
  await expect.poll(() => sizeOf(ann.page, 2)).toBeGreaterThan(240)
  await byId(ann.page, 'settings-toggle').click()
  await byId(ann.page, 'receive').selectOption('low')
  for (const uid of [2, 3]) await expect.poll(() => sizeOf(ann.page, uid)).toBeLessThanOrEqual(180)
  expect([...ann.errors, ...ben.errors, ...cat.errors]).toEqual([])
  for (const { page } of [ann, ben, cat]) await page.close()
})
