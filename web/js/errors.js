// From what went wrong to what the visitor is told.

// The codes are the documented ones: docs/errors.md.
const KEY_OF_CODE = new Map([
  [403, 'err_token'],
  [414, 'err_badToken'],
  [10002, 'err_network'],
  [10110, 'err_room'],
  [10112, 'err_uid'],
  [10119, 'err_refused'],
  [10355, 'err_publish'],
]);

/** What to show for an error that the SDK threw or rejected with. */
export function describe(error, fallback = 'err_unknown') {
  const code = error && typeof error.code === 'number' ? error.code : undefined;
  const reason = (error && (error.reason || error.message)) || String(error);
  return { key: KEY_OF_CODE.get(code) ?? fallback, code, values: { reason } };
}

/** What to show for devices that could not be opened: {audio, video} of reasons, see devices.js. Null if there is none. */
export function describeDevices({ audio, video }) {
  const reason = audio ?? video;
  if (!reason) return null;
  if (reason === 'insecure') return { key: 'dev_insecure' };
  const which = audio && video && audio === video ? 'both' : audio ? 'audio' : 'video';
  return { key: `dev_${reason}_${which}`, detailKey: `dev_${reason}` };
}
