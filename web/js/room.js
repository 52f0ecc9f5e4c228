// One stay in a room: the client of the SDK, the others and what comes from them.

/* global NERTC */

import { Own } from './own.js';

/** The code with which the SDK says that the browser wants a click before it plays sound. */
const AUTOPLAY_BLOCKED = 41030;

/** Why a room has ended is told right after its connection is gone: how long in ms to wait for that. */
const REASON_GRACE = 300;

/**
 * A stay in a room. What happens in it is told to `view`, an object with the functions
 *
 *   joined(uid, role)  memberJoined(uid)  memberLeft(uid)
 *   place(uid, type) → Element             where a member's 'video' or 'screen' is played
 *   displaced(uid, type)                   that picture is gone
 *   media(uid, {audio?, video?, screen?})  whether a member is heard and seen now
 *   levels([{uid, level, type}])           how loud the others are, every second
 *   state(curState, reconnect)             DISCONNECTED, CONNECTING, CONNECTED, DISCONNECTING
 *   role('host' | 'audience')              the own role has changed
 *   silenced({audio?, video?, duration})   the operator has muted the visitor, or lifted that
 *   soundBlocked(blocked)                  whether resume() is needed
 *   devicesFailed({audio?, video?})        reasons, as in devices.js
 *   ended(kind, detail)                    'lost', 'uid-duplicate', 'client-banned', 'channel-closed', 'permkey-timeout'
 */
export class Room {
  #view;
  #client;
  #wanted;
  #own = null;
  #members = new Map(); // uid → {stream, and by media type {there, muted}}
  #blocked = new Set();
  #joined = false;
  #uid = null; // kept: the client forgets it when the room is over
  #over = false;
  #work = Promise.resolve();

  constructor(view) {
    this.#view = view;
  }

  /** Whether the own microphone and camera are sent and not muted. */
  get sending() {
    return this.#own?.sending ?? { audio: false, video: false };
  }

  /**
   * Joins. options: {room, uid, appkey, token, role, tracks, on, microphoneId, cameraId}:
   * uid null lets the server choose; tracks {audio, video} are the devices to open,
   * on {audio, video} which of them are heard and seen at once. They are opened by
   * openDevices after the join, so that a visitor who is still being asked for the
   * camera already sees the others.
   */
  async join(options) {
    this.#wanted = options;
    this.#client = NERTC.createClient({ appkey: options.appkey || 'demo', debug: false });
    this.#listen();
    try {
      if (options.role === 'audience') await this.#client.setClientRole('audience');
      await this.#client.join({
        channelName: options.room,
        ...(options.uid && { uid: options.uid }),
        ...(options.token && { token: options.token }),
      });
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#joined = true;
    this.#uid = this.#client.getUid();
    this.#own = new Own({ client: this.#client, uid: this.#uid, view: this.#view, wanted: options });
    this.#view.joined(this.#uid, options.role ?? 'host');
  }

  /** Opens the devices that were wanted and publishes them. Rejects only if the server refuses. */
  openDevices() {
    return this.#inTurn(() => this.#own.open(this.#wanted.tracks, this.#wanted.on));
  }

  /** Turns the own microphone ('audio') or camera ('video') on or off. */
  set(kind, on) {
    return this.#inTurn(() => this.#own.set(kind, on));
  }

  /** Becomes 'host' or 'audience'. Who only watches gives the devices back. */
  setRole(role) {
    return this.#inTurn(async () => {
      const on = this.sending;
      if (role === 'audience') {
        await this.#own.close();
        this.#wanted = { ...this.#wanted, on, tracks: { audio: true, video: on.video } };
      }
      await this.#client.setClientRole(role);
      this.#view.role(role);
      if (role === 'host') await this.#own.open(this.#wanted.tracks, this.#wanted.on);
    });
  }

  /** Starts the sound that the browser held back; call it from a click. */
  async resume() {
    const waiting = [...this.#blocked];
    this.#blocked.clear();
    await Promise.all(waiting.map((stream) => stream.resume().catch(() => this.#blocked.add(stream))));
    this.#view.soundBlocked(this.#blocked.size > 0);
  }

  /** Tells the SDK how large a picture is shown. Faces fill their tile; of a screen nothing is cut off. */
  resize(uid, type, width, height) {
    const mode = { width, height, cut: type !== 'screen' };
    if (uid === this.#uid) this.#own?.resize(type, mode);
    else this.#members.get(uid)?.stream?.setRemoteRenderMode(mode, type);
  }

  /** Leaves and gives the devices back. */
  async leave() {
    if (this.#over) return;
    this.#over = true;
    const leaving = this.#client.leave().catch(() => {});
    this.#own?.destroy();
    await leaving;
    this.#client.destroy();
  }

  #listen() {
    const client = this.#client;
    const view = this.#view;

    client.on('connection-state-change', ({ curState, prevState, reconnect }) => {
      if (this.#over) return;
      const again = Boolean(reconnect) || (curState === 'CONNECTING' && prevState === 'CONNECTED');
      view.state(curState, again);
      if (curState === 'DISCONNECTED' && this.#joined) setTimeout(() => this.#finish('lost'), REASON_GRACE);
    });
    for (const event of ['uid-duplicate', 'client-banned', 'channel-closed', 'permkey-timeout']) {
      client.on(event, () => this.#finish(event));
    }
    client.on('audioVideoBanned', (banned) => view.silenced(banned));
    client.on('volume-indicator', (levels) => view.levels([...levels]));

    client.on('peer-online', ({ uid }) => {
      this.#member(uid);
      view.memberJoined(uid);
    });
    client.on('peer-leave', ({ uid }) => {
      this.#blocked.delete(this.#members.get(uid)?.stream);
      this.#members.delete(uid);
      view.memberLeft(uid);
      view.soundBlocked(this.#blocked.size > 0);
    });

    client.on('stream-added', ({ stream }) => {
      stream.setSubscribeConfig({ audio: true, audioSlave: true, video: true, screen: true });
      client.subscribe(stream).catch((error) => console.warn('subscribe', error));
    });
    client.on('stream-subscribed', ({ stream, mediaType }) => this.#play(stream, mediaType));
    client.on('stream-removed', ({ stream, mediaType }) => {
      stream.stop(mediaType);
      this.#set(stream.getId(), mediaType, { there: false, muted: false });
      if (mediaType === 'screen') view.displaced(stream.getId(), 'screen');
    });
    for (const mediaType of ['audio', 'video', 'screen']) {
      client.on(`mute-${mediaType}`, ({ uid }) => this.#set(uid, mediaType, { muted: true }));
      client.on(`unmute-${mediaType}`, ({ uid }) => this.#set(uid, mediaType, { muted: false }));
    }
  }

  #play(stream, mediaType) {
    const uid = stream.getId();
    const member = this.#member(uid);
    if (member.stream !== stream) {
      member.stream = stream;
      stream.on('notAllowedError', () => this.#block(stream));
    }
    this.#set(uid, mediaType, { there: true });
    const place = mediaType === 'video' || mediaType === 'screen' ? this.#view.place(uid, mediaType) : null;
    stream.play(place, { [mediaType]: true }).catch((error) => {
      if (error.code === AUTOPLAY_BLOCKED) this.#block(stream);
      else console.warn('play', error);
    });
  }

  #block(stream) {
    this.#blocked.add(stream);
    this.#view.soundBlocked(true);
  }

  #member(uid) {
    if (!this.#members.has(uid)) this.#members.set(uid, { stream: null });
    return this.#members.get(uid);
  }

  // Notes what has changed of a member's media and tells the view what is heard and seen.
  #set(uid, mediaType, change) {
    const member = this.#members.get(uid);
    if (!member) return;
    member[mediaType] = { there: false, muted: false, ...member[mediaType], ...change };
    const live = (type) => Boolean(member[type]?.there && !member[type].muted);
    this.#view.media(uid, { audio: live('audio'), video: live('video'), screen: live('screen') });
  }

  // Clicks come faster than devices open: one step after the other.
  #inTurn(step) {
    const done = this.#work.then(() => (this.#over ? undefined : step()));
    this.#work = done.catch(() => {});
    return done;
  }

  // The room has ended without us asking.
  #finish(kind) {
    if (this.#over) return;
    this.#end();
    this.#view.ended(kind, { uid: this.#uid });
  }

  #end() {
    this.#over = true;
    this.#own?.destroy();
    this.#client.destroy();
  }
}
