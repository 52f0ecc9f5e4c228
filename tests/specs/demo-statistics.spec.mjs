// The demo's drawer of statistics: figures of everybody that move, bars on the tiles, the log of events.
import { readFile } from 'node:fs/promises'
import { byId, enter, fits, shows } from '../fixtures/demo.mjs'
import { expect, test } from '../fixtures/test.mjs'

// How often the page has asked the SDK so far.
const counting = (page) => page.evaluate(() => {
  window.asked = 0
  const { createClient } = NERTC
  NERTC.createClient = (...args) => {
    const client = createClient.apply(NERTC, args)
    const { getTransportStats } = client
    client.getTransportStats = (...more) => { window.asked++; return getTransportStats.apply(client, more) }
    return client
  }
})
const asked = (page) => page.evaluate(() => window.asked)
// hide: the page is told that it is not seen, or seen again.
const hide = (page, hidden) => page.evaluate((hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}, hidden)

const figure = (page, uid, name) => byId(page, `statistics-${uid}`).locator(`[data-figure="${name}"]`)
const value = async (page, uid, name) => Number(await figure(page, uid, name).locator('dd > span').getAttribute('data-value'))
const points = async (page, uid, name) => (await figure(page, uid, name).locator('path').getAttribute('d')).split(/[ML]/).length - 1

test('the drawer shows figures of everybody that move, the tiles have bars, and the log is saved', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 1280, height: 800 } })
  const ben = await enter(context, gateway.url, room, 2)
  const { page } = ann
  await shows(page, 2)
  for (const uid of [1, 2]) {
    // In an undisturbed call on loopback nothing is lost; a machine that has other work may be late.
    await expect(byId(page, `quality-${uid}`)).toHaveAttribute('data-level', /^[123]$/, { timeout: 60_000 })
    await expect(byId(page, `quality-${uid}`)).toBeVisible()
  }
  await expect(byId(page, 'quality-1')).toHaveAttribute('data-level', '1', { timeout: 60_000 })
  await expect(byId(page, 'quality-1')).toHaveAttribute('data-bars', '5')
  await expect(byId(page, 'quality-1').locator('.lit')).toHaveCount(5)
  await expect(byId(page, 'quality-1')).toHaveAttribute('aria-label', 'Connection: excellent')
  await byId(page, 'statistics-toggle').click()
  await expect(byId(page, 'panel-statistics')).toBeVisible()
  for (const name of ['bitrate', 'fps', 'rtt', 'lossIn', 'bandwidth']) await expect(figure(page, 1, name)).toBeVisible()
  for (const name of ['bitrate', 'fps', 'rtt', 'loss', 'delay']) await expect(figure(page, 2, name)).toBeVisible()
  for (const uid of [1, 2]) {
    for (const name of ['bitrate', 'fps']) await expect.poll(() => value(page, uid, name), { timeout: 60_000 }).toBeGreaterThan(0)
    await expect.poll(() => points(page, uid, 'bitrate'), { timeout: 60_000 }).toBeGreaterThanOrEqual(4)
  }
  await expect(figure(page, 2, 'bitrate').locator('dd > span')).toHaveText(/^\d+ kbit\/s$/)
  await expect(figure(page, 2, 'loss').locator('dd > span')).toHaveText(/^\d+\.\d %$/)
  await expect(figure(page, 2, 'bitrate').locator('svg')).toHaveAttribute('aria-label', /^The last minute: \d+ kbit\/s to \d+ kbit\/s$/)

  // They move: of a muted camera nothing comes.
  const before = await value(page, 2, 'bitrate')
  await byId(ben.page, 'camera').click()
  await expect.poll(() => value(page, 2, 'bitrate'), { timeout: 60_000 }).toBeLessThan(before / 2)
  await expect(byId(page, 'events')).toContainText('mute-video uid 2')
  await expect(byId(page, 'events')).toContainText('connection-state-change CONNECTING → CONNECTED')

  const [download] = await Promise.all([page.waitForEvent('download'), byId(page, 'log-save').click()])
  expect(download.suggestedFilename()).toMatch(/^call-\d{14}\.log$/)
  const log = await readFile(await download.path(), 'utf8')
  expect(log).toContain(` join ${room}\n`)
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT\S+Z peer-online uid 2$/m)
  expect(log).toMatch(/Z mute-video uid 2$/m)
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const one of [ann, ben]) await one.page.close()
})

test('the SDK is asked for statistics only while the drawer is open and the page is seen, also on a phone in Chinese', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 360, height: 780 }, locale: 'zh', before: counting })
  const ben = await enter(context, gateway.url, room, 2)
  const { page } = ann
  await page.bringToFront()
  await expect(byId(page, 'quality-1')).toHaveAttribute('aria-label', /^网络质量:(?!未知)/, { timeout: 60_000 })
  expect(await asked(page)).toBe(0)
  await expect(byId(page, 'statistics-toggle')).toBeHidden()
  await byId(page, 'settings-toggle').click()
  await byId(page, 'statistics-too').click()
  await expect(byId(page, 'panel-statistics')).toContainText('码率')
  for (const uid of [1, 2]) await expect(byId(page, `statistics-${uid}`)).toHaveCount(1)
  await expect.poll(() => asked(page)).toBeGreaterThan(1)
  await fits(page, { width: 48, height: 48 })
  const box = await byId(page, 'panel-statistics').boundingBox()
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(360)
  expect(box.y + box.height).toBeLessThanOrEqual(780)

  // A page that nobody sees asks nothing, one that is seen again goes on.
  await hide(page, true)
  const hidden = await asked(page)
  await page.waitForTimeout(2500) // longer than two of its turns
  expect(await asked(page)).toBe(hidden)
  await hide(page, false)
  await expect.poll(() => asked(page)).toBeGreaterThan(hidden + 1)

  await byId(ben.page, 'leave').click()
  await expect(byId(page, 'statistics-2')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(byId(page, 'panel-statistics')).toBeHidden()
  await expect(byId(page, 'settings-toggle')).toBeFocused()
  const closed = await asked(page)
  await page.waitForTimeout(2500)
  expect(await asked(page)).toBe(closed)
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const one of [ann, ben]) await one.page.close()
})
