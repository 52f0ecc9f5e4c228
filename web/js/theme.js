// Light or dark: as the system says, until the visitor chooses.

import { keep, recall } from './store.js';

const CHOICES = ['system', 'light', 'dark'];

/** The choice: 'system', 'light' or 'dark'. */
export function theme() {
  const stored = recall('theme');
  return CHOICES.includes(stored) ? stored : 'system';
}

/** Takes a choice and remembers it. */
export function chooseTheme(choice) {
  keep('theme', choice);
  apply();
}

/** Gives the page its colours; css/base.css has both sets. */
export function apply() {
  const choice = theme();
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}
