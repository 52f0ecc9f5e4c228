// Both languages say everything, and the page asks for nothing that they do not have.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { describe, describeDevices } from '../js/errors.js';
import { en } from '../js/texts/en.js';
import { zh } from '../js/texts/zh.js';

const web = new URL('../', import.meta.url);
const scripts = readdirSync(new URL('js/', web)).filter((name) => name.endsWith('.js')).map((name) => readFileSync(new URL(`js/${name}`, web), 'utf8'));
const page = readFileSync(new URL('index.html', web), 'utf8');

test('English and Chinese have the same texts with the same places in them', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) {
    const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    assert.deepEqual(places(zh[key]), places(en[key]), key);
  }
});

test('every text that the page names is there', () => {
  const named = [
    ...[...page.matchAll(/data-i18n(?:-\w+)?="(\w+)"/g)].map((m) => m[1]),
    ...scripts.flatMap((source) => [...source.matchAll(/\bt\('(\w+)'/g)].map((m) => m[1])),
    ...scripts.flatMap((source) => [...source.matchAll(/'((?:err|dev|op)_\w+)'/g)].map((m) => m[1])),
  ];
  assert.ok(named.length > 60, 'the search finds what is named');
  for (const key of named) assert.ok(key in en || `${key}_detail` in en || Object.keys(en).some((each) => each.startsWith(`${key}_`)), key);
});

test('every text is used', () => {
  const all = page + scripts.join('\n');
  // Some names are put together: state_CONNECTED from state_ and the state.
  const stems = [...all.matchAll(/`(\w+)_\$\{/g)].map((m) => `${m[1]}_`);
  const unused = Object.keys(en).filter((key) => {
    const base = key.replace(/_detail$/, '');
    return !all.includes(`'${base}'`) && !all.includes(`"${base}"`) && !stems.some((stem) => key.startsWith(stem)) &&
      !/^(no|unnamed)(Microphone|Camera|Speaker)$/.test(key);
  });
  assert.deepEqual(unused, []);
});

const sdkError = (code, extraCode = 0) => Object.assign(new Error(`code: ${code}`), { name: 'NERtcError', code, extraCode, reason: 'the reason' });

for (const [code, extraCode, key] of [
  [403, 0, 'err_token'], [414, 0, 'err_badToken'], [10002, 0, 'err_network'], [10110, 0, 'err_room'], [10112, 0, 'err_uid'],
  [10119, 4031, 'err_bannedNow'], [10119, 4033, 'err_full'], [10119, 4034, 'err_rooms'], [10119, 429, 'err_busy'], [10119, 4035, 'err_relay'],
  [10119, 404, 'err_appkey'], [10119, 503, 'err_unavailable'], [10119, 4032, 'err_opMuted'], [10119, 1, 'err_refused'],
  [10212, 0, 'err_media'], [10001, 0, 'err_notHere'], [10133, 4042, 'err_liveBusy'], [10137, 4042, 'err_liveBusy'], [10133, 4043, 'err_liveOff'],
]) {
  test(`code ${code}${extraCode ? `/${extraCode}` : ''} has a sentence of its own`, () => {
    const shown = describe(sdkError(code, extraCode));
    assert.equal(shown.key, key);
    assert.equal(shown.code, code);
    assert.ok(en[key] && `${key}_detail` in en);
  });
}

test('an error of the browser is no code of ours', () => {
  const shown = describe(new DOMException('no picture', 'InvalidStateError'), 'err_pip');
  assert.deepEqual(shown, { key: 'err_pip', code: undefined, values: { reason: 'no picture' } });
});

test('refused, missing and busy devices are told apart', () => {
  for (const reason of ['denied', 'missing', 'busy']) {
    for (const [problems, which] of [[{ audio: reason }, 'audio'], [{ video: reason }, 'video'], [{ audio: reason, video: reason }, 'both']]) {
      const { key, detailKey } = describeDevices(problems);
      assert.equal(key, `dev_${reason}_${which}`);
      assert.ok(en[key] && en[`${detailKey}_detail`]);
    }
  }
  assert.equal(describeDevices({}), null);
});
