import assert from 'node:assert/strict';
import { test } from 'node:test';
import { running, scripted, ScriptedCore, withCode } from './shim.mjs';

test('mode and secret are set while the core loads, in their order, and the rules hold already', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  assert.throws(() => client.setEncryptionSecret('early'), withCode(10473));
  assert.throws(() => client.setEncryptionMode('aes'), withCode(10472));
  assert.throws(() => client.setEncryptionSecret('early'), withCode(10473));
  assert.equal(client.setEncryptionMode('sm4-128-gcm'), undefined);
  assert.throws(() => client.setEncryptionSecret(''), withCode(10000));
  assert.throws(() => client.setEncryptionSecret('密'.repeat(43)), withCode(10000));
  assert.equal(client.setEncryptionSecret('secret'), undefined);
  const joined = client.join({ channelName: 'room' });
  // On the way to a room, though the core has not heard of it.
  assert.throws(() => client.setEncryptionMode('none'), withCode(10008));
  assert.throws(() => client.setEncryptionSecret('other'), withCode(10008));
  const core = new ScriptedCore();
  loads[0].resolve(core.running);
  await joined;
  assert.deepEqual(core.calls.slice(1, 4).map(([, method, argument]) => [method, argument.channelName ?? argument]), [
    ['setEncryptionMode', 'sm4-128-gcm'], ['setEncryptionSecret', 'secret'], ['join', 'room'],
  ]);
});

test('a core that runs knows best: what it refuses is thrown', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  core.answers['client.setEncryptionSecret'] = () => ({ code: 10473, extraCode: 0, reason: 'first the mode' });
  core.answers['client.setEncryptionMode'] = () => ({ code: 10008, extraCode: 0, reason: 'in a room' });
  assert.throws(() => client.setEncryptionSecret('secret'), withCode(10473));
  assert.throws(() => client.setEncryptionMode('none'), withCode(10008));
  // A handler of crypt-error sets another secret while its join has not been rejected yet.
  const set = [];
  core.answers['client.setEncryptionSecret'] = (secret) => void set.push(secret);
  core.answers['client.join'] = function () {
    core.clients[0].emit('crypt-error', { cryptType: 'sm4-128-gcm' });
    return Promise.reject({ code: 10119, extraCode: 4036, reason: 'encryption differs' });
  };
  client.on('crypt-error', ({ cryptType }) => {
    assert.equal(cryptType, 'sm4-128-gcm');
    client.setEncryptionSecret('another');
  });
  await assert.rejects(client.join({ channelName: 'room' }), withCode(10119));
  assert.deepEqual(set, ['another']);
});

test('rotateEncryptionSecret and getEncryptionStats', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  await assert.rejects(client.rotateEncryptionSecret(''), withCode(10000));
  assert.deepEqual(core.names.filter((name) => name.includes('rotate')), []);
  core.answers['client.rotateEncryptionSecret'] = () => Promise.reject({ code: 10008, extraCode: 0, reason: 'another change' });
  await assert.rejects(client.rotateEncryptionSecret('x'), withCode(10008));
  core.answers['client.getEncryptionStats'] = () => Promise.resolve({ encrypted: 7 });
  assert.deepEqual(await client.getEncryptionStats(), { encrypted: 7 });
  client.destroy();
  assert.throws(() => client.setEncryptionMode('none'), withCode(10008));
  await assert.rejects(client.rotateEncryptionSecret('x'), withCode(10008));
});

test('a cipher of the page and a secret exclude each other, also before the core runs', async (t) => {
  for (const name of ['RTCRtpSender', 'RTCRtpReceiver']) {
    const had = Object.getOwnPropertyDescriptor(globalThis, name);
    globalThis[name] = class { createEncodedStreams() {} };
    t.after(() => (had ? Object.defineProperty(globalThis, name, had) : delete globalThis[name]));
  }
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  client.setEncryptionMode('sm4-128-gcm');
  client.setEncryptionSecret('secret');
  assert.throws(() => client.enableCustomTransform(), withCode(10008));
  // Without a mode nothing is encrypted, and the secret is forgotten.
  client.setEncryptionMode('none');
  assert.equal(client.enableCustomTransform(), undefined);
  client.setEncryptionMode('sm4-128-gcm');
  assert.equal(client.enableCustomTransform(), undefined);
  assert.throws(() => client.setEncryptionSecret('secret'), withCode(10008));
  assert.equal(client.enableCustomTransform(false), undefined);
  client.setEncryptionSecret('secret');
  assert.throws(() => client.enableCustomTransform(), withCode(10008));
  const core = new ScriptedCore();
  core.answers['client.enableCustomTransform'] = () => undefined;
  loads[0].resolve(core.running);
  await NERTC.ready;
  assert.deepEqual(core.calls.filter(([, method]) => method === 'enableCustomTransform').map(([, , on]) => on), [true, true, false]);
});
