// The drawer of settings: what the visitor chooses once and the page remembers.

import { listDevices } from './devices.js';
import { onLanguage } from './i18n.js';
import { byId } from './parts.js';
import { fillDevices } from './picker.js';
import { keep, recall } from './store.js';
import { chooseTheme, theme } from './theme.js';

const DEFAULTS = { speaker: '', playback: 100 };

/** The settings. change(name, value) is called for each that the visitor changes during a call. */
export class Settings {
  #values = { ...DEFAULTS, ...recall('settings') };
  #change;

  constructor({ change }) {
    this.#change = change;
    for (const el of document.querySelectorAll('[data-setting]')) {
      const name = el.dataset.setting;
      if (el.type === 'range') el.value = this.#values[name];
      el.addEventListener(el.type === 'range' ? 'input' : 'change', () => this.#set(name, el.type === 'range' ? Number(el.value) : el.value));
    }
    for (const input of byId('theme-choice').querySelectorAll('input')) {
      input.addEventListener('change', () => chooseTheme(input.value));
    }
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.refresh());
    onLanguage(() => this.refresh());
  }

  /** The choices, as Others and Own take them. */
  get values() {
    return { ...this.#values };
  }

  /** Puts a choice back that could not be carried out. */
  restore(name, value) {
    this.#values[name] = value;
    keep('settings', this.#values);
    this.refresh();
  }

  /** Writes the drawer anew: devices come and go, and the theme is chosen in two places. */
  async refresh() {
    for (const input of byId('theme-choice').querySelectorAll('input')) input.checked = input.value === theme();
    const { speakers } = await listDevices();
    // Browsers that let no page choose list no loudspeaker.
    byId('speaker-field').hidden = speakers.length === 0;
    fillDevices(byId('speaker'), speakers, this.#values.speaker, 'Speaker');
  }

  #set(name, value) {
    const before = this.#values[name];
    this.#values[name] = value;
    keep('settings', this.#values);
    this.#change(name, value, before);
  }
}
