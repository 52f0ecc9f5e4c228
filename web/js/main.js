// The page: lobby, then call, then lobby again.
//
// In the address: ?room=, ?uid=, ?appkey=, ?role= ('host' or 'audience') and ?lang= fill in
// what they name, and ?autojoin=1 goes straight into the call.

import { Call } from './call.js';
import { Choices } from './choices.js';
import { ASKS_FOR_ACCESS } from './errors.js';
import { startLanguage, switchLanguage, t } from './i18n.js';
import { Lobby } from './lobby.js';
import { clearError, note, showError } from './notice.js';
import { Popup, radios } from './popup.js';
import { apply, chooseTheme, theme } from './theme.js';

const address = new URLSearchParams(location.search);
apply();
startLanguage(address.get('lang'));
const popup = new Popup();
const choices = new Choices();

const lobby = new Lobby({
  room: address.get('room'),
  uid: address.get('uid'),
  appkey: address.get('appkey'),
  role: address.get('role'),
  choices,
  submit: join,
});
const call = new Call({ popup, choices, ended });

for (const button of document.querySelectorAll('.lang')) button.addEventListener('click', switchLanguage);
for (const button of document.querySelectorAll('.copy')) button.addEventListener('click', copyLink);
for (const button of document.querySelectorAll('.theme')) button.addEventListener('click', () => pickTheme(button));

const first = address.get('autojoin') === '1' ? lobby.options() : null;
if (first) join(first);
else lobby.open();

async function join(options) {
  clearError();
  if (typeof NERTC === 'undefined') {
    await lobby.open();
    showError({ key: 'err_sdk' });
    return;
  }
  lobby.setBusy(true);
  remember(options.room);
  // A phone's camera serves one owner at a time: the preview ends before the call begins.
  lobby.release();
  try {
    await call.start(options);
    lobby.setBusy(false);
    lobby.close();
  } catch (error) {
    showError(error);
    const opened = lobby.open();
    // At once: the camera takes its time, and by then the visitor is typing.
    if (ASKS_FOR_ACCESS.has(error.key)) lobby.askFor(ASKS_FOR_ACCESS.get(error.key));
    if (error.key === 'err_encryption') lobby.askForSecret();
    await opened;
  }
}

async function ended(error) {
  if (error) showError(error);
  const opened = lobby.open({ again: true });
  document.getElementById('join').focus();
  await opened;
}

// Keeps the room in the address, so that a reload comes back and the address can be sent to others.
function remember(room) {
  const url = new URL(location.href);
  url.searchParams.set('room', room);
  history.replaceState(null, '', url);
}

function pickTheme(button) {
  const choices = ['system', 'light', 'dark'].map((value) => ({ value, text: t(`theme_${value}`) }));
  popup.open(button, t('theme'), [radios({ text: t('theme'), choices, chosen: theme(), testid: 'theme', change: chooseTheme })]);
}

async function copyLink() {
  const url = new URL(location.pathname, location.origin);
  for (const name of ['room', 'appkey']) {
    const value = new URL(location.href).searchParams.get(name);
    if (value) url.searchParams.set(name, value);
  }
  try {
    await navigator.clipboard.writeText(url.href);
    note(t('copied'));
  } catch {
    note(t('copyByHand', { link: url.href }));
  }
}
