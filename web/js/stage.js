// The tiles of a call and where they are: arranged by views.js, placed by layout.js.

import { onLanguage } from './i18n.js';
import { beside, layout } from './layout.js';
import { Tile } from './tile.js';
import { Views, keyOf } from './views.js';

/**
 * The tiles of a call.
 *
 *   resized(uid, type, width, height)   a tile's size in pixels has changed
 *   opened(tile)                        the visitor asks for a tile's menu
 *   changed({mode, wanted, main, pinned, screens})   the layout is another one
 */
export class Stage {
  #root;
  #on;
  #views = new Views();
  #tiles = new Map();
  #told = '';

  constructor(root, on) {
    this.#root = root;
    this.#on = on;
    new ResizeObserver(() => this.#arrange()).observe(root);
    onLanguage(() => this.#tiles.forEach((tile) => tile.write()));
  }

  /** The layout, as Views.now. */
  get view() {
    return this.#views.now;
  }

  /** Adds a tile; one that is there already stays. */
  add(uid, { type = 'video', self = false } = {}) {
    const key = keyOf(uid, type);
    if (this.#tiles.has(key)) return;
    const tile = new Tile({ key, uid, type, self }, {
      opened: this.#on.opened,
      picked: () => this.pin(this.#views.now.pinned === key ? null : key),
    });
    this.#tiles.set(key, tile);
    this.#root.append(tile.root);
    this.#views.add(tile);
    this.#arrange();
    requestAnimationFrame(() => tile.root.classList.add('here'));
  }

  /** Takes a tile away. */
  remove(uid, type = 'video') {
    const key = keyOf(uid, type);
    this.#tiles.get(key)?.root.remove();
    if (!this.#tiles.delete(key)) return;
    this.#views.remove(key);
    this.#arrange();
  }

  /** A tile, or undefined. */
  get(uid, type = 'video') {
    return this.#tiles.get(keyOf(uid, type));
  }

  /** Shows whether a person is heard and seen. */
  update(uid, media) {
    this.get(uid)?.update(media);
  }

  /** Shows how good a person's connection is: a level of network-quality. */
  quality(uid, level) {
    const tile = this.get(uid);
    if (tile) tile.bars.level = level;
  }

  /** Shows who of the others speaks: a Set of uids, and whose picture is to be the large one. */
  speaking(uids, speaker) {
    for (const tile of this.#tiles.values()) if (!tile.self) tile.speaking = tile.type === 'video' && uids.has(tile.uid);
    this.#views.follow(speaker);
    this.#arrange();
  }

  choose(mode) {
    this.#views.choose(mode);
    this.#arrange();
  }

  pin(key) {
    this.#views.pin(key);
    this.#arrange();
  }

  /** Takes everybody away. */
  clear() {
    for (const tile of this.#tiles.values()) tile.root.remove();
    this.#tiles.clear();
    this.#views.clear();
    this.#arrange();
  }

  /** Tells the present size of one tile again, for a picture that has just come. */
  tell(uid, type = 'video') {
    const box = this.get(uid, type)?.box;
    if (box) this.#on.resized(uid, type, box.width, box.height);
  }

  #arrange() {
    const now = this.#views.now;
    const style = getComputedStyle(this.#root);
    const width = this.#root.clientWidth - 2 * parseFloat(style.paddingLeft);
    const height = this.#root.clientHeight - 2 * parseFloat(style.paddingTop);
    const gap = width < 560 ? 8 : 12;
    const tiles = [...this.#tiles.values()];
    const main = tiles.find(({ key }) => key === now.main);
    const others = tiles.filter((tile) => tile !== main);
    const boxes = main ? beside(others.length, width, height, { gap, fill: main.type === 'screen' }) : { strip: layout(others.length, width, height, gap) };
    this.#root.dataset.layout = now.mode;
    for (const [tile, box] of [[main, boxes.main], ...others.map((tile, i) => [tile, boxes.strip[i]])]) {
      if (!tile || !box) continue;
      tile.pinned = tile.key === now.pinned;
      if (tile.put(box, tile === main)) this.#on.resized(tile.uid, tile.type, box.width, box.height);
    }
    const told = JSON.stringify(now);
    if (told !== this.#told) this.#on.changed(now);
    this.#told = told;
  }
}
