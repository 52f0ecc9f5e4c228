// Sends the log of a call to its gateway once the call is over. What could not be sent, because the network or the page
// was gone, is noted in IndexedDB with its ticket, and tried once more by whichever page of the origin comes next.
import { LEVELS, type Log, quoted } from './logger';
import { done, open, result } from './logstore';

/** What the gateway takes a log with, at the signalling address `server`, up to `size` bytes of it. */
export interface LogTicket {
  server: string;
  ticket: string;
  size: number;
}

/** A call whose log is to be sent: lines of the page `page` of the store, from a time to another, in milliseconds. */
interface Call extends LogTicket {
  id: string;
  page: string;
  from: number;
  /** Missing while the call goes on, or where nobody saw its end. */
  to?: number;
  tries: number;
}

/** How long the lines of the end have to arrive, in milliseconds. */
const SETTLE = 1000;
/** How long one upload may take, in milliseconds. */
const PATIENCE = 60_000;
/** After which age a call is given up: the gateway takes its ticket no longer, and the lines are gone. */
const AGE = 7 * 24 * 3600_000;
/** How often a log is tried at most. */
const TRIES = 2;
/** What a browser lets a page send that goes away, in bytes; https://fetch.spec.whatwg.org/#http-network-or-cache-fetch has 64 KiB for all. */
const PARTING = 48 << 10;

const DATABASE = 'nertc log uploads';
const CALLS = 'calls';

/** Sends logs of calls, while it is enabled. None of its methods throws, or returns a promise that rejects. */
export class LogUpload {
  _enabled = false;
  /** The calls of this page that go on: by client, since when, and what the gateway gave. */
  readonly _calls = new Map<object, { from: number; call: Call | null }>();
  /** What ends the uploads under way. */
  _abort = new AbortController();
  /** Lets go of the locks of calls. */
  readonly _held = new Map<string, () => void>();
  _settle = SETTLE;

  /** `about` describes the SDK in the first line of what is sent. */
  constructor(
    readonly _log: Log,
    readonly _about = '',
  ) {}

  enable(): void {
    if (this._enabled) return;
    this._enabled = true;
    this._abort = new AbortController();
    for (const { call } of this._calls.values()) if (call) void this._keep(call);
    void this._rest();
  }

  disable(): void {
    if (!this._enabled) return;
    this._enabled = false;
    this._abort.abort();
    for (const { call } of this._calls.values()) if (call) void this._forget(call);
  }

  /** A client begins to join. */
  begin(client: object): void {
    this._calls.set(client, { from: Date.now(), call: null });
  }

  /** The gateway gives a client that has joined a ticket; the last one counts. */
  ticket(client: object, { server, ticket, size }: LogTicket): void {
    const stay = this._calls.get(client);
    if (!stay) return;
    const id = stay.call?.id ?? Math.random().toString(36).slice(2) + Date.now().toString(36);
    stay.call = { id, server, ticket, size, page: this._log._store._page, from: stay.from, tries: 0 };
    if (this._enabled) void this._keep(stay.call);
  }

  /** A client is out of its room. */
  end(client: object): void {
    const stay = this._calls.get(client);
    this._calls.delete(client);
    if (!stay || !this._enabled) return;
    const { call } = stay;
    // Also after a join that failed: whoever has asked for the log and looks for it is to find why it is not there.
    if (!call) return this._log.write(LEVELS.INFO, 'log', 'did not send the log of the call reason="the gateway gave no ticket for it"');
    call.to = Date.now() + this._settle;
    void this._keep(call);
    setTimeout(() => void this._try(call).then(() => this._rest(call.id)), this._settle);
  }

  /** Tries what earlier calls than `but` have left, also those of pages that are gone. */
  async _rest(but?: string): Promise<void> {
    try {
      if (!globalThis.navigator?.locks) return; // whether their pages are gone is not known then
      const all = (await this._noted('readonly', (calls) => result(calls.getAll() as IDBRequest<Call[]>))) ?? [];
      for (const { id } of all) {
        if (id === but || !this._enabled || !(await this._hold(id))) continue; // its page lives
        // Another page may have been faster between the two.
        const call = await this._noted('readonly', (calls) => result(calls.get(id) as IDBRequest<Call | undefined>));
        if (!call) this._release(id);
        else if (Date.now() - call.from > AGE) await this._forget(call);
        else await this._try(call);
      }
    } catch {
      // a browser that refuses storage has nothing left
    }
  }

  /** Sends one log; afterwards it is done, given up, or noted for one more try. */
  async _try(call: Call): Promise<void> {
    if (!this._enabled) return this._forget(call);
    call.tries++;
    let again = true;
    let why = 'no CompressionStream';
    try {
      if (typeof CompressionStream !== 'function') again = false;
      else {
        const body = await this._packed(call);
        if (body.size === 0) return await this._forget(call);
        const status = await this._send(call, body);
        if (status < 300 || status === 409) {
          // 409: it had arrived, and only the answer was lost
          this._log.write(LEVELS.INFO, 'log', `sent the log of the call bytes=${body.size}`);
          return await this._forget(call);
        }
        why = `status ${status}`;
        again = status === 408 || status === 429 || status >= 500;
      }
    } catch (error) {
      why = String((error as Error)?.message ?? error);
    }
    if (!this._enabled) return this._forget(call);
    again &&= call.tries < TRIES;
    this._log.write(LEVELS.WARNING, 'log', `did not send the log of the call again=${again} reason=${quoted(why)}`);
    if (!again) return this._forget(call);
    await this._keep(call);
    this._release(call.id);
  }

  async _send({ server, ticket }: Call, body: Blob): Promise<number> {
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    const stop = new AbortController();
    const all = this._abort.signal;
    const end = () => stop.abort();
    all.addEventListener('abort', end);
    try {
      const response = await fetch(`${server.replace(/^ws/, 'http')}/log`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ticket}`, 'content-type': 'application/gzip' },
        body,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        keepalive: body.size < PARTING,
        signal: stop.signal,
      });
      return response.status;
    } finally {
      clearTimeout(timer);
      all.removeEventListener('abort', end);
    }
  }

  /** The lines of a call, compressed; of too many the last. Empty if there are none. */
  async _packed({ page, from, to, size }: Call): Promise<Blob> {
    const within = (line: string) => {
      const time = Date.parse(line.slice(0, 24));
      return time >= from && time <= (to ?? Infinity);
    };
    const texts = await this._log._store.of(page, from, to === undefined ? Infinity : to + SETTLE);
    let lines = texts.flatMap((text) => text.split('\n')).filter(within);
    const now = new Date().toISOString();
    const head = `${now} ---- INFO    log: ${this._about} browser=${quoted(globalThis.navigator?.userAgent ?? '')}`;
    for (let left = lines.length; lines.length; ) {
      const cut = left > lines.length ? ` left out=${left - lines.length}` : '';
      const text = new Blob([`${head}${cut}\n${lines.join('\n')}\n`]);
      const packed = await new Response(text.stream().pipeThrough(new CompressionStream('gzip'))).blob();
      if (packed.size <= size) return packed;
      lines = lines.slice(Math.ceil(lines.length / 2));
    }
    return new Blob();
  }

  /** Notes a call for the pages to come, and that this one still has it. */
  async _keep(call: Call): Promise<void> {
    if (!globalThis.navigator?.locks) return;
    if (!this._held.has(call.id)) await this._hold(call.id);
    await this._noted('readwrite', (calls) => void (this._enabled && calls.put({ ...call }, call.id)));
  }

  async _forget(call: Call): Promise<void> {
    await this._noted('readwrite', (calls) => void calls.delete(call.id));
    this._release(call.id);
  }

  /** Takes a call for this page until _release; false if a page has it, be it this one. The lock goes with its page. */
  async _hold(id: string): Promise<boolean> {
    if (this._held.has(id)) return false;
    let release = () => {};
    const over = new Promise<void>((resolve) => (release = resolve));
    this._held.set(id, release);
    const got = await new Promise<boolean>((resolve) => {
      navigator.locks
        .request(`nertc log ${id}`, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock ? over : undefined;
        })
        .catch(() => resolve(false));
    });
    if (!got) this._held.delete(id);
    return got;
  }

  _release(id: string): void {
    this._held.get(id)?.();
    this._held.delete(id);
  }

  /** Does something with the calls that are noted; null where the browser has no storage. */
  async _noted<T>(mode: IDBTransactionMode, use: (calls: IDBObjectStore) => Promise<T> | T): Promise<T | null> {
    const db = await open(DATABASE, CALLS);
    if (!db) return null;
    try {
      const transaction = db.transaction(CALLS, mode);
      const [value] = await Promise.all([use(transaction.objectStore(CALLS)), done(transaction)]);
      return value;
    } catch {
      return null;
    } finally {
      db.close();
    }
  }
}
