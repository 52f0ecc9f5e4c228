// What the demo says when the browser, the network or the visitor's own role is in the way.
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { args, executablePath } from '../fixtures/chromium.mjs'
import { byId, enter, shows } from '../fixtures/demo.mjs'
import { startRelay } from '../fixtures/relay.mjs'
import { expect, test } from '../fixtures/test.mjs'

test('sound that the browser holds back starts with a click on the banner', async ({ context, gateway, room }) => {
  const ben = await enter(context, gateway.url, room, 2)
  // As visitors have it: no sound before they have touched the page, and a link leads straight into the call.
  const strict = args.map((arg) => (arg.startsWith('--autoplay-policy') ? '--autoplay-policy=document-user-activation-required' : arg))
  const browser = await chromium.launch({ executablePath, args: strict })
  try {
    const page = await browser.newPage()
    // Whatever Playwright evaluates in a page counts as a gesture of its visitor: until the banner is there, the page
    // tells by itself.
    const blocked = page.waitForEvent('console', (message) => message.text() === 'the banner is there')
    await page.addInitScript(() => {
      // A page that captures may play sound: this visitor is asked for the camera for as long as that takes.
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      const told = new Promise((resolve) => addEventListener('DOMContentLoaded', () => {
        const bar = document.querySelector('[data-testid="sound-blocked"]')
        new MutationObserver(() => {
          if (bar.hidden) return
          console.info('the banner is there')
          resolve()
        }).observe(bar, { attributeFilter: ['hidden'] })
      }))
      navigator.mediaDevices.getUserMedia = (constraints) => told.then(() => ask(constraints))
    })
    await page.goto(`${gateway.url}/?room=${room}&uid=1&lang=en&autojoin=1`)
    await blocked
    await expect(byId(page, 'sound-blocked')).toBeVisible()
    await byId(page, 'resume').click()
    await expect(byId(page, 'sound-blocked')).toBeHidden()
    await shows(page, 2)
    // Chromium measures only what plays: ben's fake microphone beeps, and the tile says so.
    await expect(byId(page, 'tile-2')).toHaveClass(/speaking/)
  } finally {
    await browser.close()
  }
  await ben.page.close()
})

test('a lost connection is told of while it is being restored', async ({ context, gateway, room }) => {
  const relay = await startRelay(gateway)
  try {
    const ann = await enter(context, relay.url, room, 1)
    const ben = await enter(context, gateway.url, room, 2)
    await shows(ann.page, 2)
    await expect(byId(ann.page, 'reconnecting')).toBeHidden()
    relay.cut()
    await expect(byId(ann.page, 'reconnecting')).toBeVisible()
    relay.mend()
    await expect(byId(ann.page, 'reconnecting')).toBeHidden()
    await expect(byId(ann.page, 'connection')).toHaveAttribute('data-state', 'CONNECTED')
    await expect(byId(ann.page, 'notice')).toHaveText('Connected again')
    await shows(ann.page, 2)
    for (const { page } of [ann, ben]) await page.close()
  } finally {
    await relay.stop()
  }
})

test('somebody who only watches is seen by nobody, and takes part later', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  const ben = await enter(context, gateway.url, room, 2, {
    before: async (page) => {
      await byId(page, 'advanced').locator('summary').click()
      await byId(page, 'role-audience').check()
    },
  })
  await shows(ben.page, 1)
  await expect(byId(ben.page, 'watching')).toBeVisible()
  await expect(byId(ben.page, 'tile-2')).toHaveCount(0)
  await expect(byId(ben.page, 'mute')).toBeDisabled()
  await expect(byId(ann.page, 'tile-2')).toHaveCount(0)

  await byId(ben.page, 'take-part').click()
  await expect(byId(ben.page, 'watching')).toBeHidden()
  await shows(ann.page, 2)
  await shows(ben.page, 2)
  await expect(byId(ben.page, 'mute')).toBeEnabled()

  await byId(ben.page, 'role-switch').click()
  await expect(byId(ann.page, 'tile-2')).toHaveCount(0)
  await expect(byId(ben.page, 'watching')).toBeVisible()
  await shows(ben.page, 1)
  // The camera's lamp is out.
  expect(await ben.page.evaluate(() => document.querySelectorAll('.tile.self video').length)).toBe(0)
  expect([...ann.errors, ...ben.errors]).toEqual([])
  for (const { page } of [ann, ben]) await page.close()
})

test('the demo has light and dark colours, as the system says or as the visitor chooses', async ({ browser, gateway }) => {
  const context = await browser.newContext({ colorScheme: 'dark' })
  const page = await context.newPage()
  await page.goto(`${gateway.url}/?lang=en`)
  const ground = () => page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]))
  expect(await ground()).toBeLessThan(60)
  await byId(page, 'theme').click()
  await byId(page, 'theme-light').check()
  expect(await ground()).toBeGreaterThan(200)
  await page.reload()
  expect(await ground()).toBeGreaterThan(200)
  await byId(page, 'theme').click()
  await expect(byId(page, 'theme-light')).toBeFocused()
  await byId(page, 'theme-system').check()
  expect(await ground()).toBeLessThan(60)
  await context.close()
})

test('a visitor behind a strict firewall joins through the relay', async ({ context, gateway, room }) => {
  const ann = await enter(context, gateway.url, room, 1)
  await context.addInitScript({ path: fileURLToPath(new URL('../pages/probe.js', import.meta.url)) })
  const ben = await enter(context, gateway.url, room, 2, {
    before: async (page) => {
      await byId(page, 'advanced').locator('summary').click()
      await byId(page, 'relay').check()
    },
  })
  await shows(ben.page, 1)
  await shows(ann.page, 2)
  const ways = await ben.page.evaluate(async () => {
    const found = new Set()
    for (const peer of probe.peers) {
      const reports = await peer.getStats()
      for (const pair of reports.values()) if (pair.type === 'candidate-pair' && pair.nominated) found.add(reports.get(pair.localCandidateId).candidateType)
    }
    return [...found]
  })
  expect(ways).toEqual(['relay'])
  for (const { page } of [ann, ben]) await page.close()
})
