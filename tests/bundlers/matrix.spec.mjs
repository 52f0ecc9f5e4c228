// The packed tarball in fresh projects: each is built by its bundler, served, and in a call with a page of another kind.
import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants as zlib } from 'node:zlib'
import { app, expect, person, test } from '../fixtures/secure.mjs'
import { serveFolder } from './serve.mjs'
import { name as sdk, newProject, note, run, version, versionOf, workshop } from './workshop.mjs'

const media = fileURLToPath(new URL('../pages/media.js', import.meta.url))
const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
const bin = (name) => join(workshop(), 'node_modules/.bin', name)

// The page that loads the bundle is no part of what Rollup, webpack and esbuild make.
async function built(folder, command, ...args) {
  await run(folder, bin(command), ...args)
  copyFileSync(join(folder, 'index.html'), join(folder, 'dist/index.html'))
  return serveFolder(join(folder, 'dist'))
}

// How each project is built and served, in the order of the table; `folder` where a kind is used twice.
const projects = [
  { kind: 'vite', name: 'Vite', bundler: 'vite', open: async (folder) => (await run(folder, bin('vite'), 'build'), serveFolder(join(folder, 'dist'))) },
  { kind: 'vite', folder: 'vite-dev', name: 'Vite, development server', bundler: 'vite', open: developing },
  { kind: 'webpack', name: 'webpack', bundler: 'webpack', open: (folder) => built(folder, 'webpack', './main.js', '--mode', 'production', '-o', 'dist') },
  { kind: 'rollup', name: 'Rollup', bundler: 'rollup', open: (folder) => built(folder, 'rollup', '-c') },
  {
    kind: 'esbuild', name: 'esbuild', bundler: 'esbuild',
    open: (folder) => built(folder, 'esbuild', 'main.js', '--bundle', '--minify', '--format=esm', '--loader:.wasm=file', '--outdir=dist'),
  },
  { kind: 'next', name: 'Next.js, app router', bundler: 'next', open: next },
  { kind: 'next', folder: 'next-dev', name: 'Next.js, development server', bundler: 'next', open: nextDeveloping },
  { kind: 'script', name: 'script tag', open: serveFolder },
  { kind: 'module', name: 'ES module', open: serveFolder },
]

// A server of a bundler's own, which says its address once it is ready.
async function started(folder, script, args, env = {}) {
  const child = spawn(process.execPath, [join(workshop(), 'node_modules', script), ...args],
    { cwd: folder, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const close = async () => {
    child.kill('SIGTERM')
    await ended
  }
  const said = []
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line)
        const found = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(line)
        if (found) resolve(`${found[0]}/`)
      })
    }
    ended.then((code) => reject(new Error(`${script} ended with ${code}\n${said.join('\n')}`)))
  })
  return { url, close }
}

// What is written while the page is developed: the modules one by one, and the packages as Vite prepares them.
function developing(folder) {
  return started(folder, 'vite/bin/vite.js', ['--host', '127.0.0.1', '--port', '0'])
}

async function next(folder) {
  await run(folder, bin('next'), 'build')
  return rendered(folder, 'start')
}

// Here React is strict: it runs each effect, ends it, and runs it again.
function nextDeveloping(folder) {
  return rendered(folder, 'dev')
}

async function rendered(folder, command) {
  const site = await started(folder, 'next/dist/bin/next', [command, '-H', '127.0.0.1', '-p', '0'], { APP_SECRET: app.appSecret, PERM_SECRET: app.permSecret })
  // What the server renders has the SDK in it already, without a browser.
  const html = await (await fetch(site.url)).text()
  expect(html.replace(/<!-- -->/g, '')).toContain(`SDK ${version}`)
  return site
}

// What a page loads from its own server. `brotli` is what a server that compresses would send of it; that of nertc.wasm,
// which takes half a minute to make, is in dist already.
function delivered(page, url) {
  const bodies = []
  page.on('requestfinished', (request) => {
    if (!request.url().startsWith(url)) return
    bodies.push(request.response().then((response) => response.body()))
  })
  return async () => {
    const all = await Promise.all(bodies)
    const wasm = readFileSync(`${dist}nertc.wasm`)
    expect(all.filter((body) => body.equals(wasm)), 'nertc.wasm of the package').toHaveLength(1)
    const brotli = all.map((body) => (body.equals(wasm) ? readFileSync(`${dist}nertc.wasm.br`) : brotliCompressSync(body, {
      params: { [zlib.BROTLI_PARAM_QUALITY]: 11, [zlib.BROTLI_PARAM_SIZE_HINT]: body.length },
    })))
    const sum = (list) => list.reduce((bytes, body) => bytes + body.length, 0)
    return { bytes: sum(all), brotli: sum(brotli) }
  }
}

for (const [order, { kind, folder: called = kind, name, bundler, open: serve }] of projects.entries()) {
  test(`${name}: built, served, and in a call`, async ({ open, context, gateway, room, make }) => {
    const row = { order, name, version: '', called: false }
    note(row)
    row.version = bundler ? versionOf(bundler) : 'none'
    const folder = await newProject(kind, called)
    const site = await serve(folder)
    try {
      // Its keys are made by the part for servers of the same tarball.
      const { makeToken, makePermkey } = createRequire(join(folder, 'main.js'))(`${sdk}/server`)
      const user = { appkey: app.appkey, channelName: room, uid: 1 }
      const query = new URLSearchParams({
        appkey: app.appkey, server: gateway.url, channelName: room, uid: 1,
        token: makeToken({ ...user, appSecret: app.appSecret }), permkey: makePermkey({ ...user, permSecret: app.permSecret }),
      })
      if (kind === 'next') ['token', 'permkey'].forEach((key) => query.delete(key)) // its own server makes them
      const other = await person(await open(), 'other')
      await other.join(room, 2, { token: make('token', 2), permkey: make('permkey', 2) })
      await other.publish({ colour: 'green' })

      const page = await context.newPage()
      const complaints = []
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()) })
      await page.addInitScript({ path: media })
      const load = delivered(page, site.url)
      await page.goto(`${site.url}?${query}`)
      await expect(page).toHaveTitle('in a call')
      Object.assign(row, await load())
      note(row)

      // Both see pictures that change.
      await page.waitForFunction(() => document.querySelector('#others video')?.readyState >= 2)
      const seen = await page.evaluate(() => media.watch(document.querySelector('#others video')))
      expect(seen.colours).toEqual(['green'])
      expect(seen.different).toBeGreaterThan(5)
      expect((await other.sees(1)).differentPixels).toBeGreaterThan(5)
      expect(await other.story('peer-online', 'peer-leave')).toEqual(['peer-online 1'])
      expect(complaints).toEqual([])
      row.called = true
      note(row)
    } finally {
      await site.close()
    }
  })
}

test('a bundler finds no tokens for a page to make', async () => {
  const folder = await newProject('server-in-page')
  for (const [command, ...args] of [
    ['vite', 'build'],
    ['webpack', './main.js', '--mode', 'production', '-o', 'dist'],
    ['esbuild', 'main.js', '--bundle', '--outdir=dist'],
  ]) {
    await expect(run(folder, bin(command), ...args), command).rejects.toThrow(/makeToken[^]*server\.page\.mjs|server\.page\.mjs[^]*makeToken|'makeToken'[^]*\/server'/)
  }
})

test('docs/bundlers.md shows the projects as they are, and names the versions', () => {
  const doc = readFileSync(new URL('../../docs/bundlers.md', import.meta.url), 'utf8')
  for (const file of ['call.js', 'vite/main.js', 'next/app/room.jsx', 'next/app/api/key/route.js', 'rollup/rollup.config.js',
    'esbuild/main.js', 'script/index.html', 'module/index.html']) {
    const text = readFileSync(new URL(`projects/${file}`, import.meta.url), 'utf8')
    expect(doc, file).toContain(`\`\`\`${file.split('.').pop()}\n${text}\`\`\`\n`)
  }
  for (const { name, bundler } of projects) expect(doc).toContain(`| ${name} | ${bundler ? versionOf(bundler) : 'none'} |`)
})
