// The drawer of statistics: figures of everybody with the last minute of each as a line, and the log of events. The SDK is
// asked once a second while the drawer is open and the page is seen, and otherwise never.

import { FIGURES, othersFigures, ownFigures } from './figures.js';
import { onLanguage, t } from './i18n.js';
import { byId, element } from './parts.js';
import { Series, sparkline } from './series.js';

const EVERY = 1000; // ms
const LENGTH = 60; // values in a line
const BOX = { length: LENGTH, width: 120, height: 26 };
const SVG = 'http://www.w3.org/2000/svg';

/** The drawer. read() answers {uid, role, stats} as figures.readStatistics gives them, or null; log is an EventLog. */
export class Statistics {
  #read;
  #log;
  #people = byId('statistics-people');
  #events = byId('events');
  #cards = new Map(); // uid → {root, name, self, rows}
  #open = false;
  #timer = 0;

  constructor({ read, log, saved }) {
    this.#read = read;
    this.#log = log;
    log.added = (entry) => { if (this.#open) this.#append(entry); };
    byId('log-save').addEventListener('click', () => saved(save(log)));
    document.addEventListener('visibilitychange', () => this.#run());
    onLanguage(() => this.#cards.forEach(write));
  }

  /** Whether the drawer is open. Its lines begin anew each time: nothing is measured while it is closed. */
  set open(open) {
    if (open === this.#open) return;
    this.#open = open;
    this.#cards.clear();
    this.#people.replaceChildren();
    this.#events.replaceChildren();
    if (open) this.#log.entries.slice(-200).forEach((entry) => this.#append(entry));
    this.#run();
  }

  #run() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#open && !document.hidden) this.#tick();
  }

  async #tick() {
    const mine = (this.#timer = setTimeout(() => this.#tick(), EVERY));
    const now = await this.#read().catch(() => null);
    if (now && this.#timer === mine) this.#show(now);
  }

  #show({ uid: own, others, stats }) {
    const here = new Map([[own, ownFigures(stats)], ...others.map((uid) => [uid, othersFigures(uid, stats)])]);
    for (const [uid, card] of this.#cards) {
      if (here.has(uid)) continue;
      card.root.remove();
      this.#cards.delete(uid);
    }
    for (const [uid, figures] of here) {
      if (!this.#cards.has(uid)) this.#cards.set(uid, this.#card(uid, uid === own, Object.keys(figures)));
      const card = this.#cards.get(uid);
      for (const [name, value] of Object.entries(figures)) card.rows.get(name).series.push(value);
      write(card);
    }
  }

  #card(uid, self, names) {
    const card = { uid, self, root: element('li', 'person'), name: element('h3', 'name'), rows: new Map() };
    card.root.dataset.testid = `statistics-${uid}`;
    const list = element('dl', 'plots');
    for (const name of names) {
      const row = { series: new Series(LENGTH), term: element('dt'), value: element('dd'), svg: document.createElementNS(SVG, 'svg') };
      row.path = row.svg.appendChild(document.createElementNS(SVG, 'path'));
      row.svg.setAttribute('viewBox', `0 -2 ${BOX.width} ${BOX.height + 4}`);
      row.svg.setAttribute('preserveAspectRatio', 'none');
      row.svg.setAttribute('role', 'img');
      row.text = element('span');
      row.value.append(row.text, row.svg);
      const box = element('div', `plot ${name}`, row.term, row.value);
      box.dataset.figure = name;
      list.append(box);
      card.rows.set(name, row);
    }
    card.root.append(card.name, list);
    // Oneself stands first.
    if (self) this.#people.prepend(card.root);
    else this.#people.append(card.root);
    return card;
  }

  #append({ at, name, text, bad }) {
    const list = this.#events;
    // Who has scrolled up reads; who is at the end sees the new.
    const follow = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    const time = element('time', '', at.toTimeString().slice(0, 8));
    const row = element('li', bad ? 'bad' : '', time, element('b', '', name), ' ', text);
    list.append(row);
    while (list.children.length > 200) list.firstElementChild.remove();
    if (follow) list.scrollTop = list.scrollHeight;
  }
}

// Writes the figures of a card in the language of the page.
function write({ uid, self, name, rows }) {
  name.textContent = self ? `${uid} (${t('you')})` : String(uid);
  for (const [figure, { series, term, text, svg, path }] of rows) {
    const { unit, digits, least } = FIGURES[figure];
    const shown = (value) => (value === null ? '–' : `${value.toFixed(digits)} ${unit}`);
    term.textContent = t(`figure_${figure}`);
    text.textContent = shown(series.latest);
    text.dataset.value = series.latest ?? '';
    path.setAttribute('d', sparkline(series.values, { ...BOX, least }));
    const { range } = series;
    svg.setAttribute('aria-label', range ? t('plot', { min: shown(range.min), max: shown(range.max) }) : t('noFigures'));
  }
}

// Gives the log to the visitor as a file; answers its name.
function save(log) {
  const link = document.createElement('a');
  link.download = `call-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}.log`;
  link.href = URL.createObjectURL(new Blob([log.toString()], { type: 'text/plain' }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return link.download;
}
