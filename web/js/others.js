// What comes from the others: their streams, played, turned down, pictured.

/** The code with which the SDK says that the browser wants a click before it plays sound. */
const AUTOPLAY_BLOCKED = 41030;

/** The documented numbers of the two sizes in which a picture may be sent. */
const LAYERS = { low: 0, high: 1 };

/** In px: lower tiles show the small picture as well as the large one. */
const SMALL = 200;

const SOUND_OF = { video: 'audio', screen: 'audioSlave' };

/**
 * The others in a room. view is Room's, choices a Choices.
 */
export class Others {
  #client;
  #view;
  #choices;
  #members = new Map(); // uid → {stream, volumes, quality, chosen, height, and by media type {there, muted}}
  #blocked = new Set();

  constructor({ client, view, choices }) {
    this.#client = client;
    this.#view = view;
    this.#choices = choices;
    client.setPlaybackVolume(choices.get('playback'));
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
    client.on('stream-added', ({ stream }) => this.#subscribe(stream));
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

  /** Tells the SDK how large a picture is shown. */
  resize(uid, type, mode) {
    const member = this.#members.get(uid);
    if (!member?.stream) return;
    member.stream.setRemoteRenderMode(mode, type);
    if (type !== 'video') return;
    member.height = mode.height;
    this.#ask(member).catch((error) => console.warn('quality', error));
  }

  /** Which size of somebody's picture is received: 'auto', 'high' or 'low'. */
  quality(uid) {
    return this.#members.get(uid)?.quality ?? null;
  }

  /** Receives somebody's picture in a quality, as above. */
  async setQuality(uid, quality) {
    const member = this.#member(uid);
    member.quality = quality;
    await this.#ask(member);
  }

  /** Carries out the quality that was chosen for everybody. */
  async setReceive() {
    for (const uid of this.#members.keys()) await this.setQuality(uid, this.#choices.get('receive'));
  }

  /** Saves the present picture of somebody's 'video' or 'screen'; answers the file's name. */
  snapshot(uid, type, name) {
    return this.#members.get(uid).stream.takeSnapshot({ name, mediaType: type });
  }

  /** How loud the voice ('video') or the screen's sound ('screen') of somebody is played, 0 to 100; null where there is none. */
  volume(uid, type) {
    const member = this.#members.get(uid);
    return member?.[SOUND_OF[type]]?.there ? member.volumes[type] : null;
  }

  setVolume(uid, type, volume) {
    const member = this.#members.get(uid);
    if (!member?.stream) return;
    member.volumes[type] = volume;
    if (type === 'screen') member.stream.setAudioSlaveVolume(volume);
    else member.stream.setAudioVolume(volume);
  }

  /** Carries out how loud everything is played. */
  setPlayback() {
    this.#client.setPlaybackVolume(this.#choices.get('playback'));
  }

  /** Plays everything by the chosen loudspeaker. Rejects where that cannot be. */
  async setSpeaker() {
    for (const { stream } of this.#members.values()) await stream?.setAudioOutput(this.#choices.get('speaker'));
  }

  /** Starts the sound that the browser held back; call it from a click. */
  async resume() {
    const waiting = [...this.#blocked];
    this.#blocked.clear();
    await Promise.all(waiting.map((stream) => stream.resume().catch(() => this.#blocked.add(stream))));
    this.#view.soundBlocked(this.#blocked.size > 0);
  }

  #subscribe(stream) {
    const member = this.#member(stream.getId());
    if (member.stream !== stream) {
      member.stream = stream;
      member.chosen = null;
      stream.on('notAllowedError', () => this.#block(stream));
      // A loudspeaker that is gone is no reason for silence: the system's own plays then.
      const speaker = this.#choices.get('speaker');
      if (speaker) stream.setAudioOutput(speaker).catch((error) => console.warn('speaker', error));
      this.#ask(member).catch((error) => console.warn('quality', error));
    }
    stream.setSubscribeConfig({ audio: true, audioSlave: true, video: true, screen: true });
    this.#client.subscribe(stream).catch((error) => console.warn('subscribe', error));
  }

  // The SDK chooses by itself what fits the size on the page, until it is told once. After that
  // "automatic" is for the page to do.
  async #ask(member) {
    const { quality, chosen, height, stream } = member;
    const wanted = quality !== 'auto' ? quality : chosen === null ? null : height < SMALL ? 'low' : 'high';
    if (!stream || wanted === chosen) return;
    member.chosen = wanted;
    await this.#client.setRemoteVideoStreamType(stream, LAYERS[wanted]);
  }

  #play(stream, mediaType) {
    const uid = stream.getId();
    const member = this.#member(uid);
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
    if (!this.#members.has(uid)) {
      this.#members.set(uid, { stream: null, volumes: { video: 100, screen: 100 }, quality: this.#choices.get('receive'), chosen: null, height: 0 });
    }
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
}
