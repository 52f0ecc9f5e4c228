// Which layout the call has, and whose picture is the large one. No element is touched here.

/** The key of a tile: what it shows of whom. */
export const keyOf = (uid, type = 'video') => `${type}/${uid}`;

/**
 * The choice between 'grid', 'speaker' and 'screen'.
 *
 * A screen that somebody else begins to share comes to the front by itself, and when it
 * ends the layout of before is back; what the visitor chooses in between stays.
 */
export class Views {
  #tiles = []; // {key, uid, type, self}, in the order in which they came
  #mode = 'grid';
  #before = null;
  #pinned = null;
  #speaker = null;

  /** The layout, the key of the large tile (null for a grid), and what is pinned. */
  get now() {
    const main = this.#main();
    return { mode: main ? this.#mode : 'grid', wanted: this.#mode, main, pinned: this.#pinned, screens: this.#screens().length > 0 };
  }

  add({ key, uid, type, self = false }) {
    this.#tiles.push({ key, uid, type, self });
    if (type === 'screen' && !self && this.#mode !== 'screen') {
      this.#before = this.#mode;
      this.#mode = 'screen';
    }
  }

  remove(key) {
    this.#tiles = this.#tiles.filter((tile) => tile.key !== key);
    if (this.#pinned === key) this.#pinned = null;
    if (this.#mode === 'screen' && this.#screens().length === 0) {
      this.#mode = this.#before ?? 'grid';
      this.#before = null;
    }
  }

  clear() {
    this.#tiles = [];
    this.#mode = 'grid';
    this.#before = this.#pinned = this.#speaker = null;
  }

  /** Takes the visitor's choice of a layout. */
  choose(mode) {
    if (mode === 'screen') {
      if (this.#screens().length === 0) return;
      if (this.#mode !== 'screen') this.#before = this.#mode;
    } else {
      this.#before = null;
    }
    this.#pinned = null;
    this.#mode = mode;
  }

  /** Keeps a tile large, whoever speaks; null lets go. */
  pin(key) {
    const tile = this.#tiles.find((each) => each.key === key);
    this.#pinned = tile ? key : null;
    if (!tile) return;
    if (tile.type === 'screen' && this.#mode !== 'screen') this.#before = this.#mode;
    this.#mode = tile.type === 'screen' ? 'screen' : 'speaker';
  }

  /** Says who speaks. */
  follow(uid) {
    this.#speaker = uid;
  }

  #screens() {
    return this.#tiles.filter(({ type }) => type === 'screen');
  }

  #main() {
    if (this.#mode === 'grid') return null;
    if (this.#pinned) return this.#pinned;
    if (this.#mode === 'screen') {
      // The latest of somebody else's screens; the own one is a hall of mirrors.
      const screens = this.#screens();
      return (screens.findLast(({ self }) => !self) ?? screens.at(-1))?.key ?? null;
    }
    const faces = this.#tiles.filter(({ type }) => type === 'video');
    const others = faces.filter(({ self }) => !self);
    return (others.find(({ uid }) => uid === this.#speaker) ?? others[0] ?? faces[0])?.key ?? null;
  }
}
