// Who is speaking, so calmly that a picture may follow it.

/** A level of volume-indicator (0 to 100) from which somebody speaks: 40 dB below full scale. */
const SPEAKS = 1;

/**
 * Follows the levels of volume-indicator, which come every second.
 *
 * Somebody else becomes the speaker only when heard as the loudest twice in a row, and
 * half as loud again as the speaker of before, and never within `hold` ms of the last
 * change: a cough or a "yes" moves nothing.
 */
export class Speaker {
  #hold;
  #uid = null;
  #since = -Infinity;
  #next = null;
  #speaking = new Set();

  constructor({ hold = 2500 } = {}) {
    this.#hold = hold;
  }

  /** Who speaks, or did last; null before anybody has. */
  get uid() {
    return this.#uid;
  }

  /** Everybody whose voice is heard at the moment. */
  get speaking() {
    return this.#speaking;
  }

  /** Takes [{uid, level, type}]; now in ms. Answers whether the speaker is another one now. */
  hear(levels, now = performance.now()) {
    const voices = levels.filter(({ level, type }) => type !== 'audioSlave' && level >= SPEAKS);
    this.#speaking = new Set(voices.map(({ uid }) => uid));
    const loudest = voices.reduce((best, voice) => (!best || voice.level > best.level ? voice : best), null);
    if (!loudest || loudest.uid === this.#uid) {
      this.#next = null;
      return false;
    }
    if (this.#uid === null) return this.#turn(loudest.uid, now);
    const again = this.#next === loudest.uid;
    this.#next = loudest.uid;
    const present = voices.find(({ uid }) => uid === this.#uid);
    const clearly = !present || loudest.level >= 1.5 * present.level;
    if (!again || !clearly || now - this.#since < this.#hold) return false;
    return this.#turn(loudest.uid, now);
  }

  /** Forgets somebody who has gone. */
  forget(uid) {
    this.#speaking.delete(uid);
    if (this.#next === uid) this.#next = null;
    if (this.#uid === uid) this.#uid = null;
  }

  #turn(uid, now) {
    this.#uid = uid;
    this.#since = now;
    this.#next = null;
    return true;
  }
}
