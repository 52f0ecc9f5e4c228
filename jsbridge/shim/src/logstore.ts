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
/** How long storage is left alone that has failed, in milliseconds. */
const REST = 30_000;

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
  /** Until when storage is left alone. */
  _resting = 0;
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
    if (!globalThis.indexedDB) return; // nowhere to write to; and a timer would keep Node from ending
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
      const key: BatchKey = [Date.now(), this._page, this._number++, new Blob([text]).size];
      batches.put(text, key);
      // In the same transaction, so that pages that write at the same time do not count what the other has removed. Of a page that
      // goes away it would be given up with the put: nobody is there any more to be told the keys.
      if (this._number % 16 === 1 && !leaving) trim(batches);
      else transaction.commit?.();
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

  /** Has the older half of what is stored go; false if nothing went. */
  async _halve(db: IDBDatabase): Promise<boolean> {
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
    this._db ??= open(DATABASE, BATCHES).then((db) => {
      this._open = db;
      // Somebody deletes the site's data, or a later version wants another shape.
      if (db) db.onversionchange = db.onclose = () => this._forget();
      return db;
    });
    return this._db;
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
    const all = keys.result as unknown as BatchKey[];
    const n = excess(all, Date.now());
    if (n > 0) batches.delete(IDBKeyRange.upperBound(all[n - 1]));
  };
}

/** Opens a database with one store; null where there is none, or it is refused. */
export async function open(database: string, store: string): Promise<IDBDatabase | null> {
  try {
    if (!globalThis.indexedDB) return null;
    const request = indexedDB.open(database, 1);
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
