import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { running, shim, withCode } from './shim.mjs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)));
const vectors = read('rules.vectors.json');

/** JSON has no NaN and Infinity: {"$": "NaN"} stands for it. */
function revive(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value.$ === 'string') return Number(value.$);
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, revive(v)]));
}

for (const { call, args, code } of vectors) {
  test(`${call}(${JSON.stringify(args).slice(1, -1)}) ${code ? `gives ${code}` : 'passes'}`, () => {
    const checked = () => shim.check(call, ...revive(args));
    if (code) assert.throws(checked, withCode(code));
    else checked();
  });
}

test('every rule is broken by a vector with its code', () => {
  const rules = read('../src/rules.json');
  for (const call of Object.keys(rules)) {
    const codes = new Set(rules[call].map((rule) => rule.code));
    const tried = new Set(vectors.filter((v) => v.call === call && v.code).map((v) => v.code));
    assert.deepEqual([...tried].sort(), [...codes].sort(), call);
  }
});

test('bad arguments never reach the core', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({});
  const before = core.calls.length;
  assert.throws(() => NERTC.createClient(), withCode(10000));
  assert.throws(() => NERTC.createStream({ audio: 'x' }), withCode(10000));
  assert.throws(() => NERTC.createStream({ client: {} }), withCode(10000));
  await assert.rejects(client.join(), withCode(10000));
  await assert.rejects(client.join({ channelName: NaN }), withCode(10110));
  await assert.rejects(client.join({ channelName: 'a', uid: -1 }), withCode(10112));
  assert.throws(() => stream.setLocalRenderMode(), withCode(10216));
  assert.throws(() => client.setPlaybackVolume(101), withCode(10250));
  assert.equal(core.calls.length, before);
});
