import { choose, EVERYTHING, mediaType, subscription } from './choice';
import type { Choice, Core, CoreStream, Emit, Subscription, UID } from './core';
import { Capturing } from './capturing';
import { type Emitter, hide } from './emitter';
import { Code, fromCore, NERtcError } from './error';
import { bindMethods } from './proxy';
import { check } from './rules';

/** The client that a stream belongs to, as far as the stream knows it. */
export interface Owner extends Emitter {
  /** The own uid, null before one is known. */
  _uid(): UID | null;
}

/** What a stream is made of: a local one of the page's options, a remote one of the core's object. */
export interface StreamOptions {
  core: Core;
  /** The page's argument of createStream. */
  options?: Record<string, unknown>;
  object?: CoreStream;
  /** The client that the stream belongs to, as far as there is one by now. */
  client: () => Owner | null;
}

/** Events of a stream that its client tells as well, by the name that they have there. */
const CLIENT_EVENTS = new Map([
  ['notAllowedError', 'NotAllowedError'],
  ['stopScreenSharing', 'stopScreenSharing'],
  ['stopScreenAudio', 'stopScreenAudio'],
  ['audioTrackEnded', 'audioTrackEnded'],
  ['videoTrackEnded', 'videoTrackEnded'],
  ['accessDenied', 'accessDenied'],
  ['notFound', 'notFound'],
  ['beOccupied', 'beOccupied'],
  ['deviceError', 'deviceError'],
]);

/** The documented Stream, local or remote. types/stream.d.ts documents it. */
export class Stream extends Capturing {
  readonly _core: Core;
  readonly _remote: boolean;
  readonly _options: Record<string, unknown>;
  readonly _clientOf: () => Owner | null;
  readonly _self: () => Stream;
  _object: CoreStream | null;
  _ready = false;
  _destroyed = false;
  _subscribeConfig: Subscription = { ...EVERYTHING };

  constructor({ core, options = {}, object, client }: StreamOptions) {
    super();
    this._self = () => this;
    this._core = core;
    this._options = options;
    this._clientOf = client;
    this._remote = object !== undefined;
    this._object = object ?? null;
    bindMethods(this);
    if (!object) {
      core.order((factory) => {
        this._object = factory.createStream(options, this._emitter());
      });
    }
    for (const name of Object.keys(this)) hide(this, name);
  }

  get streamID(): UID | null {
    return this.getId();
  }

  get stringStreamID(): string {
    return String(this.getId() ?? '');
  }

  get audio(): boolean {
    return this._has('audio');
  }

  get video(): boolean {
    return this._has('video');
  }

  get screen(): boolean {
    return this._has('screen');
  }

  get client(): Owner | null {
    return this._clientOf();
  }

  getId(): UID | null {
    const { uid } = this._options;
    if (!this._remote && (typeof uid === 'number' || (typeof uid === 'string' && uid !== ''))) return uid;
    const own = this._core.ask(null, () => this._object?.uid() ?? null);
    return own ?? (this._remote ? null : (this.client?._uid() ?? null));
  }

  hasAudio(): boolean {
    return this._has('audio');
  }

  hasAudioSlave(): boolean {
    return this._has('audioSlave');
  }

  hasVideo(): boolean {
    return this._has('video');
  }

  hasScreen(): boolean {
    return this._has('screen');
  }

  getAudioTrack(type: string = 'audio'): MediaStreamTrack | null {
    return this._track(type);
  }

  getVideoTrack(type: string = 'video'): MediaStreamTrack | null {
    return this._track(type);
  }

  async init(): Promise<void> {
    await this._call((object) => object.init());
    this._ready = true;
  }

  destroy(): void {
    if (this._destroyed) return;
    this._destroyed = true;
    if (this._core.stopped) return;
    this._core.order(() => this._object?.destroy());
    this.removeAllListeners();
  }

  async play(view?: Element | string | null, options?: Partial<Choice> | null): Promise<void> {
    this._alive();
    check('choice', options);
    // Who hears the own microphone from the own loudspeaker hears a howl: only a page that asks for it gets that.
    const choice = choose(options, { ...EVERYTHING, audio: this._remote, audioSlave: this._remote });
    const element = findView(view);
    if (!element && (choice.video || choice.screen)) {
      throw new NERtcError(
        Code.InvalidArgument,
        typeof view === 'string' ? `play: the page has no element with the id "${view}"` : 'play: a view is needed for a picture',
      );
    }
    await this._call((object) => object.play(element, choice));
  }

  async resume(): Promise<void> {
    await this._call((object) => object.resume());
  }

  stop(type?: string | null): void {
    this._alive();
    check('stop', type);
    this._core.order(() => this._object?.stop(mediaType(type)));
  }

  isPlaying(type: string): boolean {
    this._alive();
    check('mediaType', type);
    return this._core.ask(false, () => this._object?.isPlaying(mediaType(type)!) ?? false);
  }

  canPlay(type: string): { result: boolean; reason: string } {
    this._alive();
    check('mediaType', type);
    const track = this._track(type);
    let reason = '';
    if (!track) {
      const carried = this._has(mediaType(type)!);
      const missing = this._remote ? 'is not received: subscribe to it first' : 'is not open: init the stream first';
      reason = carried ? `${type} ${missing}` : `the stream has no ${type}`;
    } else if (track.readyState === 'ended') reason = `${type} has ended`;
    return { result: reason === '', reason };
  }

  async takeSnapshot(options?: { name?: string; mediaType?: string } | null): Promise<string> {
    this._alive();
    check('snapshot', options);
    return (await this._call((object) => object.takeSnapshot(options?.name ?? '', options?.mediaType ?? 'video'))) as string;
  }

  takeSnapshotBase64(options?: { mediaType?: string } | null): string {
    this._alive();
    check('snapshot', options);
    const type = options?.mediaType ?? 'video';
    const address = this._core.ask(null, () => this._object?.snapshot(type) ?? null);
    if (address === null) throw new NERtcError(Code.InvalidOperation, `${type} shows no picture: play it first`);
    return address;
  }

  getCurrentFrameData(options?: { mediaType?: string } | null): ImageData | null {
    this._alive();
    check('snapshot', options);
    return this._core.ask(null, () => this._object?.frameData(options?.mediaType ?? 'video') ?? null);
  }

  async startMediaRecording(options?: { type?: string; reset?: boolean } | null): Promise<number> {
    this._alive();
    check('streamRecording', options);
    const type = mediaType(options?.type) ?? 'video';
    const reset = Boolean(options?.reset);
    return (await this._call((object) => object.startMediaRecording(type, reset))) as number;
  }

  async stopMediaRecording(options?: { recordId?: number } | null): Promise<void> {
    await this._recorded(options, (object, id) => object.stopMediaRecording(id));
  }

  async downloadMediaRecording(options?: { recordId?: number } | null): Promise<string> {
    return (await this._recorded(options, (object, id) => object.downloadMediaRecording(id))) as string;
  }

  async cleanMediaRecording(options?: { recordId?: number } | null): Promise<void> {
    await this._recorded(options, (object, id) => object.cleanMediaRecording(id));
  }

  async _recorded<T>(options: { recordId?: number } | null | undefined, run: (object: CoreStream, id: number | null) => Promise<T>): Promise<T> {
    this._alive();
    check('recordId', options);
    const id = options?.recordId ?? null;
    return this._call((object) => run(object, id));
  }

  setAudioVolume(volume: number): void {
    this._alive();
    check('playbackVolume', volume);
    this._core.order(() => this._object?.setAudioVolume(volume));
  }

  setAudioSlaveVolume(volume: number): void {
    this._alive();
    check('playbackVolume', volume);
    this._core.order(() => this._object?.setAudioSlaveVolume(volume));
  }

  async setAudioOutput(deviceId: string): Promise<void> {
    this._alive();
    check('audioOutput', deviceId);
    await this._call((object) => object.setAudioOutput(deviceId));
  }

  setLocalRenderMode(mode: { width: number; height: number; cut?: boolean }, type?: string | null): void {
    this._setRenderMode(mode, type);
  }

  setRemoteRenderMode(mode: { width: number; height: number; cut?: boolean }, type?: string | null): void {
    this._setRenderMode(mode, type);
  }

  setSubscribeConfig(config: Partial<Subscription>): void {
    this._alive();
    check('choice', config ?? 0);
    this._subscribeConfig = subscription(config);
  }

  muteAudio(): Promise<void> {
    return this._setMuted('audio', true);
  }

  unmuteAudio(): Promise<void> {
    return this._setMuted('audio', false);
  }

  muteAudioSlave(): Promise<void> {
    return this._setMuted('audioSlave', true);
  }

  unmuteAudioSlave(): Promise<void> {
    return this._setMuted('audioSlave', false);
  }

  muteVideo(): Promise<void> {
    return this._setMuted('video', true);
  }

  unmuteVideo(): Promise<void> {
    return this._setMuted('video', false);
  }

  muteScreen(): Promise<void> {
    return this._setMuted('screen', true);
  }

  unmuteScreen(): Promise<void> {
    return this._setMuted('screen', false);
  }

  async _setMuted(type: string, muted: boolean): Promise<void> {
    await this._call((object) => object.setMuted(type, muted));
  }

  _setRenderMode(mode: { width: number; height: number; cut?: boolean }, type?: string | null): void {
    this._alive();
    check('renderMode', mode, type);
    // Taken now: the page may change its object before the core runs.
    const taken = { width: mode.width, height: mode.height, cut: Boolean(mode.cut) };
    this._core.order(() => this._object?.setRenderMode(taken, type ?? null));
  }

  _track(type: string): MediaStreamTrack | null {
    this._alive();
    check('mediaType', type);
    return this._core.ask(null, () => this._object?.getTrack(mediaType(type)!) ?? null);
  }

  /** What a stream carries; a local one carries what it was made for until init has found out. */
  _has(type: string): boolean {
    if (!this._remote && !this._ready) return Boolean(this._options[type === 'audioSlave' ? 'screenAudio' : type]);
    return this._core.ask(false, () => this._object?.has(type) ?? false);
  }

  _alive(): void {
    if (this._destroyed) throw new NERtcError(Code.InvalidOperation, 'the stream is destroyed');
  }

  /** The core's object; throws where the core refused to make one. */
  _need(): CoreStream {
    if (!this._object) throw new NERtcError(Code.InvalidOperation, 'the stream could not be created');
    return this._object;
  }

  async _call<T>(run: (object: CoreStream) => Promise<T>): Promise<T> {
    this._alive();
    return this._core.call(() => run(this._need()));
  }

  /** Takes the core's events; the client of the stream tells those that the documentation gives to it. */
  _emitter(): Emit {
    return (event, argument) => {
      let args = argument === undefined ? [] : [argument];
      if (event === 'notAllowedError') args = [fromCore(argument)];
      this.emit(event, ...args);
      const told = CLIENT_EVENTS.get(event);
      if (told) this.client?.emit(told, ...args);
      return undefined;
    };
  }
}

function findView(view: Element | string | null | undefined): Element | null {
  if (typeof view === 'string') {
    if (typeof document === 'undefined') throw new NERtcError(Code.NotSupported, 'play needs a page in a browser; here is none');
    return document.getElementById(view);
  }
  if (view === null || view === undefined) return null;
  // Elements of another document (an iframe's) are elements too, so instanceof would be wrong.
  if (typeof view === 'object' && view.nodeType === 1) return view;
  throw new NERtcError(Code.InvalidArgument, 'play: the view must be an element or the id of one');
}
