import { Code, NERtcError } from './error';

/** A handler of an event; what it returns is ignored. */
export type Handler = (...args: any[]) => void;

type Registered = { call: Handler; listener: Handler };

/**
 * An event emitter in Node's sense for Client and Stream.
 *
 * Handlers run in the order of registration. One that throws does not stop the others: its error is reported as an
 * uncaught one, as the browser does for its own event targets. There are no #private fields, because a page may put
 * these objects behind a Proxy (Vue, MobX), where they throw.
 */
export class Emitter {
  /** Vue leaves objects with this mark alone. */
  readonly __v_skip = true;
  /** Handlers by event, in order of registration. */
  readonly _handlers: Map<string, Registered[]> = new Map();

  constructor() {
    for (const name of ['_handlers', '__v_skip']) hide(this, name);
  }

  /** Adds a handler; the same one twice is called twice. */
  on(event: string, handler: Handler): this {
    // The documented signatures of audioTrackEnded and videoTrackEnded have no handler: such a call registers nothing.
    if (handler === undefined && /^(audio|video)TrackEnded$/.test(event)) return this;
    return this._add(event, handler, handler);
  }

  addListener(event: string, handler: Handler): this {
    return this.on(event, handler);
  }

  /** Adds a handler that is removed before its first call. */
  once(event: string, handler: Handler): this {
    const call: Handler = (...args) => {
      this._remove(event, (r) => r.call === call);
      handler.apply(this, args);
    };
    return this._add(event, call, handler);
  }

  /** Removes the handler that was added last of those equal to this one; without a handler, all of the event. */
  off(event: string, handler?: Handler): this {
    if (handler === undefined) return this.removeAllListeners(event);
    this._remove(event, (r) => r.listener === handler);
    return this;
  }

  removeListener(event: string, handler: Handler): this {
    this._remove(event, (r) => r.listener === handler);
    return this;
  }

  /** Removes the handlers of one event, or of all. */
  removeAllListeners(event?: string): this {
    if (event === undefined) this._handlers.clear();
    else this._handlers.delete(event);
    return this;
  }

  /** Calls the handlers there are now; true if there was one. */
  emit(event: string, ...args: unknown[]): boolean {
    const handlers = this._handlers.get(event);
    if (!handlers) return false;
    for (const { call } of [...handlers]) {
      try {
        call.apply(this, args);
      } catch (error) {
        report(error);
      }
    }
    return true;
  }

  /** The handlers of an event, as they were given to on and once. */
  listeners(event: string): Handler[] {
    return (this._handlers.get(event) ?? []).map((r) => r.listener);
  }

  /** The events that have handlers. */
  eventNames(): string[] {
    return [...this._handlers.keys()];
  }

  _add(event: string, call: Handler, listener: Handler): this {
    // Any event name is taken, as Node does; only what could never be called is refused.
    if (typeof listener !== 'function') {
      throw new NERtcError(Code.InvalidArgument, `the handler of "${String(event)}" must be a function`);
    }
    const handlers = this._handlers.get(event);
    if (handlers) handlers.push({ call, listener });
    else this._handlers.set(event, [{ call, listener }]);
    return this;
  }

  _remove(event: string, is: (r: Registered) => boolean): void {
    const handlers = this._handlers.get(event);
    if (!handlers) return;
    for (let i = handlers.length - 1; i >= 0; i--) {
      if (!is(handlers[i])) continue;
      handlers.splice(i, 1);
      break;
    }
    if (handlers.length === 0) this._handlers.delete(event);
  }
}

/** Reports an error of the page's own code without breaking the one who called it. */
export function report(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (e: unknown) => void };
  if (reportError) reportError(error);
  else
    setTimeout(() => {
      throw error;
    });
}

/** Keeps a field out of enumerations, so that a page that copies or prints the object sees the documented members only. */
export function hide(object: object, name: string): void {
  Object.defineProperty(object, name, { enumerable: false });
}
