// From what went wrong to what the visitor is told.

// The codes are the documented ones: docs/errors.md.
const KEY_OF_CODE = new Map([
  [403, 'err_token'],
  [414, 'err_badToken'],
  [10001, 'err_notHere'],
  [10002, 'err_network'],
  [10110, 'err_room'],
  [10112, 'err_uid'],
  [10119, 'err_refused'],
  [10471, 'err_noEncryption'],
  [10212, 'err_media'],
  [10355, 'err_publish'],
]);

// Why the server refused, by the number of its own that comes with these codes.
const REFUSALS = new Set([10119, 10133, 10135, 10137]);
const KEY_OF_REFUSAL = new Map([
  [404, 'err_appkey'],
  [429, 'err_busy'],
  [4035, 'err_relay'],
  [502, 'err_unavailable'],
  [503, 'err_unavailable'],
  [504, 'err_unavailable'],
  [4031, 'err_bannedNow'],
  [4032, 'err_opMuted'],
  [4033, 'err_full'],
  [4034, 'err_rooms'],
  [4036, 'err_encryption'],
  [4042, 'err_liveBusy'],
  [4043, 'err_liveOff'],
]);

/** The errors that a field of the lobby helps against, and its name. */
export const ASKS_FOR_ACCESS = new Map([['err_token', 'token'], ['err_badToken', 'token'], ['err_appkey', 'appkey']]);

/** What to show for an error that the SDK threw or rejected with. */
export function describe(error, fallback = 'err_unknown') {
  // A DOMException has a code, too, but not one of ours.
  const code = error?.name === 'NERtcError' ? error.code : undefined;
  const reason = (error && (error.reason || error.message)) || String(error);
  if (code === 10002 && reason.includes('.wasm')) return { key: 'err_sdk', code };
  const refusal = REFUSALS.has(code) ? KEY_OF_REFUSAL.get(error.extraCode) : undefined;
  return { key: refusal ?? KEY_OF_CODE.get(code) ?? fallback, code, values: { reason } };
}

/** What to show for devices that could not be opened: {audio, video} of reasons, see devices.js, or 'gone' for one that was pulled out. Null if there is none. */
export function describeDevices({ audio, video }) {
  const reason = audio ?? video;
  if (!reason) return null;
  if (reason === 'insecure') return { key: 'dev_insecure' };
  const which = audio && video && audio === video ? 'both' : audio ? 'audio' : 'video';
  return { key: `dev_${reason}_${which}`, detailKey: `dev_${reason}` };
}
