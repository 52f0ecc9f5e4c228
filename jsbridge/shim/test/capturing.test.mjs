import assert from 'node:assert/strict';
import { test } from 'node:test';
import { running, ScriptedCore, scripted, withCode } from './shim.mjs';

test('what is set before the core runs is set in its order, as it was then', async () => {
  const { NERTC, loads } = scripted();
  const stream = NERTC.createStream({ audio: true, video: true });
  const profile = { resolution: 8, frameRate: 6 };
  stream.setVideoProfile(profile);
  profile.resolution = 2;
  stream.setAudioProfile('music_standard');
  stream.setCaptureVolume(50, 'microphone');
  stream.setCaptureVolume(20, 'screenAudio');
  stream.setCaptureVolume(10);
  assert.equal(stream.getAudioLevel(), 0);
  assert.equal(stream.getAudioStream(), null);
  const opened = stream.open({ type: 'screenAudio', enableMediaPub: false });
  stream.setScreenProfile({ frameRate: 1 });
  stream.setVideoEncoderConfiguration({ mediaType: 'video', streamType: 'high', maxBitrate: 700 });
  const core = new ScriptedCore();
  loads[0].resolve(core.running);
  await opened;
  assert.deepEqual(core.calls.slice(1).map(([, ...call]) => call), [
    ['setVideoProfile', { resolution: 8, frameRate: 6 }],
    ['setAudioProfile', 'music_standard'],
    ['setCaptureVolume', 50, 'audio'],
    ['setCaptureVolume', 20, 'audioSlave'],
    ['setCaptureVolume', 10, null],
    ['open', { type: 'audioSlave', enableMediaPub: false }],
    ['setScreenProfile', { frameRate: 1 }],
    ['setVideoEncoderConfiguration', { mediaType: 'video', streamType: 'high', maxBitrate: 700 }],
  ]);
});

test('open, close and switchDevice hand on what a page says, and what the core refuses', async () => {
  const { NERTC, core } = await running();
  const stream = NERTC.createStream({ audio: true });
  assert.equal(stream.hasAudio(), true, 'what it was made for');
  await stream.open({ type: 'screen' });
  assert.equal(stream.hasAudio(), false, 'what it has');
  await stream.close({ type: 'screenAudio' });
  core.answers['stream.switchDevice'] = () => Promise.reject({ code: 10011, reason: 'nothing is open' });
  await assert.rejects(stream.switchDevice('video', 'x'), withCode(10011));
  assert.deepEqual(core.calls.filter(([, method]) => ['open', 'close', 'switchDevice'].includes(method)).map(([, ...call]) => call), [
    ['open', { type: 'screen' }], ['close', 'audioSlave'], ['switchDevice', 'video', 'x'],
  ]);
  stream.destroy();
  await assert.rejects(stream.open({ type: 'audio' }), withCode(10008));
  assert.throws(() => stream.setCaptureVolume(5), withCode(10008));
});

test('a remote stream captures nothing', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const added = new Promise((done) => client.on('stream-added', ({ stream }) => done(stream)));
  const object = { uid: () => 1, getAudioLevel: (type) => (type === 'audioSlave' ? 0.25 : 0.5) };
  core.clients[0].emit('stream-created', { uid: 1, stream: object });
  core.clients[0].emit('stream-added', { uid: 1, stream: object, mediaType: 'audio' });
  const stream = await added;
  for (const call of [
    () => stream.setAudioProfile('music_standard'), () => stream.setCaptureVolume(5), () => stream.setVideoProfile({}),
    () => stream.setScreenProfile({}), () => stream.setVideoEncoderConfiguration({ mediaType: 'video', streamType: 'high' }),
  ]) assert.throws(call, withCode(10008));
  for (const call of [() => stream.open({ type: 'audio' }), () => stream.close({ type: 'audio' }), () => stream.switchDevice('audio', 'x')]) {
    await assert.rejects(call(), withCode(10008));
  }
  assert.equal(stream.getAudioLevel(), 0.5);
  assert.equal(stream.getAudioLevel('screenAudio'), 0.25);
});
