import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { integrityOf } from '../../../scripts/integrity.mjs';
import { shim, withCode } from './shim.mjs';

// The smallest WebAssembly file there is: a header and nothing in it. It compiles, and lacks all that Go's has.
const EMPTY = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

const requests = [];
const routes = {
  '/wasm': (res) => res.writeHead(200, { 'Content-Type': 'application/wasm' }).end(EMPTY),
  '/octets': (res) => res.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(EMPTY),
  '/page': (res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>'),
  '/nothing': (res) => res.writeHead(200).end(),
  '/broken': (res) => res.writeHead(200, { 'Content-Type': 'application/wasm' }).end(EMPTY.subarray(0, 6)),
  '/short': (res) => {
    res.writeHead(200, { 'Content-Type': 'application/wasm', 'Content-Length': 4096 });
    res.write(EMPTY, () => res.destroy());
  },
  '/silent': () => {},
  '/stalls': (res) => {
    res.writeHead(200, { 'Content-Type': 'application/wasm' });
    res.write(EMPTY);
  },
  '/slow': (res) => {
    res.writeHead(200, { 'Content-Type': 'application/wasm' });
    let i = 0;
    const piece = () => (i < EMPTY.length ? (res.write(EMPTY.subarray(i, ++i)), setTimeout(piece, 50)) : res.end());
    piece();
  },
};
const server = createServer((req, res) => {
  requests.push(req.url);
  if (routes[req.url]) routes[req.url](res);
  else res.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;
after(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const start = (...paths) => {
  const options = { urls: paths.map((path) => base + path), version: '1.2.3', stall: 250 };
  return shim.wasmStart(options)(false);
};

test('a file that is missing, cut short, broken or no WebAssembly is 10002', async () => {
  await assert.rejects(start('/missing'), withCode(10002, /answered 404/));
  await assert.rejects(start('/short'), withCode(10002));
  await assert.rejects(start('/broken'), withCode(10002, /damaged, cut short/));
  await assert.rejects(start('/page'), withCode(10002, /no WebAssembly/));
  await assert.rejects(start(), withCode(10002, /wasmUrl/));
});

test('a server that is down is 10002', async () => {
  await assert.rejects(shim.wasmStart({ urls: ['http://127.0.0.1:1/'], version: '' })(false), withCode(10002, /could not be loaded/));
});

test('a server that falls silent is given up, one that is slow is not', async () => {
  await assert.rejects(start('/silent'), withCode(10002, /in time/));
  await assert.rejects(start('/stalls'), withCode(10002, /in time/));
  await assert.rejects(start('/slow'), withCode(10001)); // arrives in 400 ms; the file is no Go program
});

test('a file that does not fit the script is 10001, with any MIME type', async () => {
  await assert.rejects(start('/wasm'), withCode(10001));
  await assert.rejects(start('/octets'), withCode(10001));
});

test('a file of another integrity than the script wants is 10002 and never compiled', async () => {
  const integrity = integrityOf(EMPTY);
  const pinned = (path, wanted) => shim.wasmStart({ urls: [base + path], version: '1.2.3', stall: 250, integrity: wanted })(false);
  for (const path of ['/wasm', '/octets', '/slow']) {
    await assert.rejects(pinned(path, integrity), withCode(10001, /did not start/)); // compiled, but no Go program
    await assert.rejects(pinned(path, integrityOf('another')), withCode(10002, /one build/));
  }
});

test('the next address is tried where one is not found', async () => {
  requests.length = 0;
  await assert.rejects(start('/elsewhere.wasm', '/wasm'), withCode(10001));
  assert.deepEqual(requests, ['/elsewhere.wasm', '/wasm']);
});

test('the next address is tried where a host answers an unknown one with its page', async () => {
  requests.length = 0;
  await assert.rejects(start('/page', '/octets'), withCode(10001));
  assert.deepEqual(requests, ['/page', '/octets']);
  await assert.rejects(start('/page', '/page'), withCode(10002, /no WebAssembly but text\/html.*wasmUrl/));
  await assert.rejects(start('/missing', '/nothing'), withCode(10002));
});

test('starting Go leaves the page\'s globals as they were', () => {
  const names = ['Go', 'fs', 'process', 'path'];
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  const go = shim.newGo();
  assert.equal(typeof go.run, 'function');
  assert.deepEqual(names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name)), before);
});
