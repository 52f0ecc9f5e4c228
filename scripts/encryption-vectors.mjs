// Computes the test vectors of docs/encryption.md with OpenSSL's SM4, PBKDF2, HKDF and HMAC (through node:crypto), and
// with nothing of this project: node scripts/encryption-vectors.mjs prints what internal/framecrypt/testdata/vectors.json holds.
import { createCipheriv, createHmac, hkdfSync, pbkdf2Sync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const VERSION = 'nertc e2ee v1';
const hex = (b) => Buffer.from(b).toString('hex');
const bytes = (s) => Buffer.from(s, 'hex');

const root = (secret, appkey) => pbkdf2Sync(secret, VERSION + appkey, 600_000, 32, 'sha256');
const derive = (root, label, mode, channel) => Buffer.from(hkdfSync('sha256', root, '', `${VERSION} ${label}\0${mode}\0${channel}`, 32));

function sm4(key, blocks) {
  const cipher = createCipheriv('sm4-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Multiplication in GF(2^128), bit by bit as NIST SP 800-38D, 6.3 has it. */
function multiply(x, y) {
  const R = 0xe1n << 120n;
  let z = 0n;
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= y;
    y = y & 1n ? (y >> 1n) ^ R : y >> 1n;
  }
  return z;
}

const number = (b) => BigInt(`0x${hex(b) || '0'}`);
const block = (n) => bytes(n.toString(16).padStart(32, '0'));
const padded = (b) => Buffer.concat([b, Buffer.alloc((16 - (b.length % 16)) % 16)]);

/** SM4-GCM: ciphertext and tag. NIST SP 800-38D, 7.1. */
export function gcm(key, nonce, plain, aad) {
  const h = number(sm4(key, Buffer.alloc(16)));
  const counter = (n) => Buffer.concat([nonce, block(BigInt(n)).subarray(12)]);
  const count = Math.ceil(plain.length / 16);
  const stream = sm4(key, Buffer.concat(Array.from({ length: count }, (_, i) => counter(i + 2))));
  const text = plain.map((b, i) => b ^ stream[i]);
  const lengths = block((BigInt(aad.length * 8) << 64n) | BigInt(plain.length * 8));
  const all = Buffer.concat([padded(aad), padded(text), lengths]);
  let y = 0n;
  for (let i = 0; i < all.length; i += 16) y = multiply(y ^ number(all.subarray(i, i + 16)), h);
  return Buffer.concat([text, block(y ^ number(sm4(key, counter(1))))]);
}

/** RFC 9605, 4.4.2 with suite 0xf001. */
function senderKeys(base, kid) {
  const secret = createHmac('sha256', '').update(base).digest();
  const expand = (label, length) =>
    createHmac('sha256', secret).update(Buffer.concat([Buffer.from(`SFrame 1.0 Secret ${label} `), kid, bytes('f001'), bytes('01')])).digest().subarray(0, length);
  return { key: expand('key', 16), salt: expand('salt', 12) };
}

function escape(clear, b) {
  const out = [];
  let zeros = [...clear].reverse().findIndex((v) => v !== 0); // the front may end with zeros
  for (const v of b) {
    if (zeros >= 2 && v <= 3) {
      out.push(3);
      zeros = 0;
    }
    zeros = v === 0 ? zeros + 1 : 0;
    out.push(v);
  }
  return Buffer.from(out);
}

/** The first frame of a sender whose id has eight bytes. */
function frame({ mode, codec, key, random, clear, plain }) {
  const layout = { 'audio/opus': 1, 'video/VP8': clear.length === 10 ? 3 : 2, 'video/H264': 4 }[codec] ?? 0;
  let sealed;
  if (mode === 'sm4-128-ecb') {
    const pad = 16 - (plain.length % 16);
    sealed = Buffer.concat([sm4(key.subarray(0, 16), Buffer.concat([plain, Buffer.alloc(pad, pad)])), Buffer.from([(layout << 5) | 31])]);
  } else {
    const header = Buffer.concat([bytes('f0'), random]); // id of 8 bytes, counter 0
    const keys = senderKeys(key, random);
    sealed = Buffer.concat([gcm(keys.key, keys.salt, plain, Buffer.concat([header, clear])), header, Buffer.from([(layout << 5) | header.length])]);
  }
  return Buffer.concat([clear, layout === 4 ? escape(clear, sealed) : sealed]);
}

export function vectors() {
  const keys = [];
  for (const [secret, appkey, channels] of [['correct horse battery staple', 'my-app', ['room1', 'room2']], ['密钥', 'my-app', ['房间']]]) {
    const r = root(secret, appkey);
    for (const channel of channels) {
      for (const mode of ['sm4-128-ecb', 'sm4-128-gcm']) {
        keys.push({ secret, appkey, channel, mode, root: hex(r), frame: hex(derive(r, 'frame', mode, channel)), check: hex(derive(r, 'check', mode, channel)) });
      }
    }
  }
  const plain = Buffer.from('From heavenly harmony this universal frame began.');
  const frames = [];
  for (const mode of ['sm4-128-ecb', 'sm4-128-gcm']) {
    const key = bytes(keys.find((k) => k.mode === mode).frame);
    for (const [codec, clear, text] of [
      ['audio/opus', 'fc', plain],
      ['video/VP8', '10020304050607080910', plain],
      ['video/VP8', '110203', plain],
      ['video/VP9', '', plain],
      ['video/H264', '000000016742e01f0000000168ce3c800000000165b100', Buffer.concat([Buffer.alloc(40), plain])],
    ]) {
      const v = { mode, codec, key, random: bytes('f1e2d3c4b5a69788'), clear: bytes(clear), plain: text };
      frames.push({ ...Object.fromEntries(Object.entries(v).map(([k, x]) => [k, Buffer.isBuffer(x) ? hex(x) : x])), frame: hex(frame(v)) });
    }
  }
  return { keys, frames };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(JSON.stringify(vectors(), null, 1));
