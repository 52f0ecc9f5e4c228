// A folder outside of the repository with the packed tarball and the bundlers, in which the tests make their projects. Runs
// once before all of them; what it returns runs once behind them.
import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pack } from '../../scripts/pack.mjs'
import { name, version } from '../../scripts/package.mjs'

export { name, version }

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const output = join(root, 'bench/out')
const tarball = 'package.tgz'

// The settings of an outer npm do not concern a fresh project; nothing is asked or sent while it is built.
const QUIET = { CI: '1', NEXT_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' }

export async function run(folder, command, ...args) {
  try {
    return (await promisify(execFile)(command, args, { cwd: folder, env: { ...process.env, ...QUIET }, maxBuffer: 1 << 26 })).stdout
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout}\n${error.stderr}`)
  }
}

// The workshop's folder, for the tests.
export const workshop = () => process.env.BUNDLERS_WORKSHOP

// The version of a bundler as it is installed.
export const versionOf = (bundler) => JSON.parse(readFileSync(join(workshop(), 'node_modules', bundler, 'package.json'))).version

// newProject makes a project of a kind and installs the tarball into it. The name that the package has in the sources of
// the projects is the one in package.json.
export async function newProject(kind, called = kind) {
  const folder = join(workshop(), called)
  mkdirSync(folder)
  cpSync(join(here, 'projects', kind), folder, { recursive: true })
  copyFileSync(join(here, 'projects/call.js'), join(folder, 'call.js'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: `a-page-with-${called}`, private: true, type: 'module' }))
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!/\.(m?jsx?|html)$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('nertc-wasm-sdk', name))
  }
  await run(folder, 'npm', 'install', '--offline', '--ignore-scripts', join(workshop(), tarball))
  return folder
}

// note keeps a row of the table.
export function note(row) {
  writeFileSync(join(workshop(), `${row.order}.row`), JSON.stringify(row))
}

function table(folder) {
  const rows = readdirSync(folder).filter((file) => file.endsWith('.row'))
    .map((file) => JSON.parse(readFileSync(join(folder, file)))).sort((a, b) => a.order - b.order)
  const number = (n) => (n === undefined ? '' : n.toLocaleString('en'))
  return [
    `${name} ${version}, as packed`,
    '',
    '| bundler | version | bytes delivered | in brotli | call made |',
    '| --- | --- | ---: | ---: | --- |',
    ...rows.map((row) => `| ${row.name} | ${row.version} | ${number(row.bytes)} | ${number(row.brotli)} | ${row.called ? 'yes' : '**no**'} |`),
    '',
  ].join('\n')
}

export default async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'nertc-bundlers-'))
  process.env.BUNDLERS_WORKSHOP = folder
  const clear = () => rmSync(folder, { recursive: true, force: true })
  try {
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(folder, file))
    copyFileSync(pack(), join(folder, tarball))
    await run(folder, 'npm', 'ci', '--prefer-offline')
  } catch (error) {
    clear()
    throw error
  }
  return () => {
    const text = table(folder)
    console.log(`\n${text}`)
    mkdirSync(output, { recursive: true })
    writeFileSync(join(output, 'bundlers.md'), text)
    clear()
  }
}
