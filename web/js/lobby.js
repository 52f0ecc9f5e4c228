// The page before the call: which room, who, and with which devices.

import { listDevices, openDevices } from './devices.js';
import { describeDevices } from './errors.js';
import { onLanguage, t } from './i18n.js';
import { Meter } from './meter.js';
import { clearError, showError } from './notice.js';
import { setToggle } from './parts.js';

const STORED = 'nertc-demo-lobby';
const byId = (id) => document.getElementById(id);

/** The lobby. submit(options) is called with the arguments of Room.join when the visitor joins. */
export class Lobby {
  #root = byId('lobby');
  #form = byId('join-form');
  #video = byId('preview-video');
  #microphone = byId('microphone');
  #camera = byId('camera');
  #meter = new Meter(byId('level'), byId('level-bars'));
  #stream = null;
  #problems = {};
  #on = { audio: true, video: true };
  #wanted = { microphone: '', camera: '' };
  #busy = false;
  #again = false;
  #opening = 0;
  #found = { microphones: [], cameras: [] };

  constructor({ room, uid, appkey, submit }) {
    const stored = read();
    this.#form.room.value = room || stored.room || 'demo';
    this.#form.uid.value = uid || '';
    this.#form.appkey.value = appkey || stored.appkey || '';
    this.#on = { audio: stored.audio !== false, video: stored.video !== false };
    this.#wanted = { microphone: stored.microphone || '', camera: stored.camera || '' };

    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#meter.wake();
      const options = this.options();
      if (options && !this.#busy) submit(options);
    });
    this.#form.room.addEventListener('input', () => problem('room', ''));
    this.#form.uid.addEventListener('input', () => problem('uid', ''));
    byId('lobby-mic').addEventListener('click', () => this.#toggle('audio'));
    byId('lobby-cam').addEventListener('click', () => this.#toggle('video'));
    this.#microphone.addEventListener('change', () => this.#choose('microphone'));
    this.#camera.addEventListener('change', () => this.#choose('camera'));
    this.#root.addEventListener('pointerdown', () => this.#meter.wake());
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.#list());
    onLanguage(() => this.#write());
    this.#write();
  }

  /** Shows the lobby and its preview; again marks a return from a call. */
  async open({ again = false } = {}) {
    this.#again = again;
    this.#root.hidden = false;
    document.body.dataset.view = 'lobby';
    document.title = 'NERTC';
    this.setBusy(false);
    await this.preview();
  }

  /** Hides the lobby and gives the devices back, so that the call can open them. */
  close() {
    this.release();
    this.#root.hidden = true;
  }

  /** What was entered, or null if some of it is wrong (which is then shown). */
  options() {
    const room = this.#form.room.value.trim();
    const uid = this.#form.uid.value.trim();
    const bytes = new TextEncoder().encode(room).length;
    const number = Number(uid);
    const uidRight = uid === '' || (/^\d+$/.test(uid) && number >= 1 && Number.isSafeInteger(number));
    problem('room', bytes === 0 ? t('roomMissing') : bytes > 64 ? t('roomLong') : '');
    problem('uid', uidRight ? '' : t('uidWrong'));
    const wrong = this.#form.querySelector('[aria-invalid=true]');
    if (wrong) {
      wrong.focus();
      return null;
    }
    store({ room, appkey: this.#form.appkey.value.trim(), ...this.#on, ...this.#wanted });
    return {
      room,
      uid: uid === '' ? null : number,
      appkey: this.#form.appkey.value.trim(),
      token: this.#form.token.value.trim(),
      // A camera that is off stays closed, its lamp dark; a microphone opens muted, so that speaking needs no wait.
      tracks: { audio: !this.#problems.audio, video: this.#on.video && !this.#problems.video },
      on: { ...this.#on },
      microphoneId: this.#wanted.microphone,
      cameraId: this.#wanted.camera,
    };
  }

  /** Shows that a join is under way. */
  setBusy(busy) {
    this.#busy = busy;
    const button = byId('join');
    button.classList.toggle('busy', busy);
    button.setAttribute('aria-busy', String(busy));
    this.#write();
  }

  /** Opens the fields for an app key and a token. */
  askForAccess() {
    byId('access').open = true;
    this.#form.appkey.focus();
  }

  /** Opens the chosen devices and shows them. */
  async preview() {
    this.release();
    const turn = ++this.#opening;
    this.#problems = {};
    this.#root.classList.toggle('opening', this.#on.video);
    this.#write();
    const { stream, problems } = await openDevices({
      audio: this.#wanted.microphone,
      video: this.#on.video && this.#wanted.camera,
    });
    if (turn !== this.#opening || this.#root.hidden) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.#stream = stream;
    this.#root.classList.remove('opening');
    this.#found = await listDevices();
    // A device that was chosen once and is gone now is no reason to have none.
    if (this.#forget(problems)) return this.preview();
    this.#problems = problems;
    this.#video.srcObject = stream.getVideoTracks().length > 0 ? stream : null;
    this.#listen();
    this.#write();
    const error = describeDevices(problems);
    if (error && byId('error').hidden) showError(error);
  }

  /** Gives the devices back. */
  release() {
    this.#opening++;
    this.#meter.stop();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  #forget(problems) {
    let forgotten = false;
    for (const [kind, name] of [['audio', 'microphone'], ['video', 'camera']]) {
      if (problems[kind] === 'missing' && this.#wanted[name]) {
        this.#wanted[name] = '';
        forgotten = true;
      }
    }
    return forgotten;
  }

  #toggle(kind) {
    this.#on[kind] = !this.#on[kind];
    if (kind === 'video' || this.#problems.audio) {
      clearError();
      this.preview();
    }
    this.#listen();
    this.#write();
  }

  #choose(name) {
    this.#wanted[name] = byId(name).value;
    clearError();
    this.preview();
  }

  async #list() {
    if (this.#root.hidden) return;
    this.#found = await listDevices();
    this.#write();
  }

  #listen() {
    if (this.#stream && this.#on.audio) this.#meter.start(this.#stream);
    else this.#meter.stop();
  }

  #write() {
    const { audio, video } = this.#on;
    const seen = video && !this.#problems.video;
    setToggle(byId('lobby-mic'), audio && !this.#problems.audio, t(audio ? 'mute' : 'unmute'));
    setToggle(byId('lobby-cam'), seen, t(video ? 'cameraStop' : 'cameraStart'));
    byId('level').classList.toggle('silent', !audio || Boolean(this.#problems.audio));
    byId('preview').classList.toggle('dark', !this.#video.srcObject);
    byId('preview-text').textContent = this.#previewText();
    byId('join-label').textContent = t(this.#busy ? 'joining' : this.#again ? 'rejoin' : 'join');
    this.#options(this.#microphone, this.#found.microphones, this.#wanted.microphone, 'Microphone');
    this.#options(this.#camera, this.#found.cameras, this.#wanted.camera, 'Camera');
  }

  #previewText() {
    if (this.#video.srcObject) return '';
    if (this.#problems.video) return t(describeDevices({ video: this.#problems.video }).key);
    return t(this.#on.video ? 'starting' : 'cameraOff');
  }

  #options(select, devices, chosen, name) {
    const first = devices.length > 0 ? t('defaultDevice') : t(`no${name}`);
    const options = [new Option(first, '')];
    devices.forEach((d, i) => d.deviceId && options.push(new Option(d.label || t(`unnamed${name}`, { n: i + 1 }), d.deviceId)));
    select.replaceChildren(...options);
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = '';
    select.disabled = options.length === 1;
  }
}

// Says what is wrong with a field, or with '' that nothing is.
function problem(name, text) {
  const el = byId(`${name}-problem`);
  el.textContent = text;
  el.hidden = text === '';
  byId(name).setAttribute('aria-invalid', String(text !== ''));
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(STORED)) || {};
  } catch {
    return {};
  }
}

function store(value) {
  try {
    localStorage.setItem(STORED, JSON.stringify(value));
  } catch {
    // Nothing is lost but the convenience.
  }
}
