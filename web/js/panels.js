// The drawers at the side: one is open at a time. A new one is a <section class="panel"
// data-panel="NAME"> in #panels and a button with data-opens="NAME"; nothing here changes.

import { byId } from './parts.js';

/** The drawers. changed(name) is called with the one that is open now, or null. */
export class Panels {
  #panels = new Map();
  #buttons = [...document.querySelectorAll('[data-opens]')];
  #open = null;
  #opener = null;
  #changed;

  constructor({ changed = () => {} } = {}) {
    this.#changed = changed;
    for (const panel of document.querySelectorAll('[data-panel]')) {
      this.#panels.set(panel.dataset.panel, panel);
      panel.querySelector('.panel-close').addEventListener('click', () => this.close());
    }
    for (const button of this.#buttons) {
      button.setAttribute('aria-controls', `panel-${button.dataset.opens}`);
      button.addEventListener('click', () => this.toggle(button.dataset.opens, button));
    }
    this.show(null);
  }

  /** The name of the open drawer, or null. */
  get open() {
    return this.#open;
  }

  toggle(name, opener) {
    this.show(this.#open === name ? null : name, opener);
  }

  /** Opens a drawer instead of the one that is open; null closes. */
  show(name, opener = null) {
    this.#open = this.#panels.has(name) ? name : null;
    this.#opener = opener;
    for (const [each, panel] of this.#panels) panel.hidden = each !== this.#open;
    byId('panels').hidden = this.#open === null;
    for (const button of this.#buttons) button.setAttribute('aria-expanded', String(button.dataset.opens === this.#open));
    this.#changed(this.#open);
  }

  /** Closes the open drawer; what opened it has the focus again, or, where that was in another drawer, what opens that. */
  close() {
    const opener = this.#opener ?? this.#opens(this.#open);
    this.show(null);
    const drawer = opener?.closest('[data-panel]')?.dataset.panel;
    (drawer ? this.#opens(drawer) : opener)?.focus();
  }

  #opens(name) {
    return this.#buttons.find((button) => button.dataset.opens === name);
  }
}
