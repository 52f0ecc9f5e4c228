// The page during the call: stage, list of members, controls.

import { describe, describeDevices } from './errors.js';
import { onLanguage, setLabel, t } from './i18n.js';
import { Members } from './members.js';
import { clearError, hush, note, showError } from './notice.js';
import { setToggle } from './parts.js';
import { Room } from './room.js';
import { Stage } from './stage.js';

const byId = (id) => document.getElementById(id);
const WIDE = matchMedia('(min-width: 1000px)');

/** The view of one call after another. ended(error) is called when a call is over; error is null after a plain leave. */
export class Call {
  #root = byId('call');
  #stage = new Stage(byId('stage'), (uid, width, height) => this.#room?.resize(uid, width, height));
  #members = new Members(byId('members'), [byId('members-count'), byId('members-badge')]);
  #ended;
  #room = null;
  #uid = null;
  #state = 'DISCONNECTED';
  #media = { audio: false, video: false };
  #since = 0;
  #clock = 0;
  #settled = false;

  constructor({ ended }) {
    this.#ended = ended;
    byId('mute').addEventListener('click', () => this.#toggle('audio'));
    byId('camera-toggle').addEventListener('click', () => this.#toggle('video'));
    byId('leave').addEventListener('click', () => this.leave());
    byId('resume').addEventListener('click', () => this.#room?.resume());
    byId('members-toggle').addEventListener('click', () => this.#showMembers(!this.#membersShown()));
    byId('members-close').addEventListener('click', () => {
      this.#showMembers(false);
      byId('members-toggle').focus();
    });
    document.addEventListener('keydown', (event) => this.#key(event));
    // A closed page leaves at once, not when the server notices.
    window.addEventListener('pagehide', () => this.#room?.leave());
    onLanguage(() => this.#write());
  }

  /** Joins with the options of Room.join and shows the call. Rejects with what to show if the join fails. */
  async start(options) {
    const room = new Room(this.#view());
    this.#room = room;
    this.#settled = false;
    try {
      await room.join(options);
    } catch (error) {
      this.#room = null;
      this.#stage.clear();
      this.#members.clear();
      throw describe(error, 'err_unknown');
    }
    this.#open(options);
    room.openDevices().then(
      () => { this.#settled = true; },
      (error) => this.#room === room && showError(describe(error, 'err_publish')),
    );
  }

  /** Leaves the call. */
  async leave() {
    const room = this.#room;
    if (!room) return;
    this.#close();
    clearError();
    this.#ended(null);
    await room.leave();
  }

  #view() {
    return {
      joined: (uid) => {
        this.#uid = uid;
        this.#add(uid, { self: true });
      },
      memberJoined: (uid) => {
        this.#add(uid);
        if (this.#settled) note(t('userJoined', { uid }));
      },
      memberLeft: (uid) => {
        this.#stage.remove(uid);
        this.#members.remove(uid);
        this.#write();
        note(t('userLeft', { uid }));
      },
      place: (uid) => {
        // Tell the size once the SDK has the element: it sizes the picture in pixels.
        queueMicrotask(() => this.#stage.tell(uid));
        return this.#stage.place(uid);
      },
      media: (uid, media) => {
        if (uid === this.#uid) this.#media = media;
        this.#stage.update(uid, media);
        this.#members.update(uid, media);
        this.#write();
      },
      state: (curState, reconnect) => {
        this.#state = curState === 'CONNECTING' && reconnect ? 'RECONNECTING' : curState;
        this.#write();
      },
      soundBlocked: (blocked) => { byId('resume').hidden = !blocked; },
      devicesFailed: (problems) => showError(describeDevices(problems)),
      ended: (kind, { uid }) => {
        this.#close();
        this.#ended({ key: REASONS[kind], values: { uid } });
      },
    };
  }

  #add(uid, options) {
    this.#stage.add(uid, options);
    this.#members.add(uid, options);
    this.#write();
  }

  #open({ room }) {
    this.#root.hidden = false;
    document.body.dataset.view = 'call';
    document.title = `${room} · NERTC`;
    byId('call-room').textContent = room;
    this.#showMembers(WIDE.matches);
    this.#since = Date.now();
    this.#clock = setInterval(() => this.#tick(), 1000);
    this.#tick();
    this.#write();
    byId('call-room').focus({ preventScroll: true });
  }

  #close() {
    this.#room = null;
    this.#uid = null;
    this.#media = { audio: false, video: false };
    this.#state = 'DISCONNECTED';
    clearInterval(this.#clock);
    byId('resume').hidden = true;
    hush();
    this.#root.hidden = true;
    this.#stage.clear();
    this.#members.clear();
  }

  async #toggle(kind) {
    const room = this.#room;
    if (!room) return;
    const button = byId(kind === 'audio' ? 'mute' : 'camera-toggle');
    button.setAttribute('aria-busy', 'true');
    try {
      await room.set(kind, !room.sending[kind]);
    } catch (error) {
      if (this.#room === room) showError(describe(error, 'err_publish'));
    } finally {
      button.removeAttribute('aria-busy');
    }
  }

  #key(event) {
    if (!this.#room || this.#root.hidden || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === 'Escape' && this.#membersShown() && !WIDE.matches) {
      this.#showMembers(false);
      byId('members-toggle').focus();
      return;
    }
    if (event.target.closest?.('input, select, textarea')) return;
    const key = event.key.toLowerCase();
    if (key === 'm') this.#toggle('audio');
    if (key === 'v') this.#toggle('video');
  }

  #membersShown() {
    return this.#root.classList.contains('with-members');
  }

  #showMembers(shown) {
    this.#root.classList.toggle('with-members', shown);
    byId('members-panel').inert = !shown;
    byId('members-toggle').setAttribute('aria-expanded', String(shown));
  }

  #tick() {
    const seconds = Math.floor((Date.now() - this.#since) / 1000);
    const two = (n) => String(n).padStart(2, '0');
    const hours = Math.floor(seconds / 3600);
    byId('elapsed').textContent = `${hours ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }

  #write() {
    const { audio, video } = this.#media;
    setToggle(byId('mute'), audio, t(audio ? 'mute' : 'unmute'));
    setToggle(byId('camera-toggle'), video, t(video ? 'cameraStop' : 'cameraStart'));
    setLabel(byId('members-toggle'), t('whoIsHere'));
    byId('connection').dataset.state = this.#state;
    const text = t(`state_${this.#state}`);
    // Written only when it changes, or screen readers say it again and again.
    if (byId('connection-text').textContent !== text) byId('connection-text').textContent = text;
    byId('alone').hidden = this.#members.size !== 1;
  }
}

const REASONS = {
  lost: 'err_lost',
  'uid-duplicate': 'err_duplicate',
  'client-banned': 'err_banned',
  'channel-closed': 'err_closed',
};
