// The devices' part of checkConnectivity, with a browser that says what a test wants. tests/specs/connectivity.spec.mjs has the rest.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { shim } from './shim.mjs';

const kinds = ['videoinput', 'audioinput', 'audiooutput'];

/** What the browser has: devices, what the user has permitted, and what comes of opening one. */
let browser;
beforeEach(() => {
  browser = { devices: kinds, permission: 'prompt', open: async () => stream(), opened: [], stopped: 0 };
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {
    mediaDevices: {
      enumerateDevices: async () => browser.devices.map((kind) => ({ kind, label: 'x' })),
      getUserMedia: (wish) => { browser.opened.push(Object.keys(wish)[0]); return browser.open(wish); },
    },
    permissions: { query: async () => ({ state: browser.permission }) },
  } });
  globalThis.HTMLMediaElement = class { setSinkId() {} };
});
afterEach(() => {
  delete globalThis.navigator;
  delete globalThis.HTMLMediaElement;
});
const stream = () => ({ getTracks: () => [{ stop: () => browser.stopped++ }] });
const fails = (name) => async () => { throw new DOMException('some text', name); };

test('devices that open pass, and are closed again', async () => {
  const found = await shim.checkDevices(true);
  assert.deepEqual([found.ok, found.reason, found.camera.ok, found.microphone.ok, found.speaker.ok], [true, '', true, true, true]);
  assert.deepEqual(browser.opened, ['audio', 'video']);
  assert.equal(browser.stopped, 2);
});

test('nothing is opened unless it is asked for', async () => {
  const found = await shim.checkDevices(false);
  assert.deepEqual([found.ok, found.camera.reason], [true, 'the user has not been asked yet']);
  assert.deepEqual(browser.opened, []);
});

for (const [name, ask, change, reason] of [
  ['denied before', true, { permission: 'denied' }, 'not permitted by the user or the browser'],
  ['denied before, and not asked for', false, { permission: 'denied' }, 'not permitted by the user or the browser'],
  ['denied now', true, { open: fails('NotAllowedError') }, 'not permitted by the user or the browser'],
  ['in use', true, { open: fails('NotReadableError') }, 'in use by another program, or broken'],
  ['that does not start', true, { open: fails('AbortError') }, 'cannot be started'],
  ['that has gone meanwhile', true, { open: fails('NotFoundError') }, 'not found'],
  ['failing otherwise', true, { open: fails('OddError') }, 'some text'],
  ['not there', true, { devices: ['audiooutput'] }, 'not found'],
]) {
  test(`a device ${name} fails with a reason`, async () => {
    Object.assign(browser, change);
    const found = await shim.checkDevices(ask);
    assert.equal(found.ok, false);
    for (const one of ['camera', 'microphone']) assert.deepEqual([found[one].ok, found[one].reason], [false, reason]);
    assert.equal(found.reason, `camera: ${reason}; microphone: ${reason}`);
    assert.equal(found.speaker.ok, true);
  });
}

test('a user who does not answer is not waited for without an end, and what is permitted later is closed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const waiting = [];
  browser.open = () => new Promise((resolve) => waiting.push(resolve));
  let found;
  shim.checkDevices(true).then((all) => (found = all));
  for (let i = 0; i < 10 && !found; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(20_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const one of ['camera', 'microphone']) assert.match(found[one].reason, /^no answer of the user or the browser within 20 s$/);
  assert.equal(found.speaker.ok, true);
  for (const resolve of waiting) resolve(stream());
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(browser.stopped, 2);
});
