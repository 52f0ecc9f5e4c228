import type { Client } from './client.js';
import type { Stream } from './stream.js';
import type { ClientOptions, DeviceInfo, StreamOptions } from './types.js';

export type { Client } from './client.js';
export type { Stream } from './stream.js';
export * from './types.js';

/** The levels of the log. */
export interface Logger {
  readonly DEBUG: 0;
  readonly INFO: 1;
  readonly WARNING: 2;
  readonly ERROR: 3;
  readonly NONE: 4;
  /** Not available yet: throws 10001. */
  setLogLevel(level: number): void;
  /** Not available yet: throws 10001. */
  enableLogUpload(): void;
  /** Not available yet: throws 10001. */
  disableLogUpload(): void;
  /** Not available yet: throws 10001. */
  download(): void;
}

/** The SDK: `window.NERTC`, and `window.WebRTC2`, its older name. */
export interface NERTC {
  /** The version of the SDK. */
  readonly VERSION: string;
  /** Which nertc.wasm this script belongs to: the first 12 hex digits of its SHA-256. */
  readonly BUILD: string;
  /**
   * Resolves once the core runs; rejects 10002 where it cannot be loaded, 10001 where it cannot run. Nobody has to wait
   * for it: calls wait by themselves. Asked again after a failure, it loads again.
   */
  readonly ready: Promise<void>;
  /** Makes a client; each call a fresh one. Throws 10000 for a missing or empty `appkey` or a bad `server`. */
  createClient(options: ClientOptions): Client;
  /** Makes an own stream; `init()` opens its devices. Throws 10000 for bad or contradictory options. */
  createStream(options: StreamOptions): Stream;
  /** Destroys a client; without an argument, the first one made that is still there. */
  destroy(client?: Client | null): void;
  /** The devices by kind. Rejects 10001 where the page has none (browsers give them to secure contexts only). */
  getDevices(): Promise<{ video: DeviceInfo[]; audioIn: DeviceInfo[]; audioOut: DeviceInfo[] }>;
  /** The cameras, as `getDevices`. */
  getCameras(): Promise<DeviceInfo[]>;
  /** The microphones, as `getDevices`. */
  getMicrophones(): Promise<DeviceInfo[]>;
  /** The loudspeakers, as `getDevices`. */
  getSpeakers(): Promise<DeviceInfo[]>;
  /** Whether this browser can make a call in this page. */
  checkSystemRequirements(): boolean;
  /** Not available yet: rejects 10001. */
  checkBrowserCompatibility(): Promise<any>;
  /** Not available yet: rejects 10001. */
  getSupportedCodec(): Promise<{ audio: string[]; video: string[] }>;
  readonly Logger: Logger;
  readonly VIDEO_QUALITY: {
    readonly VIDEO_QUALITY_180p: 2;
    readonly VIDEO_QUALITY_480p: 4;
    readonly VIDEO_QUALITY_720p: 8;
    readonly VIDEO_QUALITY_1080p: 16;
  };
  /** NORMAL means 15 frames a second. */
  readonly VIDEO_FRAME_RATE: {
    readonly CHAT_VIDEO_FRAME_RATE_NORMAL: 0;
    readonly CHAT_VIDEO_FRAME_RATE_5: 1;
    readonly CHAT_VIDEO_FRAME_RATE_10: 2;
    readonly CHAT_VIDEO_FRAME_RATE_15: 3;
    readonly CHAT_VIDEO_FRAME_RATE_20: 4;
    readonly CHAT_VIDEO_FRAME_RATE_25: 5;
    readonly CHAT_VIDEO_FRAME_RATE_30: 6;
  };
  readonly LIVE_STREAM_AUDIO_SAMPLE_RATE: {
    readonly SAMPLE_RATE_32000: 32000;
    readonly SAMPLE_RATE_44100: 44100;
    readonly SAMPLE_RATE_48000: 48000;
  };
  readonly LIVE_STREAM_AUDIO_CODEC_PROFILE: { readonly LC_AAC: 0; readonly HE_AAC: 1 };
  readonly STREAM_TYPE: { readonly HIGH: 1; readonly LOW: 0 };
}

declare const NERTC: NERTC;
export default NERTC;

// The same members by name, for `import * as NERTC` and for picking some.
export const VERSION: NERTC['VERSION'];
export const BUILD: NERTC['BUILD'];
export const ready: NERTC['ready'];
export const createClient: NERTC['createClient'];
export const createStream: NERTC['createStream'];
export const destroy: NERTC['destroy'];
export const getDevices: NERTC['getDevices'];
export const getCameras: NERTC['getCameras'];
export const getMicrophones: NERTC['getMicrophones'];
export const getSpeakers: NERTC['getSpeakers'];
export const checkSystemRequirements: NERTC['checkSystemRequirements'];
export const checkBrowserCompatibility: NERTC['checkBrowserCompatibility'];
export const getSupportedCodec: NERTC['getSupportedCodec'];
export const Logger: NERTC['Logger'];
export const VIDEO_QUALITY: NERTC['VIDEO_QUALITY'];
export const VIDEO_FRAME_RATE: NERTC['VIDEO_FRAME_RATE'];
export const LIVE_STREAM_AUDIO_SAMPLE_RATE: NERTC['LIVE_STREAM_AUDIO_SAMPLE_RATE'];
export const LIVE_STREAM_AUDIO_CODEC_PROFILE: NERTC['LIVE_STREAM_AUDIO_CODEC_PROFILE'];
export const STREAM_TYPE: NERTC['STREAM_TYPE'];

declare global {
  interface Window {
    NERTC: NERTC;
    WebRTC2: NERTC;
  }
}
