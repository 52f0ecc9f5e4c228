// The types of the packed package, in strict mode, by every way in which TypeScript resolves packages.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { name } from '../../scripts/package.mjs'
import { project, root, run } from './packed.mjs'

let stranger
before(async () => {
  stranger = await project()
  mkdirSync(join(stranger.folder, 'node_modules/@vue'))
  symlinkSync(join(root, 'node_modules/@vue/reactivity'), join(stranger.folder, 'node_modules/@vue/reactivity'))
})
after(() => stranger?.remove())

const text = (file) => readFileSync(join(root, 'tests/package/types', file), 'utf8').replaceAll('nertc-wasm-sdk', name)

/** What the README shows, each block a file of its own. */
function shown() {
  const blocks = ['README.md', 'README.zh-CN.md'].map((file) => {
    const readme = readFileSync(join(stranger.folder, 'node_modules', name, file), 'utf8')
    return [...readme.matchAll(/^```[jt]s\n([^]*?)^```$/gm)].map(([, code]) => code)
  })
  assert.deepEqual(blocks[0], blocks[1], 'both languages show the same')
  assert.ok(blocks[0].length >= 3)
  return blocks[0].map((code, i) => [`readme-${i}.ts`, `declare const process: { env: { APP_SECRET: string; PERM_SECRET: string } }\n${code}`])
}

/** Compiles these files, given as [name in the project, content]; rejects with what the compiler says. */
async function compile(settings, files) {
  for (const [to, content] of files) stranger.write(to, content)
  const compilerOptions = { strict: true, noEmit: true, target: 'es2020', lib: ['es2020', 'dom', 'dom.iterable'], types: [], skipLibCheck: false, noImplicitOverride: true, exactOptionalPropertyTypes: true, ...settings }
  stranger.write('tsconfig.json', JSON.stringify({ compilerOptions, files: files.map(([to]) => to) }))
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', stranger.folder])
}

const modules = (ending) => ['page', 'mistakes', 'vue'].map((file) => [`${file}.${ending}`, text(`${file}.ts`)])

test('an application of a bundler, which compiles each file by itself', () =>
  compile({ module: 'preserve', moduleResolution: 'bundler', isolatedModules: true, verbatimModuleSyntax: true }, [...modules('ts'), ...shown()]))

test('modules of Node', () => compile({ module: 'nodenext' }, modules('mts')))

test('CommonJS of Node, in TypeScript and in JavaScript', () =>
  compile({ module: 'nodenext', allowJs: true, checkJs: true }, [...modules('cts'), ...['require.cts', 'require.cjs'].map((file) => [file.replace('.cjs', 's.cjs'), text(file)])]))

test('an older resolver that knows no exports', () =>
  compile({ module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true }, modules('ts')))

test('the test would see it if a mistake compiled', async () => {
  stranger.write('wrong.ts', `import NERTC from '${name}'\n// @ts-expect-error this is no mistake\nNERTC.createClient({ appkey: 'k' })\n`)
  stranger.write('tsconfig.json', JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: 'nodenext', types: [], lib: ['es2020', 'dom'] }, files: ['wrong.ts'] }))
  await assert.rejects(run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', stranger.folder]), /Unused '@ts-expect-error'/)
})
