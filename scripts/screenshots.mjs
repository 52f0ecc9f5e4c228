// Makes the pictures of the demo in docs/images anew, from real calls of people who are drawn
// (tests/pages/portraits.js): node scripts/screenshots.mjs [name…], after make build. Needs ffmpeg.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { args, executablePath } from '../tests/fixtures/chromium.mjs'
import { root, startGateway } from '../tests/fixtures/gateway.mjs'
import { startMediaRelay } from '../tests/fixtures/media-relay.mjs'
import { startRTMP } from '../tests/fixtures/rtmp.mjs'
import { serve } from '../tests/fixtures/site.mjs'

const PORTRAITS = `${root}tests/pages/portraits.js`
const LIMIT = 300_000

const PICTURES = {
  'demo-nine': {
    room: 'design-review', viewport: { width: 1280, height: 800 }, scheme: 'dark', others: 8, take: async () => {},
  },
  'demo-screen': {
    room: 'weekly-report', viewport: { width: 1280, height: 800 }, scheme: 'light', others: 5, screen: true,
    take: async (page) => { await page.locator('.tile.screen.main').waitFor() },
  },
  'demo-phone': {
    room: 'coffee', viewport: { width: 360, height: 780 }, scheme: 'dark', others: 4,
    take: async (page) => { await page.locator('[data-testid="layout-speaker"]').check() },
  },
  // A call that loses packets, on a long way.
  'demo-statistics': {
    room: 'far-away', viewport: { width: 1280, height: 800 }, scheme: 'dark', others: 3, watched: true,
    impose: { up: { delay: 60 }, down: { delay: 60, loss: 0.05 } },
    take: async (page) => {
      await page.locator('[data-testid="statistics-toggle"]').click()
      await page.waitForFunction(() => document.querySelector('[data-testid="statistics-101"] .loss path')?.getAttribute('d').split('L').length > 40, null, { timeout: 90_000 })
    },
  },
  // A call on the air.
  'demo-live': {
    room: 'open-house', viewport: { width: 1280, height: 800 }, scheme: 'light', others: 3,
    take: async (page) => {
      await page.locator('[data-testid="live-toggle"]').click()
      await page.locator('[data-testid="live-large"]').check()
      await page.locator('[data-testid="live-address"]').fill(rtmp.url('key'))
      await page.locator('[data-testid="live-start"]').click()
      await page.locator('[data-testid="live-state"][data-state="pushing"]').waitFor()
      // What is on the air is somebody's secret.
      await page.locator('[data-testid="live-address"]').evaluate((input) => { input.value = 'rtmp://live.example.com/app/key' })
    },
  },
}

const folder = mkdtempSync(join(tmpdir(), 'screenshots-'))
const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8'] })
const rtmp = await startRTMP()
const site = await serve()
const browser = await chromium.launch({ executablePath, args })
try {
  const wanted = process.argv.slice(2)
  for (const [name, picture] of Object.entries(PICTURES)) {
    if (wanted.length === 0 || wanted.includes(name)) await make(name, picture)
  }
} finally {
  await browser.close()
  await site.close()
  await gateway.stop()
  await rtmp.stop()
  rmSync(folder, { recursive: true })
}

async function make(name, { room, viewport, scheme, others, watched, screen, impose, take }) {
  const context = await browser.newContext({ viewport, colorScheme: scheme })
  // The others are in one page and receive nothing, or one of them does: nine pages that decode nine pictures are too much for two cores.
  const crowd = await context.newPage()
  await crowd.addInitScript({ path: PORTRAITS })
  await crowd.goto(site.page('call.html', gateway.url))
  await crowd.evaluate(async ([room, others, watched, screen]) => {
    for (let i = 1; i <= others; i++) {
      const one = person(`p${i}`, { auto: watched && i === 1 })
      await one.join(room, 100 + i)
      const sharing = screen && i === 2
      one.stream = NERTC.createStream({
        client: one.client, audio: true, video: true, audioSource: media.tone(200 + 40 * i, i === 2 ? 0.4 : 0.003).track, videoSource: portraits.camera(i),
        ...(sharing && { screen: true, screenVideoSource: portraits.screen() }),
      })
      await one.stream.init()
      if (i === 4) await one.stream.muteAudio()
      if (i === 5 && others > 6) await one.stream.muteVideo()
      await one.client.publish(one.stream)
    }
  }, [room, others, Boolean(watched), Boolean(screen)])

  const page = await context.newPage()
  const relay = impose && await startMediaRelay()
  await relay?.prepare(page)
  relay?.impose(impose)
  await page.addInitScript({ path: PORTRAITS })
  await page.addInitScript(() => window.portraits.install(0))
  await page.goto(`${gateway.url}/?room=${room}&uid=100&appkey=tests&lang=en`)
  await page.locator('[data-testid="join"]').click()
  await page.locator('.tile').nth(others).waitFor()
  await take(page)
  await page.bringToFront()
  await page.waitForFunction((least) => [...document.querySelectorAll('.tile video')].filter((v) => v.videoWidth > 0 && v.currentTime > 1).length >= least, others)
  await page.locator('.tile.speaking').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.toast.shown'))
  const raw = join(folder, `${name}.png`)
  // Test machines have no Chinese letters: the other language's name would be two boxes.
  await page.evaluate(() => document.querySelectorAll('.lang').forEach((button) => { button.hidden = true }))
  await page.screenshot({ path: raw, animations: 'disabled' })
  await context.close()
  relay?.stop()
  const file = `${root}docs/images/${name}.png`
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', raw, '-filter_complex',
    '[0:v]split[a][b];[a]palettegen=max_colors=250:stats_mode=full[p];[b][p]paletteuse=dither=bayer:bayer_scale=4', '-pred', 'mixed', '-compression_level', '9', file])
  const { size } = statSync(file)
  console.log(`${name}.png ${viewport.width}×${viewport.height} ${size} bytes`)
  if (size > LIMIT) throw new Error(`${name}.png is larger than ${LIMIT} bytes`)
}
