// The drawer of settings.

import { listDevices } from './devices.js';
import { onLanguage } from './i18n.js';
import { byId } from './parts.js';
import { fillDevices } from './picker.js';
import { chooseTheme, theme } from './theme.js';

const READ = {
  range: (el) => Number(el.value),
  checkbox: (el) => el.checked,
  'select-one': (el) => (el.dataset.kind === 'number' ? Number(el.value) : el.value),
};

/** Shows choices, a Choices, in the drawer and takes the visitor's. devices() answers the {microphone, camera} in use, ids or ''. */
export class Settings {
  #choices;
  #devices;
  #fields = [...document.querySelectorAll('[data-setting]')];

  constructor({ choices, devices }) {
    this.#choices = choices;
    this.#devices = devices;
    for (const el of this.#fields) {
      el.addEventListener(el.type === 'range' ? 'input' : 'change', () => choices.set(el.dataset.setting, READ[el.type](el)));
    }
    for (const input of byId('theme-choice').querySelectorAll('input')) {
      input.addEventListener('change', () => chooseTheme(input.value));
    }
    navigator.mediaDevices?.addEventListener?.('devicechange', () => this.refresh());
    onLanguage(() => this.refresh());
  }

  /** Writes the drawer anew: devices come and go, and some things are chosen in two places. */
  async refresh() {
    for (const input of byId('theme-choice').querySelectorAll('input')) input.checked = input.value === theme();
    for (const el of this.#fields) {
      if (el.type === 'checkbox') el.checked = this.#choices.get(el.dataset.setting);
      else el.value = String(this.#choices.get(el.dataset.setting));
    }
    const { microphones, cameras, speakers } = await listDevices();
    const { microphone, camera } = this.#devices();
    fillDevices(byId('call-microphone'), microphones, microphone || this.#choices.get('microphone'), 'Microphone', { fixed: Boolean(microphone) });
    fillDevices(byId('call-camera'), cameras, camera || this.#choices.get('camera'), 'Camera', { fixed: Boolean(camera) });
    // Browsers that let no page choose list no loudspeaker.
    byId('speaker-field').hidden = speakers.length === 0;
    fillDevices(byId('speaker'), speakers, this.#choices.get('speaker'), 'Speaker');
  }
}
