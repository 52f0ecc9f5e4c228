// The list of who is here.

import { onLanguage, t } from './i18n.js';
import { avatar, icon } from './parts.js';

/** The list of members; counts are the elements that show how many there are. */
export class Members {
  #list;
  #counts;
  #rows = new Map();

  constructor(list, counts) {
    this.#list = list;
    this.#counts = counts;
    onLanguage(() => this.#rows.forEach(describe));
  }

  get size() {
    return this.#rows.size;
  }

  add(uid, { self = false } = {}) {
    if (this.#rows.has(uid)) return;
    const root = document.createElement('li');
    root.dataset.testid = `member-${uid}`;
    const name = document.createElement('span');
    name.className = 'name';
    const mic = icon('i-mic-off');
    const cam = icon('i-cam-off');
    root.append(avatar(uid), name, mic, cam);
    const row = { uid, self, root, name, mic, cam, media: { audio: false, video: false } };
    this.#rows.set(uid, row);
    describe(row);
    this.#list.append(root);
    this.#count();
  }

  remove(uid) {
    this.#rows.get(uid)?.root.remove();
    this.#rows.delete(uid);
    this.#count();
  }

  update(uid, media) {
    const row = this.#rows.get(uid);
    if (!row) return;
    Object.assign(row.media, media);
    describe(row);
  }

  clear() {
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#count();
  }

  #count() {
    for (const el of this.#counts) el.textContent = String(this.#rows.size);
  }
}

function describe({ uid, self, name, mic, cam, media }) {
  name.textContent = self ? `${uid} (${t('you')})` : String(uid);
  show(mic, media.audio, 'i-mic', t('micIsOff'));
  show(cam, media.video, 'i-cam', t('camIsOff'));
}

function show(svg, on, id, off) {
  svg.classList.toggle('dim', on);
  svg.firstElementChild.setAttribute('href', on ? `#${id}` : `#${id}-off`);
  if (on) {
    svg.setAttribute('aria-hidden', 'true');
    svg.removeAttribute('role');
    svg.removeAttribute('aria-label');
  } else {
    svg.removeAttribute('aria-hidden');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', off);
  }
}
