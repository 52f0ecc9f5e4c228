// The demo's layouts: who is large, who says so, and what can be done with a picture.
import { readFile } from 'node:fs/promises'
import { byId, enter, fits, large, shows } from '../fixtures/demo.mjs'
import { expect, test } from '../fixtures/test.mjs'

test('the speaker’s view follows who speaks and obeys a pin, on a desktop and a phone', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 1280, height: 800 } })
  const ben = await enter(context, gateway.url, room, 2)
  const cat = await enter(context, gateway.url, room, 3)
  await shows(ann.page, 2)
  await shows(ann.page, 3)
  expect(await large(ann.page)).toBe('')
  await byId(ben.page, 'mute').click()
  await byId(ann.page, 'layout-speaker').check()
  // The fake microphone beeps; whoever is muted cannot be the speaker.
  await expect.poll(() => large(ann.page)).toBe('tile-3')
  await expect(byId(ann.page, 'tile-3')).toHaveClass(/speaking/)
  await fits(ann.page)
  await byId(cat.page, 'mute').click()
  await byId(ben.page, 'mute').click()
  await expect.poll(() => large(ann.page)).toBe('tile-2')
  await shows(ann.page, 2)

  // A pin holds somebody who is silent, from the tile's own menu, by keyboard alone.
  await byId(ann.page, 'more-3').focus()
  await ann.page.keyboard.press('Enter')
  await expect(byId(ann.page, 'popup')).toBeVisible()
  await expect(byId(ann.page, 'pin')).toBeFocused()
  await ann.page.keyboard.press('Escape')
  await expect(byId(ann.page, 'popup')).toBeHidden()
  await expect(byId(ann.page, 'more-3')).toBeFocused()
  await ann.page.keyboard.press('Enter')
  await byId(ann.page, 'pin').press('Enter')
  await expect.poll(() => large(ann.page)).toBe('tile-3')
  await expect(byId(ann.page, 'tile-2')).toHaveClass(/speaking/)
  expect(await large(ann.page)).toBe('tile-3')

  await ann.page.setViewportSize({ width: 360, height: 780 })
  // There is no room beside the stage: the list lies over it, and Escape closes it.
  await ann.page.keyboard.press('Escape')
  await expect(byId(ann.page, 'panel-people')).toBeHidden()
  await fits(ann.page, { width: 48, height: 48 })
  expect(await large(ann.page)).toBe('tile-3')

  await ann.page.keyboard.press('g')
  await expect.poll(() => large(ann.page)).toBe('')
  await expect(byId(ann.page, 'layout-grid')).toBeChecked()
  await fits(ann.page)
  expect([...ann.errors, ...ben.errors, ...cat.errors]).toEqual([])
  for (const { page } of [ann, ben, cat]) await page.close()
})

test('a picture of somebody is saved as a file, and somebody is turned down', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  const ben = await enter(context, gateway.url, room, 2)
  await shows(ann.page, 2)
  for (const uid of [2, 1]) { // somebody else's and one's own
    await byId(ann.page, `tile-${uid}`).hover()
    await byId(ann.page, `more-${uid}`).click()
    const [download] = await Promise.all([ann.page.waitForEvent('download'), byId(ann.page, 'snapshot').click()])
    expect(download.suggestedFilename()).toMatch(new RegExp(`^${uid}-video-\\d+\\.png$`))
    const png = await readFile(await download.path())
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    // The width in the header is the picture's own, not the tile's.
    expect(png.readUInt32BE(16)).toBe(await ann.page.evaluate((id) => document.querySelector(`[data-testid="tile-${id}"] video`).videoWidth, uid))
    await expect(byId(ann.page, 'notice')).toContainText(download.suggestedFilename())
  }
  await byId(ann.page, 'member-more-2').click()
  await byId(ann.page, 'volume').fill('0')
  // Chromium measures what plays: whom one does not hear, one does not see speaking.
  await expect(byId(ann.page, 'tile-2')).not.toHaveClass(/speaking/)
  await byId(ann.page, 'volume').fill('100')
  await expect(byId(ann.page, 'tile-2')).toHaveClass(/speaking/)
  await byId(ann.page, 'settings-toggle').click()
  await expect(byId(ann.page, 'panel-people')).toBeHidden()
  await byId(ann.page, 'playback').fill('0')
  await expect(byId(ann.page, 'tile-2')).not.toHaveClass(/speaking/)
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const { page } of [ann, ben]) await page.close()
})

test('a picture floats in a window of its own and comes back', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  const ben = await enter(context, gateway.url, room, 2)
  await shows(ann.page, 2)
  await byId(ann.page, 'tile-2').hover()
  await byId(ann.page, 'more-2').click()
  await byId(ann.page, 'pip').click()
  const floats = () => ann.page.evaluate(() => document.pictureInPictureElement?.closest('.tile')?.dataset.testid ?? null)
  await expect.poll(floats).toBe('tile-2')
  await byId(ann.page, 'tile-2').hover()
  await byId(ann.page, 'more-2').click()
  await byId(ann.page, 'pip').click()
  await expect.poll(floats).toBe(null)
  await shows(ann.page, 2)
  await expect(byId(ann.page, 'error')).toBeHidden()
  for (const { page } of [ann, ben]) await page.close()
})
