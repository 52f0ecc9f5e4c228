// The grid of people: one tile for each, placed by layout.js.

import { setLabel, t, onLanguage } from './i18n.js';
import { layout } from './layout.js';
import { avatar, icon } from './parts.js';

/** The tiles of a call. resized(uid, width, height) is called when a tile's size in pixels changes. */
export class Stage {
  #root;
  #resized;
  #tiles = new Map();

  constructor(root, resized) {
    this.#root = root;
    this.#resized = resized;
    new ResizeObserver(() => this.#arrange()).observe(root);
    onLanguage(() => this.#tiles.forEach((tile) => describe(tile)));
  }

  /** Adds a person; one who is there already stays. */
  add(uid, { self = false } = {}) {
    if (this.#tiles.has(uid)) return;
    const root = element('div', 'tile');
    root.dataset.testid = `tile-${uid}`;
    root.setAttribute('role', 'group');
    const view = element('div', 'view');
    const name = element('span', 'name');
    const badge = element('span', 'badge', icon('i-mic-off'));
    badge.dataset.testid = `muted-${uid}`;
    const plate = element('div', 'plate', badge, name);
    root.append(avatar(uid), view, plate);
    root.classList.toggle('self', self);
    const tile = { uid, self, root, view, name, badge, media: { audio: false, video: false } };
    this.#tiles.set(uid, tile);
    this.#root.append(root);
    describe(tile);
    this.#arrange();
    requestAnimationFrame(() => root.classList.add('here'));
  }

  /** Takes a person away. */
  remove(uid) {
    this.#tiles.get(uid)?.root.remove();
    this.#tiles.delete(uid);
    this.#arrange();
  }

  /** Shows whether a person is heard and seen. */
  update(uid, media) {
    const tile = this.#tiles.get(uid);
    if (!tile) return;
    Object.assign(tile.media, media);
    describe(tile);
  }

  /** The element in which a person's picture is played. */
  place(uid) {
    return this.#tiles.get(uid)?.view ?? null;
  }

  /** Takes everybody away. */
  clear() {
    for (const tile of this.#tiles.values()) tile.root.remove();
    this.#tiles.clear();
  }

  /** Tells the present size of one tile again, for a picture that has just come. */
  tell(uid) {
    const tile = this.#tiles.get(uid);
    if (tile?.box) this.#resized(uid, tile.box.width, tile.box.height);
  }

  #arrange() {
    const style = getComputedStyle(this.#root);
    const width = this.#root.clientWidth - 2 * parseFloat(style.paddingLeft);
    const height = this.#root.clientHeight - 2 * parseFloat(style.paddingTop);
    const boxes = layout(this.#tiles.size, width, height, width < 560 ? 8 : 12);
    [...this.#tiles.values()].forEach((tile, i) => {
      const box = boxes[i];
      if (!box) return;
      const old = tile.box;
      tile.box = box;
      tile.root.style.transform = `translate(${box.x}px, ${box.y}px)`;
      tile.root.style.width = `${box.width}px`;
      tile.root.style.height = `${box.height}px`;
      tile.root.classList.toggle('small', Math.min(box.width, box.height) < 150);
      if (!old || old.width !== box.width || old.height !== box.height) this.#resized(tile.uid, box.width, box.height);
    });
  }
}

function describe({ uid, self, root, name, badge, media }) {
  const shown = self ? `${uid} (${t('you')})` : String(uid);
  name.textContent = shown;
  root.dataset.audio = media.audio ? 'on' : 'off';
  root.dataset.video = media.video ? 'on' : 'off';
  badge.hidden = media.audio;
  badge.title = t('micIsOff');
  setLabel(root, t('tileLabel', { name: shown, audio: t(media.audio ? 'on' : 'off'), video: t(media.video ? 'on' : 'off') }));
}

function element(tag, className, ...children) {
  const el = document.createElement(tag);
  el.className = className;
  el.append(...children);
  return el;
}
