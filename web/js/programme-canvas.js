// The canvas of a live programme, on which regions are moved and resized: with a pointer, or with the arrow keys.

import { setLabel, t } from './i18n.js';
import { avatar, element } from './parts.js';
import { moved, resized } from './programme.js';

const STEP = 20; // pixels of the canvas that a key moves
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A canvas in an element. changed(regions) is called when the visitor has changed them: at the end of a gesture, not during it. */
export class ProgrammeCanvas {
  #root;
  #changed;
  #canvas = { width: 16, height: 9 };
  #regions = [];
  #drawn = new Map();

  constructor(root, { changed }) {
    this.#root = root;
    this.#changed = changed;
  }

  /** Shows regions on a canvas of a size in pixels and a colour. */
  show(canvas, color, regions) {
    this.#canvas = canvas;
    this.#regions = regions;
    this.#root.style.setProperty('--shape', String(canvas.width / canvas.height));
    this.#root.style.background = color;
    for (const [uid, el] of this.#drawn) {
      if (regions.some((region) => region.uid === uid)) continue;
      el.remove();
      this.#drawn.delete(uid);
    }
    for (const { uid } of regions) if (!this.#drawn.has(uid)) this.#add(uid);
    this.#draw();
  }

  #add(uid) {
    const grip = element('i', 'grip');
    const sign = avatar(uid);
    const el = element('div', 'region', sign, grip);
    el.style.setProperty('--hue', sign.style.getPropertyValue('--hue'));
    el.tabIndex = 0;
    el.setAttribute('role', 'group');
    el.dataset.testid = `region-${uid}`;
    grip.dataset.testid = `grip-${uid}`;
    el.addEventListener('pointerdown', (event) => this.#grab(event, uid, event.target === grip ? resized : moved));
    el.addEventListener('keydown', (event) => {
      const way = KEYS[event.key];
      if (!way) return;
      event.preventDefault();
      this.#put(uid, event.shiftKey ? resized : moved, way[0] * STEP, way[1] * STEP);
      this.#changed(this.#regions);
    });
    this.#drawn.set(uid, el);
    this.#root.append(el);
  }

  #grab(event, uid, change) {
    if (event.button !== 0) return;
    const el = this.#drawn.get(uid);
    const scale = this.#canvas.width / this.#root.clientWidth;
    const before = this.#regions;
    const region = before.find((each) => each.uid === uid);
    // What is taken hold of comes to the front.
    const rest = before.filter((each) => each !== region);
    el.setPointerCapture(event.pointerId);
    el.classList.add('held');
    const move = (at) => {
      this.#regions = [...rest, change(region, (at.clientX - event.clientX) * scale, (at.clientY - event.clientY) * scale, this.#canvas)];
      this.#draw();
    };
    const end = (at) => {
      for (const [name, listener] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) el.removeEventListener(name, listener);
      el.classList.remove('held');
      if (at.type === 'pointercancel') {
        this.#regions = before;
        this.#draw();
      } else if (this.#regions !== before) {
        this.#changed(this.#regions);
      }
    };
    for (const [name, listener] of [['pointermove', move], ['pointerup', end], ['pointercancel', end]]) el.addEventListener(name, listener);
  }

  #put(uid, change, dx, dy) {
    this.#regions = this.#regions.map((region) => (region.uid === uid ? change(region, dx, dy, this.#canvas) : region));
    this.#draw();
  }

  #draw() {
    const share = (n, of) => `${(100 * n) / of}%`;
    this.#regions.forEach((region, i) => {
      const el = this.#drawn.get(region.uid);
      el.style.left = share(region.x, this.#canvas.width);
      el.style.top = share(region.y, this.#canvas.height);
      el.style.width = share(region.width, this.#canvas.width);
      el.style.height = share(region.height, this.#canvas.height);
      el.style.zIndex = String(i);
      setLabel(el, t('regionOf', { uid: region.uid, width: region.width, height: region.height, x: region.x, y: region.y }));
    });
  }
}
