// The log without a browser: its levels, its lines and what goes from its ring. tests/specs/logger.spec.mjs has the store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scripted, shim, withCode } from './shim.mjs';

/** A log whose lines, and the console's, a test reads. */
function log() {
  const stored = [];
  const shown = [];
  const store = { add: (line, urgent) => stored.push([line, urgent]) };
  const journal = new shim.Log(store);
  const write = (...args) => {
    const before = { ...console };
    for (const method of ['debug', 'info', 'warn', 'error']) console[method] = (text) => shown.push(`${method} ${text}`);
    try {
      journal.write(...args);
    } finally {
      Object.assign(console, before);
    }
  };
  const all = () => ['d', 'i', 'w', 'e'].forEach((text, level) => write(level, 'client 1', text));
  return { journal, stored, shown, all };
}

for (const [level, shown, stored] of [[0, 'diwe', 'diwe'], [1, 'iwe', 'iwe'], [2, 'we', 'iwe'], [3, 'e', 'iwe'], [4, '', '']]) {
  test(`level ${level}: the console gets "${shown}", the store "${stored}"`, () => {
    const l = log();
    l.journal.setLevel(level);
    l.all();
    assert.equal(l.shown.map((line) => line.at(-1)).join(''), shown);
    assert.equal(l.stored.map(([line]) => line.at(-2)).join(''), stored);
    assert.ok(l.shown.every((line) => / nertc client 1: .$/.test(line)), l.shown.join());
  });
}

test('a line has time, page, level, name and text, and an error is urgent', () => {
  const l = log();
  l.all();
  assert.match(l.stored[0][0], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-z]{4} INFO    client 1: i\n$/);
  assert.deepEqual(l.stored.map(([, urgent]) => urgent), [false, false, true]);
});

test('a console that throws disturbs nobody', () => {
  const l = log();
  const before = console.error;
  console.error = () => { throw new Error('the page'); };
  try {
    l.journal.write(3, 'x', 'y');
  } finally {
    console.error = before;
  }
  assert.equal(l.stored.length, 1);
});

test('setLogLevel takes the five levels and nothing else', async () => {
  const { NERTC } = scripted();
  for (const level of [-1, 5, 1.5, '1', null, undefined, NaN]) {
    assert.throws(() => NERTC.Logger.setLogLevel(level), withCode(10000, /log level/), String(level));
  }
  for (const name of ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'NONE']) NERTC.Logger.setLogLevel(NERTC.Logger[name]);
});

test('the core hears of every level that matters to it, also by debug of createClient', async () => {
  const heard = [];
  const { NERTC, loads } = scripted();
  const ready = NERTC.ready;
  const factory = { version: '', createClient: () => ({}), setLogLevel: (level) => heard.push(level) };
  loads[0].resolve({ factory, exited: new Promise(() => {}) });
  await ready;
  NERTC.Logger.setLogLevel(NERTC.Logger.ERROR); // the store takes INFO all the same
  NERTC.createClient({ appkey: 'k', debug: true });
  NERTC.createClient({ appkey: 'k' }); // leaves it
  NERTC.createClient({ appkey: 'k', debug: false });
  NERTC.Logger.setLogLevel(NERTC.Logger.NONE);
  assert.deepEqual(heard, [1, 1, 0, 1, 4]);
});

test('the core gets its lines through the environment', () => {
  let given;
  const { NERTC } = scripted({ start: (_, log) => { given = log; return () => new Promise(() => {}); } });
  NERTC.ready.catch(() => {});
  assert.equal(typeof given.write, 'function');
  assert.equal(given.detail, 1);
});

test('a core that stops, and one that does not start, leave a line', async () => {
  const lines = [];
  const core = (start) => new shim.Core(start, { level: 1, detail: 1, write: (level, name, text) => lines.push(`${level} ${name}: ${text}`) });
  let exit;
  await core(async () => ({ factory: { version: '' }, exited: new Promise((resolve) => (exit = resolve)) })).ready();
  exit('it exited with code 2');
  await new Promise((resolve) => setTimeout(resolve));
  await core(async () => { throw new shim.NERtcError(10002, 'http://h/nertc.wasm?sig=secret answered 404'); }).ready().catch(() => {});
  assert.match(lines.shift(), /^0 core: runs version= took=\d+ms$/);
  assert.deepEqual(lines, ['3 core: stopped reason="it exited with code 2"', '3 core: did not start code=10002 reason="http://h/nertc.wasm answered 404"']);
});

test('what exceeds the bytes or the days goes, the oldest first', () => {
  const day = 24 * 3600_000;
  const now = 100 * day;
  const key = (time, bytes) => [time, 'p', 0, bytes];
  const limits = { bytes: 100, age: 7 * day };
  const goes = (...keys) => shim.excess(keys, now, limits);
  assert.equal(goes(), 0);
  assert.equal(goes(key(now - 7 * day, 50), key(now, 50)), 0);
  assert.equal(goes(key(now - 7 * day - 1, 1), key(now, 1)), 1);
  assert.equal(goes(key(now, 1), key(now, 50), key(now, 50)), 1);
  assert.equal(goes(key(now, 60), key(now, 50), key(now, 50)), 1);
  assert.equal(goes(key(now, 101)), 1);
  assert.equal(goes(key(now - 8 * day, 1), key(now - 9 * day, 1), key(now + day, 1)), 2);
  assert.equal(shim.excess([key(now, 10 << 20)], now), 0);
  assert.equal(shim.excess([key(now, (10 << 20) + 1)], now), 1);
});

test('without IndexedDB the last lines are kept in memory, and the memory is bounded', async () => {
  const store = new shim.LogStore();
  for (let i = 0; i < 3000; i++) store.add(`${i} ${'x'.repeat(1000)}\n`, false);
  const lines = (await store.all()).join('').trimEnd().split('\n');
  assert.equal(lines.at(-1).slice(0, 4), '2999');
  const size = lines.join('\n').length;
  assert.ok(size > 900_000 && size <= 1 << 20, `${size}`);
});

test('quoted leaves nothing of an address behind its path', () => {
  assert.equal(shim.quoted('https://h/nertc.wasm?sig=secret#x answered 404'), '"https://h/nertc.wasm answered 404"');
  assert.equal(shim.quoted('a\n"b"'), '"a\\n\\"b\\""');
});
