// nertc.js, nertc.cjs and nertc.mjs in a page, under each of the ways in which a page may load them.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import vm from 'node:vm'
import { transform } from 'esbuild'
import { name, version } from '../../scripts/package.mjs'
import { project } from './packed.mjs'

let stranger
before(async () => { stranger = await project() })
after(() => stranger?.remove())

const read = (file) => readFileSync(join(stranger.folder, 'node_modules', name, file), 'utf8')

/** A page as far as loading goes: it notes what is fetched, has nothing to answer, and WebRTC in name only. */
function page({ src = 'https://cdn.example.com/sdk/nertc.js', ...globals } = {}) {
  const fetched = []
  const context = vm.createContext({
    document: { currentScript: src ? { src } : null, baseURI: 'https://page.example.com/app/index.html' },
    location: { href: 'https://page.example.com/app/index.html' },
    console: { error() {}, warn() {}, info() {}, debug() {}, log() {} },
    URL, AbortController, RTCPeerConnection: class {}, WebSocket: class {}, setTimeout, clearTimeout, performance,
    fetch: async (url) => { fetched.push(String(url)); throw new TypeError('offline') },
    ...globals,
  })
  context.globalThis = context
  return { context, fetched, run: (file) => vm.runInContext(read(file), context) }
}

test('a script tag defines both names, and loads the wasm of its build from beside it', () => {
  const { context, fetched, run } = page()
  run('nertc.js')
  assert.equal(context.NERTC.VERSION, version)
  assert.equal(context.WebRTC2, context.NERTC)
  assert.deepEqual(fetched, [`https://cdn.example.com/sdk/nertc.wasm?${context.NERTC.BUILD}`])
})

test('a loader of AMD modules gets it, and the page has its names all the same', () => {
  const made = []
  const define = Object.assign((dependencies, factory) => made.push([[...dependencies], factory()]), { amd: {} })
  const { context, run } = page({ define })
  run('nertc.js')
  assert.equal(made.length, 1)
  assert.deepEqual(made[0][0], [])
  assert.equal(made[0][1], context.NERTC)
})

test('CommonJS in a page gets it as the whole module: of nertc.js as by a script tag, of nertc.cjs without loading anything', async () => {
  for (const [file, loads] of [['nertc.js', 1], ['nertc.cjs', 0]]) {
    const module = { exports: {} }
    const { context, fetched, run } = page({ module, exports: module.exports, src: null })
    run(file)
    assert.equal(module.exports, context.NERTC, file)
    assert.equal(module.exports.default, context.NERTC, file)
    assert.equal(fetched.length, loads, file)
    const client = context.NERTC.createClient({ appkey: 'k' })
    const code = await client.join({ channelName: 'room' }).catch((error) => error.code)
    assert.equal(code, 10002)
    assert.ok(fetched.length > 0 && fetched.every((url) => url === `https://page.example.com/app/nertc.wasm?${context.NERTC.BUILD}`), fetched.join())
  }
})

test('wasmUrl names another file, and nothing else is loaded by a module', async () => {
  const module = { exports: {} }
  const { context, fetched, run } = page({ module, exports: module.exports })
  run('nertc.cjs')
  const client = context.NERTC.createClient({ appkey: 'k', wasmUrl: '../files/nertc.wasm' })
  await client.join({ channelName: 'room' }).catch(() => {})
  assert.ok(fetched.length > 0 && fetched.every((url) => url === 'https://page.example.com/files/nertc.wasm'), fetched.join())
})

test('a page of Jest, which has neither TextEncoder nor structuredClone, gets the checks and the statistics', async () => {
  const { context, run } = page()
  assert.equal(vm.runInContext('typeof TextEncoder + typeof structuredClone', context), 'undefinedundefined')
  run('nertc.js')
  const client = context.NERTC.createClient({ appkey: 'k' })
  const code = (promise) => promise.then(() => 0, (error) => error.code)
  assert.equal(await code(client.join({ channelName: 'é'.repeat(33) })), 10110)
  assert.equal(await code(client.join({ channelName: 'é'.repeat(32) })), 10002)
  assert.equal((await client.getSessionStats()).Duration, 0)
  assert.equal((await client.getLocalVideoStats()).length, 0)
})

test('a page without WebRTC, as jsdom makes them, loads nothing: what needs the core rejects 10001 and says what is missing', async () => {
  for (const missing of ['RTCPeerConnection', 'WebSocket', 'WebAssembly']) {
    const { context, fetched, run } = page({ [missing]: undefined })
    run('nertc.js')
    const client = context.NERTC.createClient({ appkey: 'k' })
    const calls = [context.NERTC.ready, client.join({ channelName: 'room' }), context.NERTC.createStream({ client }).init()]
    for (const call of calls) await assert.rejects(call, (error) => error.code === 10001 && error.reason === `this browser has no ${missing}`)
    assert.deepEqual(fetched, [])
  }
})

test('a wasmUrl that is no address is refused with 10000', () => {
  const { context, run } = page()
  run('nertc.js')
  assert.throws(() => context.NERTC.createClient({ appkey: 'k', wasmUrl: 'https://' }), (error) => error.code === 10000 && /wasmUrl/.test(error.reason))
})

test('a bundle of nertc.mjs that is no module finds the wasm beside the page', async () => {
  const { context, fetched } = page()
  const { code } = await transform(read('nertc.mjs'), { format: 'iife' })
  vm.runInContext(code, context)
  assert.deepEqual(fetched, [])
  await context.NERTC.ready.catch(() => {})
  assert.deepEqual(fetched, [`https://page.example.com/app/nertc.wasm?${context.NERTC.BUILD}`])
})

test('nertc.mjs loads nothing by its import, then the wasm from beside it, also where a development server has moved the script', async () => {
  const modules = join(stranger.folder, 'node_modules')
  for (const folder of ['.vite/deps', '.cache/vite/client/deps']) {
    mkdirSync(join(modules, folder), { recursive: true })
    copyFileSync(join(modules, name, 'nertc.mjs'), join(modules, folder, 'sdk.mjs'))
  }
  stranger.write('moved.mjs', `
    const fetched = []
    Object.assign(globalThis, { document: { currentScript: null, baseURI: 'https://page.example.com/' }, RTCPeerConnection: class {}, WebSocket: class {} })
    globalThis.fetch = async (url) => { fetched.push(String(url)); return new Response('', { status: 404 }) }
    console.error = () => {}
    const say = []
    for (const path of ['./node_modules/${name}/nertc.mjs', './node_modules/.vite/deps/sdk.mjs?v=1', './node_modules/.cache/vite/client/deps/sdk.mjs?v=1']) {
      const { ready } = await import(path)
      say.push(fetched.splice(0))
      const code = await ready.catch((error) => error.code)
      say.push([code, ...fetched.splice(0).map((url) => url.split('/node_modules/')[1])])
    }
    console.log(JSON.stringify(say))`)
  assert.deepEqual(JSON.parse(await stranger.node('moved.mjs')), [
    [], [10002, `${name}/nertc.wasm`],
    [], [10002, `${name}/nertc.wasm`, '.vite/deps/nertc.wasm'],
    [], [10002, `${name}/nertc.wasm`, '.cache/vite/client/deps/nertc.wasm'],
  ])
})

test('nertc.js has no syntax beyond ES2018', async () => {
  const [old, young] = await Promise.all(['es2018', 'esnext'].map((target) => transform(read('nertc.js'), { target })))
  assert.equal(old.code, young.code)
  const [lowered, kept] = await Promise.all(['es2018', 'esnext'].map((target) => transform('a?.b ?? c', { target })))
  assert.notEqual(lowered.code, kept.code)
})
