import type { Client } from './client.js';
import type { Stream } from './stream.js';
import type { ClientOptions, DeviceInfo, StreamOptions } from './types.js';

export type { Client } from './client.js';
export type { Stream } from './stream.js';
export * from './statistics.js';
export * from './types.js';

/**
 * The log: to the console from the level up, and to a store of this site in the browser that holds the last 7 days,
 * 10 MB at most, of all its pages. No secret, token or key is ever in it. `createClient({debug})` sets the level as
 * well: true → DEBUG, false → WARNING; it is INFO at first. docs/logging.md says what belongs on which level.
 */
export interface Logger {
  readonly DEBUG: 0;
  readonly INFO: 1;
  readonly WARNING: 2;
  readonly ERROR: 3;
  readonly NONE: 4;
  /**
   * Sets the least level of what is written to the console. The store takes INFO and above at every level, DEBUG only
   * at DEBUG, nothing at NONE. Throws 10000 for what is no level.
   */
  setLogLevel(level: number): void;
  /**
   * Has the log of each call sent to its gateway after it, also of the one that goes on, and of calls before that could
   * not be sent yet, for as long as the page is there. At first nothing is sent. The gateway's operator decides whether it
   * takes logs; where it does not, and where sending fails, calls are not disturbed.
   */
  enableLogUpload(): void;
  /** Ends that, also what is being sent. */
  disableLogUpload(): void;
  /** Saves what is stored as a text file, with or without a call. Resolves with the file's name. */
  download(): Promise<string>;
}

/** Resolutions of `Stream.setVideoProfile` and `setScreenProfile`. */
export interface VideoQuality {
  readonly VIDEO_QUALITY_180p: 2;
  readonly VIDEO_QUALITY_480p: 4;
  readonly VIDEO_QUALITY_720p: 8;
  readonly VIDEO_QUALITY_1080p: 16;
}

/** Frame rates of `Stream.setVideoProfile` and `setScreenProfile`; NORMAL means 15 frames a second. */
export interface VideoFrameRate {
  readonly CHAT_VIDEO_FRAME_RATE_NORMAL: 0;
  readonly CHAT_VIDEO_FRAME_RATE_5: 1;
  readonly CHAT_VIDEO_FRAME_RATE_10: 2;
  readonly CHAT_VIDEO_FRAME_RATE_15: 3;
  readonly CHAT_VIDEO_FRAME_RATE_20: 4;
  readonly CHAT_VIDEO_FRAME_RATE_25: 5;
  readonly CHAT_VIDEO_FRAME_RATE_30: 6;
}

/** Sizes of the picture of `Client.startMediaRecording`: 640×360, 640×480, 1280×720. */
export interface RecordVideoQuality {
  readonly RECORD_VIDEO_QUALITY_360p: 2;
  readonly RECORD_VIDEO_QUALITY_480p: 4;
  readonly RECORD_VIDEO_QUALITY_720p: 8;
}

/** Frame rates of `Client.startMediaRecording`. */
export interface RecordVideoFrameRate {
  readonly RECORD_VIDEO_FRAME_RATE_15: 3;
  readonly RECORD_VIDEO_FRAME_RATE_30: 6;
}

/** What `NERTC.checkBrowserCompatibility` answers. */
export interface BrowserCompatibility {
  /** Streams of others can be received. */
  isPullStreamSupport: boolean;
  /** Camera and microphone can be captured and sent. */
  isPushStreamSupport: boolean;
  /** So can a screen. */
  isScreenShareSupport: boolean;
}

/** What `NERTC.getParameters` answers. */
export interface SDKParameters {
  version: string;
  build: string;
  /** The signalling address of clients that name no other; empty if there is none. */
  server: string;
  /** Whether the core runs; the numbers below are 0 as long as it does not. */
  running: boolean;
  /** Clients that are not destroyed. */
  clients: number;
  /** Streams, own and remote, that are not destroyed. */
  streams: number;
  /** Functions of the core that the browser could call. */
  callbacks: number;
  /** Bytes of the core's WebAssembly memory, which grows and never shrinks. */
  memory: number;
}

/** The SDK: `window.NERTC`, and `window.WebRTC2`, its older name. */
export interface NERTC extends VideoQuality, VideoFrameRate, RecordVideoQuality, RecordVideoFrameRate {
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
  /**
   * Whether this browser, in this page, can receive, can send, and can share a screen: from what it has and from the
   * codecs that it handles. The promise never rejects, and answers the three flags itself too, for pages that do not wait.
   */
  checkBrowserCompatibility(): Promise<BrowserCompatibility> & BrowserCompatibility;
  /**
   * The codecs of calls that this browser both sends and receives: `audio` of OPUS, `video` of H264, VP8, VP9, AV1 and
   * H265. Empty lists where it has no WebRTC. Never rejects.
   */
  getSupportedCodec(): Promise<{ audio: string[]; video: string[] }>;
  /** What runs here and what it holds, for a page's own diagnosis: a copy, made at the call. */
  getParameters(): SDKParameters;
  readonly Logger: Logger;
  readonly VIDEO_QUALITY: VideoQuality;
  readonly VIDEO_FRAME_RATE: VideoFrameRate;
  readonly RECORD_VIDEO_QUALITY: RecordVideoQuality;
  readonly RECORD_VIDEO_FRAME_RATE: RecordVideoFrameRate;
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
export const getParameters: NERTC['getParameters'];
export const Logger: NERTC['Logger'];
export const VIDEO_QUALITY: NERTC['VIDEO_QUALITY'];
export const VIDEO_FRAME_RATE: NERTC['VIDEO_FRAME_RATE'];
export const LIVE_STREAM_AUDIO_SAMPLE_RATE: NERTC['LIVE_STREAM_AUDIO_SAMPLE_RATE'];
export const LIVE_STREAM_AUDIO_CODEC_PROFILE: NERTC['LIVE_STREAM_AUDIO_CODEC_PROFILE'];
export const STREAM_TYPE: NERTC['STREAM_TYPE'];
export const RECORD_VIDEO_QUALITY: NERTC['RECORD_VIDEO_QUALITY'];
export const RECORD_VIDEO_FRAME_RATE: NERTC['RECORD_VIDEO_FRAME_RATE'];
export const VIDEO_QUALITY_180p: NERTC['VIDEO_QUALITY_180p'];
export const VIDEO_QUALITY_480p: NERTC['VIDEO_QUALITY_480p'];
export const VIDEO_QUALITY_720p: NERTC['VIDEO_QUALITY_720p'];
export const VIDEO_QUALITY_1080p: NERTC['VIDEO_QUALITY_1080p'];
export const CHAT_VIDEO_FRAME_RATE_NORMAL: NERTC['CHAT_VIDEO_FRAME_RATE_NORMAL'];
export const CHAT_VIDEO_FRAME_RATE_5: NERTC['CHAT_VIDEO_FRAME_RATE_5'];
export const CHAT_VIDEO_FRAME_RATE_10: NERTC['CHAT_VIDEO_FRAME_RATE_10'];
export const CHAT_VIDEO_FRAME_RATE_15: NERTC['CHAT_VIDEO_FRAME_RATE_15'];
export const CHAT_VIDEO_FRAME_RATE_20: NERTC['CHAT_VIDEO_FRAME_RATE_20'];
export const CHAT_VIDEO_FRAME_RATE_25: NERTC['CHAT_VIDEO_FRAME_RATE_25'];
export const CHAT_VIDEO_FRAME_RATE_30: NERTC['CHAT_VIDEO_FRAME_RATE_30'];
export const RECORD_VIDEO_QUALITY_360p: NERTC['RECORD_VIDEO_QUALITY_360p'];
export const RECORD_VIDEO_QUALITY_480p: NERTC['RECORD_VIDEO_QUALITY_480p'];
export const RECORD_VIDEO_QUALITY_720p: NERTC['RECORD_VIDEO_QUALITY_720p'];
export const RECORD_VIDEO_FRAME_RATE_15: NERTC['RECORD_VIDEO_FRAME_RATE_15'];
export const RECORD_VIDEO_FRAME_RATE_30: NERTC['RECORD_VIDEO_FRAME_RATE_30'];

declare global {
  interface Window {
    NERTC: NERTC;
    WebRTC2: NERTC;
  }
}
