// What the visitor sends: one local stream of the SDK, its devices, and what of them is on.

/* global NERTC */

const KINDS = ['audio', 'video'];

// Why a device could not be had: the SDK's events, and the reasons as devices.js names them.
const REASONS = { accessDenied: 'denied', notFound: 'missing', beOccupied: 'busy', deviceError: 'busy' };

/**
 * The own stream in a room. view is Room's; wanted is {microphoneId, cameraId}.
 * Room sees to it that one call has ended before the next begins.
 */
export class Own {
  #client;
  #uid;
  #view;
  #wanted;
  #stream = null;
  #has = { audio: false, video: false };
  #on = { audio: false, video: false };
  #problems = {};
  #over = false;

  constructor({ client, uid, view, wanted }) {
    this.#client = client;
    this.#uid = uid;
    this.#view = view;
    this.#wanted = wanted;
  }

  /** Whether microphone and camera are sent and not muted. */
  get sending() {
    return { ...this.#on };
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
    if (this.#stream && KINDS.every((kind) => has[kind] === this.#has[kind])) {
      stream.destroy(); // nothing gained: what is being sent goes on undisturbed
      return;
    }
    await this.#publish(stream, has, on);
  }

  /** Turns the microphone ('audio') or the camera ('video') on or off. */
  async set(kind, on) {
    if (on && !this.#has[kind]) {
      await this.open({ ...this.#has, [kind]: true }, { ...this.#on, [kind]: true });
      return;
    }
    if (this.#has[kind]) await this.#mute(kind, !on);
  }

  /** Stops sending and gives the devices back. */
  async close() {
    const stream = this.#stream;
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
    this.#has = { audio: false, video: false };
    this.#on = { audio: false, video: false };
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
    for (const [event, reason] of Object.entries(REASONS)) {
      stream.on(event, (kind) => { this.#problems[kind] = reason; });
    }
    try {
      await stream.init();
      return stream;
    } catch (error) {
      stream.destroy();
      throw error;
    }
  }

  async #publish(stream, tracks, on) {
    if (this.#stream) {
      await this.#client.unpublish(this.#stream);
      this.#stream.destroy();
    }
    this.#stream = stream;
    this.#has = { audio: tracks.audio, video: tracks.video };
    for (const kind of KINDS) {
      this.#on[kind] = tracks[kind];
      if (tracks[kind] && !on[kind]) await this.#mute(kind, true);
    }
    this.#view.media(this.#uid, this.sending);
    if (tracks.video) {
      // The own voice stays silent here: an echo helps nobody.
      stream.play(this.#view.place(this.#uid, 'video'), { audio: false, video: true }).catch((error) => console.warn('play', error));
    }
    await this.#client.publish(stream);
  }

  async #mute(kind, muted) {
    const stream = this.#stream;
    if (kind === 'audio') await (muted ? stream.muteAudio() : stream.unmuteAudio());
    else await (muted ? stream.muteVideo() : stream.unmuteVideo());
    this.#on[kind] = !muted;
    this.#view.media(this.#uid, this.sending);
  }
}
