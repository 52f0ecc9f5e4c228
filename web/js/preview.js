// The lobby's picture of oneself, the level of the microphone and the choice of both devices.

import { listDevices, openDevices } from './devices.js';
import { describeDevices } from './errors.js';
import { onLanguage, t } from './i18n.js';
import { Meter } from './meter.js';
import { clearError, showError } from './notice.js';
import { byId, setToggle } from './parts.js';
import { fillDevices } from './picker.js';

/** The preview; it opens devices between open and close only. */
export class Preview {
  #video = byId('preview-video');
  #microphone = byId('microphone');
  #camera = byId('camera');
  #meter = new Meter(byId('level'), byId('level-bars'));
  #stream = null;
  #problems = {};
  #on;
  #choices;
  #shown = false;
  #opening = 0;
  #found = { microphones: [], cameras: [] };

  /** choices, a Choices, has the devices; audio and video say what is on at first. */
  constructor({ choices, audio = true, video = true }) {
    this.#on = { audio, video };
    this.#choices = choices;
    byId('lobby-mic').addEventListener('click', () => this.#toggle('audio'));
    byId('lobby-cam').addEventListener('click', () => this.#toggle('video'));
    this.#microphone.addEventListener('change', () => this.#choose('microphone'));
    this.#camera.addEventListener('change', () => this.#choose('camera'));
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.#list());
    onLanguage(() => this.#write());
    this.#write();
  }

  /** What is on: {audio, video}. */
  get on() {
    return { ...this.#on };
  }

  /** Which devices a call should open: a camera that is off stays closed, its lamp dark; a microphone opens muted, so that speaking needs no wait. */
  get tracks() {
    return { audio: !this.#problems.audio, video: this.#on.video && !this.#problems.video };
  }

  /** Opens the chosen devices and shows them. */
  async open() {
    this.#shown = true;
    this.#release();
    const turn = ++this.#opening;
    this.#problems = {};
    this.#write();
    const { stream, problems } = await openDevices({
      audio: this.#choices.get('microphone'),
      video: this.#on.video && this.#choices.get('camera'),
    });
    if (turn !== this.#opening) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.#stream = stream;
    this.#found = await listDevices();
    if (turn !== this.#opening) return;
    // A device that was chosen once and is gone now is no reason to have none.
    if (this.#forget(problems)) {
      await this.open();
      return;
    }
    this.#problems = problems;
    this.#video.srcObject = stream.getVideoTracks().length > 0 ? stream : null;
    this.#listen();
    this.#write();
    const error = describeDevices(problems);
    if (error && byId('error').hidden) showError(error);
  }

  /** Gives the devices back. */
  close() {
    this.#shown = false;
    this.#release();
  }

  /** Browsers keep sound asleep until the visitor has touched the page. */
  wake() {
    this.#meter.wake();
  }

  #release() {
    this.#opening++;
    this.#meter.stop();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  #forget(problems) {
    let forgotten = false;
    for (const [kind, name] of [['audio', 'microphone'], ['video', 'camera']]) {
      if (problems[kind] === 'missing' && this.#choices.get(name)) {
        this.#choices.put(name, '');
        forgotten = true;
      }
    }
    return forgotten;
  }

  #toggle(kind) {
    this.#on[kind] = !this.#on[kind];
    if (kind === 'video' || this.#problems.audio) {
      clearError();
      this.open();
    }
    this.#listen();
    this.#write();
  }

  #choose(name) {
    this.#choices.put(name, byId(name).value);
    clearError();
    this.open();
  }

  async #list() {
    if (!this.#shown) return;
    this.#found = await listDevices();
    this.#write();
  }

  #listen() {
    if (this.#stream && this.#on.audio) this.#meter.start(this.#stream);
    else this.#meter.stop();
  }

  #write() {
    const { audio, video } = this.#on;
    setToggle(byId('lobby-mic'), audio && !this.#problems.audio, t(audio ? 'mute' : 'unmute'));
    setToggle(byId('lobby-cam'), video && !this.#problems.video, t(video ? 'cameraStop' : 'cameraStart'));
    byId('level').classList.toggle('silent', !audio || Boolean(this.#problems.audio));
    byId('preview').classList.toggle('dark', !this.#video.srcObject);
    byId('preview-text').textContent = this.#text();
    fillDevices(this.#microphone, this.#found.microphones, this.#choices.get('microphone'), 'Microphone');
    fillDevices(this.#camera, this.#found.cameras, this.#choices.get('camera'), 'Camera');
  }

  #text() {
    if (this.#video.srcObject) return '';
    if (this.#problems.video) return t(describeDevices({ video: this.#problems.video }).key);
    return t(this.#on.video ? 'starting' : 'cameraOff');
  }
}
