import { NERtcError } from './error';

/**
 * A copy in plain values of what a page passes, for a call that may have to wait for the core: the page may change its
 * object meanwhile, and it may be a Proxy of a framework's. What JSON cannot say is refused with the code, or left for the
 * core to refuse: a number that is none becomes a text.
 */
export function copy(value: unknown, code: number): unknown {
  try {
    const text = JSON.stringify(value, (_, v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v));
    return JSON.parse(text);
  } catch {
    throw new NERtcError(code, 'the argument has something in it that is neither a value nor a list or an object of values');
  }
}
