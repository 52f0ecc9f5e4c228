import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importBundled, running, scripted } from './shim.mjs';

/** Puts globals in place for a while; undefined takes one away. */
async function withGlobals(globals, run) {
  const kept = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    return await run();
  } finally {
    for (const [name, descriptor] of kept) {
      delete globalThis[name];
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

const rtp = (codecs) => ({ getCapabilities: (kind) => ({ codecs: codecs[kind].map((name) => ({ mimeType: `${kind}/${name}` })) }) });
const everything = { audio: ['opus', 'G722', 'red'], video: ['VP8', 'rtx', 'H264', 'VP9', 'ulpfec'] };
const browser = (changes = {}) => ({
  RTCPeerConnection: class {},
  RTCRtpSender: rtp(everything),
  RTCRtpReceiver: rtp(everything),
  WebSocket: class {},
  navigator: { mediaDevices: { getUserMedia() {}, getDisplayMedia() {} } },
  ...changes,
});

test('checkBrowserCompatibility says what is there, to pages that wait and to pages that do not', async () => {
  const { NERTC } = scripted();
  const ask = (changes) => withGlobals(browser(changes), async () => {
    const answer = NERTC.checkBrowserCompatibility();
    const { isPullStreamSupport, isPushStreamSupport, isScreenShareSupport } = answer;
    assert.deepEqual(await answer, { isPullStreamSupport, isPushStreamSupport, isScreenShareSupport });
    return [isPullStreamSupport, isPushStreamSupport, isScreenShareSupport];
  });
  assert.deepEqual(await ask(), [true, true, true]);
  assert.deepEqual(await ask({ navigator: { mediaDevices: { getUserMedia() {} } } }), [true, true, false], 'a phone');
  assert.deepEqual(await ask({ navigator: {} }), [true, false, false], 'an insecure page');
  assert.deepEqual(await ask({ RTCPeerConnection: undefined }), [false, false, false], 'no WebRTC');
  assert.deepEqual(await ask({ WebAssembly: undefined }), [false, false, false], 'no WebAssembly');
  const only = (video) => rtp({ audio: ['opus'], video });
  assert.deepEqual(await ask({ RTCRtpSender: only(['H265']) }), [true, false, false], 'sends nothing that others take');
  assert.deepEqual(await ask({ RTCRtpReceiver: only(['rtx']) }), [false, true, true], 'receives nothing');
  assert.deepEqual(await ask({ RTCRtpSender: undefined, RTCRtpReceiver: undefined }), [true, true, true], 'does not say');
});

test('getSupportedCodec has what is both sent and received, from capabilities or from an offer', async () => {
  const { NERTC } = scripted();
  const ask = (changes) => withGlobals(browser(changes), () => NERTC.getSupportedCodec());
  assert.deepEqual(await ask(), { audio: ['OPUS'], video: ['H264', 'VP8', 'VP9'] });
  assert.deepEqual(await ask({ RTCRtpReceiver: rtp({ audio: ['opus'], video: ['VP8', 'AV1'] }) }), { audio: ['OPUS'], video: ['VP8'] });
  const closed = [];
  class Peer {
    addTransceiver(kind) { this.kind = kind; }
    async createOffer() {
      return { sdp: this.kind === 'audio' ? 'a=rtpmap:111 opus/48000/2\r\na=rtpmap:9 G722/8000\r\n' : 'm=video\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n' };
    }
    close() { closed.push(this.kind); }
  }
  assert.deepEqual(await ask({ RTCRtpSender: {}, RTCPeerConnection: Peer }), { audio: ['OPUS'], video: ['VP8'] });
  assert.deepEqual(closed, ['audio', 'video']);
  assert.deepEqual(await ask({ RTCRtpSender: undefined, RTCPeerConnection: undefined }), { audio: [], video: [] });
});

test('without a page the same questions are answered, and nothing is loaded', async () => {
  const module = await importBundled('../src/module.ts');
  assert.equal(module.checkSystemRequirements(), false);
  assert.deepEqual(await module.checkBrowserCompatibility(), { isPullStreamSupport: false, isPushStreamSupport: false, isScreenShareSupport: false });
  assert.deepEqual(await module.getSupportedCodec(), { audio: [], video: [] });
  const { version, running, clients, streams, callbacks, memory } = module.getParameters();
  assert.deepEqual([version, running, clients, streams, callbacks, memory], ['1.2.3', false, 0, 0, 0, 0]);
  await assert.rejects(module.getDevices(), { code: 10001 });
});

test('getParameters tells what the core holds, as a copy', async () => {
  const { NERTC, core } = await running();
  core.held = { clients: 2, streams: 1, callbacks: 50 };
  const first = NERTC.getParameters();
  assert.deepEqual(first, { version: '1.2.3', build: 'b', server: 'ws://127.0.0.1:8080/nertc/v1', running: true, memory: 65536, ...core.held });
  first.clients = 9;
  assert.equal(NERTC.getParameters().clients, 2);
  core.end.resolve('it ended');
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(NERTC.getParameters().running, false);
});
