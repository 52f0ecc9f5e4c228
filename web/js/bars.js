// How good somebody's connection is, as bars: five of an excellent one, none where nothing passes.

import { setLabel, t } from './i18n.js';
import { element } from './parts.js';

const MOST = 5;

/** How many bars a level of network-quality has: 1, excellent, to 6, down. 0 says nothing, so nothing is shown: null. */
export const barsOf = (level) => (level >= 1 && level <= 6 ? 6 - level : null);

/** The bars of a tile: level is to be set, write() writes the text in the language of the page. */
export class Bars {
  root = element('span', 'quality', ...Array.from({ length: MOST }, () => element('i')));
  #level = 0;

  constructor(uid) {
    this.root.dataset.testid = `quality-${uid}`;
    this.root.setAttribute('role', 'img');
    this.level = 0;
  }

  set level(level) {
    this.#level = level;
    const bars = barsOf(level);
    this.root.hidden = bars === null;
    this.root.dataset.level = String(level);
    this.root.dataset.bars = String(bars ?? 0);
    [...this.root.children].forEach((bar, i) => bar.classList.toggle('lit', i < bars));
    this.write();
  }

  write() {
    const text = t(`network_${this.#level}`);
    setLabel(this.root, text);
    this.root.title = text;
  }
}
