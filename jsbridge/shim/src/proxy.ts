import { hide } from './emitter';

/**
 * Binds all methods of an object to the object itself. A call through a Proxy (Vue, MobX) or of a detached method then
 * still works on the object, and the core, which knows its objects by identity, gets the object and no Proxy.
 */
export function bindMethods(object: object): void {
  const own = object as Record<string, unknown>;
  for (let proto = Object.getPrototypeOf(object); proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (name === 'constructor' || typeof value !== 'function' || Object.getOwnPropertyDescriptor(own, name)) continue;
      own[name] = (value as Function).bind(object);
      hide(own, name);
    }
  }
}

/** The object behind what a page passes, which may be a Proxy of it; null if it is none of the class. */
export function unwrap<T extends { _self(): T }>(type: abstract new (...args: any[]) => T, value: unknown): T | null {
  return value instanceof type ? value._self() : null;
}
