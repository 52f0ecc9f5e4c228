// Runs the tests of one kind, or of all, and counts them: node scripts/test.mjs go|shim|wasm|e2e|package|bundlers|size|fuzz|all
// The last line is "N passed, N failed"; the exit code is 1 if anything failed. Every kind runs even if one before failed.
// `all` includes the fuzzing, two minutes and a half of two processors, where CI is set.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fuzz } from './fuzz.mjs';

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

/** Counts what a Go test run says, as `go test -json` events or as the lines of `go test -v`. */
class GoCounter {
  results = new Map();
  output = new Map();
  brokenPackages = 0;

  /** Takes one line; returns what is worth showing of it, or null. */
  line(text) {
    let event;
    try {
      event = text.startsWith('{') ? JSON.parse(text) : null;
    } catch {
      event = null;
    }
    return event?.Action ? this.event(event) : this.plain(text);
  }

  event({ Action: action, Package: pkg = '', Test: test, Output: output = '', Elapsed: elapsed = 0 }) {
    const key = `${pkg} ${test ?? ''}`;
    if (action === 'output' || action === 'build-output') {
      this.output.set(key, (this.output.get(key) ?? '') + output);
      return action === 'build-output' ? output.trimEnd() : null;
    }
    if (!['pass', 'fail', 'skip'].includes(action)) return null;
    if (test) {
      this.results.set(key, action);
      const said = this.output.get(key) ?? '';
      this.output.delete(key);
      return action === 'fail' ? said.trimEnd() : null;
    }
    const failures = [...this.results].filter(([name, result]) => result === 'fail' && name.startsWith(`${pkg} `));
    const said = this.output.get(key) ?? '';
    this.output.delete(key);
    if (action === 'fail' && failures.length === 0) {
      this.brokenPackages++; // did not compile, panicked or ran out of time
      // What a test said that never ended is the best hint there is.
      const open = [...this.output].filter(([name]) => name.startsWith(`${pkg} `)).map(([, text]) => text);
      return [...open, said].join('').trimEnd() + `\nFAIL ${pkg}`;
    }
    if (action === 'skip') return null; // no test files
    return `${action === 'pass' ? 'ok  ' : 'FAIL'} ${pkg} ${elapsed}s`;
  }

  plain(text) {
    const test = text.match(/^\s*--- (PASS|FAIL|SKIP): (\S+)/);
    if (test) this.results.set(` ${test[2]}`, test[1].toLowerCase());
    else if (/^FAIL\s+\S+ \[(build|setup) failed\]/.test(text)) this.brokenPackages++;
    return text;
  }

  /** Tests without those that only hold subtests. */
  count() {
    const names = [...this.results.keys()];
    const parents = new Set(names.flatMap((name) => [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index))));
    const leaves = [...this.results].filter(([name]) => !parents.has(name)).map(([, result]) => result);
    const of = (result) => leaves.filter((r) => r === result).length;
    return { passed: of('pass'), failed: of('fail') + this.brokenPackages, skipped: of('skip') };
  }
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
    const { stats } = JSON.parse(readFileSync(report, 'utf8'));
    // A test that passed only when it was run again counts as failed: there are no retries to hide behind.
    const failed = stats.unexpected + stats.flaky;
    return { passed: stats.expected, failed: code !== 0 && failed === 0 ? 1 : failed, skipped: stats.skipped };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A command that is one check: one passed or one failed. */
async function oneCheck(command, args, env) {
  const code = await run(command, args, { env });
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${command} ${args.join(' ')}`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
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
    const number = (word) => Number(readFileSync(tap, 'utf8').match(new RegExp(`^# ${word} (\\d+)`, 'm'))?.[1] ?? 0);
    const failed = number('fail') + number('cancelled');
    return { passed: number('pass'), failed: code !== 0 && failed === 0 ? 1 : failed, skipped: number('skipped') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const sum = (counts) =>
  counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });

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
const total = sum(rows.map(([, count]) => count));
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
