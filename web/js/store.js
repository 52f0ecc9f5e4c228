// What the page remembers in this browser. Where nothing can be stored, only the convenience is lost.

/** What was stored under a name, or undefined. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(`nertc-demo-${name}`)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Stores a value under a name. */
export function keep(name, value) {
  try {
    localStorage.setItem(`nertc-demo-${name}`, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse.
  }
}
