// What has happened in the call, for whoever looks for the cause of a problem. The names are those of the SDK's events, in
// every language; of what an event passes, only what is named here is kept: never a token, a secret or what people say.

/** The events that are noted. */
export const NOTED = [
  'connection-state-change', 'peer-online', 'peer-leave', 'stream-added', 'stream-subscribed', 'stream-removed',
  'mute-audio', 'unmute-audio', 'mute-video', 'unmute-video', 'mute-screen', 'unmute-screen', 'mute-audio-slave', 'unmute-audio-slave',
  'client-role-changed', 'audioVideoBanned', 'rtmp-state', 'stopScreenSharing', 'stopScreenAudio', 'camera-changed', 'recording-device-changed', 'playout-device-changed',
  'uid-duplicate', 'client-banned', 'channel-closed', 'permkey-will-expire', 'permkey-timeout', 'crypt-error', 'exception', 'warning', 'error',
];

const LIMIT = 1000;
const KEPT = ['uid', 'role', 'audio', 'video', 'duration', 'state', 'code', 'msg', 'cryptType'];
const BAD = new Set(['error', 'exception', 'warning', 'crypt-error', 'uid-duplicate', 'client-banned', 'channel-closed', 'permkey-timeout']);

/** The log: the last entries, oldest first. added(entry) is called for each new one. */
export class EventLog {
  entries = [];
  added = () => {};

  /** Notes an event with what it passed. */
  note(name, passed, at = new Date()) {
    this.add(name, about(name, passed), at);
  }

  /** Notes something with a text of its own. */
  add(name, text, at = new Date()) {
    const entry = { at, name, text, bad: BAD.has(name) };
    this.entries.push(entry);
    if (this.entries.length > LIMIT) this.entries.shift();
    this.added(entry);
  }

  /** All entries as the text of a file, a line each. */
  toString() {
    return this.entries.map(({ at, name, text }) => `${at.toISOString()} ${name}${text && ` ${text}`}\n`).join('');
  }
}

/** What an event passed, in a few words. */
export function about(name, passed) {
  if (passed === undefined || passed === null) return '';
  if (typeof passed !== 'object') return String(passed);
  if (name === 'connection-state-change') return `${passed.prevState} → ${passed.curState}${passed.reconnect ? ', reconnect' : ''}`;
  const words = [];
  if (passed.stream) words.push(`uid ${passed.stream.getId()}`);
  if (passed.mediaType) words.push(passed.mediaType);
  for (const key of KEPT) {
    const value = passed[key];
    if (['string', 'number', 'boolean'].includes(typeof value)) words.push(`${key} ${value}`);
  }
  return words.join(', ');
}
