// The package's part for servers: tokens and permission keys, the same as gateway/token makes. docs/tokens.md has the forms.
// Plain JavaScript for Node 18 and later, with nothing but Node's own modules.
import { createHash, createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** The rights of a permission key: the bits of its `privilege`. */
export const PRIVILEGES = Object.freeze({
  'send-audio': 1,
  'send-video': 2,
  'receive-audio': 4,
  'receive-video': 8,
  'create-room': 16,
  join: 32,
});
const EVERYTHING = 63;

/** The longest life of a token in seconds: a day. */
export const MAX_TOKEN_TTL = 86_400;
/** The longest life of a permission key in seconds: 68 years. */
export const MAX_PERMKEY_TTL = 2 ** 31 - 1;

const HOUR = 3600;
const MAX_BYTES = 64; // of an app key and of a channel's name
const MAX_CHARACTERS = 64; // of a uid
const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /\p{Cc}/u;

const refuse = (why) => {
  throw new TypeError(`nertc: ${why}`);
};

/** A page has no business with the secrets that this needs; bundlers that give it the file all the same must not succeed. */
function onServer() {
  if (typeof document !== 'undefined') refuse('tokens are made on a server: whoever has the page would have the secret too');
}

function textOf(value, name, { control = false } = {}) {
  const good = typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_BYTES && !LONE_SURROGATE.test(value);
  if (!good || (!control && CONTROL.test(value))) {
    refuse(`${name} must be 1 to ${MAX_BYTES} bytes of text${control ? '' : ' without control characters'}`);
  }
  return value;
}

/** A number becomes its decimal text, as in join; one that JavaScript writes in another way is given as a text. */
function channelOf(value) {
  const number = typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0) && !/e/.test(value);
  return textOf(number ? String(value) : value, 'channelName', { control: true });
}

/** Who joins without a uid, or with 0, is signed for as 0. */
function uidOf(value) {
  if (value === undefined || value === null || value === '') return '0';
  if (Number.isSafeInteger(value) && value >= 0) return String(value);
  if (typeof value !== 'string' || [...value].length > MAX_CHARACTERS || LONE_SURROGATE.test(value) || CONTROL.test(value)) {
    refuse(`uid must be a positive safe integer or up to ${MAX_CHARACTERS} characters without control characters`);
  }
  return value;
}

function secretOf(value, name) {
  if (typeof value !== 'string' || value === '' || LONE_SURROGATE.test(value)) refuse(`${name} must be a text that is not empty`);
  return value;
}

function ttlOf(value = HOUR, max) {
  if (!Number.isSafeInteger(value) || value < 1 || value > max) refuse(`ttl must be 1 to ${max} whole seconds`);
  return value;
}

/** Milliseconds since 1970. */
function timeOf(value = Date.now()) {
  const time = value instanceof Date ? value.getTime() : value;
  if (!Number.isSafeInteger(time) || time < 0) refuse('now must be a Date or a time in whole milliseconds since 1970');
  return time;
}

function privilegeOf(value = EVERYTHING) {
  if (Array.isArray(value)) {
    return value.reduce((bits, name) => {
      if (!Object.hasOwn(PRIVILEGES, name)) refuse(`privilege has to be some of ${Object.keys(PRIVILEGES).join(', ')}`);
      return bits | PRIVILEGES[name];
    }, 0);
  }
  if (!Number.isSafeInteger(value) || value < 0 || value > EVERYTHING) {
    refuse(`privilege must be a sum of bits from 0 to ${EVERYTHING}, or a list of names`);
  }
  return value;
}

/**
 * Makes the token with which a user may join a room.
 *
 * signature = lower-case hexadecimal SHA-1 of appkey + uid + curTime + ttl + channelName + appSecret
 */
export function makeToken(options) {
  onServer();
  const appkey = textOf(options?.appkey, 'appkey');
  const secret = secretOf(options.appSecret, 'appSecret');
  const channel = channelOf(options.channelName);
  const uid = uidOf(options.uid);
  const ttl = ttlOf(options.ttl, MAX_TOKEN_TTL);
  const curTime = timeOf(options.now);
  const signature = createHash('sha1').update(`${appkey}${uid}${curTime}${ttl}${channel}${secret}`, 'utf8').digest('hex');
  return Buffer.from(JSON.stringify({ signature, curTime, ttl })).toString('base64');
}

/**
 * Makes the permission key, which limits what a user may do in a room, and for how long.
 *
 * checksum = Base64 of HMAC-SHA256 with the permission secret over one line for each field; the whole is JSON with its
 * keys in alphabetical order, deflated by zlib, in Base64 with * - _ for + / =
 */
export function makePermkey(options) {
  onServer();
  const appkey = textOf(options?.appkey, 'appkey');
  const secret = secretOf(options.permSecret, 'permSecret');
  const cname = channelOf(options.channelName);
  const uid = uidOf(options.uid);
  const expireTime = ttlOf(options.ttl, MAX_PERMKEY_TTL);
  const curTime = Math.floor(timeOf(options.now) / 1000);
  const privilege = privilegeOf(options.privilege);
  const signed = `appkey:${appkey}\nuid:${uid}\ncurTime:${curTime}\nexpireTime:${expireTime}\ncname:${cname}\nprivilege:${privilege}\n`;
  const checksum = createHmac('sha256', secret).update(signed, 'utf8').digest('base64');
  const number = /^(0|[1-9]\d*)$/.test(uid) && Number.isSafeInteger(Number(uid));
  const key = { appkey, checksum, cname, curTime, expireTime, privilege, uid: number ? Number(uid) : uid };
  const written = { '+': '*', '/': '-', '=': '_' };
  return deflateSync(JSON.stringify(key)).toString('base64').replace(/[+/=]/g, (digit) => written[digit]);
}
