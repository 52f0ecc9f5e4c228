// The page before the call: which room, who, and with which devices.

import { watchConnectionCheck } from './connection-check.js';
import { onLanguage, t } from './i18n.js';
import { byId } from './parts.js';
import { Preview } from './preview.js';
import { keep, recall } from './store.js';

/** The lobby. submit(options) is called with the arguments of Room.join, but for the choices, when the visitor joins. */
export class Lobby {
  #root = byId('lobby');
  #form = byId('join-form');
  #preview;
  #busy = false;
  #again = false;

  constructor({ room, uid, appkey, role, choices, submit }) {
    const stored = recall('lobby') ?? {};
    this.#preview = new Preview({ choices, audio: stored.audio, video: stored.video });
    this.#form.room.value = room || stored.room || 'demo';
    this.#form.uid.value = uid || '';
    if (role === 'audience') this.#form.role.value = role;
    this.#form.appkey.value = appkey || stored.appkey || '';

    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#preview.wake();
      const options = this.options();
      if (options && !this.#busy) submit(options);
    });
    this.#form.room.addEventListener('input', () => problem('room', ''));
    this.#form.uid.addEventListener('input', () => problem('uid', ''));
    this.#form.encryption.addEventListener('change', () => {
      byId('secret-field').hidden = this.#form.encryption.value === 'none';
      problem('secret', '');
    });
    this.#form.secret.addEventListener('input', () => problem('secret', ''));
    this.#root.addEventListener('pointerdown', () => this.#preview.wake());
    watchConnectionCheck(() => {
      const value = (name) => this.#form[name].value.trim();
      // Half-filled fields are no reason not to look: what a join would refuse is left out.
      const uid = Number(value('uid'));
      return {
        appkey: value('appkey'), token: value('token'),
        channelName: new TextEncoder().encode(value('room')).length > 64 ? undefined : value('room') || undefined, uid: Number.isSafeInteger(uid) && uid > 0 ? uid : null,
      };
    });
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
    await this.#preview.open();
  }

  /** Hides the lobby and gives the devices back, so that the call can open them. */
  close() {
    this.release();
    this.#root.hidden = true;
  }

  /** Gives the devices back. */
  release() {
    this.#preview.close();
  }

  /** What was entered, or null if some of it is wrong (which is then shown). */
  options() {
    const room = this.#form.room.value.trim();
    const uid = this.#form.uid.value.trim();
    const appkey = this.#form.appkey.value.trim();
    const bytes = new TextEncoder().encode(room).length;
    const number = Number(uid);
    const uidRight = uid === '' || (/^\d+$/.test(uid) && number >= 1 && Number.isSafeInteger(number));
    problem('room', bytes === 0 ? t('roomMissing') : bytes > 64 ? t('roomLong') : '');
    problem('uid', uidRight ? '' : t('uidWrong'));
    // Neither the mode nor the secret is kept: each call has its own, and no link carries one.
    const mode = this.#form.encryption.value;
    const secret = this.#form.secret.value;
    const length = new TextEncoder().encode(secret).length;
    problem('secret', mode === 'none' || (length >= 1 && length <= 128) ? '' : t(length ? 'secretLong' : 'secretMissing'));
    const wrong = this.#form.querySelector('[aria-invalid=true]');
    if (wrong) {
      if (wrong.closest('#advanced')) byId('advanced').open = true;
      wrong.focus();
      return null;
    }
    const { on, tracks } = this.#preview;
    keep('lobby', { room, appkey, ...on });
    return {
      room,
      uid: uid === '' ? null : number,
      appkey,
      token: this.#form.token.value.trim(),
      role: this.#form.role.value,
      encryption: mode === 'none' ? null : { mode, secret },
      relay: this.#form.relay.checked,
      tracks,
      on,
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

  /** Opens the advanced fields and puts the focus into one of them. */
  askFor(name) {
    byId('advanced').open = true;
    this.#form[name].focus();
  }

  /** Opens the fields for the encryption, which is another in the room. */
  askForSecret() {
    byId('advanced').open = true;
    (this.#form.encryption.value === 'none' ? this.#form.encryption : this.#form.secret).focus();
  }

  #write() {
    byId('join-label').textContent = t(this.#busy ? 'joining' : this.#again ? 'rejoin' : 'join');
  }
}

// Says what is wrong with a field, or with '' that nothing is.
function problem(name, text) {
  const el = byId(`${name}-problem`);
  el.textContent = text;
  el.hidden = text === '';
  byId(name).setAttribute('aria-invalid', String(text !== ''));
}
