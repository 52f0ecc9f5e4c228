// The drawer of the live push: where to, with which layout, and how it goes. Every host of the room may start, change and
// stop it; the server keeps it going while hosts come and go.

import { onLanguage, t } from './i18n.js';
import { byId, element } from './parts.js';
import { ProgrammeCanvas } from './programme-canvas.js';
import { arrange, CANVASES, scaled, taskOf } from './programme.js';

/** The one task of a room that this page makes. */
const TASK = 'demo';

/** How long in ms after the last change the layout is sent. */
const REST = 150;

/** The extraCode of an addTasks whose id is taken: somebody else has started the task. */
const TAKEN = 4038;

const STATES = { 505: 'pushing', 506: 'failed', 511: 'stopped' };

/** The drawer. add(task), update(task) and remove(id) are the SDK's calls; failed(error) is called with what they reject with. */
export class Live {
  #add;
  #update;
  #remove;
  #failed;
  #board = new ProgrammeCanvas(byId('live-canvas'), { changed: (regions) => this.#take(regions) });
  #uids = [];
  #shown = new Set();
  #boxes = new Map();
  #mode = 'grid'; // how the regions are arranged: 'grid', 'large', or 'own' once the visitor has moved one
  #shape = 'wide';
  #regions = [];
  #state = 'idle';
  #msg = '';
  #may = { host: true, encrypted: false };
  #busy = false;
  #timer = 0;
  #sending = Promise.resolve();

  constructor({ add, update, remove, failed }) {
    this.#add = add;
    this.#update = update;
    this.#remove = remove;
    this.#failed = failed;
    byId('live-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#start();
    });
    byId('live-stop').addEventListener('click', () => this.#stop());
    byId('live-shape').addEventListener('change', (event) => this.#reshape(event.target.value));
    for (const id of ['live-color', 'live-address', 'live-record']) byId(id).addEventListener('change', () => this.#changed());
    byId('live-arrange').addEventListener('change', (event) => {
      this.#mode = event.target.value;
      this.#changed();
    });
    onLanguage(() => this.#write());
  }

  /** Who can be shown: everybody who sends, oneself first. */
  people(uids) {
    for (const uid of uids) if (!this.#uids.includes(uid) && this.#mode !== 'own') this.#shown.add(uid);
    for (const uid of this.#uids) if (!uids.includes(uid)) this.#shown.delete(uid);
    this.#uids = [...uids];
    this.#changed();
  }

  /** Says what the visitor may: {host, encrypted}. */
  may(change) {
    Object.assign(this.#may, change);
    this.#write();
  }

  /** Takes what `rtmp-state` tells. */
  told({ taskId, code, msg }) {
    if (taskId !== TASK || !STATES[code]) return;
    this.#state = STATES[code];
    this.#msg = msg;
    this.#write();
  }

  /** Forgets the call that is over. */
  reset() {
    clearTimeout(this.#timer);
    this.#uids = [];
    this.#shown.clear();
    this.#mode = 'grid';
    this.#regions = [];
    this.#state = 'idle';
    this.#may = { host: true, encrypted: false };
    byId('live-address').value = ''; // there is a key in it
    this.#changed();
  }

  get #running() {
    return this.#state !== 'idle' && this.#state !== 'stopped';
  }

  get #task() {
    return taskOf({
      taskId: TASK, streamUrl: byId('live-address').value.trim(), record: byId('live-record').checked,
      canvas: CANVASES[this.#shape], color: byId('live-color').value, regions: this.#regions,
    });
  }

  async #start() {
    this.#busy = true;
    this.#write();
    try {
      await this.#add(this.#task).catch((error) => {
        if (error.extraCode !== TAKEN) throw error;
        return this.#update(this.#task);
      });
      if (!this.#running) this.#state = 'starting';
    } catch (error) {
      this.#failed(error);
    }
    this.#busy = false;
    this.#write();
  }

  async #stop() {
    clearTimeout(this.#timer);
    this.#busy = true;
    this.#write();
    await this.#sending;
    await this.#remove(TASK).then(() => { this.#state = 'stopped'; }, this.#failed);
    this.#busy = false;
    this.#write();
  }

  // A layout that the visitor has made by hand.
  #take(regions) {
    this.#regions = regions;
    this.#mode = 'own';
    this.#changed();
  }

  #reshape(shape) {
    if (this.#mode === 'own') this.#regions = scaled(this.#regions, CANVASES[this.#shape], CANVASES[shape]);
    this.#shape = shape;
    this.#changed();
  }

  #choose(uid, shown) {
    if (shown) this.#shown.add(uid);
    else this.#shown.delete(uid);
    this.#changed();
  }

  // Puts the layout right, shows it, and has it sent where there is a push.
  #changed() {
    const canvas = CANVASES[this.#shape];
    const uids = this.#uids.filter((uid) => this.#shown.has(uid));
    if (this.#mode === 'own') {
      const kept = this.#regions.filter(({ uid }) => this.#shown.has(uid));
      const come = uids.filter((uid) => !kept.some((region) => region.uid === uid));
      const small = arrange([null, ...come], 'large', canvas).slice(1);
      this.#regions = [...kept, ...small];
    } else {
      this.#regions = arrange(uids, this.#mode, canvas);
    }
    this.#write();
    clearTimeout(this.#timer);
    if (this.#running && byId('live-address').value) this.#timer = setTimeout(() => this.#send(), REST);
  }

  // One change after the other, each with the layout as it is by then.
  #send() {
    this.#sending = this.#sending.then(() => (this.#running ? this.#update(this.#task) : undefined)).catch(this.#failed);
  }

  #write() {
    const { host, encrypted } = this.#may;
    this.#board.show(CANVASES[this.#shape], byId('live-color').value, this.#regions);
    this.#writePeople();
    for (const input of byId('live-arrange').querySelectorAll('input')) input.checked = input.value === this.#mode;
    byId('live-refused').hidden = host && !encrypted;
    byId('live-refused').textContent = t(encrypted ? 'liveEncrypted' : 'liveHostsOnly');
    byId('live-start').hidden = this.#running;
    byId('live-stop').hidden = !this.#running;
    byId('live-start').disabled = this.#busy || !host || encrypted;
    byId('live-stop').disabled = this.#busy || !host;
    const state = byId('live-state');
    state.dataset.state = this.#state;
    const text = t(`live_${this.#state}`, { msg: this.#msg });
    // Written only when it changes, or screen readers say it again and again.
    if (byId('live-state-text').textContent !== text) byId('live-state-text').textContent = text;
    byId('on-air').hidden = this.#state !== 'pushing';
  }

  // A box that is there already stays: it may have the focus.
  #writePeople() {
    for (const [uid, { row }] of this.#boxes) {
      if (this.#uids.includes(uid)) continue;
      row.remove();
      this.#boxes.delete(uid);
    }
    for (const uid of this.#uids) {
      if (!this.#boxes.has(uid)) this.#boxes.set(uid, this.#person(uid));
      this.#boxes.get(uid).input.checked = this.#shown.has(uid);
    }
  }

  #person(uid) {
    const input = element('input');
    input.type = 'checkbox';
    input.dataset.testid = `live-show-${uid}`;
    input.addEventListener('change', () => this.#choose(uid, input.checked));
    const row = element('li', '', element('label', 'check', input, element('span', '', String(uid))));
    byId('live-people').append(row);
    return { row, input };
  }
}
