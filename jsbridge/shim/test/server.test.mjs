// The part of the package for servers: the vectors of the forms, what is refused, and both module forms.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import * as server from '../server/tokens.mjs';
import { buildServer } from '../../../scripts/server.mjs';

const { makeToken, makePermkey, PRIVILEGES } = server;
const NOW = 1693968975000;
const user = { appkey: 'c37bf7a8758a4ed00000000000000000', channelName: 'room1', uid: 10000, now: NOW };
const app = { ...user, appSecret: 'c00000000000', ttl: 1800 };
const perm = { ...user, permSecret: '9d1bf0f1a7a0498c', privilege: 37 };
const TOKEN =
  'eyJzaWduYXR1cmUiOiJlZjRmNGEwOGM1NmZiOWI5MDQ3OTE2YjZlYmZhZGY5NWFjZDc2OGViIiwiY3VyVGltZSI6MTY5Mzk2ODk3NTAwMCwidHRsIjoxODAwfQ==';
// The checksum is that of `openssl dgst -sha256 -hmac`, as in gateway/token.
const PERMKEY =
  '{"appkey":"c37bf7a8758a4ed00000000000000000","checksum":"R9p+sXKcNx3pStmjxvP+kW8rd4ku9krOKkDnaHTfDcg=",' +
  '"cname":"room1","curTime":1693968975,"expireTime":3600,"privilege":37,"uid":10000}';

const content = (permkey) =>
  inflateSync(Buffer.from(permkey.replace(/[*\-_]/g, (c) => ({ '*': '+', '-': '/', _: '=' })[c]), 'base64')).toString();

test('the vectors', () => {
  assert.equal(makeToken(app), TOKEN);
  assert.equal(makeToken({ ...app, now: new Date(NOW), uid: '10000' }), TOKEN);
  assert.equal(content(makePermkey(perm)), PERMKEY);
  assert.equal(content(makePermkey({ ...perm, privilege: ['join', 'receive-audio', 'send-audio'], uid: '10000' })), PERMKEY);
});

test('a permission key is safe in an address', () => {
  for (let uid = 1; uid < 200; uid++) assert.match(makePermkey({ ...perm, uid }), /^[\w*-]+$/);
});

test('what is left out has its default', () => {
  const before = Date.now();
  const { now, ttl, ...rest } = app;
  const { curTime, ttl: life } = JSON.parse(Buffer.from(makeToken(rest), 'base64'));
  assert.equal(life, 3600);
  assert.ok(curTime >= before && curTime <= Date.now());
  const { privilege, ...all } = perm;
  const key = JSON.parse(content(makePermkey(all)));
  assert.deepEqual([key.privilege, key.expireTime], [63, 3600]);
  assert.equal(Object.values(PRIVILEGES).reduce((a, b) => a | b), 63);
  for (const uid of [undefined, null, '', 0, '0']) {
    assert.equal(makeToken({ ...app, uid }), makeToken({ ...app, uid: '0' }));
    assert.equal(JSON.parse(content(makePermkey({ ...perm, uid }))).uid, 0);
  }
  for (const number of [7, -1.5, 123456789012345680000]) {
    assert.equal(makeToken({ ...app, channelName: number }), makeToken({ ...app, channelName: String(number) }));
  }
});

test('what no join can have is refused, and no error holds a secret', () => {
  const refused = (make, options, what) =>
    assert.throws(() => make(options), (error) => {
      assert.ok(error instanceof TypeError, String(error));
      assert.match(error.message, what);
      assert.ok(!error.message.includes(app.appSecret) && !error.message.includes(perm.permSecret));
      return true;
    });
  for (const [make, good] of [[makeToken, app], [makePermkey, perm]]) {
    for (const [what, changes] of [
      [/appkey/, [{ appkey: '' }, { appkey: 7 }, { appkey: 'k'.repeat(65) }, { appkey: 'a\nb' }]],
      [/channelName/, [{ channelName: '' }, { channelName: NaN }, { channelName: 1e21 }, { channelName: 1e-7 }, { channelName: -0 }, { channelName: null }, { channelName: 'é'.repeat(33) }, { channelName: '\ud800' }]],
      [/uid/, [{ uid: -1 }, { uid: 1.5 }, { uid: 2 ** 53 }, { uid: {} }, { uid: 1n }, { uid: 'u'.repeat(65) }, { uid: '1\n2' }, { uid: '\udc00' }]],
      [/ttl/, [{ ttl: 0 }, { ttl: 1.5 }, { ttl: '60' }, { ttl: null }, { ttl: 2 ** 31 }]],
      [/now/, [{ now: -1 }, { now: new Date(NaN) }, { now: 1.5 }, { now: '2023' }]],
    ]) {
      for (const change of changes) refused(make, { ...good, ...change }, what);
    }
    refused(make, undefined, /appkey/);
  }
  refused(makeToken, { ...app, ttl: 86401 }, /ttl/);
  for (const appSecret of ['', undefined, 7]) refused(makeToken, { ...app, appSecret }, /appSecret/);
  for (const permSecret of ['', undefined, '\ud800']) refused(makePermkey, { ...perm, permSecret }, /permSecret/);
  for (const privilege of [-1, 64, 1.5, '1', null, ['sing'], ['toString'], [1]]) refused(makePermkey, { ...perm, privilege }, /privilege/);
  // What just fits is taken.
  makeToken({ ...app, channelName: '房'.repeat(21), uid: '😀'.repeat(64), ttl: 86400, appkey: 'k'.repeat(64) });
  makePermkey({ ...perm, ttl: 2 ** 31 - 1, uid: 2 ** 53 - 1, privilege: 0 });
});

test('a page cannot use it', async () => {
  globalThis.document = {};
  try {
    assert.throws(() => makeToken(app), /on a server/);
    assert.throws(() => makePermkey(perm), /on a server/);
  } finally {
    delete globalThis.document;
  }
  await assert.rejects(import('../server/in-a-page.mjs'), /not for pages/);
});

test('import and require give the same, and the types name all of it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'nertc-server-'));
  try {
    await buildServer(dir);
    const required = createRequire(import.meta.url)(join(dir, 'server.cjs'));
    const imported = await import(join(dir, 'server.mjs'));
    assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
    assert.equal(required.makeToken(app), TOKEN);
    assert.equal(imported.makeToken(app), TOKEN);
    const types = readFileSync(fileURLToPath(new URL('../types/server.d.ts', import.meta.url)), 'utf8');
    const declared = [...types.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(declared.sort(), Object.keys(imported).sort());
  } finally {
    rmSync(dir, { recursive: true });
  }
});
