// The cards behind the arrows beside microphone and camera: another device in two clicks.

import { listDevices } from './devices.js';
import { t } from './i18n.js';
import { radios, slider } from './popup.js';

export const QUALITIES = [[2, '180p'], [4, '480p'], [8, '720p'], [16, '1080p']];

/** Opens the card of a device. name is 'microphone' or 'camera'; inUse is the id of the open one, or ''. */
export async function openDeviceMenu({ popup, anchor, name, inUse, choices, settings }) {
  const found = await listDevices();
  const devices = name === 'microphone' ? found.microphones : found.cameras;
  const unnamed = name === 'microphone' ? 'unnamedMicrophone' : 'unnamedCamera';
  const own = { value: '', text: t('defaultDevice') };
  popup.open(anchor, t(name), [
    radios({
      text: t(name), testid: name, chosen: inUse || choices.get(name),
      choices: [...(inUse ? [] : [own]), ...devices.map(({ deviceId, label }, i) => ({ value: deviceId, text: label || t(unnamed, { n: i + 1 }) }))],
      change: (value) => choices.set(name, value),
    }),
    name === 'microphone'
      ? slider({ text: t('capture'), sign: 'i-mic', value: choices.get('capture'), testid: 'capture-quick', change: (value) => choices.set('capture', value) })
      : radios({
        text: t('resolution'), testid: 'quality', chosen: choices.get('resolution'),
        choices: QUALITIES.map(([value, text]) => ({ value, text })), change: (value) => choices.set('resolution', value),
      }),
    popup.item({ text: t('settings'), sign: 'i-settings', testid: 'open-settings', act: settings }),
  ]);
}
