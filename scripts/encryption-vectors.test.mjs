// The vectors of the encryption, which the Go code is tested by, are what OpenSSL computes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gcm, vectors } from './encryption-vectors.mjs';

test('the vectors of the encryption are what OpenSSL computes', () => {
  const kept = JSON.parse(readFileSync(new URL('../internal/framecrypt/testdata/vectors.json', import.meta.url)));
  assert.deepEqual(kept, vectors());
});

test('SM4-GCM as in RFC 8998, A.1', () => {
  const b = (s) => Buffer.from(s, 'hex');
  const plain = 'aabbccddeeffeeaa'.replace(/../g, (x) => x.repeat(8));
  const sealed = gcm(b('0123456789abcdeffedcba9876543210'), b('00001234567800000000abcd'), b(plain), b('feedfacedeadbeeffeedfacedeadbeefabaddad2'));
  assert.equal(sealed.toString('hex').slice(-32), '83de3541e4c2b58177e065a9bf7b62ec');
});
