import { Code, NERtcError } from './error';
import table from './later.json';

/** A class or object with members that later versions bring. */
export type Owner = keyof typeof table;

/**
 * Gives an object the documented methods that this version does not have yet: setters and getters throw, methods with a
 * promise reject, always with 10001. docs/api-coverage.md is made from the same table.
 */
export function addLater(owner: Owner, target: object): void {
  const { throws, rejects } = table[owner] as { throws: string[]; rejects: string[] };
  const error = (name: string) => new NERtcError(Code.NotSupported, `${owner}.${name} is not available yet`);
  const define = (name: string, value: () => unknown) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  for (const name of throws)
    define(name, () => {
      throw error(name);
    });
  for (const name of rejects) define(name, () => Promise.reject(error(name)));
}
