// One stay in a room: the only file of the page that talks to the SDK.

/* global NERTC */

/** The code with which the SDK says that the browser wants a click before it plays sound. */
const AUTOPLAY_BLOCKED = 41030;

/** Why a room has ended is told right after its connection is gone: how long in ms to wait for that. */
const REASON_GRACE = 300;

const KINDS = ['audio', 'video'];

/**
 * A stay in a room. What happens in it is told to `view`, an object with the functions
 *
 *   joined(uid)  memberJoined(uid)  memberLeft(uid)
 *   place(uid) → Element                   where the pictures of a member are played
 *   media(uid, {audio?, video?})           whether a member is heard and seen now
 *   state(curState, reconnect)             DISCONNECTED, CONNECTING, CONNECTED, DISCONNECTING
 *   soundBlocked(blocked)                  whether resume() is needed
 *   devicesFailed({audio?, video?})        reasons, as in devices.js
 *   ended(kind, detail)                    'lost', 'uid-duplicate', 'client-banned', 'channel-closed'
 */
export class Room {
  #view;
  #client;
  #wanted;
  #local = null;
  #localHas = { audio: false, video: false };
  #on = { audio: false, video: false };
  #media = new Map(); // uid → what arrives and what is muted, by media type
  #blocked = new Set();
  #problems = {};
  #joined = false;
  #uid = null; // kept: the client forgets it when the room is over
  #over = false;
  #work = Promise.resolve();

  constructor(view) {
    this.#view = view;
  }

  /** Whether the own microphone and camera are sent and not muted. */
  get sending() {
    return { ...this.#on };
  }

  /**
   * Joins. options: {room, uid, appkey, token, tracks, on, microphoneId, cameraId}:
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
    this.#view.joined(this.#uid);
  }

  /** Opens the devices that were wanted and publishes them. Rejects only if the server refuses. */
  openDevices() {
    return this.#inTurn(() => this.#open(this.#wanted.tracks, this.#wanted.on));
  }

  /** Turns the own microphone ('audio') or camera ('video') on or off. */
  set(kind, on) {
    return this.#inTurn(async () => {
      if (on && !this.#localHas[kind]) {
        await this.#open({ ...this.#localHas, [kind]: true }, { ...this.#on, [kind]: true });
        return;
      }
      if (!this.#localHas[kind]) return;
      await this.#mute(kind, !on);
    });
  }

  /** Starts the sound that the browser held back; call it from a click. */
  async resume() {
    const waiting = [...this.#blocked];
    this.#blocked.clear();
    for (const stream of waiting) {
      await stream.resume().catch(() => this.#blocked.add(stream));
    }
    this.#view.soundBlocked(this.#blocked.size > 0);
  }

  /** Tells the SDK how large a member's picture is shown. */
  resize(uid, width, height) {
    const mode = { width, height, cut: true };
    const stream = uid === this.#uid ? this.#local : this.#media.get(uid)?.stream;
    if (!stream) return;
    if (stream === this.#local) stream.setLocalRenderMode(mode);
    else stream.setRemoteRenderMode(mode);
  }

  /** Leaves and gives the devices back. */
  async leave() {
    if (this.#over) return;
    this.#over = true;
    const leaving = this.#client.leave().catch(() => {});
    this.#local?.destroy();
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
    client.on('uid-duplicate', () => this.#finish('uid-duplicate'));
    client.on('client-banned', () => this.#finish('client-banned'));
    client.on('channel-closed', () => this.#finish('channel-closed'));

    client.on('peer-online', ({ uid }) => {
      this.#member(uid);
      view.memberJoined(uid);
    });
    client.on('peer-leave', ({ uid }) => {
      this.#blocked.delete(this.#media.get(uid)?.stream);
      this.#media.delete(uid);
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
    });

    for (const mediaType of KINDS) {
      client.on(`mute-${mediaType}`, ({ uid }) => this.#set(uid, mediaType, { muted: true }));
      client.on(`unmute-${mediaType}`, ({ uid }) => this.#set(uid, mediaType, { muted: false }));
    }
    const reasons = { accessDenied: 'denied', notFound: 'missing', beOccupied: 'busy', deviceError: 'busy' };
    for (const [event, reason] of Object.entries(reasons)) {
      client.on(event, (kind) => { this.#problems[kind] = reason; });
    }
  }

  #play(stream, mediaType) {
    const uid = stream.getId();
    const member = this.#member(uid);
    if (!member.stream) {
      member.stream = stream;
      stream.on('notAllowedError', () => this.#block(stream));
    }
    this.#set(uid, mediaType, { there: true });
    const options = { audio: false, audioSlave: false, video: false, screen: false };
    for (const type of Object.keys(options)) options[type] = Boolean(member[type]?.there);
    stream.play(this.#view.place(uid), options).catch((error) => {
      if (error.code === AUTOPLAY_BLOCKED) this.#block(stream);
      else console.warn('play', error);
    });
  }

  #block(stream) {
    this.#blocked.add(stream);
    this.#view.soundBlocked(true);
  }

  #member(uid) {
    if (!this.#media.has(uid)) this.#media.set(uid, { stream: null });
    return this.#media.get(uid);
  }

  // Notes what has changed of a member's media and tells the view what is heard and seen.
  #set(uid, mediaType, change) {
    const member = this.#media.get(uid);
    if (!member) return;
    member[mediaType] = { there: false, muted: false, ...member[mediaType], ...change };
    const live = (type) => Boolean(member[type]?.there && !member[type].muted);
    this.#view.media(uid, { audio: live('audio'), video: live('video') || live('screen') });
  }

  // Makes the local stream with these tracks, in place of the one before, and publishes it.
  async #open(tracks, on) {
    if (!tracks.audio && !tracks.video) return;
    const { stream, has, failed } = await this.#captureWhatWorks(tracks);
    if (this.#over) {
      stream?.destroy();
      return;
    }
    if (Object.keys(failed).length > 0) this.#view.devicesFailed(failed);
    if (!stream) return;
    if (this.#local && KINDS.every((kind) => has[kind] === this.#localHas[kind])) {
      stream.destroy(); // nothing gained: what is being sent goes on undisturbed
      return;
    }
    await this.#publish(stream, has, on);
  }

  // One device that fails must not cost the other: where both were wanted, each is tried alone.
  async #captureWhatWorks(tracks) {
    const both = tracks.audio && tracks.video;
    const alone = both ? [{ audio: true, video: false }, { audio: false, video: true }] : [];
    const failed = {};
    for (const has of [tracks, ...alone]) {
      const kinds = KINDS.filter((kind) => has[kind]);
      try {
        const stream = await this.#capture(has);
        for (const kind of KINDS) {
          if (!tracks[kind] || has[kind]) delete failed[kind];
          else failed[kind] ??= 'busy';
        }
        return { stream, has, failed };
      } catch {
        for (const kind of kinds) {
          if (this.#problems[kind] || kinds.length === 1) failed[kind] = this.#problems[kind] ?? 'busy';
        }
      }
    }
    return { stream: null, has: tracks, failed };
  }

  async #capture({ audio, video }) {
    this.#problems = {};
    const { microphoneId, cameraId } = this.#wanted;
    const stream = NERTC.createStream({
      client: this.#client,
      audio,
      video,
      ...(audio && microphoneId && { microphoneId }),
      ...(video && cameraId && { cameraId }),
    });
    try {
      await stream.init();
      return stream;
    } catch (error) {
      stream.destroy();
      throw error;
    }
  }

  async #publish(stream, tracks, on) {
    const uid = this.#uid;
    if (this.#local) {
      await this.#client.unpublish(this.#local);
      this.#local.destroy();
    }
    this.#local = stream;
    this.#localHas = { audio: tracks.audio, video: tracks.video };
    for (const kind of KINDS) {
      this.#on[kind] = tracks[kind];
      if (tracks[kind] && !on[kind]) await this.#mute(kind, true);
    }
    this.#view.media(uid, this.sending);
    if (tracks.video) {
      // The own voice stays silent here: an echo helps nobody.
      stream.play(this.#view.place(uid), { audio: false, video: true }).catch((error) => console.warn('play', error));
    }
    await this.#client.publish(stream);
  }

  async #mute(kind, muted) {
    const stream = this.#local;
    if (kind === 'audio') await (muted ? stream.muteAudio() : stream.unmuteAudio());
    else await (muted ? stream.muteVideo() : stream.unmuteVideo());
    this.#on[kind] = !muted;
    this.#view.media(this.#uid, this.sending);
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
    this.#local?.destroy();
    this.#client.destroy();
  }
}
