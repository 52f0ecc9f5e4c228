// One tile of the stage: somebody's picture, or the screen that somebody shares.

import { Bars } from './bars.js';
import { setLabel, t } from './i18n.js';
import { avatar, element, icon } from './parts.js';

/** A tile. opened(tile) is called when the visitor asks for its menu, picked(tile) upon a double click. */
export class Tile {
  box = null;
  #name = element('span', 'name');
  #badge = element('span', 'badge', icon('i-mic-off'));
  #pin = element('span', 'pinned', icon('i-pin'));
  #media = { audio: false, video: false, screen: false };

  constructor({ key, uid, type, self }, { opened, picked }) {
    Object.assign(this, { key, uid, type, self });
    this.root = element('div', `tile ${type}`);
    this.view = element('div', 'view');
    this.bars = new Bars(type === 'screen' ? `${uid}-screen` : uid);
    this.more = element('button', 'tile-more', icon('i-more'));
    this.more.type = 'button';
    this.more.setAttribute('aria-haspopup', 'dialog');
    const id = type === 'screen' ? `${uid}-screen` : String(uid);
    this.root.dataset.testid = `tile-${id}`;
    this.more.dataset.testid = `more-${id}`;
    this.#badge.dataset.testid = `muted-${id}`;
    this.root.setAttribute('role', 'group');
    this.root.classList.toggle('self', self);
    const first = type === 'screen' ? icon('i-screen') : this.#badge;
    this.root.append(...(type === 'screen' ? [] : [avatar(uid)]), this.view, element('div', 'plate', this.#pin, first, this.#name, this.bars.root), this.more);
    this.more.addEventListener('click', () => opened(this));
    this.root.addEventListener('dblclick', (event) => event.target.closest('button') || picked(this));
    this.#pin.hidden = true;
    this.write();
  }

  /** The video element that the SDK has put into the tile, or null. */
  get video() {
    return this.view.querySelector('video');
  }

  /** Whether there is a picture that can be seen. */
  get pictured() {
    return this.type === 'screen' || this.#media.video;
  }

  update(media) {
    Object.assign(this.#media, media);
    this.write();
  }

  set speaking(speaking) {
    this.root.classList.toggle('speaking', speaking);
  }

  set pinned(pinned) {
    this.#pin.hidden = !pinned;
  }

  /** Puts the tile at its place; answers whether its size is another one now. */
  put({ x, y, width, height }, main) {
    const old = this.box;
    this.box = { width, height };
    const { style, classList } = this.root;
    style.transform = `translate(${x}px, ${y}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    classList.toggle('small', Math.min(width, height) < 150);
    classList.toggle('tiny', Math.min(width, height) < 90);
    classList.toggle('main', main);
    return !old || old.width !== width || old.height !== height;
  }

  /** Writes its texts in the language of the page. */
  write() {
    const { audio, video } = this.#media;
    const name = this.self ? `${this.uid} (${t('you')})` : String(this.uid);
    const screen = this.self ? t('yourScreen') : t('screenOf', { uid: this.uid });
    this.root.dataset.audio = audio ? 'on' : 'off';
    this.root.dataset.video = this.pictured ? 'on' : 'off';
    this.#badge.hidden = audio;
    this.#badge.title = t('micIsOff');
    this.label = this.type === 'screen' ? screen : name;
    this.#name.textContent = this.label;
    const label = this.type === 'screen' ? screen : t('tileLabel', { name, audio: t(audio ? 'on' : 'off'), video: t(video ? 'on' : 'off') });
    this.bars.write();
    setLabel(this.root, label);
    setLabel(this.more, t('moreOf', { name: this.label }));
  }
}
