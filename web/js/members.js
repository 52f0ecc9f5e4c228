// The list of who is here.

import { onLanguage, setLabel, t } from './i18n.js';
import { avatar, element, icon } from './parts.js';

/**
 * The list of members; counts are the elements that show how many there are.
 * opened(uid, button) is called when the visitor asks for what can be done with somebody.
 */
export class Members {
  #list;
  #counts;
  #opened;
  #rows = new Map();

  constructor(list, counts, { opened }) {
    this.#list = list;
    this.#counts = counts;
    this.#opened = opened;
    onLanguage(() => this.#rows.forEach(describe));
  }

  /** Who is in the list. */
  get uids() {
    return [...this.#rows.keys()];
  }

  get size() {
    return this.#rows.size;
  }

  add(uid, { self = false } = {}) {
    if (this.#rows.has(uid)) return;
    const row = {
      uid, self, root: element('li'), name: element('span', 'name'), screen: icon('i-screen'), mic: icon('i-mic-off'), cam: icon('i-cam-off'),
      more: element('button', 'ghost', icon('i-more')), media: { audio: false, video: false, screen: false },
    };
    row.root.dataset.testid = `member-${uid}`;
    row.more.type = 'button';
    row.more.dataset.testid = `member-more-${uid}`;
    row.more.setAttribute('aria-haspopup', 'dialog');
    row.more.addEventListener('click', () => this.#opened(uid, row.more));
    row.root.append(avatar(uid), row.name, row.screen, row.mic, row.cam, row.more);
    this.#rows.set(uid, row);
    describe(row);
    // Oneself stands first.
    if (self) this.#list.prepend(row.root);
    else this.#list.append(row.root);
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

  /** Shows who speaks: a Set of the others' uids, and whether oneself does. */
  speaking(uids, oneself) {
    for (const { uid, self, root } of this.#rows.values()) root.classList.toggle('speaking', self ? oneself : uids.has(uid));
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

function describe({ uid, self, name, screen, mic, cam, more, media }) {
  name.textContent = self ? `${uid} (${t('you')})` : String(uid);
  setLabel(more, t('moreOf', { name: name.textContent }));
  screen.style.display = media.screen ? '' : 'none';
  sign(screen, 'i-screen', t('sharesScreen'));
  sign(mic, media.audio ? 'i-mic' : 'i-mic-off', media.audio ? '' : t('micIsOff'));
  sign(cam, media.video ? 'i-cam' : 'i-cam-off', media.video ? '' : t('camIsOff'));
  for (const [svg, on] of [[mic, media.audio], [cam, media.video], [screen, true]]) svg.classList.toggle('dim', on);
}

// Shows an icon; with a label it is said to those who do not see it.
function sign(svg, id, label) {
  svg.firstElementChild.setAttribute('href', `#${id}`);
  if (label) {
    svg.removeAttribute('aria-hidden');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
  } else {
    svg.setAttribute('aria-hidden', 'true');
    svg.removeAttribute('role');
    svg.removeAttribute('aria-label');
  }
}
