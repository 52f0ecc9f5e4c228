// The packed tarball, installed into an empty project: what these tests look at is what a stranger gets.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pack } from '../../scripts/pack.mjs'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const tool = (name) => join(root, 'node_modules/.bin', name)

/**
 * Runs a program; gives what it says, or rejects with all of it where it does not end well: also where it takes longer than
 * `timeout`, and with `silent` where it complains.
 */
export async function run(command, args, { silent = false, ...options } = {}) {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 240_000, maxBuffer: 1 << 24, ...options })
    if (silent && stderr) throw Object.assign(new Error('complains'), { stdout, stderr })
    return stdout
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout}\n${error.stderr}`)
  }
}

/** A project with the package in it; `write` makes files of it, `remove` takes it away. */
export async function project({ type = 'commonjs' } = {}) {
  const tarball = pack()
  const folder = mkdtempSync(join(tmpdir(), 'nertc-package-'))
  const write = (name, content) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  write('package.json', JSON.stringify({ name: 'stranger', private: true, type }))
  await run('npm', ['install', '--no-audit', '--no-fund', '--offline', '--no-package-lock', tarball], { cwd: folder })
  return {
    tarball, folder, write,
    node: (file, options) => run(process.execPath, [join(folder, file)], { cwd: folder, ...options }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

