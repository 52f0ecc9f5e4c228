// Selects that list devices.

import { t } from './i18n.js';

/**
 * Fills a select with devices, {deviceId, label}, the chosen one selected. name is
 * 'Microphone', 'Camera' or 'Speaker', for those without a label and for none at all.
 * Where fixed is given there is no entry for "whatever the system says".
 */
export function fillDevices(select, devices, chosen, name, { fixed = false } = {}) {
  const options = fixed ? [] : [new Option(devices.length > 0 ? t('defaultDevice') : t(`no${name}`), '')];
  devices.forEach((d, i) => d.deviceId && options.push(new Option(d.label || t(`unnamed${name}`, { n: i + 1 }), d.deviceId)));
  if (options.length === 0) options.push(new Option(t(`no${name}`), ''));
  select.replaceChildren(...options);
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
  select.disabled = options.length === 1;
}
