import type { Client } from './client.js';

export * from './events.js';

/**
 * A user. A page sees uids in the type of its own: who joined with a number gets numbers, who joined with a string
 * gets strings. 用户 ID，数字或字符串。
 */
export type UID = number | string;

/** The four tracks that a user may have. `audioSlave` is the sound of a shared screen. 媒体类型：麦克风、屏幕声音、摄像头、屏幕。 */
export type MediaType = 'audio' | 'audioSlave' | 'video' | 'screen';

/** A media type as calls take it: `screenAudio` is another name of `audioSlave`. 接口接受的媒体类型，`screenAudio` 即 `audioSlave`。 */
export type MediaTypeForAPI = MediaType | 'screenAudio';

/** DISCONNECTED: not in a room. CONNECTING: joining, or reconnecting. CONNECTED: in a room. DISCONNECTING: leaving. 连接状态。 */
export type ConnectionState = 'DISCONNECTED' | 'CONNECTING' | 'CONNECTED' | 'DISCONNECTING';

/** A host sends and receives; an audience only receives, and the others are not told of it. 角色：主播或观众。 */
export type ClientRole = 'host' | 'audience';

/** What rooms are used for: calls, or live streams. 房间场景：通话或直播。 */
export type ChannelMode = 'rtc' | 'live';

/** 0 unknown, 1 excellent, 2 good, 3 poor, 4 bad, 5 very bad, 6 down. 网络质量，从 1（极好）到 6（断开）。 */
export type NetworkQuality = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** How media frames are encrypted between browsers. `sm4-128-gcm` is this SDK's own and the one to prefer. 媒体加密模式。 */
export type EncryptionMode = 'none' | 'sm4-128-ecb' | 'sm4-128-gcm';

/** One thing that `Client.checkConnectivity` has tried. 单项检测结果。 */
export interface ConnectivityResult {
  /** Whether it got through. 是否正常。 */
  ok: boolean;
  /**
   * Why not, in English, as `not offered by the server`, `no answer within 5 s`; empty where all is well. 原因；正常时为空。
   */
  reason: string;
  /** How long it took, in milliseconds. 耗时（毫秒）。 */
  ms: number;
}

/** All devices together, and each. 设备检测结果。 */
export interface ConnectivityDevice extends ConnectivityResult {
  /** Whether there is a camera that the page may use. 摄像头。 */
  camera: ConnectivityResult;
  /** The same for microphones. 麦克风。 */
  microphone: ConnectivityResult;
  /** Whether there is a loudspeaker. 扬声器。 */
  speaker: ConnectivityResult;
}

/** What `Client.checkConnectivity` found. 连通性检测结果。 */
export interface Connectivity {
  /** The WebSocket to the gateway. 信令连接。 */
  signalling: ConnectivityResult;
  /** Media over UDP, which is the best way. 媒体经 UDP。 */
  udp: ConnectivityResult;
  /** Media over TCP, for networks that let no UDP out. 媒体经 TCP。 */
  tcp: ConnectivityResult;
  /** Media through the server's relay. 媒体经中继（TURN）。 */
  turn: ConnectivityResult;
  /** Camera, microphone and loudspeaker. 设备。 */
  devices: ConnectivityDevice;
}

/** Frames of a room since its secret was set. 加密统计。 */
export interface EncryptionStats {
  /** Were encrypted and sent. 已加密的帧数。 */
  encrypted: number;
  /** Arrived and were decrypted. 已解密的帧数。 */
  decrypted: number;
  /** Could not be encrypted and were not sent. 无法加密而未发送的帧数。 */
  notEncrypted: number;
  /** Arrived unencrypted. 收到的未加密帧数。 */
  droppedClear: number;
  /** Arrived encrypted with another secret, or changed on the way. 密钥不符或被改动的帧数。 */
  droppedForeign: number;
  /** Arrived a second time. 重复收到的帧数。 */
  droppedReplayed: number;
}

/**
 * The error that calls throw (synchronous ones) or reject with (all others). Its text is
 * `NERtcError: code: <code>, reason: <reason>`. 所有接口抛出或拒绝时的错误对象。
 *
 * Codes: 403 no token in secure mode · 414 bad token · 10000 invalid argument · 10001 not supported by this browser,
 * or by the policy of the page · 10002 network, also a nertc.wasm that does not load · 10008 invalid in this state ·
 * 10009 needs a join first · 10011 no such local stream · 10012 unknown media type · 10101 repeated join · 10104 user not
 * in the room · 10110 channel name · 10112 uid · 10119 refused by the server (its own code is in `extraCode`) · 10212
 * media device · 10216 render mode · 10250 volume · 10351 publish as audience · 10355 publish refused · 10360 subscribe
 * refused · 41030 autoplay blocked.
 */
export interface NERtcError extends Error {
  /** Always `NERtcError`. 固定为 `NERtcError`。 */
  readonly name: 'NERtcError';
  /** One of the codes above; docs/errors.md says what to do about each. 错误码。 */
  readonly code: number;
  /** The server's own number where a server refused, otherwise 0. 服务端的错误码，没有时为 0。 */
  readonly extraCode: number;
  /** One sentence, the same as `message`. 错误原因。 */
  readonly reason: string;
  /** The same as `code`. 获取错误码。 */
  getCode(): number;
  /** The same as `extraCode`. 获取服务端错误码。 */
  getExtraCode(): number;
  /** The same as `reason`. 获取错误原因。 */
  getMessage(): string;
}

/** What `NERTC.createClient` takes. `NERTC.createClient` 的参数。 */
export interface ClientOptions {
  /** The application, not empty. 应用的 App Key。 */
  appkey: string;
  /** More in the console; unset is the usual amount. 是否输出更多控制台日志。 */
  debug?: boolean;
  /**
   * The gateway: `host`, `host:port`, or an http, https, ws or wss address. Default: the server that the script came
   * from, then the page's own. 网关地址。
   */
  server?: string;
  /**
   * Where nertc.wasm lies, relative to the page. Default: where the first one that was given says, otherwise beside the script.
   * What was made before and has loaded nothing yet is loaded from there too. nertc.wasm 的地址。
   */
  wasmUrl?: string;
}

/** What `Client.join` takes; unknown keys are ignored. `Client.join` 的参数。 */
export interface JoinOptions {
  /** The room: 1 to 64 bytes of UTF-8. A number becomes its decimal text. 房间名。 */
  channelName: string | number;
  /**
   * A positive safe integer, or a string of 1 to 64 characters. 0, null or nothing: the server assigns a number.
   * 用户 ID，不填时由服务端分配。
   */
  uid?: UID | null;
  /** The basic token; needed where the application is in secure mode. 安全模式下的 Token。 */
  token?: string | null;
  /** Another gateway for this join: `channelServer` in any form that `ClientOptions.server` takes. 本次加入使用的其他网关。 */
  neRtcServerAddresses?: { channelServer?: string; [key: string]: unknown } | null;
  /** `liveEnable: false` has `addTasks` and its siblings refused. 加入时的旁路推流设置。 */
  joinChannelLiveConfig?: { liveEnable: boolean } | null;
  /** Ignored: there is no recording in a cloud; see `record` of a live task. 加入时的云端录制设置，忽略。 */
  joinChannelRecordConfig?: { [key: string]: unknown } | null;
  /**
   * What the others get with `custom-data` when this client comes: up to 1024 bytes of text, more rejects 10000.
   * 加入时告知其他人的自定义数据。
   */
  customData?: string | null;
  /** The permission key, where the app limits what its users may do. 权限密钥。 */
  permkey?: string | null;
  [key: string]: unknown;
}

/**
 * What `NERTC.createStream` takes. Contradictory options throw 10000; `{}` gives a stream without tracks.
 * `NERTC.createStream` 的参数。
 */
export interface StreamOptions {
  /** Capture the microphone. 是否采集麦克风。 */
  audio?: boolean;
  /** Capture the camera. 是否采集摄像头。 */
  video?: boolean;
  /** Capture a screen, window or tab. 是否共享屏幕。 */
  screen?: boolean;
  /** Capture its sound too; needs `screen: true`. 是否同时共享屏幕声音。 */
  screenAudio?: boolean;
  /** The uid that `getId()` answers; without it the client's uid, once joined. 用户 ID。 */
  uid?: UID | null;
  /**
   * The client that gets the stream's device events; default: the first client made. It may be published on any other.
   * 流所属的客户端。
   */
  client?: Client | null;
  /** The device of `NERTC.getMicrophones()` to use; not together with `audioSource`. 麦克风设备 ID。 */
  microphoneId?: string;
  /** The device of `NERTC.getCameras()` to use; not together with `videoSource`. 摄像头设备 ID。 */
  cameraId?: string;
  /** Which way the camera should look, on phones. 手机上使用前置或后置摄像头。 */
  facingMode?: 'user' | 'environment';
  /** The desktop source to capture, in Electron; not together with `screenVideoSource`. Electron 中要共享的桌面源。 */
  sourceId?: string;
  /** Echo cancellation, noise suppression, automatic gain; all on by default. 回声消除、降噪和自动增益。 */
  audioProcessing?: {
    /** Echo cancellation. 回声消除。 */
    AEC?: boolean;
    /** Noise suppression. 降噪。 */
    ANS?: boolean;
    /** Automatic gain. 自动增益。 */
    AGC?: boolean;
  };
  /** A track of the page's own instead of the microphone. 用自定义音频轨道代替麦克风。 */
  audioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the camera. 用自定义视频轨道代替摄像头。 */
  videoSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen's sound. 用自定义音频轨道代替屏幕声音。 */
  screenAudioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen. 用自定义视频轨道代替屏幕。 */
  screenVideoSource?: MediaStreamTrack | null;
}

/** What `Stream.open` takes. `Stream.open` 的参数。 */
export interface OpenOptions {
  /** What to open. 要打开的媒体类型。 */
  type: MediaTypeForAPI;
  /** The microphone or camera to use, from now on. 设备 ID。 */
  deviceId?: string;
  /** Which way the camera should look, on phones; not together with `deviceId`. 手机上使用前置或后置摄像头。 */
  facingMode?: 'user' | 'environment';
  /** With `screen`: its sound too. 是否同时共享屏幕声音。 */
  screenAudio?: boolean;
  /** The desktop source to capture, in Electron. Electron 中要共享的桌面源。 */
  sourceId?: string;
  /** A track of the page's own instead of the microphone; not together with `deviceId`. 用自定义音频轨道代替麦克风。 */
  audioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the camera; not together with `deviceId`. 用自定义视频轨道代替摄像头。 */
  videoSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen's sound. 用自定义音频轨道代替屏幕声音。 */
  screenAudioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen; not together with `sourceId`. 用自定义视频轨道代替屏幕。 */
  screenVideoSource?: MediaStreamTrack | null;
  /** false opens without publishing; a later `client.publish` does. Default true. 打开后是否随即发布，默认发布。 */
  enableMediaPub?: boolean;
  [key: string]: unknown;
}

/**
 * How a microphone is sent, in Opus at 48 kHz: `speech_low_quality` 16 kbit/s, `speech_standard` 48, `music_standard` 64,
 * `standard_stereo` 96 with two channels, `high_quality` 128, `high_quality_stereo` 192 with two channels. The two for
 * speech are sent twice against losses, and hardly at all in pauses; those for music without breaks, once. 音频质量。
 */
export type AudioProfile =
  | 'speech_low_quality'
  | 'speech_standard'
  | 'music_standard'
  | 'standard_stereo'
  | 'high_quality'
  | 'high_quality_stereo';

/** A picture's size and frame rate; what is left out stays as it is. 画面的分辨率和帧率。 */
export interface VideoProfile {
  /** One of `NERTC.VIDEO_QUALITY`: 320×180, 640×480, 1280×720 or 1920×1080. 分辨率。 */
  resolution?: number | null;
  /** One of `NERTC.VIDEO_FRAME_RATE`. 帧率。 */
  frameRate?: number | null;
}

/** How a picture is encoded; what is left out stays as it is. 视频编码参数。 */
export interface VideoEncoderConfiguration {
  /** Which picture. 摄像头或屏幕。 */
  mediaType: 'video' | 'screen';
  /** The layer that `maxBitrate` is for; `low` where the picture is sent in two. 大流或小流。 */
  streamType: 'high' | 'low';
  /** kbit/s, 1 to 100000. Default: by the size of the picture. 最大码率（kbit/s）。 */
  maxBitrate?: number | null;
  /**
   * What to keep where the bitrate is short. Default: `detail` for a screen of up to 15 frames/s, `motion` above.
   * 码率不足时优先保证什么。
   */
  contentHint?: '' | 'motion' | 'detail' | 'text' | null;
}

/**
 * A choice of media types. If one is true, exactly those named true are meant; if none is, those named false are taken
 * away from the default. So `{audio: true}` is sound alone, and `{screen: false}` all but the screen. 选择哪些媒体类型。
 */
export interface MediaChoice {
  /** The microphone. 麦克风。 */
  audio?: boolean;
  /** The sound of the shared screen. 屏幕共享的声音。 */
  audioSlave?: boolean;
  /** The camera. 摄像头。 */
  video?: boolean;
  /** The shared screen. 屏幕共享。 */
  screen?: boolean;
}

/** What of a remote stream is received; default: everything. 订阅哪些媒体，默认全部。 */
export interface SubscribeOptions extends MediaChoice {
  /**
   * The layer of the pictures, 0 low and 1 high, as by `setRemoteVideoStreamType`; without it the SDK decides.
   * 接收大流（1）或小流（0）。
   */
  highOrLow?: number;
}

/** What `Client.startMediaRecording` takes. `Client.startMediaRecording` 的参数。 */
export interface ClientRecordingOptions {
  /** `local`: the own streams; `all`, the default: everybody. 录制自己或所有人。 */
  recorder?: 'local' | 'all';
  /** What is recorded and how. 录制设置。 */
  recordConfig?: {
    /** `audio`: sound alone; `video`, the default: picture and sound. 只录声音，或声音与画面。 */
    recordType?: 'audio' | 'video';
    /** The name of the file, without its ending. 文件名，不含扩展名。 */
    recordName?: string;
    /** The size of the picture, one of `NERTC.RECORD_VIDEO_QUALITY`; default 640×360. 画面尺寸，默认 640×360。 */
    recordVideoQuality?: number;
    /** Frames a second, one of `NERTC.RECORD_VIDEO_FRAME_RATE` or 15 or 30; default 15. 帧率，默认 15。 */
    recordVideoFrame?: number;
  } | null;
}

/** The box in which a picture is drawn. 画面的渲染方式。 */
export interface RenderMode {
  /** CSS pixels, 0 to 16384; 0 takes the view's own. 宽度（像素），0 取容器宽度。 */
  width: number;
  /** CSS pixels, 0 to 16384; 0 takes the view's own. 高度（像素），0 取容器高度。 */
  height: number;
  /** true fills the box and cuts what stands over; false shows the whole picture. Default false. 是否裁剪以填满，默认不裁剪。 */
  cut?: boolean;
}

/** A capture or playback device. 设备信息。 */
export interface DeviceInfo {
  /** What `switchDevice` and the options of a stream take. 设备 ID。 */
  deviceId: string;
  /** Empty until the page was allowed to use a device. 设备名称，授权前为空。 */
  label: string;
}

/** How loud one sound of a user was during the last second. 用户的音量。 */
export interface VolumeLevel {
  /** Whose sound it is. 用户 ID。 */
  uid: UID;
  /**
   * 0 (silence) to 100 (full scale), in tenths: 100 times the linear audio level of
   * https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-audiolevel, which for a tone is its amplitude: 50 is
   * 6 dB below full scale, 10 is 20 dB below. As it was received, whatever volume `setPlaybackVolume` plays it with.
   * Chromium measures only what an element plays, the stream's own (`play`) or one of the page's: otherwise 0.
   * 音量，0 到 100。
   */
  level: number;
  /** `audio` is a microphone, `audioSlave` the sound of a shared screen. 麦克风或屏幕声音。 */
  type: 'audio' | 'audioSlave';
}

/** ACTIVE: plugged in. INACTIVE: pulled out. CHANGED: the same entry, `default` say, now stands for another device. 设备的变化。 */
export interface DeviceChange {
  /** What happened to it. 插入、拔出或更换。 */
  state: 'ACTIVE' | 'INACTIVE' | 'CHANGED';
  /** The device, as in `NERTC.getDevices`. 发生变化的设备。 */
  device: DeviceInfo;
}

/** Where the client is. Outside of a room: cid 0, empty texts and uid null. 当前房间信息。 */
export interface ChannelInfo {
  /** The number of this life of the room. 房间的编号。 */
  cid: number;
  /** The name that was joined. 房间名。 */
  channelName: string;
  /** The own uid. 自己的用户 ID。 */
  uid: UID | null;
  /** The token that was joined with. 加入时使用的 Token。 */
  token: string;
}

/** A live task: what is pushed where, see `addTasks`. 旁路推流任务。 */
export interface RTMPTask {
  /** 1 to 64 characters of [A-Za-z0-9_]. 任务 ID。 */
  taskId: string;
  /** rtmp:// or rtmps://, up to 2048 characters. Who has it can push there: keep it from those who are no hosts. 推流地址。 */
  streamUrl: string;
  /** Writes what is pushed into an MP4 file on the server too, where its operator permits that. 是否同时在服务端录制。 */
  record: boolean;
  /** Comes back in `rtmp-state`, and has no other meaning; the uid of who has added the task unless it is given. 主画面用户的 ID。 */
  hostUid?: UID;
  /** Who and what is seen where. 画面布局。 */
  layout: {
    /** The background. 画布。 */
    canvas: {
      /** Pixels, 16 to 1920, odd values rounded down; 0 with `height: 0` for sound alone. 宽度（像素）；宽高均为 0 时只推声音。 */
      width: number;
      /** As `width`. 高度（像素）。 */
      height: number;
      /** Its colour, 65536·R + 256·G + B. 背景颜色。 */
      color: number;
    };
    /** Up to 21. A user is there once, or twice with the two values of `mediaType`. 用户画面，最多 21 个。 */
    users: Array<{
      /** Who. 用户 ID。 */
      uid: UID;
      /**
       * The left edge of the region in pixels of the canvas, which the region must not reach over; odd values and fractions
       * are rounded down. 区域左边缘（像素），区域不得超出画布。
       */
      x: number;
      /** Its upper edge, as `x`. 区域上边缘（像素）。 */
      y: number;
      /** Its width, as `x`. 区域宽度（像素）。 */
      width: number;
      /** Its height, as `x`. 区域高度（像素）。 */
      height: number;
      /** 0 fit: all of the picture, with margins. 1 fill: the region is full, the picture is cut. Default 0. 画面适应方式：0 完整显示，1 裁剪填满。 */
      adaption?: 0 | 1;
      /** Whether the user is heard. Default true. 是否推送声音，默认是。 */
      pushAudio?: boolean;
      /** Whether the user is seen. Default true. 是否推送画面，默认是。 */
      pushVideo?: boolean;
      /** 0–100, the higher covers the lower. Default 0. 层级，大的覆盖小的。 */
      zOrder?: number;
      /** An extension: which picture; without it the shared screen while there is one, and the camera otherwise. 推送哪一路画面（扩展）。 */
      mediaType?: 'video' | 'screen';
    }>;
    /** Up to 16, below the users: a user without video leaves the region to them. 占位图片，最多 16 张，位于用户画面之下。 */
    images?: Array<{
      /** PNG, JPEG or WebP at http:// or https://. 图片地址。 */
      url: string;
      /** The left edge in pixels of the canvas. 左边缘（像素）。 */
      x: number;
      /** The upper edge. 上边缘（像素）。 */
      y: number;
      /** Pixels. 宽度（像素）。 */
      width: number;
      /** Pixels. 高度（像素）。 */
      height: number;
      /** As that of a user. 与用户画面的 `adaption` 相同。 */
      adaption?: 0 | 1;
    }>;
  };
  /** How it is encoded. 编码设置。 */
  config?: {
    /** Passes the picture of the only user on without encoding it anew, where that is H.264. 单人画面为 H.264 时直接转发，不重新编码。 */
    singleVideoNoTrans?: boolean;
    /** How sound is encoded. 音频编码设置。 */
    audioParam?: {
      /** kbit/s, 10–192. 码率（kbit/s），10 到 192。 */
      bitRate?: number;
      /** Hz: one of `NERTC.LIVE_STREAM_AUDIO_SAMPLE_RATE`. 采样率（Hz）。 */
      sampleRate?: 32000 | 44100 | 48000;
      /** One or two. 声道数。 */
      channels?: 1 | 2;
      /** 0 LC-AAC, 1 HE-AAC. A server that cannot encode HE-AAC takes LC-AAC, and says so in `msg`. 编码规格：0 为 LC-AAC，1 为 HE-AAC。 */
      codecProfile?: 0 | 1;
    };
  };
  /** Up to 4096 bytes that are sent along with the picture, as SEI of H.264. 随流发送的附加信息。 */
  extraInfo?: string;
}

/** State of a live task. 旁路推流任务的状态。 */
export interface RTMPTaskState {
  /** The task. 任务 ID。 */
  taskId: string;
  /** Where it is pushed to. 推流地址。 */
  streamUrl: string;
  /** Whose task it is. 主画面用户的 ID。 */
  hostUid: UID;
  /** 505 pushing, 506 push failed and is tried again, 511 over, 512 an image could not be used, 513 (ours) the recording has ended. 状态码。 */
  code: number;
  /** What is to be said of it, in English; may be empty. 状态说明。 */
  msg: string;
  /** The same as `taskId`: pages use either spelling. 与 `taskId` 相同。 */
  task_id: string;
  /** The same as `code`. 与 `code` 相同。 */
  state: number;
}

/**
 * Network quality of one member: 0 unknown, 1 excellent, 2 good, 3 poor, 4 bad, 5 very bad, 6 down.
 * 成员的网络质量：0 未知，1 极好，到 6 断开。
 */
export interface NetStatusItem {
  /** The member. 用户 ID。 */
  uid: UID;
  /** Of what the member sends. 上行网络质量。 */
  uplinkNetworkQuality: NetworkQuality;
  /** Of what the member receives. 下行网络质量。 */
  downlinkNetworkQuality: NetworkQuality;
}

/** Something that is no error but may harm a call. 可能影响通话的异常。 */
export interface ClientExceptionEvt {
  /** One of docs/quality.md. 异常码。 */
  code: number;
  /** Its name. 异常名称。 */
  msg: string;
  /** Whose media it is about. 用户 ID。 */
  uid: UID;
}
