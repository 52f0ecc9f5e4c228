// The page's language: the browser's at first, then what the visitor chose.

import { keep, recall } from './store.js';
import { en } from './texts/en.js';
import { zh } from './texts/zh.js';

const texts = { en, zh };
const listeners = new Set();
let language = 'en';

/** Picks the language: ?lang=, then the stored choice, then the browser's list. */
export function startLanguage(fromAddress) {
  const wanted = [fromAddress, recall('language'), ...(navigator.languages || [navigator.language])];
  for (const tag of wanted) {
    const short = String(tag || '').slice(0, 2).toLowerCase();
    if (texts[short]) {
      setLanguage(short);
      return;
    }
  }
  setLanguage('en');
}

/** Turns to the other language and remembers it. */
export function switchLanguage() {
  const next = language === 'zh' ? 'en' : 'zh';
  keep('language', next);
  setLanguage(next);
}

/** The text of a key, its {places} filled from values. */
export function t(key, values = {}) {
  const text = texts[language][key] ?? texts.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/** Calls back after each change of the language. */
export function onLanguage(listener) {
  listeners.add(listener);
}

function setLanguage(next) {
  language = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  for (const el of document.querySelectorAll('[data-i18n]')) el.textContent = t(el.dataset.i18n);
  for (const el of document.querySelectorAll('[data-i18n-placeholder]')) el.placeholder = t(el.dataset.i18nPlaceholder);
  for (const el of document.querySelectorAll('[data-i18n-title]')) el.title = t(el.dataset.i18nTitle);
  for (const el of document.querySelectorAll('[data-i18n-label]')) setLabel(el, t(el.dataset.i18nLabel));
  for (const listener of listeners) listener();
}

/** Gives an element an accessible name, shown as a tooltip on buttons. */
export function setLabel(el, text) {
  el.setAttribute('aria-label', text);
  if (el instanceof HTMLButtonElement) el.title = text;
}
