// The demo's drawer of the live push: a layout is made on a canvas, and what the server says is shown.
import { byId, enter } from '../fixtures/demo.mjs'
import { startGateway } from '../fixtures/gateway.mjs'
import { picture, startRTMP, until } from '../fixtures/rtmp.mjs'
import { expect, test } from '../fixtures/test.mjs'

// Where a region is, as the canvas says it: 'uid: width × height at x, y'.
const region = (page, uid) => byId(page, `region-${uid}`).getAttribute('aria-label')

// Drags from a point of an element by CSS pixels.
async function drag(page, id, from, dx, dy) {
  const box = await byId(page, id).boundingBox()
  await page.mouse.move(box.x + from, box.y + from)
  await page.mouse.down()
  await page.mouse.move(box.x + from + dx, box.y + from + dy, { steps: 5 })
  await page.mouse.up()
}

test('a layout is arranged, dragged and resized; who may not push is told so', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 1280, height: 1000 } })
  const ben = await enter(context, gateway.url, room, 2)
  const { page } = ann
  await page.bringToFront()
  await byId(page, 'live-toggle').click()
  await expect(byId(page, 'region-2')).toBeVisible()
  expect(await region(page, 1)).toBe('1: 640 × 720 at 0, 0')
  expect(await region(page, 2)).toBe('2: 640 × 720 at 640, 0')

  await byId(page, 'live-large').check()
  expect(await region(page, 1)).toBe('1: 1280 × 720 at 0, 0')
  expect(await region(page, 2)).toBe('2: 320 × 180 at 960, 540')
  // By pointer: as far up and to the left as it goes, then larger by its corner, as far as the canvas goes.
  await drag(page, 'region-2', 8, -600, -600)
  expect(await region(page, 2)).toBe('2: 320 × 180 at 0, 0')
  const scale = 1280 / (await byId(page, 'live-canvas').boundingBox()).width
  await drag(page, 'grip-2', 8, 40, 0)
  const [, width, height] = (await region(page, 2)).match(/^2: (\d+) × (\d+) at 0, 0$/)
  expect(Math.abs(width - 320 - 40 * scale)).toBeLessThan(4)
  expect(height).toBe('180')
  await expect(byId(page, 'live-large')).not.toBeChecked() // it is the visitor's own now
  // By keyboard.
  await byId(page, 'region-2').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  expect(await region(page, 2)).toBe(`2: ${width} × 200 at 0, 20`)
  // On another canvas it keeps its place; who is taken out has no region.
  await byId(page, 'live-shape').selectOption('small')
  expect(await region(page, 2)).toMatch(/^2: \d+ × 100 at 0, 10$/)
  await byId(page, 'live-show-2').uncheck()
  await expect(byId(page, 'region-2')).toHaveCount(0)
  await byId(page, 'live-show-2').check()
  await expect(byId(page, 'region-2')).toBeVisible()
  await ben.page.close()
  await expect(byId(page, 'region-2')).toHaveCount(0, { timeout: 30_000 })

  // An audience cannot push.
  await byId(page, 'members-toggle').click()
  await byId(page, 'role-switch').click()
  await byId(page, 'live-toggle').click()
  await expect(byId(page, 'live-refused')).toBeVisible()
  await expect(byId(page, 'live-start')).toBeDisabled()
  expect(ann.errors).toEqual([])
  await page.close()
})

test('a call goes on the air, changes there, and is stopped by another', async ({ context, room }) => {
  const rtmp = await startRTMP()
  const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8'] })
  try {
    const ann = await enter(context, gateway.url, room, 1, { viewport: { width: 1280, height: 1000 } })
    const ben = await enter(context, gateway.url, room, 2, { locale: 'zh' })
    const { page } = ann
    const state = (of, value) => expect(byId(of, 'live-state')).toHaveAttribute('data-state', value, { timeout: 60_000 })
    await page.bringToFront()
    await byId(page, 'live-toggle').click()
    await byId(ben.page, 'live-toggle').click()
    await byId(page, 'live-shape').selectOption('small')
    await byId(page, 'live-color').fill('#e01010')
    await byId(page, 'live-show-2').uncheck()
    // An address where nobody listens is told of, and put right without another start.
    await byId(page, 'live-address').fill('rtmp://127.0.0.1:1/live/s3cret')
    await byId(page, 'live-start').click()
    await state(page, 'failed')
    await expect(byId(page, 'live-state')).toContainText('the server refuses the connection')
    await expect(byId(page, 'on-air')).toBeHidden()
    await byId(page, 'live-address').fill(rtmp.url('s3cret'))
    await byId(page, 'live-address').press('Tab')
    await state(page, 'pushing')
    await expect(byId(page, 'on-air')).toBeVisible()
    await state(ben.page, 'pushing')
    await expect(byId(ben.page, 'on-air')).toHaveText('直播中')

    // Ann's picture gives way to the background, on the air too.
    await byId(page, 'region-1').focus()
    for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowLeft')
    expect(await region(page, 1)).toBe('1: 480 × 360 at 0, 0')
    const [file] = rtmp.arrived('s3cret')
    const changed = until(file)
    await expect.poll(() => until(file), { timeout: 60_000 }).toBeGreaterThan(changed + 3)
    const shown = picture(file, changed + 2.5, { width: 640, height: 360 })
    const [red, green, blue] = shown.at(600, 180)
    expect(red).toBeGreaterThan(180)
    expect(Math.max(green, blue)).toBeLessThan(60)
    expect(shown.at(40, 180)[1], 'the fake camera is green').toBeGreaterThan(90)

    await ben.page.bringToFront()
    await byId(ben.page, 'live-stop').click()
    await state(ben.page, 'stopped')
    await state(page, 'stopped')
    await expect(byId(page, 'live-start')).toBeVisible()
    await expect(byId(page, 'on-air')).toBeHidden()
    // Whoever has the key of a stream can push there: it is in no log.
    expect(gateway.log.join('\n')).not.toContain('s3cret')
    expect([...ann.errors, ...ben.errors]).toEqual([])
    for (const one of [ann, ben]) await one.page.close()
  } finally {
    await gateway.stop()
    await rtmp.stop()
  }
})
