// What the page says: an error that stays until it is dismissed, and short notes.

import { onLanguage, t } from './i18n.js';

const banner = document.getElementById('error');
const title = document.getElementById('error-title');
const detail = document.getElementById('error-detail');
const toast = document.getElementById('notice');
let shown = null;
let timer = 0;

/** Shows an error: {key, values, code} as errors.js makes it. */
export function showError(error) {
  shown = error;
  banner.dataset.code = error.code ?? '';
  banner.dataset.kind = error.key;
  banner.hidden = false;
  write();
}

/** Takes the error away. */
export function clearError() {
  shown = null;
  banner.hidden = true;
}

/** Says something that needs no answer, for four seconds. */
export function note(text) {
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(timer);
  timer = setTimeout(() => toast.classList.remove('shown'), 4000);
}

/** Takes away what note said last. */
export function hush() {
  clearTimeout(timer);
  toast.classList.remove('shown');
}

function write() {
  if (!shown) return;
  const text = t(`${shown.detailKey ?? shown.key}_detail`, shown.values);
  const code = shown.code ? ` (${shown.code})` : '';
  title.textContent = t(shown.key, shown.values);
  detail.textContent = (text + code).trim();
}

document.getElementById('error-close').addEventListener('click', clearError);
onLanguage(write);
