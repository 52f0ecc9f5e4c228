import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, running, scripted, ScriptedCore, shim, withCode } from './shim.mjs';

test('synchronous calls work while the core loads, and are replayed in order', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({ audio: true, video: true, uid: 7 });
  assert.equal(client.getConnectionState(), 'DISCONNECTED');
  assert.equal(client.getUid(), null);
  assert.deepEqual(client.getChannelInfo(), { cid: 0, channelName: '', uid: null, token: '' });
  assert.equal(stream.getId(), 7);
  assert.equal(stream.streamID, 7);
  assert.equal(stream.stringStreamID, '7');
  assert.equal(stream.audio, true);
  assert.equal(stream.screen, false);
  assert.equal(stream.isPlaying('video'), false);
  assert.equal(stream.client, client);
  client.on('peer-online', () => {});
  client.setPlaybackVolume(30);
  const joined = client.join({ channelName: 'room', uid: 7 });
  const init = stream.init();
  stream.setLocalRenderMode({ width: 320, height: 180, cut: true });
  stream.setRemoteRenderMode({ width: 1, height: 2 }, 'screen');
  const published = client.publish(stream);
  stream.stop('video');
  const core = new ScriptedCore();
  assert.equal(loads.length, 1);
  loads[0].resolve(core.running);
  assert.equal(await joined, undefined);
  await init;
  await published;
  assert.deepEqual(core.names, [
    'client1.create', 'stream1.create', 'client1.setPlaybackVolume', 'client1.join', 'stream1.init', 'stream1.setRenderMode',
    'stream1.setRenderMode', 'client1.publish', 'stream1.stop',
  ]);
  assert.deepEqual(core.calls[0][2], { appkey: 'k', server: 'ws://127.0.0.1:8080/nertc/v1', debug: undefined });
  const { display, ...given } = core.calls[1][2];
  assert.equal(typeof display.getDisplayMedia, 'function');
  assert.deepEqual(given, { audio: true, video: true, uid: 7, oneChannel: false });
  assert.deepEqual(core.calls[2].slice(2), [30]);
  assert.deepEqual(core.calls[3][2], { channelName: 'room', uid: 7, server: 'ws://127.0.0.1:8080/nertc/v1' });
  assert.deepEqual(core.calls[5].slice(2), [{ width: 320, height: 180, cut: true }, null]);
  assert.deepEqual(core.calls[6].slice(2), [{ width: 1, height: 2, cut: false }, 'screen']);
  assert.equal(core.calls[7][2], core.streams[0]);
});

test('what a call made while others are replayed asks for comes after those', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  const core = new ScriptedCore();
  const joins = [client.join({ channelName: 'a' })];
  core.answers['client.join'] = function ({ channelName }) {
    if (channelName === 'a') joins.push(client.join({ channelName: 'c' }));
    return Promise.resolve();
  };
  joins.push(client.join({ channelName: 'b' }));
  loads[0].resolve(core.running);
  await Promise.all(joins);
  await Promise.all(joins);
  assert.deepEqual(core.calls.filter(([, method]) => method === 'join').map(([, , o]) => o.channelName), ['a', 'b', 'c']);
});

test('a load that fails rejects those who wait, and the next call loads again without losing what was set', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({ audio: true });
  stream.setLocalRenderMode({ width: 1, height: 1 });
  const joined = client.join({ channelName: 'a' });
  const init = stream.init();
  const ready = NERTC.ready;
  assert.equal(loads.length, 1);
  assert.equal(loads[0].again, false);
  loads[0].reject({ code: 10002, reason: 'nertc.wasm answered 404' });
  for (const promise of [joined, init, ready]) await assert.rejects(promise, withCode(10002, /404/));
  assert.equal(client.getConnectionState(), 'DISCONNECTED');
  await client.leave(); // nothing was begun: no core is needed to say so
  assert.equal(loads.length, 1);

  const again = client.join({ channelName: 'b' });
  assert.equal(loads.length, 2);
  assert.equal(loads[1].again, true);
  const core = new ScriptedCore();
  loads[1].resolve(core.running);
  await again;
  assert.deepEqual(core.names, ['client1.create', 'stream1.create', 'stream1.setRenderMode', 'client1.join']);
  assert.equal(core.calls[3][2].channelName, 'b');
});

test('a load that fails and that nobody waits for is no unhandled rejection', async () => {
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', listen);
  try {
    const { NERTC, loads } = scripted();
    NERTC.createClient({ appkey: 'k' });
    loads[0].reject({ code: 10002, reason: 'gone' });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(unhandled, []);
  } finally {
    process.off('unhandledRejection', listen);
  }
});

test('a core that stops rejects what is pending and what comes later, tells the page, and a new client gets a fresh core', async () => {
  const { NERTC, core, loads } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({ audio: true });
  const events = [];
  client.on('connection-state-change', (evt) => events.push(evt));
  client.on('error', (name) => events.push(name));
  core.answers['client.join'] = () => Promise.resolve();
  await client.join({ channelName: 'a' });
  core.clients[0].emit('connection-state-change', { curState: 'CONNECTED', prevState: 'CONNECTING', reconnect: false });
  events.length = 0;
  core.answers['client.publish'] = () => deferred().promise;
  const pending = client.publish(stream);
  core.end.resolve('it exited with code 2');
  await assert.rejects(pending, withCode(10008, /exited with code 2/));
  assert.deepEqual(events, [
    { curState: 'DISCONNECTED', prevState: 'CONNECTED', reconnect: false },
    'SOCKET_ERROR',
  ]);
  await assert.rejects(client.join({ channelName: 'b' }), withCode(10008, /create a new client/));
  await assert.rejects(stream.init(), withCode(10008));
  assert.throws(() => stream.setLocalRenderMode({ width: 1, height: 1 }), withCode(10008));
  assert.equal(client.getConnectionState(), 'DISCONNECTED');
  await client.leave();
  client.destroy();
  stream.destroy();

  const fresh = NERTC.createClient({ appkey: 'k' });
  const next = new ScriptedCore();
  assert.equal(loads.length, 2);
  loads[1].resolve(next.running);
  await fresh.join({ channelName: 'c' });
  assert.deepEqual(next.names, ['client1.create', 'client1.join']);
});

test('a trap of the program stops the core', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  core.answers['client.leave'] = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  await assert.rejects(client.leave(), withCode(10008, /unreachable/));
  await assert.rejects(client.join({ channelName: 'a' }), withCode(10008, /has stopped/));
});

test('destroy leaves nothing that can be called, may be called again, and frees the place of the first client', async () => {
  const { NERTC, core } = await running();
  const first = NERTC.createClient({ appkey: 'k' });
  const second = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({ audio: true });
  assert.equal(stream.client, first);
  const gone = deferred();
  core.answers['client.destroy'] = () => gone.promise;
  const states = [];
  first.on('connection-state-change', ({ curState }) => states.push(curState));
  NERTC.destroy();
  first.destroy();
  core.clients[0].emit('connection-state-change', { curState: 'DISCONNECTED', prevState: 'DISCONNECTING', reconnect: false });
  gone.resolve();
  await gone.promise;
  await Promise.resolve();
  assert.deepEqual(states, ['DISCONNECTED']);
  assert.deepEqual(first.eventNames(), []);
  assert.equal(core.names.filter((name) => name === 'client1.destroy').length, 1);
  await assert.rejects(first.join({ channelName: 'a' }), withCode(10008));
  await assert.rejects(first.leave(), withCode(10008));
  assert.throws(() => first.getUid(), withCode(10008));
  assert.throws(() => first.getConnectionState(), withCode(10008));
  assert.equal(stream.client, second);
  NERTC.destroy(second);
  await assert.rejects(second.leave(), withCode(10008));
  assert.throws(() => NERTC.destroy({}), withCode(10000));
  NERTC.destroy();
});

test('destroy ends what is under way at once, and what waits for the core never begins', async () => {
  const { NERTC, loads } = scripted();
  const early = NERTC.createClient({ appkey: 'k' });
  const calls = [early.join({ channelName: 'a' }), early.setClientRole('audience'), early.updatePermKey('k')];
  const left = early.leave();
  early.destroy();
  for (const call of calls) await assert.rejects(call, withCode(10008));
  const core = new ScriptedCore();
  loads[0].resolve(core.running);
  await left; // there was nothing to leave
  await NERTC.ready;
  assert.deepEqual(core.names, ['client1.create', 'client1.destroy']);

  const late = NERTC.createClient({ appkey: 'k' });
  const out = deferred();
  core.answers['client.join'] = () => new Promise(() => {});
  core.answers['client.leave'] = () => out.promise;
  const joining = late.join({ channelName: 'a' });
  let done = false;
  const leaving = late.leave().then(() => { done = true; });
  late.destroy();
  await assert.rejects(joining, withCode(10008));
  assert.equal(done, false); // a leave goes on to its end
  out.resolve();
  await leaving;
});

test('the first wasmUrl that is named is for everything that names none, another has a core of its own', async () => {
  const { NERTC, loads } = scripted();
  const early = NERTC.createStream({ audio: true }); // nobody has said yet where the file lies
  const client = NERTC.createClient({ appkey: 'k', wasmUrl: '/x.wasm' });
  NERTC.createClient({ appkey: 'k' });
  NERTC.createClient({ appkey: 'k', wasmUrl: '/x.wasm' });
  const opened = early.init();
  const ready = NERTC.ready;
  assert.deepEqual(loads.map((load) => load.wasmUrl), ['/x.wasm']);
  const core = new ScriptedCore();
  loads[0].resolve(core.running);
  await Promise.all([opened, ready]);
  await client.publish(early);
  assert.deepEqual(core.names.filter((name) => /init|publish/.test(name)), ['stream1.init', 'client1.publish']);
  NERTC.createClient({ appkey: 'k', wasmUrl: '/y.wasm' });
  assert.deepEqual(loads.map((load) => load.wasmUrl), ['/x.wasm', '/y.wasm']);
});

test('a wasmUrl that is named after a load from beside the script has failed is loaded instead, also for what was made before', async () => {
  const { NERTC, loads } = scripted();
  const stream = NERTC.createStream({ audio: true });
  const failed = assert.rejects(stream.init(), withCode(10002));
  loads[0].reject(new shim.NERtcError(10002, 'not there'));
  await failed;
  NERTC.createClient({ appkey: 'k', wasmUrl: '/x.wasm' });
  const again = stream.init();
  assert.deepEqual(loads.map(({ wasmUrl, again }) => [wasmUrl, again]), [[undefined, false], ['/x.wasm', false]]);
  loads[1].resolve(new ScriptedCore().running);
  await again;
});

test('a wasmUrl leaves alone what loads from beside the script, or runs', async () => {
  const { NERTC, loads } = scripted();
  NERTC.createClient({ appkey: 'k' });
  NERTC.createClient({ appkey: 'k', wasmUrl: '/x.wasm' });
  NERTC.createClient({ appkey: 'k' });
  assert.deepEqual(loads.map((load) => load.wasmUrl), [undefined, '/x.wasm']);
});
