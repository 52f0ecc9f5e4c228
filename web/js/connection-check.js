// The lobby's look at what gets through to the server, and by which ways.

import { onLanguage, t } from './i18n.js';
import { byId, element, icon } from './parts.js';

const PARTS = ['signalling', 'udp', 'tcp', 'turn', 'devices'];

/** Wires the button; options() gives what checkConnectivity takes, and `appkey`. */
export function watchConnectionCheck(options) {
  const button = byId('check-connection');
  const list = byId('connectivity');
  let found = null;
  const write = () => {
    list.replaceChildren(...PARTS.filter((part) => found?.[part]).map((part) => {
      const { ok, reason, ms } = found[part];
      const line = element('li', ok ? 'passes' : 'fails', icon(ok ? 'i-check' : 'i-alert'),
        element('span', '', t(`way_${part}`)), element('small', '', reason || t('tookMs', { ms })));
      line.dataset.testid = `way-${part}`;
      line.dataset.ok = String(ok);
      return line;
    }));
  };
  onLanguage(write);
  button.addEventListener('click', async () => {
    if (typeof NERTC === 'undefined') return;
    const { appkey, ...rest } = options();
    button.disabled = true;
    list.setAttribute('aria-busy', 'true');
    let client;
    try {
      client = NERTC.createClient({ appkey: appkey || 'demo' });
      found = await client.checkConnectivity(rest);
    } catch (error) {
      found = { signalling: { ok: false, reason: error.reason ?? String(error), ms: 0 } };
    } finally {
      client?.destroy();
      button.disabled = false;
      list.removeAttribute('aria-busy');
    }
    write();
  });
}
