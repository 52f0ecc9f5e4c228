// The recording of a call in the visitor's own browser.

/* global NERTC */

/** Records the room that a client is in into one file; room is its name. */
export class Recorder {
  #client;
  #room;
  #active = false;

  constructor({ client, room }) {
    this.#client = client;
    this.#room = room;
  }

  /** Whether a recording is under way. */
  get active() {
    return this.#active;
  }

  /** Begins; call it from a click. Everybody is recorded, picture and sound. */
  async start() {
    const time = new Date().toISOString().slice(0, 16).replace('T', ' ').replace(':', '.');
    await this.#client.startMediaRecording({
      recorder: 'all',
      recordConfig: {
        recordType: 'video',
        recordName: `${this.#room} ${time}`,
        recordVideoQuality: NERTC.RECORD_VIDEO_QUALITY.RECORD_VIDEO_QUALITY_720p,
      },
    });
    this.#active = true;
  }

  /** Ends and saves the file; answers its name. It is there until the next recording, or the client, is over. */
  async stop() {
    this.#active = false;
    await this.#client.stopMediaRecording();
    return this.#client.downloadMediaRecording();
  }

  /** Saves what there is when the call is over, before the client goes. */
  async rescue() {
    if (!this.#active) return;
    this.#active = false;
    await this.#client.stopMediaRecording().catch(() => {}); // it ends with the room
    await this.#client.downloadMediaRecording();
  }
}
