import { Code, NERtcError } from './error';
import { LogStore } from './logstore';

/** The documented levels. docs/logging.md says what belongs on which. */
export const LEVELS = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3, NONE: 4 } as const;

const NAMES = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];
const METHODS = ['debug', 'info', 'warn', 'error'] as const;

/** What is kept besides the console's lines, whatever the level but NONE. */
const STORED = LEVELS.INFO;

/**
 * The journal of a page: lines to the console by the page's level, and to the store, from where download fetches them.
 * Nothing in here may ever disturb who writes a line.
 */
export class Log {
  level: number = LEVELS.INFO;
  /** Tells the cores of another level. */
  changed: (level: number) => void = () => {};
  readonly _store: LogStore;
  /** Tells the pages of one browser apart, whose lines stand in one file. */
  readonly _page = Math.random().toString(36).slice(2, 6).padEnd(4, '0');

  constructor(store = new LogStore()) {
    this._store = store;
  }

  setLevel(level: unknown): void {
    if (!Number.isInteger(level) || (level as number) < LEVELS.DEBUG || (level as number) > LEVELS.NONE) {
      throw new NERtcError(Code.InvalidArgument, 'the log level must be one of Logger.DEBUG, INFO, WARNING, ERROR and NONE');
    }
    this.level = level as number;
    this.changed(this.detail);
  }

  /** The least level that is of use: what is below need not be written at all. */
  get detail(): number {
    return this.level === LEVELS.NONE ? LEVELS.NONE : Math.min(this.level, STORED);
  }

  /** Takes a line; `text` has no line break and no secret. */
  readonly write = (level: number, name: string, text: string): void => {
    if (level < this.detail) return;
    const line = `${new Date().toISOString()} ${this._page} ${NAMES[level].padEnd(7)} ${name}: ${text}\n`;
    this._store.add(line, level >= LEVELS.ERROR);
    if (level < this.level) return;
    try {
      console[METHODS[level]](`nertc ${name}: ${text}`);
    } catch {
      // a console that the page has put in the browser's place
    }
  };

  /** Saves what is stored as a text file; gives its name. */
  async download(): Promise<string> {
    if (typeof document === 'undefined') throw new NERtcError(Code.NotSupported, 'there is a log in a page only');
    const parts = await this._store.all();
    const name = `nertc-log-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.txt`;
    const address = URL.createObjectURL(new Blob(parts, { type: 'text/plain;charset=utf-8' }));
    // The browser opens the address some time after the click, and never says when.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    Object.assign(document.createElement('a'), { href: address, download: name }).click();
    return name;
  }
}

/** A text as it stands in a line: without the users and queries of addresses, in quotes, bounded. */
export const quoted = (text: string) =>
  JSON.stringify(text.replace(/:\/\/[^\s"/?#]*@/g, '://').replace(/(:\/\/[^\s"?#]*)[?#][^\s"]*/g, '$1').slice(0, 256));

/** The object that pages know as NERTC.Logger. */
export function newLogger(log: Log, upload: { enable(): void; disable(): void }) {
  return {
    ...LEVELS,
    setLogLevel: (level: unknown): void => log.setLevel(level),
    enableLogUpload: (): void => upload.enable(),
    disableLogUpload: (): void => upload.disable(),
    download: (): Promise<string> => log.download(),
  };
}
