import assert from 'node:assert/strict';
import test from 'node:test';
import { joinSegments } from './segments.mjs';

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
// One memory of a page, exported as "m".
const MEMORY = [5, 3, 1, 0, 1, 7, 5, 1, 1, 0x6d, 2, 0];
const leb = (n) => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...leb(n >> 7)]);
const sleb = (n) => (n < 0x40 ? [n] : [(n & 0x7f) | 0x80, ...sleb(n >> 7)]);
const section = (id, bytes) => [id, ...leb(bytes.length), ...bytes];
const data = (...segments) =>
  section(11, [...leb(segments.length), ...segments.flatMap(([at, ...bytes]) => [0, 0x41, ...sleb(at), 0x0b, ...leb(bytes.length), ...bytes])]);
const module = (...bytes) => Buffer.from([...HEADER, ...MEMORY, ...bytes.flat()]);
const memory = async (bytes) => new Uint8Array((await WebAssembly.instantiate(bytes)).instance.exports.m.buffer);
// How many segments there are, which stands behind the section's length.
const count = (bytes) => {
  let at = HEADER.length + MEMORY.length + 1;
  while (bytes[at] >= 0x80) at++;
  return bytes[at + 1];
};

test('memory is the same with fewer segments', async () => {
  const before = module(data([0, 1, 2], [3, 3], [63, 9], [64, 8], [20000, 4], [127, 7], [128, 7], [8191, 5], [8192, 6, 6], [65535, 1]));
  const after = joinSegments(before, 100);
  assert.deepEqual(await memory(after), await memory(before));
  assert.equal(count(before), 10);
  assert.equal(count(after), 4);
  assert.deepEqual(await memory(joinSegments(before)), await memory(before));
});

test('random segments', async () => {
  let seed = 1;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 50; round++) {
    const list = [];
    for (let at = random(70); at < 60000; at += 1 + random(3000)) {
      const bytes = Array.from({ length: random(200) }, () => random(256));
      list.push([at, ...bytes]);
      at += bytes.length;
    }
    const before = module(data(...list));
    assert.deepEqual(await memory(joinSegments(before, random(2000))), await memory(before));
  }
});

test('what is around the data stays', () => {
  const custom = section(0, [1, 0x78, 1, 2, 3]);
  const after = joinSegments(module(data([1, 1], [3, 3]), custom));
  assert.deepEqual([...after], [...module(data([1, 1, 0, 3]), custom)]);
  const none = module(custom);
  assert.deepEqual(joinSegments(none), none);
});

test('what the linker never writes is refused', () => {
  const bad = {
    overlap: data([5, 1, 2, 3], [7, 1]),
    negative: section(11, [1, 0, 0x41, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x0b, 0]),
    passive: section(11, [1, 1, 1, 0]),
    short: section(11, [1, 0, 0x41, 1, 0x0b, 9, 0]),
    more: section(11, [0, 0]),
    counted: [...section(12, [1]), ...data([1, 1])],
    cut: [11, 100, 1],
  };
  for (const [name, bytes] of Object.entries(bad)) assert.throws(() => joinSegments(module(bytes)), /segments: /, name);
});
