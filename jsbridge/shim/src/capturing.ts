import { mediaType } from './choice';
import type { Core, CoreStream } from './core';
import { Emitter } from './emitter';
import { Code, NERtcError } from './error';
import { check } from './rules';

/** What a local Stream does with what it captures; types/stream.d.ts documents it. */
export abstract class Capturing extends Emitter {
  abstract readonly _core: Core;
  abstract readonly _remote: boolean;
  abstract _object: CoreStream | null;
  abstract _ready: boolean;
  abstract _alive(): void;
  abstract _track(type: string): MediaStreamTrack | null;
  abstract _call<T>(run: (object: CoreStream) => Promise<T>): Promise<T>;
  /** What getAudioStream has given last. */
  _audioStream: MediaStream | null = null;

  async open(options: { type: string; [key: string]: unknown }): Promise<void> {
    this._own('open');
    check('open', options);
    await this._call((object) => object.open({ ...options, type: mediaType(options.type)! }));
    this._ready = true;
  }

  async close(options: { type: string }): Promise<void> {
    this._own('close');
    check('close', options);
    await this._call((object) => object.close(mediaType(options.type)!));
  }

  async switchDevice(type: string, deviceId: string): Promise<void> {
    this._own('switchDevice');
    check('switchDevice', type, deviceId);
    await this._call((object) => object.switchDevice(type, deviceId));
  }

  getAudioStream(): MediaStream | null {
    this._alive();
    const track = this._track('audio');
    if (!track) this._audioStream = null;
    // The same object as long as the track is the same: an element that plays it is not fed anew.
    else if (this._audioStream?.getTracks()[0] !== track) this._audioStream = new MediaStream([track]);
    return this._audioStream;
  }

  setAudioProfile(profile: string): void {
    this._own('setAudioProfile');
    check('audioProfile', profile);
    this._core.order(() => this._object?.setAudioProfile(profile));
  }

  setCaptureVolume(volume: number, source?: string | null): void {
    this._own('setCaptureVolume');
    check('captureVolume', volume, source);
    const type = source === 'microphone' ? 'audio' : mediaType(source);
    this._core.order(() => this._object?.setCaptureVolume(volume, type));
  }

  getAudioLevel(type: string = 'audio'): number {
    this._alive();
    check('audioType', type);
    return this._core.ask(0, () => this._object?.getAudioLevel(mediaType(type)!) ?? 0);
  }

  setVideoProfile(options: { resolution?: number | null; frameRate?: number | null }): void {
    this._own('setVideoProfile');
    check('videoProfile', options);
    const taken = { ...options };
    this._core.order(() => this._object?.setVideoProfile(taken));
  }

  setScreenProfile(options: { resolution?: number | null; frameRate?: number | null }): void {
    this._own('setScreenProfile');
    check('videoProfile', options);
    const taken = { ...options };
    this._core.order(() => this._object?.setScreenProfile(taken));
  }

  setVideoEncoderConfiguration(options: {
    mediaType: string;
    streamType: string;
    maxBitrate?: number | null;
    contentHint?: string | null;
  }): void {
    this._own('setVideoEncoderConfiguration');
    check('encoderConfiguration', options);
    const taken = { ...options };
    this._core.order(() => this._object?.setVideoEncoderConfiguration(taken));
  }

  /** Refuses a remote stream: what it carries is captured elsewhere. */
  _own(name: string): void {
    this._alive();
    if (this._remote) throw new NERtcError(Code.InvalidOperation, `${name} is for streams of NERTC.createStream`);
  }
}
