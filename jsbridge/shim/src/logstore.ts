// The lines of the last days in IndexedDB, those of all pages of an origin in one ring. In the shim and not in the
// core: what was written last before a core stopped is what is looked for afterwards.

/** What the ring holds at most: bytes of text, and the age of a line in milliseconds. */
export const LIMITS = { bytes: 10 << 20, age: 7 * 24 * 3600_000 };

/** How long lines wait for others to be written with, in milliseconds. */
const PATIENCE = 1000;
/** Characters of a batch: with so many waiting it is written at once. */
const BATCH = 64 << 10;
/** Characters kept of what cannot be written, in a browser that refuses storage. */
const KEPT = 1 << 20;
/** Bytes after which a page looks whether the ring holds too much, where batches are large; small ones are counted. */
const LOOK = 256 << 10;
/** How long storage is left alone that has failed, in milliseconds. */
const REST = 30_000;
/** How long storage may take to be opened, in milliseconds: another page may hold it up that does not let go of it. */
const OPENING = 5000;
/** How long it takes until the log is halved again, in milliseconds: browsers count what was removed for some time still. */
const HALVE_AGAIN = 3600_000;
/** How far ahead of the clock a batch may be, in milliseconds, that was written by the same clock. */
const AHEAD = 24 * 3600_000;

const DATABASE = 'nertc log';
const BATCHES = 'batches';

/** The key of a batch: when it was written, by which page, its number there, its bytes. So keys alone say what is to go. */
export type BatchKey = [time: number, page: string, number: number, bytes: number];

/** How many of these keys, oldest first, have to go for the rest to be within the limits. */
export function excess(keys: BatchKey[], now: number, { bytes, age } = LIMITS): number {
  let held = 0;
  let first = keys.length;
  while (first > 0) {
    const [time, , , size] = keys[first - 1];
    if (held + size > bytes || now - time > age) break;
    held += size;
    first--;
  }
  return first;
}

/**
 * The keys in the order in which they are to go. The oldest do first, but for those that a wrong clock has put into the future: these
 * would be the newest for as long, and leave no room for what is written now.
 */
export function outgoing(keys: BatchKey[], now: number): BatchKey[] {
  const ahead = keys.filter(([time]) => time > now + AHEAD);
  return [...ahead, ...keys.slice(0, keys.length - ahead.length)];
}

/** A ring of log lines. None of its methods throws or rejects. */
export class LogStore {
  /** Lines that are not written yet, or cannot be. */
  _waiting: string[] = [];
  _size = 0;
  _timer: ReturnType<typeof setTimeout> | null = null;
  _db: Promise<IDBDatabase | null> | null = null;
  /** The open database, for a page that goes away and cannot wait. */
  _open: IDBDatabase | null = null;
  _number = 0;
  /** Bytes that were written since the last look whether the ring holds too much. */
  _unlooked = 0;
  /** Until when storage is left alone. */
  _resting = 0;
  /** When the log was halved. */
  _halved = -Infinity;
  _writing: Promise<void> = Promise.resolve();
  readonly _page = Math.random().toString(36).slice(2);

  constructor() {
    // Of the two only the second comes on phones that end a page in the background.
    globalThis.addEventListener?.('pagehide', () => this._leave());
    globalThis.document?.addEventListener?.('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this._leave();
    });
  }

  /** Takes a line with its line break; an urgent one is written at once. */
  add(line: string, urgent: boolean): void {
    void this._database(); // to be open when the page goes away
    this._waiting.push(line);
    this._size += line.length;
    while (this._size > KEPT) this._size -= this._waiting.shift()!.length;
    if (!factory()) return; // nowhere to write to; and a timer would keep Node from ending
    const rest = this._resting - performance.now();
    if (rest <= 0 && (urgent || this._size >= BATCH)) void this.flush();
    else this._timer ??= setTimeout(() => void this.flush(), Math.max(rest, PATIENCE));
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    if (this._timer !== null) clearTimeout(this._timer);
    this._timer = null;
    this._writing = this._writing.then(async () => {
      const db = await this._database();
      if (db) await this._write(db);
      else this._rest();
    });
    return this._writing;
  }

  /** All that is kept, oldest first. */
  async all(): Promise<string[]> {
    await this.flush();
    const db = await this._database();
    let stored: string[] = [];
    try {
      if (db) {
        const transaction = db.transaction(BATCHES, 'readwrite');
        trim(transaction.objectStore(BATCHES));
        await done(transaction);
        stored = await result(db.transaction(BATCHES).objectStore(BATCHES).getAll());
      }
    } catch {
      this._forget();
    }
    return [...stored, ...this._waiting];
  }

  /** What a page wrote between two times, in milliseconds, in whole batches: a second more at both ends may be there. */
  async of(page: string, from: number, to: number): Promise<string[]> {
    await this.flush();
    const own = page === this._page ? this._waiting.slice() : [];
    const db = await this._database();
    const stored: string[] = [];
    try {
      if (db) {
        const batches = db.transaction(BATCHES).objectStore(BATCHES);
        const keys = (await result(batches.getAllKeys(IDBKeyRange.bound([from], [to + 2 * PATIENCE, []])))) as unknown as BatchKey[];
        const texts = keys.filter((key) => key[1] === page).map((key) => result(batches.get(key) as IDBRequest<string>));
        stored.push(...(await Promise.all(texts)).filter(Boolean));
      }
    } catch {
      this._forget();
    }
    return [...stored, ...own];
  }

  _leave(): void {
    // No promise in between: a page that goes away runs nothing more.
    if (this._open && this._waiting.length) void this._write(this._open, true);
  }

  async _write(db: IDBDatabase, leaving = false): Promise<void> {
    const lines = this._waiting;
    if (!lines.length) return;
    this._waiting = [];
    this._size = 0;
    try {
      const text = lines.join('');
      const transaction = db.transaction(BATCHES, 'readwrite');
      const batches = transaction.objectStore(BATCHES);
      const { size } = new Blob([text]);
      const key: BatchKey = [Date.now(), this._page, this._number++, size];
      batches.put(text, key);
      this._unlooked += size;
      // In the same transaction, so that pages that write at the same time do not count what the other has removed. Of a page that
      // goes away it would be given up with the put: nobody is there any more to be told the keys.
      if ((this._number % 16 === 1 || this._unlooked > LOOK) && !leaving) {
        this._unlooked = 0;
        trim(batches);
      } else transaction.commit?.();
      await done(transaction);
    } catch (error) {
      this._waiting = [...lines, ...this._waiting];
      this._size = this._waiting.reduce((sum, line) => sum + line.length, 0);
      while (this._size > KEPT) this._size -= this._waiting.shift()!.length;
      // The site may store no more, or the disk is full: the newest lines are worth more than the oldest.
      if ((error as Error | null)?.name === 'QuotaExceededError' && (await this._halve(db))) return this._write(db);
      this._rest();
    }
  }

  /** Has the older half of what is stored go; false if nothing went, or has just before. */
  async _halve(db: IDBDatabase): Promise<boolean> {
    if (performance.now() - this._halved < HALVE_AGAIN) return false;
    this._halved = performance.now();
    try {
      const transaction = db.transaction(BATCHES, 'readwrite');
      const batches = transaction.objectStore(BATCHES);
      const keys = await result(batches.getAllKeys());
      if (keys.length) batches.delete(IDBKeyRange.upperBound(keys[(keys.length - 1) >> 1]));
      await done(transaction);
      return keys.length > 0;
    } catch {
      return false;
    }
  }

  /** Storage is refused, or fails: it is asked again after a while, not for each line. */
  _rest(): void {
    this._resting = performance.now() + REST;
    this._forget();
  }

  _database(): Promise<IDBDatabase | null> {
    if (this._db) return this._db;
    let late = false;
    const opening = new Promise<IDBDatabase | null>((resolve) => {
      const timer = setTimeout(() => resolve(((late = true), null)), OPENING);
      void open(DATABASE, BATCHES).then((db) => {
        clearTimeout(timer);
        if (this._db && this._db !== opening) {
          db?.close(); // it was given up, and there is another by now
          return resolve(null);
        }
        this._open = db;
        this._db = late ? Promise.resolve(db) : opening;
        // Somebody deletes the site's data, or a later version wants another shape.
        if (db) db.onversionchange = db.onclose = () => this._forget();
        resolve(db);
        if (!late || !db) return;
        this._resting = 0;
        void this.flush();
      });
    });
    return (this._db = opening);
  }

  /** Has the next one open the database anew. */
  _forget(): void {
    this._open?.close();
    this._open = null;
    this._db = null;
  }
}

function trim(batches: IDBObjectStore): void {
  const keys = batches.getAllKeys();
  keys.onsuccess = () => {
    const now = Date.now();
    const all = outgoing(keys.result as unknown as BatchKey[], now);
    // Some less than there may be, for what all pages write before one looks again.
    const going = all.slice(0, excess(all, now, { ...LIMITS, bytes: LIMITS.bytes - 2 * LOOK }));
    // Two ranges at most: those ahead of the clock are the last of the store.
    const ahead = going.filter(([time]) => time > now + AHEAD).length;
    for (const range of [going.slice(0, ahead), going.slice(ahead)]) {
      if (range.length) batches.delete(IDBKeyRange.bound(range[0], range[range.length - 1]));
    }
  };
}

/** The browser's databases; some throw where others have none, because the user or a frame's sandbox refuses them. */
function factory(): IDBFactory | undefined {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}

/** Opens a database with one store; null where there is none, or it is refused. */
export async function open(database: string, store: string): Promise<IDBDatabase | null> {
  try {
    const request = factory()?.open(database, 1);
    if (!request) return null;
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    return await result(request);
  } catch {
    return null;
  }
}

export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    // A request that failed tells first, and the transaction has no error yet.
    transaction.onerror = transaction.onabort = (event) => reject(transaction.error ?? (event.target as IDBRequest | null)?.error);
  });
}
