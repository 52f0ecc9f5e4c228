import type { Client } from './client.js';
import type { Stream } from './stream.js';
import type { DeviceEvents, Emitter } from './events.js';
import type { ClientOptions, DeviceInfo, StreamOptions } from './types.js';

export type { Client } from './client.js';
export type { Stream } from './stream.js';
export * from './statistics.js';
export * from './types.js';

/**
 * The log: to the console from the level up, and to a store of this site in the browser that holds the last 7 days,
 * 10 MB at most, of all its pages. No secret, token or key is ever in it. `createClient({debug})` sets the level as
 * well: true → DEBUG, false → WARNING; it is INFO at first. docs/logging.md says what belongs on which level. 日志。
 */
export interface Logger {
  /** Everything. 调试。 */
  readonly DEBUG: 0;
  /** What happens, the level at first. 信息，默认级别。 */
  readonly INFO: 1;
  /** What may harm. 警告。 */
  readonly WARNING: 2;
  /** What has failed. 错误。 */
  readonly ERROR: 3;
  /** Nothing at all. 不输出。 */
  readonly NONE: 4;
  /**
   * Sets the least level of what is written to the console. The store takes INFO and above at every level, DEBUG only
   * at DEBUG, nothing at NONE. Throws 10000 for what is no level. 设置日志级别。
   */
  setLogLevel(level: number): void;
  /**
   * Has the log of each call sent to its gateway after it, also of the one that goes on, and of calls before that could
   * not be sent yet, for as long as the page is there. At first nothing is sent. The gateway's operator decides whether it
   * takes logs; where it does not, and where sending fails, calls are not disturbed. 开启日志上传。
   */
  enableLogUpload(): void;
  /** Ends that, also what is being sent. 关闭日志上传。 */
  disableLogUpload(): void;
  /** Saves what is stored as a text file, with or without a call. Resolves with the file's name. 下载日志文件。 */
  download(): Promise<string>;
}

/** Helps with microphones and browsers of their own kind. 设备兼容与手势。 */
export interface Device extends Emitter<DeviceEvents> {
  /**
   * For stereo microphones whose two sides cancel each other out, or of which one is silent, where they are heard as one:
   * streams made from now on send a stereo microphone's louder side alone, and lose its stereo. What has one channel, and
   * tracks of the page's own, are sent as they are. 开启设备兼容模式。
   */
  enableCompatMode(): void;
  /** Streams made from now on send microphones as they are. 关闭设备兼容模式。 */
  disableCompatMode(): void;
  /**
   * Called when the browser refuses to share a screen because the user has made no gesture, with the browser's error. The
   * page then asks the user for one, and emits `user-gesture-fired` in the handler of that gesture: the browser is asked
   * again, and the promise of `init` or `open` goes on. A function of the page's goes here; while it is
   * null, a yellow bar at the top of the page asks. 屏幕共享需要用户手势时的回调。
   */
  onUserGestureNeeded: ((evt: any) => void) | null;
}

/** Resolutions of `Stream.setVideoProfile` and `setScreenProfile`. 视频分辨率。 */
export interface VideoQuality {
  /** 320×180 pixels. 分辨率 320×180。 */
  readonly VIDEO_QUALITY_180p: 2;
  /** 640×480 pixels. 分辨率 640×480。 */
  readonly VIDEO_QUALITY_480p: 4;
  /** 1280×720 pixels. 分辨率 1280×720。 */
  readonly VIDEO_QUALITY_720p: 8;
  /** 1920×1080 pixels. 分辨率 1920×1080。 */
  readonly VIDEO_QUALITY_1080p: 16;
}

/** Frame rates of `Stream.setVideoProfile` and `setScreenProfile`; NORMAL means 15 frames a second. 视频帧率。 */
export interface VideoFrameRate {
  /** 15 frames a second. 每秒 15 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_NORMAL: 0;
  /** 5 frames a second. 每秒 5 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_5: 1;
  /** 10 frames a second. 每秒 10 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_10: 2;
  /** 15 frames a second. 每秒 15 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_15: 3;
  /** 20 frames a second. 每秒 20 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_20: 4;
  /** 25 frames a second. 每秒 25 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_25: 5;
  /** 30 frames a second. 每秒 30 帧。 */
  readonly CHAT_VIDEO_FRAME_RATE_30: 6;
}

/** Sizes of the picture of `Client.startMediaRecording`: 640×360, 640×480, 1280×720. 录制画面的尺寸。 */
export interface RecordVideoQuality {
  /** 640×360 pixels. 分辨率 640×360。 */
  readonly RECORD_VIDEO_QUALITY_360p: 2;
  /** 640×480 pixels. 分辨率 640×480。 */
  readonly RECORD_VIDEO_QUALITY_480p: 4;
  /** 1280×720 pixels. 分辨率 1280×720。 */
  readonly RECORD_VIDEO_QUALITY_720p: 8;
}

/** Frame rates of `Client.startMediaRecording`. 录制帧率。 */
export interface RecordVideoFrameRate {
  /** 15 frames a second. 每秒 15 帧。 */
  readonly RECORD_VIDEO_FRAME_RATE_15: 3;
  /** 30 frames a second. 每秒 30 帧。 */
  readonly RECORD_VIDEO_FRAME_RATE_30: 6;
}

/** What `NERTC.checkBrowserCompatibility` answers. 浏览器支持情况。 */
export interface BrowserCompatibility {
  /** Streams of others can be received. 能否接收远端流。 */
  isPullStreamSupport: boolean;
  /** Camera and microphone can be captured and sent. 能否发布本地流。 */
  isPushStreamSupport: boolean;
  /** So can a screen. 能否共享屏幕。 */
  isScreenShareSupport: boolean;
}

/** What `NERTC.getParameters` answers. SDK 的运行参数。 */
export interface SDKParameters {
  /** As `NERTC.VERSION`. SDK 版本。 */
  version: string;
  /** As `NERTC.BUILD`. 构建号。 */
  build: string;
  /** The signalling address of clients that name no other; empty if there is none. 默认的信令地址。 */
  server: string;
  /** Whether the core runs; the numbers below are 0 as long as it does not. 内核是否在运行。 */
  running: boolean;
  /** Clients that are not destroyed. 未销毁的客户端数。 */
  clients: number;
  /** Streams, own and remote, that are not destroyed. 未销毁的流数。 */
  streams: number;
  /** Functions of the core that the browser could call. 内核持有的回调数。 */
  callbacks: number;
  /** Bytes of the core's WebAssembly memory, which grows and never shrinks. WebAssembly 内存字节数。 */
  memory: number;
}

/** The SDK: `window.NERTC`, and `window.WebRTC2`, its older name. SDK 的入口对象。 */
export interface NERTC extends VideoQuality, VideoFrameRate, RecordVideoQuality, RecordVideoFrameRate {
  /** The version of the SDK. SDK 版本。 */
  readonly VERSION: string;
  /** Which nertc.wasm this script belongs to: the first 12 hex digits of its SHA-256. 构建号。 */
  readonly BUILD: string;
  /**
   * Resolves once the core runs; rejects 10002 where it cannot be loaded, 10001 where it cannot run. Nobody has to wait
   * for it: calls wait by themselves. Asked again after a failure, it loads again. 内核加载完成时兑现。
   */
  readonly ready: Promise<void>;
  /** Makes a client; each call a fresh one. Throws 10000 for a missing or empty `appkey` or a bad `server`. 创建客户端。 */
  createClient(options: ClientOptions): Client;
  /** Makes an own stream; `init()` opens its devices. Throws 10000 for bad or contradictory options. 创建本地流。 */
  createStream(options: StreamOptions): Stream;
  /** Destroys a client; without an argument, the first one made that is still there. 销毁客户端。 */
  destroy(client?: Client | null): void;
  /** The devices by kind. Rejects 10001 where the page has none (browsers give them to secure contexts only). 获取所有设备。 */
  getDevices(): Promise<{ video: DeviceInfo[]; audioIn: DeviceInfo[]; audioOut: DeviceInfo[] }>;
  /** The cameras, as `getDevices`. 获取摄像头列表。 */
  getCameras(): Promise<DeviceInfo[]>;
  /** The microphones, as `getDevices`. 获取麦克风列表。 */
  getMicrophones(): Promise<DeviceInfo[]>;
  /** The loudspeakers, as `getDevices`. 获取扬声器列表。 */
  getSpeakers(): Promise<DeviceInfo[]>;
  /** Whether this browser can make a call in this page. 检查浏览器能否通话。 */
  checkSystemRequirements(): boolean;
  /**
   * Whether this browser, in this page, can receive, can send, and can share a screen: from what it has and from the
   * codecs that it handles. The promise never rejects, and answers the three flags itself too, for pages that do not wait.
   * 检查浏览器的支持情况。
   */
  checkBrowserCompatibility(): Promise<BrowserCompatibility> & BrowserCompatibility;
  /**
   * The codecs of calls that this browser both sends and receives: `audio` of OPUS, `video` of H264, VP8, VP9, AV1 and
   * H265. Empty lists where it has no WebRTC. Never rejects. 获取支持的编码格式。
   */
  getSupportedCodec(): Promise<{ audio: string[]; video: string[] }>;
  /** What runs here and what it holds, for a page's own diagnosis: a copy, made at the call. 获取 SDK 的运行参数。 */
  getParameters(): SDKParameters;
  /** Helps with microphones and browsers of their own kind. 设备兼容与手势。 */
  readonly Device: Device;
  /** The log. 日志。 */
  readonly Logger: Logger;
  /** Resolutions for `setVideoProfile` and `setScreenProfile`. 视频分辨率。 */
  readonly VIDEO_QUALITY: VideoQuality;
  /** Frame rates for `setVideoProfile` and `setScreenProfile`. 视频帧率。 */
  readonly VIDEO_FRAME_RATE: VideoFrameRate;
  /** Sizes for `startMediaRecording`. 录制画面的尺寸。 */
  readonly RECORD_VIDEO_QUALITY: RecordVideoQuality;
  /** Frame rates for `startMediaRecording`. 录制帧率。 */
  readonly RECORD_VIDEO_FRAME_RATE: RecordVideoFrameRate;
  /** Sampling rates of live tasks, in Hz. 旁路推流的音频采样率（Hz）。 */
  readonly LIVE_STREAM_AUDIO_SAMPLE_RATE: {
    /** 32 kHz. 采样率 32 kHz。 */
    readonly SAMPLE_RATE_32000: 32000;
    /** 44.1 kHz. 采样率 44.1 kHz。 */
    readonly SAMPLE_RATE_44100: 44100;
    /** 48 kHz. 采样率 48 kHz。 */
    readonly SAMPLE_RATE_48000: 48000;
  };
  /** AAC profiles of live tasks. 旁路推流的音频编码规格。 */
  readonly LIVE_STREAM_AUDIO_CODEC_PROFILE: { readonly LC_AAC: 0; readonly HE_AAC: 1 };
  /** Layers of a picture: `highOrLow` of a subscription. 大流与小流。 */
  readonly STREAM_TYPE: { readonly HIGH: 1; readonly LOW: 0 };
}

/** The SDK. SDK 的入口对象。 */
declare const NERTC: NERTC;
export default NERTC;

// The same members by name, for `import * as NERTC` and for picking some.
/** The version of the SDK. SDK 版本。 */
export const VERSION: NERTC['VERSION'];
/** Which nertc.wasm this script belongs to. 构建号。 */
export const BUILD: NERTC['BUILD'];
/**
 * As `NERTC.ready`; the core is loaded when somebody waits for this, not by the import. Where there is no page it rejects 10001.
 * 内核加载完成时兑现。
 */
export const ready: NERTC['ready'];
/** Makes a client. 创建客户端。 */
export const createClient: NERTC['createClient'];
/** Makes an own stream. 创建本地流。 */
export const createStream: NERTC['createStream'];
/** Destroys a client. 销毁客户端。 */
export const destroy: NERTC['destroy'];
/** The devices by kind. 获取所有设备。 */
export const getDevices: NERTC['getDevices'];
/** The cameras. 获取摄像头列表。 */
export const getCameras: NERTC['getCameras'];
/** The microphones. 获取麦克风列表。 */
export const getMicrophones: NERTC['getMicrophones'];
/** The loudspeakers. 获取扬声器列表。 */
export const getSpeakers: NERTC['getSpeakers'];
/** Whether this browser can make a call in this page. 检查浏览器能否通话。 */
export const checkSystemRequirements: NERTC['checkSystemRequirements'];
/** What this browser can do in this page. 检查浏览器的支持情况。 */
export const checkBrowserCompatibility: NERTC['checkBrowserCompatibility'];
/** The codecs that this browser both sends and receives. 获取支持的编码格式。 */
export const getSupportedCodec: NERTC['getSupportedCodec'];
/** What runs here and what it holds. 获取 SDK 的运行参数。 */
export const getParameters: NERTC['getParameters'];
/** Helps with microphones and browsers of their own kind. 设备兼容与手势。 */
export const Device: NERTC['Device'];
/** The log. 日志。 */
export const Logger: NERTC['Logger'];
/** Resolutions. 视频分辨率。 */
export const VIDEO_QUALITY: NERTC['VIDEO_QUALITY'];
/** Frame rates. 视频帧率。 */
export const VIDEO_FRAME_RATE: NERTC['VIDEO_FRAME_RATE'];
/** Sampling rates of live tasks, in Hz. 旁路推流的音频采样率（Hz）。 */
export const LIVE_STREAM_AUDIO_SAMPLE_RATE: NERTC['LIVE_STREAM_AUDIO_SAMPLE_RATE'];
/** AAC profiles of live tasks. 旁路推流的音频编码规格。 */
export const LIVE_STREAM_AUDIO_CODEC_PROFILE: NERTC['LIVE_STREAM_AUDIO_CODEC_PROFILE'];
/** Layers of a picture. 大流与小流。 */
export const STREAM_TYPE: NERTC['STREAM_TYPE'];
/** Sizes of recordings. 录制画面的尺寸。 */
export const RECORD_VIDEO_QUALITY: NERTC['RECORD_VIDEO_QUALITY'];
/** Frame rates of recordings. 录制帧率。 */
export const RECORD_VIDEO_FRAME_RATE: NERTC['RECORD_VIDEO_FRAME_RATE'];
/** 320×180 pixels. 分辨率 320×180。 */
export const VIDEO_QUALITY_180p: NERTC['VIDEO_QUALITY_180p'];
/** 640×480 pixels. 分辨率 640×480。 */
export const VIDEO_QUALITY_480p: NERTC['VIDEO_QUALITY_480p'];
/** 1280×720 pixels. 分辨率 1280×720。 */
export const VIDEO_QUALITY_720p: NERTC['VIDEO_QUALITY_720p'];
/** 1920×1080 pixels. 分辨率 1920×1080。 */
export const VIDEO_QUALITY_1080p: NERTC['VIDEO_QUALITY_1080p'];
/** 15 frames a second. 每秒 15 帧。 */
export const CHAT_VIDEO_FRAME_RATE_NORMAL: NERTC['CHAT_VIDEO_FRAME_RATE_NORMAL'];
/** 5 frames a second. 每秒 5 帧。 */
export const CHAT_VIDEO_FRAME_RATE_5: NERTC['CHAT_VIDEO_FRAME_RATE_5'];
/** 10 frames a second. 每秒 10 帧。 */
export const CHAT_VIDEO_FRAME_RATE_10: NERTC['CHAT_VIDEO_FRAME_RATE_10'];
/** 15 frames a second. 每秒 15 帧。 */
export const CHAT_VIDEO_FRAME_RATE_15: NERTC['CHAT_VIDEO_FRAME_RATE_15'];
/** 20 frames a second. 每秒 20 帧。 */
export const CHAT_VIDEO_FRAME_RATE_20: NERTC['CHAT_VIDEO_FRAME_RATE_20'];
/** 25 frames a second. 每秒 25 帧。 */
export const CHAT_VIDEO_FRAME_RATE_25: NERTC['CHAT_VIDEO_FRAME_RATE_25'];
/** 30 frames a second. 每秒 30 帧。 */
export const CHAT_VIDEO_FRAME_RATE_30: NERTC['CHAT_VIDEO_FRAME_RATE_30'];
/** 640×360 pixels. 录制尺寸 640×360。 */
export const RECORD_VIDEO_QUALITY_360p: NERTC['RECORD_VIDEO_QUALITY_360p'];
/** 640×480 pixels. 录制尺寸 640×480。 */
export const RECORD_VIDEO_QUALITY_480p: NERTC['RECORD_VIDEO_QUALITY_480p'];
/** 1280×720 pixels. 录制尺寸 1280×720。 */
export const RECORD_VIDEO_QUALITY_720p: NERTC['RECORD_VIDEO_QUALITY_720p'];
/** 15 frames a second. 每秒 15 帧。 */
export const RECORD_VIDEO_FRAME_RATE_15: NERTC['RECORD_VIDEO_FRAME_RATE_15'];
/** 30 frames a second. 每秒 30 帧。 */
export const RECORD_VIDEO_FRAME_RATE_30: NERTC['RECORD_VIDEO_FRAME_RATE_30'];

declare global {
  /** The page's own object. 页面的全局对象。 */
  interface Window {
    /** The SDK, where a script tag or an import has loaded it. SDK 的入口对象。 */
    NERTC: NERTC;
    /** Its older name. 旧名称。 */
    WebRTC2: NERTC;
  }
}
