// What the visitor has chosen for every call: devices, volumes, qualities. Remembered in this browser.

import { keep, recall } from './store.js';

// The numbers are those of NERTC.VIDEO_QUALITY and NERTC.VIDEO_FRAME_RATE.
const DEFAULTS = {
  microphone: '', // a device's id; '' is the system's own choice
  camera: '',
  speaker: '',
  playback: 100, // 0 to 100
  capture: 100, // 0 to 100
  resolution: 4, // 480p: nine of them fit a page
  frameRate: 6, // 30 frames a second
  screenResolution: 16, // 1080p
  screenFrameRate: 1, // 5 frames a second
  screenSound: true,
  receive: 'auto', // of everybody's pictures: 'auto', 'high' or 'low'
};

/** The choices. */
export class Choices {
  #values = { ...DEFAULTS };
  #listeners = new Set();

  constructor() {
    const stored = recall('choices') ?? {};
    for (const name of Object.keys(DEFAULTS)) {
      if (typeof stored[name] === typeof DEFAULTS[name]) this.#values[name] = stored[name];
    }
  }

  /** The value of a choice. */
  get(name) {
    return this.#values[name];
  }

  /** Takes a choice, remembers it and tells those who listen. */
  set(name, value) {
    const before = this.#values[name];
    if (before === value) return;
    this.put(name, value);
    for (const listener of this.#listeners) listener(name, value, before);
  }

  /** Takes a choice that has been carried out already, or could not be: nobody who carries out is told. */
  put(name, value) {
    this.#values[name] = value;
    keep('choices', this.#values);
  }

  /** Calls back (name, value, before) after each change by the visitor. */
  onChange(listener) {
    this.#listeners.add(listener);
  }
}
