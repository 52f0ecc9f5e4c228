// Small pieces of the page that several views draw.

const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

/** An element with a class and children. */
export function element(tag, className, ...children) {
  const el = document.createElement(tag);
  if (className) el.className = className;
  el.append(...children);
  return el;
}

/** An icon of the sprite in index.html, by its id. */
export function icon(id, className = 'icon') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const use = svg.appendChild(document.createElementNS(SVG, 'use'));
  use.setAttribute('href', `#${id}`);
  return svg;
}

/** The round sign that stands for a person who is not seen: the end of the uid on a colour of its own. */
export function avatar(uid) {
  const el = element('span', 'avatar', String(uid).slice(-2));
  el.setAttribute('aria-hidden', 'true');
  el.style.setProperty('--hue', String(hue(uid)));
  return el;
}

/** Turns a two-state button on or off and names what a press would do. */
export function setToggle(button, on, label) {
  button.classList.toggle('is-off', !on);
  button.dataset.on = String(on);
  button.setAttribute('aria-label', label);
  button.title = label;
}

// Neighbouring numbers get distant colours: steps of the golden angle.
function hue(uid) {
  let sum = 0;
  for (const char of String(uid)) sum = (sum * 31 + char.codePointAt(0)) % 100003;
  return Math.round((sum * 137.508) % 360);
}
