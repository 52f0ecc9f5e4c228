// The package where there is no browser: pages that are rendered by a server import it there too.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { name, version } from '../../scripts/package.mjs'
import { project, run } from './packed.mjs'

let stranger
before(async () => { stranger = await project() })
after(() => stranger?.remove())

/** Runs a script in the project that ends with say(value); resolves with the value. */
async function ask(file, script) {
  stranger.write(file, `const say = (value) => process.stdout.write(JSON.stringify(value))\n${script}`)
  return JSON.parse(await stranger.node(file))
}

const GLOBALS = 'Reflect.ownKeys(globalThis).map(String)'

test('import gives the default, the namespace and the names', async () => {
  const seen = await ask('import.mjs', `
    const before = ${GLOBALS}
    const all = await import('${name}')
    const { default: NERTC, createClient } = all
    const left = ${GLOBALS}.filter((key) => !before.includes(key))
    say({ left, version: [NERTC.VERSION, all.VERSION], same: createClient === NERTC.createClient, missing: Object.keys(NERTC).filter((key) => !(key in all)) })`)
  assert.deepEqual(seen, { left: [], version: [version, version], same: true, missing: [] })
})

test('require gives NERTC, of nertc.cjs and of nertc.js', async () => {
  const seen = await ask('require.cjs', `
    const before = ${GLOBALS}
    const both = ['${name}', '${name}/nertc.js'].map((path) => require(path))
    const left = ${GLOBALS}.filter((key) => !before.includes(key))
    say({ left, both: both.map((NERTC) => [NERTC.VERSION, typeof NERTC.createClient, NERTC.default === NERTC, NERTC.__esModule, Object.keys(NERTC).includes('default')]) })`)
  assert.deepEqual(seen, { left: [], both: Array(2).fill([version, 'function', true, true, false]) })
})

test('the sub-paths of the types are modules too, and so is the manifest', async () => {
  const paths = ['client', 'stream', 'types'].map((part) => `${name}/types/${part}`)
  const imported = await ask('paths.mjs', `say(await Promise.all(${JSON.stringify(paths)}.map(async (path) => Object.keys(await import(path)))))`)
  assert.deepEqual(imported.map((names) => names.filter((key) => !['default', 'module.exports'].includes(key))), [[], [], []])
  const required = await ask('paths.cjs', `say([...${JSON.stringify(paths)}.map(require), require('${name}/package.json').version, require.resolve('${name}/nertc.wasm').length > 0])`)
  assert.deepEqual(required, [{}, {}, {}, version, true])
})

test('installed under the name of the former package, it is found by that, with its sub-paths', async () => {
  const former = await project()
  try {
    await run('npm', ['install', '--no-audit', '--no-fund', '--offline', '--no-package-lock', `nertc-web-sdk@file:${former.tarball}`], { cwd: former.folder })
    former.write('former.mjs', `import NERTC from 'nertc-web-sdk'
      import { createRequire } from 'node:module'
      import 'nertc-web-sdk/types/client'
      import { makeToken } from 'nertc-web-sdk/server'
      console.log(NERTC.VERSION, createRequire(import.meta.url)('nertc-web-sdk').VERSION, typeof makeToken)`)
    assert.equal((await former.node('former.mjs')).trim(), `${version} ${version} function`)
  } finally {
    former.remove()
  }
})

// Jest with the environment jsdom: it resolves as a bundler for browsers does, and takes what it requires for a script.
test('the part for servers says what is wrong where a test pretends to be a page', async () => {
  stranger.write('pretends.cjs', `const { compileFunction } = require('node:vm')
    const { readFileSync } = require('node:fs')
    const reasons = []
    try {
      compileFunction(readFileSync(require.resolve('${name}/server'), 'utf8'), ['exports', 'require', 'module'])({}, require, {})
    } catch (error) { reasons.push(error.message) }
    import('${name}/server').catch((error) => reasons.push(error.message)).then(() => process.stdout.write(JSON.stringify(reasons)))`)
  const reasons = JSON.parse(await run(process.execPath, ['--conditions=browser', 'pretends.cjs'], { cwd: stranger.folder }))
  assert.equal(reasons.length, 2)
  for (const reason of reasons) assert.match(reason, /^nertc: the part for servers is not for pages\. .* @jest-environment node\.$/)
})

// Arguments that a browser would take: what is refused is refused for the lack of one.
const CALLS = {
  join: "{ channelName: 'room' }", publish: 'stream', unpublish: 'stream', setClientRole: "'host'", updatePermKey: "'key'", rotateEncryptionSecret: "'secret'",
  setAudioOutput: "''", open: "{ type: 'audio' }", close: "{ type: 'audio' }", switchDevice: "'audio', 'device'", play: "'id'",
}

for (const [format, load] of [['mjs', `import NERTC from '${name}'`], ['cjs', `const NERTC = require('${name}')`]]) {
  test(`what needs a browser rejects 10001 there, the rest answers (${format})`, async () => {
    const seen = await ask(`calls.${format}`, `${load}
      process.on('unhandledRejection', (error) => { throw error })
      const client = NERTC.createClient({ appkey: 'k', server: 'https://calls.example.com' })
      const stream = NERTC.createStream({ audio: true, video: true, client })
      client.on('peer-online', () => {})
      client.setPlaybackVolume(50)
      stream.setAudioProfile('music_standard')
      const answers = {}
      async function call(owner, object, name, args) {
        const promise = object[name](...args)
        if (!promise || !promise.then) throw new Error(name + ' gives no promise')
        answers[owner + '.' + name] = await promise.then(() => 'resolves', (error) => error.code)
      }
      async function main() {
        for (const [owner, object, names] of [
          ['client', client, ['join', 'publish', 'unpublish', 'setClientRole', 'updatePermKey', 'rotateEncryptionSecret', 'startMediaRecording', 'enableDualStream', 'startProxyServer', 'leave', 'getSessionStats']],
          ['stream', stream, ['init', 'open', 'close', 'switchDevice', 'play', 'resume', 'takeSnapshot', 'muteAudio', 'setAudioOutput', 'startMediaRecording']],
          ['NERTC', NERTC, ['getDevices', 'getCameras', 'getMicrophones', 'getSpeakers']],
          ['Logger', NERTC.Logger, ['download']],
        ]) for (const name of names) await call(owner, object, name, { ${Object.entries(CALLS).map(([key, args]) => `${key}: [${args}]`).join(', ')} }[name] ?? [])
        answers.ready = await NERTC.ready.catch((error) => error.code)
        ${format === 'mjs' ? `answers.exported = await import('${name}').then(({ ready }) => ready).catch((error) => error.code)` : 'answers.exported = 10001'}
        answers.state = client.getConnectionState()
        answers.requirements = NERTC.checkSystemRequirements()
        answers.support = await NERTC.checkBrowserCompatibility()
        answers.codecs = await NERTC.getSupportedCodec()
        stream.destroy()
        client.destroy()
        answers.waiting = process.getActiveResourcesInfo().filter((what) => what === 'Timeout') // Node would not end before them
        say(answers)
      }
      main()`)
    const { 'client.leave': leave, 'client.getSessionStats': stats, state, requirements, support, codecs, waiting, ...rest } = seen
    assert.deepEqual({ leave, stats, state, requirements, waiting }, { leave: 'resolves', stats: 'resolves', state: 'DISCONNECTED', requirements: false, waiting: [] })
    assert.deepEqual(support, { isPullStreamSupport: false, isPushStreamSupport: false, isScreenShareSupport: false })
    assert.deepEqual(codecs, { audio: [], video: [] })
    assert.equal(Object.keys(rest).length, 26)
    for (const [call, code] of Object.entries(rest)) assert.equal(code, 10001, call)
  })
}

test('a client that is only made says nothing and holds no process', async () => {
  stranger.write('made.cjs', `require('${name}').createClient({ appkey: 'k' })`)
  assert.equal(await stranger.node('made.cjs', { timeout: 7_000, silent: true }), '')
})
