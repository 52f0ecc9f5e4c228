// The toolbar of the call, its keyboard, the choice of the layout and the bars above the stage.

/* global NERTC */

import { onLanguage, setLabel, t } from './i18n.js';
import { byId, setToggle } from './parts.js';

/**
 * The controls of a call. on: toggle('audio' | 'video' | 'screen'), device('microphone' | 'camera', button), record(),
 * leave(), resume(), role('host' | 'audience'), layout(mode).
 * They act while enabled; write shows what is on.
 */
export class Controls {
  #on;
  #shown = { audio: false, video: false, screen: false, recording: false, role: 'host', state: 'DISCONNECTED' };

  constructor(on) {
    this.#on = on;
    byId('mute').addEventListener('click', () => on.toggle('audio'));
    byId('camera-toggle').addEventListener('click', () => on.toggle('video'));
    byId('share').addEventListener('click', () => on.toggle('screen'));
    for (const button of document.querySelectorAll('.record')) button.addEventListener('click', () => on.record());
    byId('share-stop').addEventListener('click', () => on.toggle('screen'));
    for (const button of document.querySelectorAll('[data-device]')) button.addEventListener('click', () => on.device(button.dataset.device, button));
    // The answer's flags are there before the promise is settled.
    byId('share').hidden = typeof NERTC === 'undefined' || !NERTC.checkBrowserCompatibility().isScreenShareSupport;
    byId('leave').addEventListener('click', () => on.leave());
    byId('resume').addEventListener('click', () => on.resume());
    byId('take-part').addEventListener('click', () => on.role('host'));
    byId('role-switch').addEventListener('click', () => on.role(this.#shown.role === 'host' ? 'audience' : 'host'));
    byId('layouts').addEventListener('change', (event) => on.layout(event.target.value));
    document.addEventListener('keydown', (event) => this.#key(event));
    onLanguage(() => this.#write());
    this.#write();
  }

  /** Shows a change of {audio, video, screen, recording, role, state}. */
  write(change) {
    Object.assign(this.#shown, change);
    this.#write();
  }

  /** Shows that a button's work is under way, or done. */
  busy(kind, busy) {
    const button = byId({ audio: 'mute', video: 'camera-toggle', screen: 'share' }[kind]);
    if (busy) button.setAttribute('aria-busy', 'true');
    else button.removeAttribute('aria-busy');
  }

  /** Shows which layout there is: Views.now. */
  layout({ wanted, screens }) {
    for (const input of byId('layouts').querySelectorAll('input')) {
      input.checked = input.value === wanted;
      if (input.value === 'screen') input.disabled = !screens;
    }
  }

  /** Shows how loud the own microphone is, 0 to 1. */
  level(level) {
    byId('mute').style.setProperty('--level', level.toFixed(2));
  }

  /** Shows whether the browser holds sound back. */
  soundBlocked(blocked) {
    showBar('bar-sound', blocked, 'mute');
  }

  #key(event) {
    if (byId('call').hidden || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.('input:not([type=radio]), select, textarea')) return;
    const act = { m: () => this.#on.toggle('audio'), v: () => this.#on.toggle('video'), p: () => byId('share').hidden || this.#on.toggle('screen'), g: () => this.#on.layout('grid'), s: () => this.#on.layout('speaker') };
    act[event.key.toLowerCase()]?.();
  }

  #write() {
    const { audio, video, screen, recording, role, state } = this.#shown;
    const watching = role === 'audience';
    setToggle(byId('mute'), audio, t(audio ? 'mute' : 'unmute'));
    setToggle(byId('camera-toggle'), video, t(video ? 'cameraStop' : 'cameraStart'));
    byId('share').setAttribute('aria-pressed', String(screen));
    setLabel(byId('share'), t('share')); // that it is pressed says the rest
    byId('share').title = t(screen ? 'shareStop' : 'share');
    byId('recording').hidden = !recording;
    for (const button of document.querySelectorAll('.record')) {
      button.setAttribute('aria-pressed', String(recording));
      setLabel(button, t('record'));
      button.title = t(recording ? 'recordStop' : 'record');
    }
    byId('record-text').textContent = t(recording ? 'recordStop' : 'record');
    showBar('bar-share', screen, 'share');
    for (const id of ['mute', 'camera-toggle', 'share']) byId(id).disabled = watching;
    showBar('bar-role', watching, 'mute');
    byId('role-switch-text').textContent = t(watching ? 'takePart' : 'onlyWatch');
    setLabel(byId('role-switch'), t(watching ? 'takePart' : 'onlyWatch'));
    byId('connection').dataset.state = state;
    byId('bar-state').hidden = state !== 'RECONNECTING';
    const text = t(`state_${state}`);
    // Written only when it changes, or screen readers say it again and again.
    if (byId('connection-text').textContent !== text) byId('connection-text').textContent = text;
  }
}

// Shows a bar or takes it away. If it goes with the focus in it, the focus goes to a button that stays.
function showBar(id, shown, next) {
  const bar = byId(id);
  const focused = bar.contains(document.activeElement);
  bar.hidden = !shown;
  if (focused && !shown) byId(next).focus();
}
