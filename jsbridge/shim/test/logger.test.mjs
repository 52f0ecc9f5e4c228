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

test('what a wrong clock has put into the future goes before all else, and leaves room for what is new', () => {
  const day = 24 * 3600_000;
  const now = 100 * day;
  const key = (time, bytes = 50) => [time, 'p', 0, bytes];
  const all = [key(now - day), key(now), key(now + day), key(now + day + 1), key(now + 900 * day)];
  const order = shim.outgoing(all, now);
  assert.deepEqual(order, [all[3], all[4], all[0], all[1], all[2]]);
  assert.equal(shim.excess(order, now, { bytes: 150, age: 7 * day }), 2);
  assert.equal(shim.excess(order, now, { bytes: 250, age: 7 * day }), 0); // while there is room it stays
});

/** Has what browsers have as indexedDB for the time of a run. */
async function withDatabases(property, run) {
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, ...property });
  try {
    await run();
  } finally {
    delete globalThis.indexedDB;
  }
}

test('a browser whose databases cannot even be looked at disturbs nobody, and the console gets its lines', () =>
  withDatabases({ get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } }, async () => {
    const journal = new shim.Log();
    const shown = [];
    const before = console.warn;
    console.warn = (text) => shown.push(text);
    try {
      journal.write(2, 'x', 'y');
    } finally {
      console.warn = before;
    }
    assert.deepEqual(shown, ['nertc x: y']);
    assert.match((await journal._store.all()).join(''), / x: y\n$/);
  }));

test('databases that never open hold nobody up, one that opens late is used, and none is left open', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const requests = [];
  await withDatabases({ value: { open() { requests.push({}); return requests.at(-1); } } }, async () => {
    const store = new shim.LogStore();
    store.add('line\n', true);
    let kept;
    store.all().then((all) => (kept = all));
    for (let i = 0; i < 20 && !kept; i++) {
      t.mock.timers.tick(5000);
      await turn();
    }
    assert.deepEqual(kept, ['line\n']);
    const last = requests.length - 1;
    const closed = [];
    const written = [];
    for (const [i, request] of requests.entries()) {
      request.result = { close: () => closed.push(i), transaction() {
        const transaction = { objectStore: () => ({ put: (text) => written.push(`${i} ${text}`), getAllKeys: () => ({}) }), commit() {} };
        setImmediate(() => transaction.oncomplete());
        return transaction;
      } };
      request.onsuccess();
    }
    for (let i = 0; i < 5; i++) await turn();
    assert.deepEqual(written, [`${last} line\n`]);
    assert.equal(closed.length, last, 'the one that is used is open, and no other');
    store._forget();
    assert.equal(closed.length, requests.length);
  });
});

test('large batches are looked at sooner than small ones, so that the ring does not grow beyond what it may hold', async () => {
  const store = new shim.LogStore();
  let looks = 0;
  const db = { transaction() {
    const transaction = { objectStore: () => ({ put() {}, getAllKeys() { looks++; return {}; } }), commit() {} };
    setImmediate(() => transaction.oncomplete());
    return transaction;
  } };
  const write = async (text) => { store._waiting.push(text); await store._write(db); };
  for (let i = 0; i < 32; i++) await write('small\n');
  assert.equal(looks, 2);
  for (let i = 0; i < 8; i++) await write('字'.repeat(64 << 10)); // 192 KB each
  assert.equal(looks, 6);
});

test('storage that stays full does not cost more than half of the log', async () => {
  const store = new shim.LogStore();
  const range = globalThis.IDBKeyRange;
  globalThis.IDBKeyRange = { upperBound: (key) => key };
  const keys = Array.from({ length: 64 }, (_, i) => [Date.now(), 'p', i, 1]);
  const db = { transaction() {
    const transaction = { objectStore: () => ({
      put() { setImmediate(() => transaction.onabort({ target: transaction })); transaction.error = new DOMException('full', 'QuotaExceededError'); },
      getAllKeys() { const request = { result: keys.slice() }; setImmediate(() => request.onsuccess?.()); return request; },
      delete(to) { keys.splice(0, keys.findIndex((key) => key === to) + 1); setImmediate(() => transaction.oncomplete()); },
    }), commit() {} };
    return transaction;
  } };
  try {
    for (let i = 0; i < 3; i++) {
      store._waiting.push('line\n');
      await store._write(db);
    }
  } finally {
    globalThis.IDBKeyRange = range;
  }
  assert.equal(keys.length, 32);
  assert.deepEqual(store._waiting, ['line\n', 'line\n', 'line\n']);
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
  assert.equal(shim.quoted('a URL that includes credentials: wss://ann:secret@h:1/x@y'), '"a URL that includes credentials: wss://h:1/x@y"');
  assert.equal(shim.quoted('a\n"b"'), '"a\\n\\"b\\""');
});
