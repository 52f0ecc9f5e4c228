// Runs the tests of one kind, or of all, and counts them: node scripts/test.mjs go|shim|wasm|e2e|package|bundlers|size|fuzz|all
// The last line is "N passed, N failed", the lines before it name what failed; the exit code is 1 if anything did.
// Every kind runs even if one before failed.
// `all` includes the fuzzing, two minutes and a half of two processors, where CI is set.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fuzz } from './fuzz.mjs';
import { GoCounter, failuresOfTap, sum, unexpected } from './results.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.env.GOFLAGS ||= '-trimpath';

/** Runs a command, gives each line of its output to onLine (which decides what is shown), resolves with the exit code. */
function run(command, args, { env = {}, onLine = console.log } = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.log(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function goTests(command, args) {
  const counter = new GoCounter();
  const code = await run(command, args, {
    onLine: (text) => {
      const shown = counter.line(text);
      if (shown) console.log(shown);
    },
  });
  const count = counter.count();
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

async function playwrightTests(config, ...options) {
  const dir = mkdtempSync(join(tmpdir(), 'nertc-e2e-'));
  const report = join(dir, 'report.json');
  try {
    const code = await run('npx', ['playwright', 'test', '-c', config, '--reporter=list,json', ...options], {
      env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    });
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
    const told = JSON.parse(readFileSync(report, 'utf8'));
    const { stats } = told;
    // A test that passed only when it was run again counts as failed: there are no retries to hide behind.
    const failed = stats.unexpected + stats.flaky;
    return { passed: stats.expected, failed: code !== 0 && failed === 0 ? 1 : failed, skipped: stats.skipped, failures: unexpected(told) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A command that is one check: one passed or one failed. */
async function oneCheck(command, args, env) {
  const code = await run(command, args, { env });
  const line = `${command} ${args.join(' ')}`;
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${line}`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, failures: code === 0 ? [] : [line] };
}

/** The tests of these folders under Node's own runner. */
async function nodeTests(...folders) {
  const dir = mkdtempSync(join(tmpdir(), 'nertc-tests-'));
  const tap = join(dir, 'tap');
  try {
    const tests = folders.flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.test.mjs'))
        .map((name) => join(folder, name)),
    );
    const code = await run(process.execPath, [
      '--test',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${tap}`,
      ...tests,
    ]);
    const said = readFileSync(tap, 'utf8');
    const number = (word) => Number(said.match(new RegExp(`^# ${word} (\\d+)`, 'm'))?.[1] ?? 0);
    const failed = number('fail') + number('cancelled');
    return { passed: number('pass'), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: number('skipped'), failures: failuresOfTap(said) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const kinds = {
  async go() {
    return sum([
      // With what the tests are built with: one build of the engine less.
      await oneCheck('go', ['vet', '-race', './...']),
      await oneCheck('go', ['vet', './jsbridge/...', './wasm/...'], { GOOS: 'js', GOARCH: 'wasm' }),
      await goTests('go', ['test', '-json', '-race', './...']),
    ]);
  },

  shim: () => nodeTests('jsbridge/shim/test', 'web/test', 'scripts'),

  wasm: () => goTests('scripts/test-wasm.sh', ['-json', './jsbridge/...']),

  // Those that mostly wait run two at a time; what the others judge is late or torn beside a neighbour.
  async e2e() {
    const project = (name, workers) => playwrightTests('tests/playwright.config.mjs', `--project=${name}`, `--workers=${workers}`);
    return sum([await project('together', 2), await project('alone', 1)]);
  },

  // The npm package as it is packed; what it does in pages is seen end to end.
  package: () => nodeTests('tests/package'),

  // The same in fresh projects of each bundler. Its table: bench/out/bundlers.md.
  bundlers: () => playwrightTests('tests/bundlers/playwright.config.mjs'),

  size: () => oneCheck(process.execPath, ['scripts/size.mjs']),

  // Each target is one test. A machine that had to build everything first may have little time left in CI.
  fuzz() {
    const left = process.env.TEST_UNTIL ? Number(process.env.TEST_UNTIL) - Date.now() / 1000 : Infinity;
    if (left > 240) return fuzz();
    console.log(`only ${Math.round(left)} s are left: each target gets 5 s`);
    return fuzz({ seconds: 5 });
  },
};

const everything = Object.keys(kinds).filter((kind) => kind !== 'fuzz' || process.env.CI);
const asked = process.argv[2] === 'all' ? everything : process.argv.slice(2);
if (asked.length === 0 || asked.some((kind) => !kinds[kind])) {
  console.error(`usage: node scripts/test.mjs all | ${Object.keys(kinds).join(' | ')}`);
  process.exit(2);
}

const rows = [];
for (const kind of asked) {
  console.log(`\n=== test-${kind}`);
  const began = Date.now();
  let count;
  try {
    count = await kinds[kind]();
  } catch (error) {
    console.log(error);
    count = { passed: 0, failed: 1, skipped: 0 };
  }
  // A kind in which nothing ran has not passed.
  if (count.passed + count.failed === 0) count.failed = 1;
  rows.push([kind, count, Math.round((Date.now() - began) / 1000)]);
}

console.log('');
for (const [kind, { passed, failed, skipped }, seconds] of rows) {
  console.log(`test-${kind.padEnd(7)} ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''} (${seconds} s)`);
}
for (const [kind, { failures = [] }] of rows) for (const failure of failures) console.log(`FAIL test-${kind} ${failure}`);
const total = sum(rows.map(([, count]) => count));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
