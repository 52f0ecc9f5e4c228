// The page during the call: it ties the room to the stage, the members, the controls and the drawers.

import { Controls } from './controls.js';
import { openDeviceMenu } from './device-menu.js';
import { describe, describeDevices } from './errors.js';
import { EventLog } from './event-log.js';
import { worseOf } from './figures.js';
import { t } from './i18n.js';
import { Live } from './live.js';
import { Members } from './members.js';
import { clearError, hush, note, showError } from './notice.js';
import { Panels } from './panels.js';
import { byId } from './parts.js';
import { openPersonMenu } from './person-menu.js';
import { Room } from './room.js';
import { Settings } from './settings.js';
import { Speaker } from './speaker.js';
import { Stage } from './stage.js';
import { Statistics } from './statistics.js';

const WIDE = matchMedia('(min-width: 1000px)');

const REASONS = {
  lost: 'err_lost',
  'uid-duplicate': 'err_duplicate',
  'client-banned': 'err_banned',
  'channel-closed': 'err_closed',
  'permkey-timeout': 'err_permkey',
};

// What is done in a room when the visitor chooses otherwise; choices.js says what the names mean.
const CARRIED_OUT = {
  microphone: (room, id) => room.switchTo('audio', id),
  camera: (room, id) => room.switchTo('video', id),
  speaker: (room) => room.others.setSpeaker(),
  playback: (room) => room.others.setPlayback(),
  receive: (room) => room.others.setReceive(),
  capture: (room) => room.own?.configure(),
  resolution: (room) => room.own?.configure(),
  frameRate: (room) => room.own?.configure(),
  screenResolution: (room) => room.own?.configure(),
  screenFrameRate: (room) => room.own?.configure(),
};

/** From which level of getAudioLevel (0 to 1) one is shown speaking oneself: as loud as `Speaker` wants it of others. */
const SPEAKS = 0.01;

/** The view of one call after another. ended(error) is called when a call is over; error is null after a plain leave. */
export class Call {
  #root = byId('call');
  #popup;
  #stage;
  #members;
  #settings;
  #choices;
  #log = new EventLog();
  #statistics;
  #live;
  #panels = new Panels({ changed: (open) => {
    this.#settings?.refresh();
    if (this.#statistics) this.#statistics.open = open === 'statistics';
  } });
  #controls;
  #ended;
  #room = null;
  #uid = null;
  #role = 'host';
  #state = 'DISCONNECTED';
  #speaker = new Speaker();
  #since = 0;
  #clock = 0;
  #ear = 0;
  #settled = false;

  constructor({ popup, choices, ended }) {
    this.#choices = choices;
    this.#settings = new Settings({ choices, devices: () => this.#room?.own?.devices ?? { microphone: '', camera: '' } });
    this.#statistics = new Statistics({ read: () => this.#measure(), log: this.#log, saved: (file) => note(t('saved', { file })) });
    this.#live = new Live({
      add: (task) => this.#room.addTask(task),
      update: (task) => this.#room.updateTask(task),
      remove: (id) => this.#room.deleteTask(id),
      failed: (error) => this.#fail(this.#room, error, 'err_live'),
    });
    choices.onChange((name, value, before) => this.#carryOut(name, value, before));
    this.#popup = popup;
    this.#ended = ended;
    this.#stage = new Stage(byId('stage'), {
      resized: (uid, type, width, height) => this.#room?.resize(uid, type, width, height),
      opened: (tile) => this.#menu(tile, tile.more),
      changed: (view) => this.#controls?.layout(view),
    });
    this.#members = new Members(byId('members'), [byId('members-count'), byId('members-badge')], {
      opened: (uid, anchor) => this.#menu(this.#stage.get(uid), anchor),
    });
    this.#controls = new Controls({
      toggle: (kind) => this.#toggle(kind),
      device: (name, anchor) => this.#devices(name, anchor),
      record: () => this.#record(),
      leave: () => this.leave(),
      resume: () => this.#room?.others.resume(),
      role: (role) => this.#setRole(role),
      layout: (mode) => this.#stage.choose(mode),
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !this.#root.hidden && !WIDE.matches && this.#panels.open) this.#panels.close();
    });
    // A closed page leaves at once, not when the server notices.
    window.addEventListener('pagehide', () => this.#room?.leave());
  }

  /** Joins with the options of Room.join and shows the call. Rejects with what to show if the join fails. */
  async start(options) {
    const room = new Room(this.#view());
    this.#room = room;
    this.#settled = false;
    this.#log.add('join', options.room);
    try {
      await room.join({ ...options, choices: this.#choices });
    } catch (error) {
      this.#room = null;
      this.#stage.clear();
      this.#members.clear();
      this.#live.reset();
      throw describe(error, 'err_unknown');
    }
    byId('encrypted').hidden = !options.encryption;
    this.#live.may({ encrypted: Boolean(options.encryption) });
    this.#open(options);
    if (this.#role === 'audience') {
      this.#settled = true;
      return;
    }
    room.openDevices().then(
      () => { this.#settled = true; },
      (error) => this.#fail(room, error, 'err_publish'),
    );
  }

  /** Leaves the call. */
  async leave() {
    const room = this.#room;
    if (!room) return;
    this.#log.add('leave', '');
    this.#close();
    clearError();
    this.#ended(null);
    await room.leave();
  }

  #view() {
    return {
      joined: (uid, role) => {
        this.#uid = uid;
        this.#take(role);
      },
      memberJoined: (uid) => {
        this.#add(uid);
        if (this.#settled) note(t('userJoined', { uid }));
      },
      memberLeft: (uid) => {
        this.#remove(uid);
        this.#speaker.forget(uid);
        note(t('userLeft', { uid }));
      },
      place: (uid, type) => {
        this.#stage.add(uid, { type, self: uid === this.#uid });
        // Tell the size once the SDK has the element: it sizes the picture in pixels.
        queueMicrotask(() => this.#stage.tell(uid, type));
        return this.#stage.get(uid, type).view;
      },
      displaced: (uid, type) => {
        this.#stage.remove(uid, type);
        this.#popup.drop();
      },
      media: (uid, media) => {
        if (uid === this.#uid) this.#controls.write(media);
        this.#stage.update(uid, media);
        this.#members.update(uid, media);
      },
      levels: (levels) => {
        this.#speaker.hear(levels);
        this.#stage.speaking(this.#speaker.speaking, this.#speaker.uid);
      },
      state: (curState, reconnect) => {
        const back = this.#state === 'RECONNECTING' && curState === 'CONNECTED';
        this.#state = curState === 'CONNECTING' && reconnect ? 'RECONNECTING' : curState;
        this.#controls.write({ state: this.#state });
        if (back) note(t('reconnected'));
      },
      quality: (users) => {
        for (const user of users) this.#stage.quality(user.uid, worseOf(user));
      },
      noted: (event, passed) => this.#log.note(event, passed),
      role: (role) => this.#take(role),
      task: (state) => this.#live.told(state),
      silenced: ({ audio, video }) => {
        const which = audio !== undefined ? (video !== undefined ? 'both' : 'audio') : 'video';
        if (audio || video) showError({ key: `op_muted_${which}`, detailKey: 'op_muted' });
        else note(t(`op_unmuted_${which}`));
      },
      soundBlocked: (blocked) => this.#controls.soundBlocked(blocked),
      devicesFailed: (problems) => showError(describeDevices(problems)),
      ended: (kind, { uid }) => {
        this.#log.add('ended', kind);
        this.#close();
        this.#ended({ key: REASONS[kind], values: { uid } });
      },
    };
  }

  // Shows the own role: an audience is seen by nobody, so it has no tile either.
  #take(role) {
    this.#role = role;
    this.#live.may({ host: role === 'host' });
    this.#controls.write({ role, ...(role === 'audience' && { audio: false, video: false, screen: false }) });
    if (role === 'host') this.#add(this.#uid, { self: true });
    else this.#remove(this.#uid);
  }

  #add(uid, options) {
    this.#stage.add(uid, options);
    this.#members.add(uid, options);
    this.#live.people(this.#members.uids);
    this.#writeAlone();
  }

  #remove(uid) {
    this.#stage.remove(uid);
    this.#stage.remove(uid, 'screen');
    this.#members.remove(uid);
    this.#live.people(this.#members.uids);
    this.#popup.drop();
    this.#writeAlone();
  }

  #writeAlone() {
    byId('alone').hidden = this.#members.size > (this.#role === 'host' ? 1 : 0);
  }

  #open({ room }) {
    this.#root.hidden = false;
    document.body.dataset.view = 'call';
    document.title = `${room} · NERTC`;
    byId('call-room').textContent = room;
    this.#panels.show(WIDE.matches ? 'people' : null);
    this.#since = Date.now();
    this.#clock = setInterval(() => this.#tick(), 1000);
    this.#ear = setInterval(() => this.#listen(), 200);
    this.#tick();
    byId('call-room').focus({ preventScroll: true });
  }

  #close() {
    this.#panels.show(null);
    this.#room = null;
    this.#uid = null;
    this.#state = 'DISCONNECTED';
    this.#speaker = new Speaker();
    clearInterval(this.#clock);
    clearInterval(this.#ear);
    this.#controls.level(0);
    this.#controls.soundBlocked(false);
    this.#controls.write({ audio: false, video: false, screen: false, recording: false, role: 'host', state: 'DISCONNECTED' });
    this.#popup.close();
    hush();
    this.#root.hidden = true;
    this.#stage.clear();
    this.#members.clear();
    this.#live.reset();
  }

  async #toggle(kind) {
    const room = this.#room;
    if (!room || this.#role === 'audience') return;
    this.#controls.busy(kind, true);
    const on = !room.sending[kind];
    const done = kind === 'screen' ? room.share(on) : room.set(kind, on);
    await done.catch((error) => this.#fail(room, error, kind === 'screen' ? 'err_share' : 'err_publish'));
    this.#controls.busy(kind, false);
  }

  async #record() {
    const room = this.#room;
    if (!room) return;
    try {
      if (room.recorder.active) note(t('saved', { file: await room.recorder.stop() }));
      else await room.recorder.start();
    } catch (error) {
      this.#fail(room, error, 'err_record');
    }
    if (this.#room === room) this.#controls.write({ recording: room.recorder.active });
  }

  async #setRole(role) {
    const room = this.#room;
    await room?.setRole(role).catch((error) => this.#fail(room, error, 'err_role'));
  }

  // What was chosen and cannot be carried out is put back.
  async #carryOut(name, value, before) {
    const room = this.#room;
    try {
      if (room) await CARRIED_OUT[name]?.(room, value);
    } catch (error) {
      this.#choices.put(name, before);
      this.#fail(room, error, 'err_setting');
    }
    this.#settings.refresh();
  }

  #devices(name, anchor) {
    const inUse = this.#room?.own?.devices[name] ?? '';
    openDeviceMenu({ popup: this.#popup, anchor, name, inUse, choices: this.#choices, settings: () => this.#panels.show('settings', anchor) });
  }

  #listen() {
    const level = this.#room?.own?.level ?? 0;
    this.#controls.level(level);
    const tile = this.#stage.get(this.#uid);
    if (tile) tile.speaking = level >= SPEAKS;
    this.#members.speaking(this.#speaker.speaking, level >= SPEAKS);
  }

  // What the drawer of statistics shows: null while there is nothing to measure.
  async #measure() {
    const room = this.#room;
    const stats = await room?.statistics();
    if (!stats || this.#room !== room) return null;
    return { uid: this.#uid, others: this.#members.uids.filter((uid) => uid !== this.#uid), stats };
  }

  #menu(tile, anchor) {
    if (!tile) return;
    const room = this.#room;
    const failed = (error, key) => this.#fail(room, error, key);
    openPersonMenu({ popup: this.#popup, stage: this.#stage, room, tile, anchor, failed, note });
  }

  #fail(room, error, key) {
    if (room && this.#room === room) showError(describe(error, key));
  }

  #tick() {
    const seconds = Math.floor((Date.now() - this.#since) / 1000);
    const two = (n) => String(n).padStart(2, '0');
    const hours = Math.floor(seconds / 3600);
    byId('elapsed').textContent = `${hours ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  }
}
