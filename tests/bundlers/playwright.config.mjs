import { defineConfig } from '@playwright/test'
import { args, executablePath } from '../fixtures/chromium.mjs'

export default defineConfig({
  testDir: '.',
  outputDir: '../out/bundlers',
  globalSetup: './workshop.mjs',
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 240_000,
  globalTimeout: 12 * 60_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: { headless: true, launchOptions: { executablePath, args } },
})
