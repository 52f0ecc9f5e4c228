// The npm package as it is delivered: complete, small, resolvable by everybody, and harmless where there is no browser.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { LIMIT } from '../../scripts/pack.mjs'
import { name, version } from '../../scripts/package.mjs'
import { project, root, run, tool } from './packed.mjs'

let stranger
before(async () => { stranger = await project() })
after(() => stranger?.remove())

test('the tarball holds what is needed, and nothing else', async () => {
  const listed = (await run('tar', ['tzf', stranger.tarball])).trim().split('\n').map((file) => file.replace('package/', '')).sort()
  const types = ['client', 'events', 'index', 'server', 'statistics', 'stream', 'types', 'wasm'].flatMap((part) => [`types/${part}.d.ts`, `types/${part}.d.mts`])
  const empty = ['client', 'stream', 'types'].flatMap((part) => [`types/${part}.js`, `types/${part}.mjs`])
  const scripts = ['nertc.js', 'nertc.mjs', 'nertc.cjs'].flatMap((file) => [file, `${file}.map`])
  const texts = ['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'README.zh-CN.md', 'package.json']
  assert.deepEqual(listed, [...scripts, 'nertc.wasm', 'integrity.json', 'server.mjs', 'server.cjs', 'server.page.mjs', 'server.page.cjs', ...types, ...empty, ...texts].sort())
  const manifest = JSON.parse(readFileSync(join(stranger.folder, 'node_modules', name, 'package.json')))
  assert.deepEqual([manifest.name, manifest.version, manifest.dependencies, manifest.scripts], [name, version, undefined, undefined])
})

test('integrity.json has the integrity of the files beside it', () => {
  const read = (file) => readFileSync(join(stranger.folder, 'node_modules', name, file))
  const { version: of, ...files } = JSON.parse(read('integrity.json'))
  assert.equal(of, version)
  assert.deepEqual(Object.keys(files).sort(), ['nertc.js', 'nertc.mjs', 'nertc.wasm'])
  for (const [file, integrity] of Object.entries(files)) {
    assert.equal(integrity, `sha384-${createHash('sha384').update(read(file)).digest('base64')}`, file)
  }
})

test('the tarball is small', () => {
  const { size } = statSync(stranger.tarball)
  assert.ok(size <= LIMIT, `${size} bytes of at most ${LIMIT}`)
})

test('source maps name the sources as they lie in the repository, and carry their text', () => {
  for (const file of ['nertc.js', 'nertc.mjs', 'nertc.cjs']) {
    const script = readFileSync(join(stranger.folder, 'node_modules', name, file), 'utf8')
    assert.match(script, new RegExp(`\n//# sourceMappingURL=${file}\\.map\\s*$`))
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(stranger.folder, 'node_modules', name, `${file}.map`)))
    assert.equal(sources.length, sourcesContent.length)
    const own = sources.filter((source) => source.startsWith('jsbridge/shim/src/'))
    assert.ok(own.includes('jsbridge/shim/src/client.ts'), sources.join())
    for (const source of own) assert.equal(sourcesContent[sources.indexOf(source)], readFileSync(join(root, source), 'utf8'))
    for (const source of sources) assert.doesNotMatch(source, /^[./]*\/|^file:/)
  }
})

test('publint has nothing to say', async () => {
  assert.match(await run(tool('publint'), ['run', stranger.tarball, '--strict']), /All good!/)
})

// nertc.js and nertc.wasm are files that pages and bundlers ask for by address, no modules with types.
test('arethetypeswrong finds every entry point by every way of resolution', async () => {
  const said = await run(tool('attw'), [stranger.tarball, '--no-definitely-typed', '--no-color', '--exclude-entrypoints', 'nertc.js', 'nertc.wasm', 'integrity.json'])
  assert.match(said, /No problems found/)
})

test('the name of npm/package.json stands in the texts and scripts', () => {
  for (const file of ['README.md', 'README.zh-CN.md', 'nertc.js', 'nertc.mjs', 'nertc.cjs']) {
    assert.ok(readFileSync(join(stranger.folder, 'node_modules', name, file), 'utf8').includes(name), file)
  }
})

test('the README says what this very package weighs, and which version it is', () => {
  const { size } = statSync(join(stranger.folder, 'node_modules', name, 'nertc.wasm'))
  for (const file of ['README.md', 'README.zh-CN.md']) {
    const text = readFileSync(join(stranger.folder, 'node_modules', name, file), 'utf8')
    assert.ok(text.includes(`| \`nertc.wasm\` | ${size.toLocaleString('en')} |`), file)
    assert.ok(text.includes(`npm install ./${basename(stranger.tarball)}\n`), file)
    assert.doesNotMatch(text, /%\w+%/)
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) assert.ok(existsSync(join(stranger.folder, 'node_modules', name, link)), link)
  }
})
