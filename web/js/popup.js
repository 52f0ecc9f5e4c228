// Small cards that open at a button: made of plain buttons, radios and sliders, so that the
// keyboard works in them as everywhere. Escape, a click elsewhere and leaving with Tab close them.

import { setLabel } from './i18n.js';
import { byId, element, icon } from './parts.js';

const MARGIN = 8;

/** The one card of the page. */
export class Popup {
  #card = byId('popup');
  #anchor = null;

  constructor() {
    const outside = (target) => this.#anchor && !this.#card.contains(target) && !this.#anchor.contains(target);
    document.addEventListener('pointerdown', (event) => outside(event.target) && this.close());
    this.#card.addEventListener('focusout', (event) => event.relatedTarget && outside(event.relatedTarget) && this.close());
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#anchor) return;
      event.stopPropagation();
      this.close();
    }, { capture: true });
    window.addEventListener('resize', () => this.close());
  }

  /** Opens at a button, filled with what item, radios and slider have made. Opened again at the same button it closes. */
  open(anchor, label, items) {
    const again = this.#anchor === anchor;
    this.close();
    if (again) return;
    this.#card.replaceChildren(...items.filter(Boolean));
    setLabel(this.#card, label);
    this.#anchor = anchor;
    anchor.setAttribute('aria-expanded', 'true');
    this.#card.showPopover();
    this.#place(anchor.getBoundingClientRect());
    const first = this.#card.querySelector('button, input');
    // Of radios the chosen one is where the arrow keys begin.
    (first?.type === 'radio' ? this.#card.querySelector(`[name="${first.name}"]:checked`) ?? first : first)?.focus();
  }

  /** Closes the card; the button at which it was opened has the focus again if the card had it. */
  close() {
    const anchor = this.#anchor;
    if (!anchor) return;
    const focused = this.#card.contains(document.activeElement);
    this.#anchor = null;
    anchor.setAttribute('aria-expanded', 'false');
    this.#card.hidePopover();
    if (focused) anchor.focus();
  }

  /** Closes the card if its button is no longer in the page. */
  drop() {
    if (this.#anchor && !this.#anchor.isConnected) this.close();
  }

  // Above or below the button, wherever there is room, inside the window.
  #place(at) {
    const { offsetWidth: w, offsetHeight: h } = this.#card;
    const below = at.bottom + MARGIN + h <= innerHeight - MARGIN;
    const top = below ? at.bottom + MARGIN : Math.max(MARGIN, at.top - MARGIN - h);
    const left = Math.min(Math.max(MARGIN, at.left + at.width / 2 - w / 2), innerWidth - w - MARGIN);
    this.#card.style.top = `${Math.round(top)}px`;
    this.#card.style.left = `${Math.round(left)}px`;
  }

  /** A button that does something and closes the card. */
  item({ text, sign, testid, act }) {
    const button = element('button', 'item', icon(sign), element('span', '', text));
    button.type = 'button';
    button.dataset.testid = testid;
    button.addEventListener('click', () => {
      this.close();
      act();
    });
    return button;
  }
}

let groups = 0;

/** A group of radios. choices: [{value, text}]. */
export function radios({ text, choices, chosen, testid, change }) {
  const name = `radios-${++groups}`;
  const set = element('fieldset', 'radios', element('legend', '', text));
  for (const { value, text: label } of choices) {
    const input = element('input');
    Object.assign(input, { type: 'radio', name, value, checked: value === chosen });
    input.dataset.testid = `${testid}-${value}`;
    input.addEventListener('change', () => change(value));
    set.append(element('label', '', input, element('span', '', label)));
  }
  return set;
}

/** A slider from 0 to 100. */
export function slider({ text, sign, value, testid, change }) {
  const input = element('input');
  Object.assign(input, { type: 'range', min: 0, max: 100, step: 1, value });
  input.dataset.testid = testid;
  input.setAttribute('aria-label', text);
  input.addEventListener('input', () => change(Number(input.value)));
  return element('label', 'slider', icon(sign), element('span', '', text), input);
}
