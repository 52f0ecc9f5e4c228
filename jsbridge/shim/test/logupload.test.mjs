// Sending the log of a call, without a browser: what is sent, when, and what becomes of failures. tests/specs/logupload.spec.mjs
// has what a page leaves to the next one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { shim } from './shim.mjs';

const TICKET = { server: 'wss://gateway.example/base/nertc/v1', ticket: 'ticket-1', size: 1 << 20 };

/** An upload with a log of its own, and fetch answered by `answer`. `sent` resolves with what was tried, n requests. */
async function trial(answer, run) {
  const log = new shim.Log();
  const upload = new shim.LogUpload(log, 'sdk=1.2.3');
  upload._settle = 5;
  const requests = [];
  const waiting = [];
  const before = globalThis.fetch;
  const console_ = { ...console };
  for (const method of ['info', 'warn']) console[method] = () => {};
  globalThis.fetch = async (address, options) => {
    const text = gunzipSync(Buffer.from(await options.body.arrayBuffer())).toString();
    requests.push({ address, options, lines: text.split('\n') });
    for (const look of waiting) look();
    return answer(requests.length, options);
  };
  const until = (held) => new Promise((resolve) => {
    const look = () => held() && resolve();
    waiting.push(look);
    const timer = setInterval(() => { if (held()) { clearInterval(timer); resolve(); } }, 2);
    look();
  });
  const texts = () => log._store._waiting;
  try {
    await run({ log, upload, requests, until, texts, write: (text, level = 1) => log.write(level, 'client 1', text) });
  } finally {
    globalThis.fetch = before;
    Object.assign(console, console_);
    clearTimeout(log._store._timer);
  }
}

const ok = () => ({ status: 201 });

test('the lines of the call, and no others, are sent after it, with the ticket in a header', () => trial(ok, async ({ upload, requests, until, write, texts }) => {
  const client = {};
  upload.enable();
  write('before the call');
  await new Promise((resolve) => setTimeout(resolve, 5));
  upload.begin(client);
  upload.ticket(client, { ...TICKET, ticket: 'ticket-0' });
  write('joined');
  upload.ticket(client, TICKET); // after a rejoin
  assert.equal(requests.length, 0);
  upload.end(client);
  write('left');
  await until(() => texts().some((line) => line.includes('sent the log')));
  const [{ address, options, lines }] = requests;
  assert.equal(address, 'https://gateway.example/base/nertc/v1/log');
  assert.equal(options.headers.authorization, 'Bearer ticket-1');
  assert.equal(options.credentials, 'omit');
  assert.equal(options.referrerPolicy, 'no-referrer');
  assert.match(lines[0], / INFO    log: sdk=1\.2\.3 browser="/);
  assert.deepEqual(lines.slice(1, -1).map((line) => line.split(': ')[1]), ['joined', 'left']);
  assert.equal(requests.length, 1);
}));

test('a call whose log is larger than the gateway takes loses its first lines', () => trial(ok, async ({ upload, requests, until, write }) => {
  const client = {};
  upload.enable();
  upload.begin(client);
  upload.ticket(client, { ...TICKET, size: 4096 });
  for (let i = 0; i < 400; i++) write(`line ${i} ${Math.random()} ${Math.random()}`);
  upload.end(client);
  await until(() => requests.length === 1);
  assert.ok(requests[0].options.body.size <= 4096);
  assert.match(requests[0].lines[0], / left out=\d+$/);
  assert.match(requests[0].lines.at(-2), /line 399 /);
}));

for (const [name, prepare] of [
  ['nobody asked for it', () => {}],
  ['it was disabled again', (upload) => { upload.enable(); upload.disable(); }],
  ['it is disabled before it is sent', (upload) => { upload.enable(); setTimeout(() => upload.disable(), 1); }],
]) {
  test(`nothing is sent where ${name}`, () => trial(ok, async ({ upload, requests, write }) => {
    const client = {};
    prepare(upload);
    upload.begin(client);
    upload.ticket(client, TICKET);
    write('joined');
    upload.end(client);
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.equal(requests.length, 0);
    assert.equal(upload._calls.size, 0);
  }));
}

test('nothing is sent of a gateway that gave no ticket, or of a call without lines', () => trial(ok, async ({ log, upload, requests, write, texts }) => {
  upload.enable();
  upload.begin(upload);
  write('joined');
  upload.end(upload);
  upload.end(upload);
  assert.equal(texts().filter((line) => / INFO    log: did not send the log of the call reason="the gateway gave no ticket for it"\n$/.test(line)).length, 1);
  log.setLevel(4);
  await new Promise((resolve) => setTimeout(resolve, 5));
  upload.begin(log);
  upload.ticket(log, TICKET);
  write('not stored');
  upload.end(log);
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(requests.length, 0);
}));

for (const [name, answer, again] of [
  ['a network that is away', () => { throw new TypeError('fetch failed'); }, true],
  ['a gateway that has too many', () => ({ status: 429 }), true],
  ['a gateway without room', () => ({ status: 507 }), true],
  ['a refused ticket', () => ({ status: 401 }), false],
  ['a log that is too large', () => ({ status: 413 }), false],
]) {
  test(`${name} disturbs nobody and is logged`, () => trial(answer, async ({ upload, requests, until, write, texts }) => {
    const client = {};
    upload.enable();
    upload.begin(client);
    upload.ticket(client, TICKET);
    write('joined');
    upload.end(client);
    await until(() => texts().some((line) => line.includes('did not send the log of the call')));
    const line = texts().find((text) => text.includes('did not send'));
    assert.match(line, new RegExp(` WARNING log: did not send the log of the call again=${again} reason="`));
    assert.equal(requests.length, 1);
    assert.ok(!texts().join('').includes('ticket-1'), 'the ticket is not in the log');
  }));
}
