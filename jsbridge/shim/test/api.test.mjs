import assert from 'node:assert/strict';
import { test } from 'node:test';
import { running, scripted, shim, withCode } from './shim.mjs';

const { Client, Stream } = shim;

/** A client in a room with one remote user, whose core stream the scripted core hands out. */
async function withRemote(uid = 42) {
  const world = await running();
  const client = world.NERTC.createClient({ appkey: 'k' });
  const coreStream = { name: 'remote', uid: () => uid, has: (type) => type === 'audio', isPlaying: () => true };
  const emit = world.core.clients[0].emit;
  const streamEmit = emit('stream-created', { uid, stream: coreStream });
  const added = [];
  client.on('stream-added', (evt) => added.push(evt));
  emit('stream-added', { uid, stream: coreStream, mediaType: 'audio' });
  return { ...world, client, coreStream, emit, streamEmit, added, stream: added[0].stream };
}

test('a remote user has one Stream, which stands in the place of the core\'s', async () => {
  const { emit, coreStream, added, stream, client } = await withRemote();
  emit('stream-added', { uid: 42, stream: coreStream, mediaType: 'video' });
  assert.ok(stream instanceof Stream);
  assert.deepEqual(Object.keys(added[0]).sort(), ['mediaType', 'stream']);
  assert.equal(added[1].stream, stream);
  assert.equal(added[1].mediaType, 'video');
  assert.equal(stream.getId(), 42);
  assert.equal(stream.streamID, 42);
  assert.equal(stream.stringStreamID, '42');
  assert.equal(stream.client, client);
  assert.equal(stream.audio, true);
  assert.equal(stream.video, false);
  assert.equal(stream.hasAudio(), true);
  assert.equal(stream.isPlaying('audio'), true);
});

test('events without a stream pass as they are', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const seen = [];
  for (const event of ['peer-online', 'channel-closed', 'error']) client.on(event, (...args) => seen.push([event, ...args]));
  const { emit } = core.clients[0];
  emit('peer-online', { uid: 'u' });
  emit('channel-closed');
  emit('error', 'SOCKET_ERROR');
  assert.deepEqual(seen, [['peer-online', { uid: 'u' }], ['channel-closed'], ['error', 'SOCKET_ERROR']]);
});

test('subscribe asks for what was chosen: the default, the stream\'s own choice, the argument', async () => {
  const { client, stream, core } = await withRemote();
  await client.subscribe(stream);
  stream.setSubscribeConfig({ audio: true, video: true });
  await client.subscribe(stream);
  await client.subscribe(stream, { audio: true });
  stream.setSubscribeConfig({ screen: false });
  await client.subscribe(stream);
  await client.unsubscribe(stream);
  const asked = core.calls.filter(([, method]) => method === 'subscribe').map(([, , ...args]) => args);
  assert.deepEqual(asked, [
    ['42', { audio: true, audioSlave: true, video: true, screen: true }],
    ['42', { audio: true, audioSlave: false, video: true, screen: false }],
    ['42', { audio: true, audioSlave: false, video: false, screen: false }],
    ['42', { audio: true, audioSlave: true, video: true, screen: false }],
  ]);
  assert.deepEqual(core.calls.at(-1), ['client1', 'unsubscribe', '42']);
  assert.throws(() => stream.setSubscribeConfig({ audio: 'yes' }), withCode(10000));
  assert.throws(() => stream.setSubscribeConfig(), withCode(10000));
});

test('streams in the wrong place are refused', async () => {
  const { NERTC, client, stream } = await withRemote();
  const own = NERTC.createStream({ audio: true });
  const other = NERTC.createClient({ appkey: 'k' });
  for (const bad of [undefined, null, {}, 'x', client]) {
    await assert.rejects(client.publish(bad), withCode(10000));
    await assert.rejects(client.subscribe(bad), withCode(10000));
  }
  await assert.rejects(client.publish(stream), withCode(10000, /not a local/));
  await assert.rejects(client.subscribe(own), withCode(10000, /not a remote/));
  await assert.rejects(other.subscribe(stream), withCode(10000, /another client/));
  await assert.rejects(client.unpublish(own, 'smell'), withCode(10012));
  await client.unpublish(own, null);
  await client.unpublish(own, 'screenAudio');
  await other.publish(own); // a stream may be published on any client
});

test('what the core rejects and throws becomes the documented error', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const reason = 'netcall.g2 unsafe mode is closed, please contact business!';
  core.answers['client.join'] = () => Promise.reject({ code: 403, extraCode: 403, reason });
  const error = await client.join({ channelName: 'a' }).catch((e) => e);
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'NERtcError');
  assert.equal(error.code, 403);
  assert.equal(error.extraCode, 403);
  assert.equal(error.reason, reason);
  assert.equal(error.message, reason);
  assert.equal(error.getCode(), 403);
  assert.equal(error.getExtraCode(), 403);
  assert.equal(error.getMessage(), reason);
  assert.ok(`${error}`.includes(`code: 403, reason: ${reason}`));
  assert.ok((error + '').includes('403'));
});

test('methods work through a Proxy and detached, and a Proxy of a stream is that stream', async () => {
  const { NERTC, core } = await running();
  const raw = NERTC.createClient({ appkey: 'k' });
  const deep = (target) =>
    new Proxy(target, {
      get: (o, key, receiver) => {
        const value = Reflect.get(o, key, receiver);
        return typeof value === 'object' && value !== null ? deep(value) : value;
      },
    });
  const client = deep(raw);
  assert.ok(client instanceof Client);
  let seen = 0;
  client.on('peer-online', () => seen++);
  core.clients[0].emit('peer-online', { uid: 1 });
  assert.equal(seen, 1);
  await client.join({ channelName: 'a' });
  const stream = deep(NERTC.createStream({ audio: true, client }));
  await stream.init();
  await client.publish(stream);
  assert.equal(core.calls.at(-1)[2], core.streams[0]);
  assert.equal(stream.audio, false); // the scripted core has no track
  const { leave } = raw;
  await leave();
  assert.equal(raw.__v_skip, true);
  assert.equal(stream.__v_skip, true);
  assert.deepEqual(Object.keys(raw), []);
});

test('play takes an element, an id, or nothing for sound alone', async () => {
  const view = { nodeType: 1 };
  globalThis.document = { getElementById: (id) => (id === 'there' ? view : null) };
  try {
    const { NERTC, core } = await running();
    const stream = NERTC.createStream({ audio: true, video: true });
    const played = () => core.calls.at(-1).slice(1);
    await stream.play(view);
    assert.deepEqual(played(), ['play', view, { audio: false, audioSlave: false, video: true, screen: true }]);
    await stream.play('there', { audio: true, video: true });
    assert.deepEqual(played(), ['play', view, { audio: true, audioSlave: false, video: true, screen: false }]);
    await stream.play(null, { audio: true, video: false });
    assert.deepEqual(played(), ['play', null, { audio: true, audioSlave: false, video: false, screen: false }]);
    await stream.play('missing', { audio: true, video: false });
    assert.deepEqual(played()[1], null);
    const before = core.calls.length;
    await assert.rejects(stream.play('missing'), withCode(10000, /"missing"/));
    await assert.rejects(stream.play(null), withCode(10000));
    await assert.rejects(stream.play(17), withCode(10000));
    await assert.rejects(stream.play(view, { audio: 'loud' }), withCode(10000));
    assert.equal(core.calls.length, before);
  } finally {
    delete globalThis.document;
  }
});

test('a remote stream plays its sound by default', async () => {
  const { stream, coreStream } = await withRemote();
  let options;
  coreStream.play = (_, o) => ((options = o), Promise.resolve());
  await stream.play({ nodeType: 1 });
  assert.deepEqual(options, { audio: true, audioSlave: true, video: true, screen: true });
});

test('mute and unmute name the media type', async () => {
  const { NERTC, core } = await running();
  const stream = NERTC.createStream({ audio: true });
  for (const type of ['Audio', 'AudioSlave', 'Video', 'Screen']) {
    await stream[`mute${type}`]();
    await stream[`unmute${type}`]();
  }
  assert.deepEqual(
    core.calls.filter(([, method]) => method === 'setMuted').map(([, , ...args]) => args),
    ['audio', 'audioSlave', 'video', 'screen'].flatMap((type) => [[type, true], [type, false]]),
  );
});

test('the client tells of what happens to its streams, after the stream itself', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const other = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({ audio: true, client: other });
  const seen = [];
  stream.on('accessDenied', (type) => seen.push(['stream', type]));
  other.on('accessDenied', (type) => seen.push(['other', type]));
  client.on('accessDenied', () => seen.push(['client']));
  other.on('NotAllowedError', (error) => seen.push(['other', error.getCode()]));
  stream.on('notAllowedError', (error) => seen.push(['stream', error.getCode()]));
  core.streams[0].emit('accessDenied', 'audio');
  core.streams[0].emit('notAllowedError', { code: 41030, reason: 'autoplay blocked' });
  assert.deepEqual(seen, [['stream', 'audio'], ['other', 'audio'], ['stream', 41030], ['other', 41030]]);
});

test('a stream without a uid answers the client\'s', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const stream = NERTC.createStream({ audio: true });
  assert.equal(stream.getId(), null);
  assert.equal(stream.stringStreamID, '');
  core.answers['client.getUid'] = () => 99;
  assert.equal(stream.getId(), 99);
  assert.equal(client.getUid(), 99);
  assert.equal(NERTC.createStream({ audio: true, uid: 'me' }).getId(), 'me');
});

test('a local stream answers what it was made for until init, then what it has', async () => {
  const { NERTC, core } = await running();
  core.answers['stream.has'] = (type) => type === 'video';
  const stream = NERTC.createStream({ audio: true, video: false });
  assert.deepEqual([stream.audio, stream.video], [true, false]);
  await stream.init();
  assert.deepEqual([stream.audio, stream.video], [false, true]);
});

test('the server: of the join, of the client, of the script, of the page', async () => {
  const { NERTC, core } = await running({ page: 'https://page.example/x' });
  await NERTC.createClient({ appkey: 'k' }).join({ channelName: 'a' });
  await NERTC.createClient({ appkey: 'k', server: 'host.example:8443' }).join({ channelName: 'a' });
  await NERTC.createClient({ appkey: 'k', server: 'http://host.example/base/' }).join({ channelName: 'a' });
  const last = NERTC.createClient({ appkey: 'k' });
  await last.join({ channelName: 'a', neRtcServerAddresses: { channelServer: 'https://other.example' } });
  await last.join({ channelName: 'a', neRtcServerAddresses: null, wssArr: null });
  await assert.rejects(last.join({ channelName: 'a', neRtcServerAddresses: { channelServer: 'ftp://x' } }), withCode(10000));
  assert.deepEqual(
    core.calls.filter(([, method]) => method === 'join').map(([, , { server }]) => server),
    [
      'ws://127.0.0.1:8080/nertc/v1',
      'wss://host.example:8443/nertc/v1',
      'ws://host.example/base/nertc/v1',
      'wss://other.example/nertc/v1',
      'ws://127.0.0.1:8080/nertc/v1',
    ],
  );
  assert.throws(() => NERTC.createClient({ appkey: 'k', server: 'http://' }), withCode(10000));
});

test('without any server join says so', async () => {
  const { NERTC } = scripted({ script: undefined, page: 'file:///page.html' });
  await assert.rejects(NERTC.createClient({ appkey: 'k' }).join({ channelName: 'a' }), withCode(10000, /server/));
  assert.equal(shim.defaultServer(undefined, 'https://page.example:444/x/y'), 'wss://page.example:444/nertc/v1');
  assert.equal(shim.defaultServer('blob:http://x/1', 'http://page.example/'), 'ws://page.example/nertc/v1');
});

test('a destroyed stream refuses', async () => {
  const { NERTC, core } = await running();
  const stream = NERTC.createStream({ audio: true });
  stream.destroy();
  stream.destroy();
  assert.equal(core.names.filter((name) => name === 'stream1.destroy').length, 1);
  await assert.rejects(stream.init(), withCode(10008));
  await assert.rejects(stream.muteAudio(), withCode(10008));
  assert.throws(() => stream.stop(), withCode(10008));
  assert.throws(() => stream.isPlaying('audio'), withCode(10008));
});
