import { defineConfig } from '@playwright/test'
import { args, executablePath } from './fixtures/chromium.mjs'

export default defineConfig({
  testDir: './specs',
  outputDir: './out/results',
  // Two cores: a second worker would make the pictures of both late.
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  globalTimeout: 18 * 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  use: {
    headless: true,
    launchOptions: { executablePath, args },
    trace: 'off',
    screenshot: 'only-on-failure',
  },
})
