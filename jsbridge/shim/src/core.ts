import { report } from './emitter';
import { Code, type CoreError, fromCore, NERtcError } from './error';
import { LEVELS, type Log, quoted } from './logger';

// The core's end of the border, as docs/border.md describes it.

/** Gets the events of one core object. What it returns matters for `stream-created` alone: the Emit of that stream. */
export interface Emit {
  (event: string, argument?: unknown): unknown;
  /** Whether anybody listens to one of these; what is told every second is not made for nobody. */
  heard?(...events: string[]): boolean;
}

export type Choice = { audio: boolean; audioSlave: boolean; video: boolean; screen: boolean };
export type MediaType = keyof Choice;

/** What is received of a stream, and which layer of its pictures if the page has chosen one. */
export type Subscription = Choice & { highOrLow?: number };
export type UID = number | string;

/** What happened to frames in this room, see types/types.d.ts. */
export interface EncryptionStats {
  encrypted: number;
  decrypted: number;
  notEncrypted: number;
  droppedClear: number;
  droppedForeign: number;
  droppedReplayed: number;
}

export interface CoreClient {
  join(options: unknown): Promise<unknown>;
  leave(): Promise<unknown>;
  setChannelProfile(mode: string): boolean;
  setLocalMediaPriority(priority: number, preempt: boolean): boolean;
  /** Gives the error of a call that is refused. */
  setEncryptionMode(mode: string): CoreError | undefined;
  setEncryptionSecret(secret: string): CoreError | undefined;
  enableCustomTransform(on: boolean): CoreError | undefined;
  rotateEncryptionSecret(secret: string): Promise<unknown>;
  getEncryptionStats(): Promise<EncryptionStats>;
  setClientRole(role: string): Promise<unknown>;
  updatePermKey(permkey: string): Promise<unknown>;
  addTasks(tasks: unknown): Promise<unknown>;
  updateTasks(tasks: unknown): Promise<unknown>;
  deleteTasks(ids: unknown): Promise<unknown>;
  setRelay(on: boolean): Promise<unknown>;
  checkConnectivity(options: object): Promise<unknown>;
  destroy(): Promise<unknown>;
  publish(stream: CoreStream): Promise<unknown>;
  unpublish(stream: CoreStream, type: string | null): Promise<unknown>;
  subscribe(uid: string, config: Subscription): Promise<unknown>;
  unsubscribe(uid: string): Promise<unknown>;
  startMediaRecording(options: object): Promise<unknown>;
  stopMediaRecording(): Promise<unknown>;
  downloadMediaRecording(): Promise<unknown>;
  cleanMediaRecording(): Promise<unknown>;
  getConnectionState(): string;
  /** What the documented call of that name gives now. */
  statistics(name: string, type: string | null): unknown;
  getUid(): UID | null;
  setRemoteStreamType(uid: string, highOrLow: number | null, type: string): Promise<unknown>;
  enableDualStream(config: { video: boolean; screen: boolean }): Promise<unknown>;
  disableDualStream(config: { video: boolean; screen: boolean }): Promise<unknown>;
  setPlaybackVolume(volume: number): void;
  getChannelInfo(): { cid: number; channelName: string; uid: UID; token: string };
}

export interface CoreStream {
  init(): Promise<unknown>;
  open(options: { type: string; [key: string]: unknown }): Promise<unknown>;
  close(type: string): Promise<unknown>;
  switchDevice(type: string, deviceId: string): Promise<unknown>;
  setAudioProfile(profile: string): void;
  setCaptureVolume(volume: number, type: string | null): void;
  getAudioLevel(type: string): number;
  setVideoProfile(options: object): void;
  setScreenProfile(options: object): void;
  setVideoEncoderConfiguration(options: object): void;
  destroy(): void;
  play(view: Element | null, options: Choice): Promise<unknown>;
  resume(): Promise<unknown>;
  stop(type: string | null): void;
  isPlaying(type: string): boolean;
  setRenderMode(mode: { width: number; height: number; cut: boolean }, type: string | null): void;
  setMuted(type: string, muted: boolean): Promise<unknown>;
  setAudioVolume(volume: number): void;
  setAudioSlaveVolume(volume: number): void;
  setAudioOutput(deviceId: string): Promise<unknown>;
  takeSnapshot(name: string, type: string): Promise<unknown>;
  startMediaRecording(type: string, reset: boolean): Promise<unknown>;
  stopMediaRecording(recordId: number | null): Promise<unknown>;
  downloadMediaRecording(recordId: number | null): Promise<unknown>;
  cleanMediaRecording(recordId: number | null): Promise<unknown>;
  snapshot(type: string): string | null;
  frameData(type: string): ImageData | null;
  getTrack(type: string): MediaStreamTrack | null;
  has(type: string): boolean;
  uid(): UID | null;
}

export interface Factory {
  version: string;
  createClient(options: { appkey: string; server: string; debug?: boolean }, emit: Emit): CoreClient;
  createStream(options: object, emit: Emit): CoreStream;
  liveFuncs?(): number;
  counts?(): Counts;
  setLogLevel?(level: number): void;
}

/** What a core holds at the moment; `memory` in bytes. */
export interface Counts {
  clients: number;
  streams: number;
  callbacks: number;
  memory?: number;
}

/** A core that runs. `exited` resolves, with a sentence why, when it no longer does; it never rejects. */
export interface Running {
  factory: Factory;
  exited: Promise<string>;
  /** Bytes of the WebAssembly memory. */
  memory?: () => number;
}

/** Loads and starts a core; `again` says that an earlier attempt failed. Rejects with an NERtcError. */
export type Start = (again: boolean) => Promise<Running>;

type Entry = { run: (factory: Factory) => void; fail?: (error: NERtcError) => void };

/**
 * One core and what waits for it. Until the core runs, everything asked of it is recorded in order and then replayed.
 * If it cannot be loaded, the waiting promises reject, what was asked synchronously stays recorded, and the next
 * promise asked for loads again. If it stops later, every pending and every later promise rejects.
 */
export class Core {
  _queue: Entry[] = [];
  _factory: Factory | null = null;
  _memory: (() => number) | undefined;
  _attempt: Promise<void> | null = null;
  _failed = false;
  _stopped: NERtcError | null = null;
  readonly _pending = new Set<(error: NERtcError) => void>();
  readonly _watchers = new Set<() => void>();

  constructor(
    public _start: Start,
    readonly _log?: Log,
  ) {}

  /** True once the core has stopped: it never runs again. */
  get stopped(): boolean {
    return this._stopped !== null;
  }

  /** True while the core runs and nothing is waiting to be replayed. */
  get running(): boolean {
    return this._factory !== null && this._queue.length === 0 && !this._stopped;
  }

  /** Starts loading, unless that is under way or done. Resolves when the core runs and all that waited was replayed. */
  ready(): Promise<void> {
    if (this._stopped) return Promise.reject(this._stopped);
    if (!this._attempt) {
      this._attempt = this._load();
      // Who waits gets the error; a page that does not wait must not see it as unhandled.
      this._attempt.catch(() => {});
    }
    return this._attempt;
  }

  /** Has it load by another way; false, and nothing has changed, where it runs or is about to. */
  redirect(start: Start): boolean {
    if (this._attempt) return false;
    this._start = start;
    this._failed = false;
    return true;
  }

  /** Has something done in order; what it throws goes to the caller, or, when replayed, to the page's error report. */
  order(run: (factory: Factory) => void): void {
    if (this._stopped) throw this._stopped;
    if (this.running) this._guard(() => run(this._factory!));
    else this._queue.push({ run });
  }

  /** Calls for a promise in order and starts loading if need be. */
  call<T>(run: (factory: Factory) => Promise<T> | T): Promise<T> {
    if (this._stopped) return Promise.reject(this._stopped);
    return new Promise<T>((resolve, reject) => {
      const settle = (factory: Factory) => {
        this._pending.add(reject);
        const done = (end: () => void) => {
          this._pending.delete(reject);
          end();
        };
        const failed = (error: unknown) => done(() => reject(this._judge(error)));
        try {
          Promise.resolve(run(factory)).then((value) => done(() => resolve(value)), failed);
        } catch (error) {
          failed(error);
        }
      };
      if (this.running) return settle(this._factory!);
      this._queue.push({ run: settle, fail: reject });
      this.ready().catch(() => {});
    });
  }

  /** Asks for a value at once; what is asked before the core runs or after it stopped gives the fallback. */
  ask<T>(fallback: T, run: () => T): T {
    if (!this._factory || this._stopped) return fallback;
    return this._guard(run);
  }

  /** Has the core write lines from a level up. */
  setLogLevel(level: number): void {
    this.ask(undefined, () => this._factory?.setLogLevel?.(level));
  }

  /** What the core holds; null where none runs. */
  counts(): Counts | null {
    const counts = this.ask(null, () => this._factory?.counts?.() ?? null);
    return counts && { ...counts, memory: this._memory?.() ?? 0 };
  }

  /** Calls back once when the core stops. Returns the function that takes this back. */
  onStop(watch: () => void): () => void {
    this._watchers.add(watch);
    return () => this._watchers.delete(watch);
  }

  async _load(): Promise<void> {
    const began = Date.now();
    try {
      const { factory, exited, memory } = await this._start(this._failed);
      this._factory = factory;
      this._memory = memory;
      if (this._log) factory.setLogLevel?.(this._log.detail); // it may have changed meanwhile
      this._log?.write(LEVELS.DEBUG, 'core', `runs version=${factory.version} took=${Date.now() - began}ms`);
      exited.then((why) => this._stop(why));
      this._replay(factory);
    } catch (error) {
      this._attempt = null;
      this._failed = true;
      const reason = fromCore(error);
      this._log?.write(LEVELS.ERROR, 'core', `did not start code=${reason.code} reason=${quoted(reason.reason)}`);
      const waiting = this._queue;
      this._queue = waiting.filter((entry) => !entry.fail);
      for (const { fail } of waiting) fail?.(reason);
      throw reason;
    }
  }

  _replay(factory: Factory): void {
    // An entry stays in the queue while it runs: what is asked meanwhile then queues behind the others.
    while (this._queue.length > 0 && !this._stopped) {
      try {
        this._queue[0].run(factory);
      } catch (error) {
        report(this._judge(error));
      }
      this._queue.shift();
    }
  }

  _guard<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this._judge(error);
    }
  }

  /** The page's error for what a call threw. A trap of the WebAssembly code itself leaves a core that cannot go on. */
  _judge(error: unknown): NERtcError {
    const trapped = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    if (!trapped && !String(error).includes('Go program has already exited')) return fromCore(error);
    this._stop(String(error));
    return this._stopped!;
  }

  _stop(why: string): void {
    if (this._stopped) return;
    this._stopped = new NERtcError(
      Code.InvalidOperation,
      `the SDK's core has stopped (${why}); create a new client to go on`,
    );
    this._log?.write(LEVELS.ERROR, 'core', `stopped reason=${quoted(why)}`);
    const waiting = this._queue;
    this._queue = [];
    for (const { fail } of waiting) fail?.(this._stopped);
    for (const reject of [...this._pending]) reject(this._stopped);
    this._pending.clear();
    for (const watch of [...this._watchers]) watch();
    this._watchers.clear();
  }
}
