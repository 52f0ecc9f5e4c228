import type { Connectivity } from '../types/types';
import { Core, type CoreClient, type CoreStream, type Emit, type EncryptionStats, type Subscription } from './core';
import { mediaType, subscription } from './choice';
import { copy } from './copy';
import { checkDevices, unreached } from './connectivity';
import { Emitter, hide } from './emitter';
import { Code, type CoreError, fromCore, NERtcError } from './error';
import { LEVELS } from './logger';
import type { LogTicket, LogUpload } from './logupload';
import { isForbidden, underPolicy } from './policy';
import { bindMethods, unwrap } from './proxy';
import { check } from './rules';
import { addStatistics, batteryLevel } from './statistics';
import { Stream } from './stream';

/** What a client is made of; types/types.d.ts documents what a page passes. */
export interface ClientOptions {
  appkey: string;
  /** The signalling address, worked out already; empty if there is none. */
  server: string;
  debug?: boolean;
  /** Works out the signalling address of a server that a page names; throws 10000. */
  resolve: (server: string) => string;
  core: Core;
  /** Sends the logs of its calls. */
  upload: LogUpload;
  /** Called when the client is destroyed. */
  onDestroy: (client: Client) => void;
}

/** The documented Client: arguments to the core, results and events to the page. types/client.d.ts documents it. */
export class Client extends Emitter {
  readonly _options: ClientOptions;
  readonly _core: Core;
  _object: CoreClient | null = null;
  _state = 'DISCONNECTED';
  /** True from a call of join until it failed or the client left: only then is there anything to leave. */
  _entered = false;
  /** How many calls of join are under way, those that wait for the core included. */
  _joining = 0;
  _destroyed = false;
  /** The encryption mode that was set before the core ran, which knows by itself from then on; null for none at all. */
  _mode: string | null = null;
  /** A secret was set, also before the core ran. */
  _secret = false;
  /** The page encrypts by itself. */
  _custom = false;
  /** What rejects the calls that are under way. */
  readonly _pending = new Set<(error: NERtcError) => void>();
  readonly _streams = new WeakMap<CoreStream, Stream>();
  readonly _self: () => Client;
  readonly _unwatch: () => void;

  constructor(options: ClientOptions) {
    super();
    this._self = () => this;
    this._options = options;
    this._core = options.core;
    bindMethods(this);
    const { appkey, server, debug } = options;
    this._core.order((factory) => {
      this._object = factory.createClient({ appkey, server, debug }, this._emitter());
    });
    this._unwatch = this._core.onStop(() => this._coreStopped());
    for (const name of Object.keys(this)) hide(this, name);
  }

  async join(options: unknown): Promise<undefined> {
    this._alive();
    check('join', options);
    const taken = this._joinOptions(options as Record<string, unknown>);
    this._entered = true;
    this._joining++;
    const first = this._joining === 1 && this._state === 'DISCONNECTED';
    if (first) this._options.upload.begin(this);
    try {
      await underPolicy(() => this._call((object) => object.join(taken)), taken.server, () => this._object?.leave().catch(() => {}));
    } catch (error) {
      if (isForbidden(error)) this._core._log?.write(LEVELS.ERROR, 'client', `join failed: ${error.reason}`);
      if (this._state === 'DISCONNECTED') {
        this._entered = false;
        if (first) this._options.upload.end(this);
      }
      throw error;
    } finally {
      this._joining--;
    }
    return undefined;
  }

  async leave(): Promise<void> {
    this._alive();
    // Nothing was begun and no core has to be loaded (or mourned) only to hear that.
    if (!this._entered && !this._core.running) return;
    const leaving = (object: CoreClient) => object.leave();
    if (this._core.running && this._object) {
      await this._core.call(() => leaving(this._object!)); // to its end, also when destroy comes meanwhile
    } else {
      await this._call(leaving).catch((error) => {
        if (!this._destroyed) throw error; // otherwise nothing ever began
      });
    }
    this._entered = this._state !== 'DISCONNECTED';
  }

  destroy(): void {
    if (this._destroyed) return;
    this._destroyed = true;
    this._options.onDestroy(this);
    this._unwatch();
    for (const reject of [...this._pending]) reject(gone());
    if (this._core.stopped) return;
    // The page's handlers hear of the end before they go.
    const end = () => this.removeAllListeners();
    this._core.order(() => {
      this._object?.destroy().then(end, end);
    });
  }

  setChannelProfile(options: unknown): void {
    this._alive();
    check('setChannelProfile', options);
    const { mode } = options as { mode: string };
    const refused = () => new NERtcError(Code.InvalidOperation, 'setChannelProfile works before join only');
    if (this._joining > 0) throw refused();
    this._core.order(() => {
      if (this._object?.setChannelProfile(mode) === false) throw refused();
    });
  }

  setEncryptionMode(mode: unknown): void {
    this._alive();
    check('setEncryptionMode', mode);
    this._encrypt((object) => object.setEncryptionMode(mode as string));
    this._mode = mode as string;
  }

  setEncryptionSecret(secret: unknown): void {
    this._alive();
    check('setEncryptionSecret', secret);
    if (this._custom) {
      throw new NERtcError(Code.InvalidOperation, 'setEncryptionSecret and enableCustomTransform exclude each other');
    }
    if (!this._core.running && this._mode === null) {
      throw new NERtcError(Code.SecretBeforeMode, 'setEncryptionMode must come before setEncryptionSecret');
    }
    this._encrypt((object) => object.setEncryptionSecret(secret as string));
    this._secret = true;
  }

  /** Has the core set something of the encryption, and throws what it refuses. */
  _encrypt(set: (object: CoreClient) => CoreError | undefined): void {
    if (!this._core.running && this._joining > 0) {
      throw new NERtcError(Code.InvalidOperation, 'the encryption is set before join only');
    }
    this._core.order(() => {
      const refused = this._object && set(this._object);
      if (refused) throw fromCore(refused);
    });
  }

  enableCustomTransform(enable?: unknown): void {
    this._alive();
    check('enableCustomTransform', enable);
    const on = enable == null || Boolean(enable);
    const page = globalThis as any;
    const brought = [page.RTCRtpSender, page.RTCRtpReceiver].every((c) => typeof c?.prototype.createEncodedStreams === 'function');
    if (on && !brought) throw new NERtcError(Code.TransformUnsupported, 'this browser does not bring encoded frames to a page');
    if (!this._core.running && this._secret && this._mode !== 'none') {
      throw new NERtcError(Code.InvalidOperation, "a cipher of the page's own and setEncryptionSecret exclude each other");
    }
    this._encrypt((object) => object.enableCustomTransform(on));
    this._custom = on;
    this._secret = false;
  }

  async rotateEncryptionSecret(secret: unknown): Promise<undefined> {
    this._alive();
    check('setEncryptionSecret', secret);
    await this._call((object) => object.rotateEncryptionSecret(secret as string));
    return undefined;
  }

  async getEncryptionStats(): Promise<EncryptionStats> {
    this._alive();
    return this._call((object) => object.getEncryptionStats());
  }

  setLocalMediaPriority(options: unknown): void {
    this._alive();
    check('setLocalMediaPriority', options);
    const { priority, preemtiveMode } = options as { priority: number; preemtiveMode?: boolean | null };
    const refused = () => new NERtcError(Code.InvalidOperation, 'setLocalMediaPriority works before join only');
    if (this._joining > 0) throw refused();
    this._core.order(() => {
      if (this._object?.setLocalMediaPriority(priority, Boolean(preemtiveMode)) === false) throw refused();
    });
  }

  async setClientRole(role: unknown): Promise<undefined> {
    this._alive();
    check('setClientRole', role);
    await this._call((object) => object.setClientRole(role as string));
    return undefined;
  }

  async updatePermKey(permkey: unknown): Promise<undefined> {
    this._alive();
    check('updatePermKey', permkey);
    await this._call((object) => object.updatePermKey(permkey as string));
    return undefined;
  }

  async addTasks(options: unknown): Promise<undefined> {
    this._alive();
    check('addTasks', options);
    const tasks = copy((options as { rtmpTasks: unknown }).rtmpTasks, Code.InvalidTaskToAdd);
    await this._call((object) => object.addTasks(tasks));
    return undefined;
  }

  async updateTasks(options: unknown): Promise<void> {
    this._alive();
    check('updateTasks', options);
    const tasks = copy((options as { rtmpTasks: unknown }).rtmpTasks, Code.InvalidTaskToUpdate);
    await this._call((object) => object.updateTasks(tasks));
  }

  async deleteTasks(options: unknown): Promise<void> {
    this._alive();
    check('deleteTasks', options);
    const ids = copy((options as { taskIds: unknown }).taskIds, Code.InvalidTaskToDelete);
    await this._call((object) => object.deleteTasks(ids));
  }

  async startProxyServer(type?: number | null): Promise<undefined> {
    this._alive();
    check('proxyServer', type);
    await this._call((object) => object.setRelay(true));
    return undefined;
  }

  async stopProxyServer(type?: number | null): Promise<undefined> {
    this._alive();
    check('proxyServer', type);
    await this._call((object) => object.setRelay(false));
    return undefined;
  }

  async checkConnectivity(options?: unknown): Promise<Connectivity> {
    this._alive();
    check('checkConnectivity', options);
    const given = (options ?? {}) as Record<string, unknown>;
    const taken = this._joinOptions(given);
    const devices = checkDevices(Boolean(given.devices));
    const ways = this._call((object) => object.checkConnectivity(taken)).catch((error) => {
      if (this._destroyed) throw error;
      return unreached((error as NERtcError).message); // a core that does not load, or has stopped
    });
    return { ...((await ways) as Omit<Connectivity, 'devices'>), devices: await devices };
  }

  async publish(stream: unknown): Promise<undefined> {
    this._alive();
    const own = this._stream(stream, false);
    await this._call((object) => object.publish(own._need()));
    return undefined;
  }

  async unpublish(stream: unknown, type?: string | null): Promise<undefined> {
    this._alive();
    check('unpublish', stream, type);
    const own = this._stream(stream, false);
    await this._call((object) => object.unpublish(own._need(), mediaType(type)));
    return undefined;
  }

  async subscribe(stream: unknown, config?: Partial<Subscription> | null): Promise<void> {
    this._alive();
    check('choice', config);
    const remote = this._stream(stream, true);
    const choice = config ? subscription(config) : remote._subscribeConfig;
    await this._call((object) => object.subscribe(String(remote.getId()), choice));
  }

  async unsubscribe(stream: unknown): Promise<void> {
    this._alive();
    const remote = this._stream(stream, true);
    await this._call((object) => object.unsubscribe(String(remote.getId())));
  }

  async setRemoteVideoStreamType(stream: unknown, highOrLow: unknown): Promise<void> {
    await this.setRemoteStreamType(stream, highOrLow, 'video');
  }

  async setRemoteStreamType(stream: unknown, highOrLow: unknown, type: unknown): Promise<void> {
    this._alive();
    check('remoteStreamType', stream, highOrLow === null ? 0 : highOrLow, type);
    const remote = this._stream(stream, true);
    await this._call((object) => object.setRemoteStreamType(String(remote.getId()), highOrLow as number | null, type as string));
  }

  async enableDualStream(config?: { video?: boolean; screen?: boolean } | null): Promise<void> {
    this._alive();
    check('dualStream', config);
    const { video, screen } = config ?? { video: true, screen: false };
    await this._call((object) => object.enableDualStream({ video: Boolean(video), screen: Boolean(screen) }));
  }

  async disableDualStream(config?: { video?: boolean; screen?: boolean } | null): Promise<void> {
    this._alive();
    check('dualStream', config);
    const { video, screen } = config ?? { video: true, screen: true };
    await this._call((object) => object.disableDualStream({ video: Boolean(video), screen: Boolean(screen) }));
  }

  setPlaybackVolume(volume: number): void {
    this._alive();
    check('playbackVolume', volume);
    this._core.order(() => this._object?.setPlaybackVolume(volume));
  }

  async startMediaRecording(options?: { recordConfig?: object | null; recorder?: string } | null): Promise<undefined> {
    this._alive();
    check('clientRecording', options);
    check('recordConfig', options?.recordConfig);
    // Taken now: the page may change its object before the core runs.
    const taken = { ...options, recordConfig: { ...options?.recordConfig } };
    await this._call((object) => object.startMediaRecording(taken));
    return undefined;
  }

  async stopMediaRecording(): Promise<void> {
    this._alive();
    await this._call((object) => object.stopMediaRecording());
  }

  async downloadMediaRecording(): Promise<string> {
    this._alive();
    return (await this._call((object) => object.downloadMediaRecording())) as string;
  }

  async cleanMediaRecording(): Promise<void> {
    this._alive();
    await this._call((object) => object.cleanMediaRecording());
  }

  async getSystemStats(): Promise<number> {
    this._alive();
    return batteryLevel();
  }

  getConnectionState(): string {
    this._alive();
    return this._core.ask('DISCONNECTED', () => this._object?.getConnectionState() ?? 'DISCONNECTED');
  }

  getUid(): number | string | null {
    this._alive();
    return this._uid();
  }

  getChannelInfo(): object {
    this._alive();
    const none = { cid: 0, channelName: '', uid: null, token: '' };
    return this._core.ask<object>(none, () => this._object?.getChannelInfo() ?? none);
  }

  /** The uid for a stream of this client, also of a client that is gone. */
  _uid(): number | string | null {
    return this._core.ask(null, () => this._object?.getUid() ?? null);
  }

  _alive(): void {
    if (this._destroyed) throw gone();
  }

  /** Has the core do something. What destroy finds under way is over at once; what had not begun never begins. */
  _call<T>(run: (object: CoreClient) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this._pending.add(reject);
      this._core
        .call(() => {
          this._alive();
          if (!this._object) throw new NERtcError(Code.InvalidOperation, 'the client could not be created');
          return run(this._object);
        })
        .finally(() => this._pending.delete(reject))
        .then(resolve, reject);
    });
  }

  /** The page's own options, with `server` worked out: an address given here wins over that of the client. */
  _joinOptions(options: Record<string, unknown>): { server: string } {
    const addresses = options.neRtcServerAddresses as { channelServer?: unknown } | null | undefined;
    const given = addresses?.channelServer;
    const server = typeof given === 'string' && given !== '' ? this._options.resolve(given) : this._options.server;
    if (server === '') {
      throw new NERtcError(Code.InvalidArgument, 'no server is known: pass server to createClient');
    }
    return { ...options, server };
  }

  /** The stream behind an argument, local or remote as the call needs it. */
  _stream(value: unknown, remote: boolean): Stream {
    const stream = unwrap(Stream, value);
    if (!stream) throw new NERtcError(Code.InvalidArgument, 'a Stream is needed');
    if (stream._remote !== remote) {
      throw new NERtcError(Code.InvalidArgument, remote ? 'the stream is not a remote one' : 'the stream is not a local one');
    }
    if (stream._core !== this._core || (remote && stream.client !== this)) {
      throw new NERtcError(Code.InvalidArgument, 'the stream belongs to another client');
    }
    return stream;
  }

  /** Takes the core's events: makes the Stream of a remote user and puts it in place of the core's. */
  _emitter(): Emit {
    const emit: Emit = (event, argument) => {
      const it = argument as { uid?: unknown; stream?: CoreStream; mediaType?: string; curState?: string } | undefined;
      if (event === 'stream-created') {
        const stream = new Stream({ core: this._core, object: it!.stream!, client: () => this });
        this._streams.set(it!.stream!, stream);
        return stream._emitter();
      }
      if (event === 'log-ticket') return this._options.upload.ticket(this, argument as LogTicket);
      if (event === 'connection-state-change') {
        this._state = it!.curState!;
        if (this._state === 'DISCONNECTED') this._options.upload.end(this);
      }
      if (it?.stream) return this.emit(event, { stream: this._streams.get(it.stream), mediaType: it.mediaType });
      if (argument === undefined) return this.emit(event);
      return this.emit(event, argument);
    };
    emit.heard = (...events) => events.some((event) => this._handlers.has(event));
    return emit;
  }

  /** The core is gone and with it the room: the page hears of it as of any lost connection. */
  _coreStopped(): void {
    const prevState = this._state;
    this._entered = false;
    if (prevState === 'DISCONNECTED') return;
    this._state = 'DISCONNECTED';
    this._options.upload.end(this);
    this.emit('connection-state-change', { curState: 'DISCONNECTED', prevState, reconnect: false });
    this.emit('error', 'SOCKET_ERROR');
  }
}

const gone = () => new NERtcError(Code.InvalidOperation, 'the client is destroyed');

addStatistics(Client.prototype);
