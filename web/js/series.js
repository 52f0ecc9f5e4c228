// The last values of a figure, and the line that is drawn of them.

/** The last values of a figure, oldest first; null where nothing was measured. */
export class Series {
  #length;
  values = [];

  constructor(length) {
    this.#length = length;
  }

  push(value) {
    this.values.push(Number.isFinite(value) ? value : null);
    if (this.values.length > this.#length) this.values.shift();
  }

  /** The newest value, or null. */
  get latest() {
    return this.values.at(-1) ?? null;
  }

  /** The smallest and the largest value, or null. */
  get range() {
    const known = this.values.filter((value) => value !== null);
    return known.length ? { min: Math.min(...known), max: Math.max(...known) } : null;
  }
}

/**
 * The path of a line through values in a box: the newest is at the right edge, `length` values are as wide as the box,
 * 0 is at the bottom and the largest value, but at least `least`, at the top. Where nothing was measured, the line is interrupted.
 */
export function sparkline(values, { length, width, height, least }) {
  const top = Math.max(least, ...values.map((value) => value ?? 0));
  const step = width / (length - 1);
  const left = width - step * (values.length - 1);
  let path = '';
  let open = false;
  values.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    const x = round(left + step * i);
    const y = round(height - height * Math.min(1, Math.max(0, value / top)));
    // A lone value is a dot: a line of no length with round ends.
    path += open ? `L${x} ${y}` : `M${x} ${y}h0`;
    open = true;
  });
  return path;
}

const round = (n) => Math.round(n * 100) / 100;
