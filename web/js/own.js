// What the visitor sends: one local stream of the SDK, its devices and its screen, and what of them is on.

/* global NERTC */

const KINDS = ['audio', 'video'];
const DEVICE_OF = { audio: 'microphone', video: 'camera' };

// Why a device could not be had: the SDK's events, and the reasons as devices.js names them.
const REASONS = { accessDenied: 'denied', notFound: 'missing', beOccupied: 'busy', deviceError: 'busy' };

/**
 * The own stream in a room. view is Room's, choices a Choices. Room sees to it that one call
 * of open, set, share, switchTo and close has ended before the next begins.
 */
export class Own {
  #client;
  #uid;
  #view;
  #choices;
  #stream = null;
  #has = { audio: false, video: false, screen: false };
  #on = { audio: false, video: false };
  #problems = {};
  #quieter = false;
  #over = false;

  constructor({ client, uid, view, choices }) {
    this.#client = client;
    this.#uid = uid;
    this.#view = view;
    this.#choices = choices;
  }

  /** Whether microphone, camera and screen are sent and not muted. */
  get sending() {
    return { ...this.#on, screen: this.#has.screen };
  }

  /** The ids of the devices in use, '' for none. */
  get devices() {
    const id = (track) => track?.getSettings().deviceId ?? '';
    return {
      microphone: this.#has.audio ? id(this.#stream.getAudioTrack()) : '',
      camera: this.#has.video ? id(this.#stream.getVideoTrack()) : '',
    };
  }

  /** How loud the microphone is now, 0 to 1; 0 while it is muted. */
  get level() {
    return this.#on.audio ? this.#stream.getAudioLevel() : 0;
  }

  /** Opens devices, {audio, video}, and publishes them; on says which are heard and seen at once. */
  async open(tracks, on) {
    if (!tracks.audio && !tracks.video) return;
    const { stream, has, failed } = await this.#captureWhatWorks(tracks);
    if (this.#over) {
      stream?.destroy();
      return;
    }
    if (Object.keys(failed).length > 0) this.#view.devicesFailed(failed);
    if (!stream) return;
    this.#stream?.destroy(); // one without devices, from which a screen was shared
    this.#stream = stream;
    for (const kind of KINDS) {
      this.#has[kind] = this.#on[kind] = has[kind];
      if (has[kind] && !on[kind]) await this.#mute(kind, true);
    }
    this.#tell();
    if (has.video) this.#show('video');
    await this.#client.publish(stream);
  }

  /** Turns the microphone ('audio') or the camera ('video') on or off. */
  async set(kind, on) {
    if (this.#has[kind]) {
      await this.#mute(kind, !on);
    } else if (on && !this.#stream) {
      await this.open({ [kind]: true }, { [kind]: true });
    } else if (on) {
      await this.#openLater(kind);
    }
  }

  /** Uses another microphone or camera: kind is 'audio' or 'video'. */
  async switchTo(kind, deviceId) {
    if (this.#has[kind] && deviceId) await this.#stream.switchDevice(kind, deviceId);
  }

  /** Shares a screen that the visitor picks, with its sound if that was chosen; false ends it. Answers whether one is shared. */
  async share(on) {
    if (!on) {
      await this.#unshare();
      return false;
    }
    const stream = this.#stream ??= await this.#capture({ audio: false, video: false });
    this.#problems = {};
    try {
      await stream.open({ type: 'screen', screenAudio: this.#choices.get('screenSound') });
      await this.#client.publish(stream); // what is published already stays as it is
    } catch (error) {
      if (this.#problems.screen === 'denied') return false; // the visitor has thought better of it
      throw error;
    }
    this.#has.screen = true;
    this.#show('screen');
    this.#tell();
    return true;
  }

  /** Carries out the chosen sizes, frame rates and loudness: of the stream that is sent, or of one that is being made. */
  configure(stream = this.#stream) {
    const get = (name) => this.#choices.get(name);
    stream?.setVideoProfile({ resolution: get('resolution'), frameRate: get('frameRate') });
    stream?.setScreenProfile({ resolution: get('screenResolution'), frameRate: get('screenFrameRate') });
    // Below 100 the sound takes a way through the page: only if that is wished.
    if (get('capture') < 100 || this.#quieter) stream?.setCaptureVolume(get('capture'), 'audio');
    this.#quieter = get('capture') < 100;
  }

  /** Stops sending and gives the devices back. */
  async close() {
    const stream = this.#stream;
    if (this.#has.screen) this.#view.displaced(this.#uid, 'screen');
    this.#forget();
    if (!stream) return;
    await this.#client.unpublish(stream).catch(() => {});
    stream.destroy();
  }

  /** Tells the SDK how large the own picture is shown. */
  resize(type, mode) {
    this.#stream?.setLocalRenderMode(mode, type);
  }

  /** Saves the present own picture; answers the file's name. */
  snapshot(type, name) {
    return this.#stream.takeSnapshot({ name, mediaType: type });
  }

  /** Gives the devices back, when the room is over. */
  destroy() {
    this.#over = true;
    this.#stream?.destroy();
    this.#forget();
  }

  #forget() {
    this.#stream = null;
    this.#has = { audio: false, video: false, screen: false };
    this.#on = { audio: false, video: false };
  }

  // One device that fails must not cost the other: where both were wanted, each is tried alone.
  // Both together come first, because then the browser asks the visitor once.
  async #captureWhatWorks(tracks) {
    const both = tracks.audio && tracks.video;
    const alone = both ? [{ audio: true, video: false }, { audio: false, video: true }] : [];
    const failed = {};
    for (const has of [{ audio: Boolean(tracks.audio), video: Boolean(tracks.video) }, ...alone]) {
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
    const [microphoneId, cameraId] = [this.#choices.get('microphone'), this.#choices.get('camera')];
    const stream = NERTC.createStream({
      client: this.#client,
      audio,
      video,
      ...(audio && microphoneId && { microphoneId }),
      ...(video && cameraId && { cameraId }),
    });
    for (const [event, reason] of Object.entries(REASONS)) {
      stream.on(event, (kind) => { this.#problems[kind] = reason; });
    }
    stream.on('audioTrackEnded', () => this.#lost('audio'));
    stream.on('videoTrackEnded', () => this.#lost('video'));
    // Ended from the browser's own bar: the SDK has taken it back from the others already.
    stream.on('stopScreenSharing', () => this.#unshared());
    this.configure(stream);
    try {
      await stream.init();
      return stream;
    } catch (error) {
      stream.destroy();
      throw error;
    }
  }

  async #openLater(kind) {
    this.#problems = {};
    const deviceId = this.#choices.get(DEVICE_OF[kind]);
    try {
      await this.#stream.open({ type: kind, ...(deviceId && { deviceId }) });
    } catch (error) {
      if (!this.#problems[kind]) throw error;
      this.#view.devicesFailed({ [kind]: this.#problems[kind] });
      return;
    }
    this.#has[kind] = this.#on[kind] = true;
    await this.#client.publish(this.#stream);
    if (kind === 'video') this.#show('video');
    this.#tell();
  }

  #lost(kind) {
    if (!this.#has[kind]) return;
    this.#has[kind] = this.#on[kind] = false;
    this.#view.devicesFailed({ [kind]: 'gone' });
    this.#tell();
  }

  async #unshare() {
    if (!this.#has.screen) return;
    await this.#stream.close({ type: 'screen' });
    this.#unshared();
  }

  #unshared() {
    if (!this.#has.screen) return;
    this.#has.screen = false;
    this.#view.displaced(this.#uid, 'screen');
    this.#tell();
  }

  // The own voice stays silent here: an echo helps nobody.
  #show(type) {
    this.#stream.play(this.#view.place(this.#uid, type), { [type]: true }).catch((error) => console.warn('play', error));
  }

  #tell() {
    this.#view.media(this.#uid, this.sending);
  }

  async #mute(kind, muted) {
    const stream = this.#stream;
    if (kind === 'audio') await (muted ? stream.muteAudio() : stream.unmuteAudio());
    else await (muted ? stream.muteVideo() : stream.unmuteVideo());
    this.#on[kind] = !muted;
    this.#tell();
  }
}
