import { defineConfig } from '@playwright/test'
import { args, executablePath } from './fixtures/chromium.mjs'

// Specs whose pages wait more than they compute. Their neighbours notice little of them, so two run at a time.
const together = [
  'autoplay', 'browser', 'capture', 'clients', 'connectivity', 'copies', 'demo-encryption', 'demo-refusal',
  'demo-state', 'device', 'devices', 'emitter', 'encryption', 'events', 'giveup', 'input', 'integrity',
  'logger', 'logupload', 'media-path', 'moderation', 'network', 'outage', 'permkey', 'playback', 'policy', 'profiles', 'refusal',
  'relay', 'reload', 'render', 'roles', 'share', 'switch', 'tasks', 'transform',
].map((name) => `**/${name}.spec.mjs`)

export default defineConfig({
  testDir: './specs',
  workers: 1,
  projects: [
    { name: 'together', outputDir: './out/results/together', testMatch: together },
    { name: 'alone', outputDir: './out/results/alone', testIgnore: together },
  ],
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // Patience costs nothing while all goes well. What must be fast is measured and compared by the test that says so.
  timeout: 240_000,
  globalTimeout: 18 * 60_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    headless: true,
    launchOptions: { executablePath, args },
    trace: 'off',
    screenshot: 'only-on-failure',
  },
})
