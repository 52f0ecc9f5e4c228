// Fuzzes the Go code: node scripts/fuzz.mjs [SECONDS] gives every target that long; without, those that take encrypted
// frames a minute and the others 8 s. One line for each target, the last line is "N passed, N failed".
//
// A target is ended by an interrupt, not by -fuzztime: on a busy machine its end may be taken for a failure of the target,
// "context deadline exceeded", https://go.dev/issue/75804 (mended in Go 1.27).
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const LONG = 60;
const SHORT = 8;
const longer = (folder) => folder === 'internal/framecrypt';

/** A target that does not end by itself after the interrupt hangs in an input. */
const GRACE = 30;

function targets(root, folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((file) => file.endsWith('_test.go'))
      .flatMap((file) => {
        const path = join(root, folder, file);
        const names = [...readFileSync(path, 'utf8').matchAll(/^func (Fuzz\w*)\(/gm)].map(([, name]) => name);
        return names.map((name) => ({ folder: relative(root, dirname(path)), name }));
      }),
  );
}

/** Runs a program in a folder; after `seconds` it is interrupted. */
function run(command, args, { cwd, seconds }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let hung = false;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    const timers = [];
    if (seconds) {
      timers.push(setTimeout(() => child.kill('SIGINT'), seconds * 1000));
      timers.push(setTimeout(() => (hung = child.kill('SIGKILL')), (seconds + GRACE) * 1000));
    }
    const end = (code) => {
      timers.forEach(clearTimeout);
      resolve({ ok: code === 0, said: hung ? `${said}\ndid not end within ${GRACE} s` : said });
    };
    child.on('error', (error) => ((said += error.message), end(1)));
    child.on('close', end);
  });
}

/** Fuzzes all targets below the folders, as many at a time as there are processors; resolves with the count. */
export async function fuzz({ root = repository, folders = ['internal', 'gateway'], seconds, say = console.log } = {}) {
  const work = mkdtempSync(join(tmpdir(), 'nertc-fuzz-'));
  const count = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const settle = (ok, line) => {
    count[ok ? 'passed' : 'failed']++;
    if (!ok) count.failures.push(line.split('\n', 1)[0]);
    say(`${ok ? 'ok  ' : 'FAIL'} ${line}`);
  };
  try {
    const all = targets(root, folders);
    const queue = [];
    for (const [i, folder] of [...new Set(all.map((target) => target.folder))].entries()) {
      const binary = join(work, `${i}.test`);
      const built = await run('go', ['test', '-c', '-fuzz=Fuzz', '-o', binary, `./${folder}`], { cwd: root });
      if (built.ok) queue.push(...all.filter((target) => target.folder === folder).map((target) => ({ ...target, binary })));
      else settle(false, `${folder} cannot be built for fuzzing\n${built.said}`);
    }
    // The long ones first, so that the short ones fill what is left.
    queue.sort((a, b) => longer(b.folder) - longer(a.folder));
    const next = async () => {
      for (let target = queue.shift(); target; target = queue.shift()) {
        const { folder, name, binary } = target;
        const time = seconds ?? (longer(folder) ? LONG : SHORT);
        // Inputs that reach something new are made shorter first: a second for each of them is enough.
        const args = ['-test.run=^$', `-test.fuzz=^${name}$`, '-test.parallel=1', '-test.fuzzminimizetime=1s'];
        const { ok, said } = await run(binary, [...args, `-test.fuzzcachedir=${join(work, 'corpus')}`], { cwd: join(root, folder), seconds: time });
        // What was never tried has not passed.
        const tries = Number([...said.matchAll(/execs: (\d+)/g)].at(-1)?.[1] ?? 0);
        settle(ok && tries > 0, `${folder} ${name} ${time} s, ${tries} inputs${ok && tries > 0 ? '' : `\n${said}`}`);
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, next));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return count;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.env.GOFLAGS ||= '-trimpath';
  const seconds = process.argv[2] === undefined ? undefined : Number(process.argv[2]);
  if (seconds !== undefined && !(seconds > 0)) {
    console.error('usage: node scripts/fuzz.mjs [SECONDS]');
    process.exit(2);
  }
  const { passed, failed } = await fuzz({ seconds });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}
