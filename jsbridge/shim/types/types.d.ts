import type { Client } from './client.js';
import type { Stream } from './stream.js';

/**
 * A user. A page sees uids in the type of its own: who joined with a number gets numbers, who joined with a string
 * gets strings.
 */
export type UID = number | string;

/** The four tracks that a user may have. `audioSlave` is the sound of a shared screen. */
export type MediaType = 'audio' | 'audioSlave' | 'video' | 'screen';

/** A media type as calls take it: `screenAudio` is another name of `audioSlave`. */
export type MediaTypeForAPI = MediaType | 'screenAudio';

/** DISCONNECTED: not in a room. CONNECTING: joining, or reconnecting. CONNECTED: in a room. DISCONNECTING: leaving. */
export type ConnectionState = 'DISCONNECTED' | 'CONNECTING' | 'CONNECTED' | 'DISCONNECTING';

/** How media frames are encrypted between browsers. `sm4-128-gcm` is this SDK's own and the one to prefer. */
export type EncryptionMode = 'none' | 'sm4-128-ecb' | 'sm4-128-gcm';

/** Frames of a room since its secret was set. */
export interface EncryptionStats {
  encrypted: number;
  decrypted: number;
  /** Could not be encrypted and were not sent. */
  notEncrypted: number;
  /** Arrived unencrypted. */
  droppedClear: number;
  /** Arrived encrypted with another secret, or changed on the way. */
  droppedForeign: number;
  /** Arrived a second time. */
  droppedReplayed: number;
}

/**
 * The error that calls throw (synchronous ones) or reject with (all others). Its text is
 * `NERtcError: code: <code>, reason: <reason>`.
 *
 * Codes: 403 no token in secure mode · 414 bad token · 10000 invalid argument · 10001 not supported by this browser, or
 * not available in this version · 10002 network, also a nertc.wasm that does not load · 10008 invalid in this state ·
 * 10009 needs a join first · 10011 no such local stream · 10012 unknown media type · 10101 repeated join · 10104 user not
 * in the room · 10110 channel name · 10112 uid · 10119 refused by the server (its own code is in `extraCode`) · 10212
 * media device · 10216 render mode · 10250 volume · 10351 publish as audience · 10355 publish refused · 10360 subscribe
 * refused · 41030 autoplay blocked.
 */
export interface NERtcError extends Error {
  readonly name: 'NERtcError';
  readonly code: number;
  /** The server's own number where a server refused, otherwise 0. */
  readonly extraCode: number;
  /** One sentence, the same as `message`. */
  readonly reason: string;
  /** The same as `code`. */
  getCode(): number;
  /** The same as `extraCode`. */
  getExtraCode(): number;
  /** The same as `reason`. */
  getMessage(): string;
}

/** What `NERTC.createClient` takes. */
export interface ClientOptions {
  /** The application, not empty. */
  appkey: string;
  /** More in the console; unset is the usual amount. */
  debug?: boolean;
  /**
   * The gateway: `host`, `host:port`, or an http, https, ws or wss address. Default: the server that the script came
   * from, then the page's own.
   */
  server?: string;
  /** Where nertc.wasm lies, relative to the page. Default: beside the script. */
  wasmUrl?: string;
}

/** What `Client.join` takes; unknown keys are ignored. */
export interface JoinOptions {
  /** The room: 1 to 64 bytes of UTF-8. A number becomes its decimal text. */
  channelName: string | number;
  /** A positive safe integer, or a string of 1 to 64 characters. 0, null or nothing: the server assigns a number. */
  uid?: UID | null;
  /** The basic token; needed where the application is in secure mode. */
  token?: string | null;
  /** Another gateway for this join: `channelServer` in any form that `ClientOptions.server` takes. */
  neRtcServerAddresses?: { channelServer?: string; [key: string]: unknown } | null;
  /** `liveEnable: false` has `addTasks` and its siblings refused. */
  joinChannelLiveConfig?: { liveEnable: boolean } | null;
  /** Recording at join: not available yet, ignored. */
  joinChannelRecordConfig?: { [key: string]: unknown } | null;
  /** What the others get with `custom-data` when this client comes: up to 1024 bytes of text, more rejects 10000. */
  customData?: string;
  /** The permission key, where the app limits what its users may do. */
  permkey?: string;
  [key: string]: unknown;
}

/** What `NERTC.createStream` takes. Contradictory options throw 10000; `{}` gives a stream without tracks. */
export interface StreamOptions {
  /** Capture the microphone. */
  audio?: boolean;
  /** Capture the camera. */
  video?: boolean;
  /** Capture a screen, window or tab. */
  screen?: boolean;
  /** Capture its sound too; needs `screen: true`. */
  screenAudio?: boolean;
  /** The uid that `getId()` answers; without it the client's uid, once joined. */
  uid?: UID | null;
  /** The client that gets the stream's device events; default: the first client made. It may be published on any other. */
  client?: Client | null;
  /** The device of `NERTC.getMicrophones()` to use; not together with `audioSource`. */
  microphoneId?: string;
  /** The device of `NERTC.getCameras()` to use; not together with `videoSource`. */
  cameraId?: string;
  /** Which way the camera should look, on phones. */
  facingMode?: 'user' | 'environment';
  /** The desktop source to capture, in Electron; not together with `screenVideoSource`. */
  sourceId?: string;
  /** Echo cancellation, noise suppression, automatic gain; all on by default. */
  audioProcessing?: { AEC?: boolean; ANS?: boolean; AGC?: boolean };
  /** A track of the page's own instead of the microphone. */
  audioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the camera. */
  videoSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen's sound. */
  screenAudioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen. */
  screenVideoSource?: MediaStreamTrack | null;
}

/** What `Stream.open` takes. */
export interface OpenOptions {
  type: MediaTypeForAPI;
  /** The microphone or camera to use, from now on. */
  deviceId?: string;
  /** Which way the camera should look, on phones; not together with `deviceId`. */
  facingMode?: 'user' | 'environment';
  /** With `screen`: its sound too. */
  screenAudio?: boolean;
  /** The desktop source to capture, in Electron. */
  sourceId?: string;
  /** A track of the page's own instead of the microphone; not together with `deviceId`. */
  audioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the camera; not together with `deviceId`. */
  videoSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen's sound. */
  screenAudioSource?: MediaStreamTrack | null;
  /** A track of the page's own instead of the screen; not together with `sourceId`. */
  screenVideoSource?: MediaStreamTrack | null;
  /** false opens without publishing; a later `client.publish` does. Default true. */
  enableMediaPub?: boolean;
  [key: string]: unknown;
}

/**
 * How a microphone is sent, in Opus at 48 kHz: `speech_low_quality` 16 kbit/s, `speech_standard` 48, `music_standard` 64,
 * `standard_stereo` 96 with two channels, `high_quality` 128, `high_quality_stereo` 192 with two channels. The two for
 * speech are sent twice against losses, and hardly at all in pauses; those for music without breaks, once.
 */
export type AudioProfile =
  | 'speech_low_quality'
  | 'speech_standard'
  | 'music_standard'
  | 'standard_stereo'
  | 'high_quality'
  | 'high_quality_stereo';

/** A picture's size and frame rate; what is left out stays as it is. */
export interface VideoProfile {
  /** One of `NERTC.VIDEO_QUALITY`: 320×180, 640×480, 1280×720 or 1920×1080. */
  resolution?: number | null;
  /** One of `NERTC.VIDEO_FRAME_RATE`. */
  frameRate?: number | null;
}

/** How a picture is encoded; what is left out stays as it is. */
export interface VideoEncoderConfiguration {
  mediaType: 'video' | 'screen';
  /** The layer that `maxBitrate` is for; `low` where the picture is sent in two. */
  streamType: 'high' | 'low';
  /** kbit/s, 1 to 100000. Default: by the size of the picture. */
  maxBitrate?: number | null;
  /** What to keep where the bitrate is short. Default: `detail` for a screen of up to 15 frames/s, `motion` above. */
  contentHint?: '' | 'motion' | 'detail' | 'text' | null;
}

/**
 * A choice of media types. If one is true, exactly those named true are meant; if none is, those named false are taken
 * away from the default. So `{audio: true}` is sound alone, and `{screen: false}` all but the screen.
 */
export interface MediaChoice {
  audio?: boolean;
  audioSlave?: boolean;
  video?: boolean;
  screen?: boolean;
}

/** What of a remote stream is received; default: everything. */
export interface SubscribeOptions extends MediaChoice {
  /** The layer of the pictures, 0 low and 1 high, as by `setRemoteVideoStreamType`; without it the SDK decides. */
  highOrLow?: number;
}

/** What `Client.startMediaRecording` takes. */
export interface ClientRecordingOptions {
  /** `local`: the own streams; `all`, the default: everybody. */
  recorder?: 'local' | 'all';
  recordConfig?: {
    /** `audio`: sound alone; `video`, the default: picture and sound. */
    recordType?: 'audio' | 'video';
    /** The name of the file, without its ending. */
    recordName?: string;
    /** The size of the picture, one of `NERTC.RECORD_VIDEO_QUALITY`; default 640×360. */
    recordVideoQuality?: number;
    /** Frames a second, one of `NERTC.RECORD_VIDEO_FRAME_RATE` or 15 or 30; default 15. */
    recordVideoFrame?: number;
  } | null;
}

/** The box in which a picture is drawn. */
export interface RenderMode {
  /** CSS pixels, 0 to 16384; 0 takes the view's own. */
  width: number;
  /** CSS pixels, 0 to 16384; 0 takes the view's own. */
  height: number;
  /** true fills the box and cuts what stands over; false shows the whole picture. Default false. */
  cut?: boolean;
}

/** A capture or playback device. */
export interface DeviceInfo {
  deviceId: string;
  /** Empty until the page was allowed to use a device. */
  label: string;
}

/** How loud one sound of a user was during the last second. */
export interface VolumeLevel {
  uid: UID;
  /**
   * 0 (silence) to 100 (full scale), in tenths: 100 times the linear audio level of
   * https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-audiolevel, which for a tone is its amplitude: 50 is
   * 6 dB below full scale, 10 is 20 dB below. As it was received, whatever volume `setPlaybackVolume` plays it with.
   * Chromium measures only what an element plays, the stream's own (`play`) or one of the page's: otherwise 0.
   */
  level: number;
  /** `audio` is a microphone, `audioSlave` the sound of a shared screen. */
  type: 'audio' | 'audioSlave';
}

/** ACTIVE: plugged in. INACTIVE: pulled out. CHANGED: the same entry, `default` say, now stands for another device. */
export interface DeviceChange {
  state: 'ACTIVE' | 'INACTIVE' | 'CHANGED';
  device: DeviceInfo;
}

/** Where the client is. Outside of a room: cid 0, empty texts and uid null. */
export interface ChannelInfo {
  /** The number of this life of the room. */
  cid: number;
  channelName: string;
  uid: UID | null;
  token: string;
}

/** A live task: what is pushed where, see `addTasks`. */
export interface RTMPTask {
  /** 1 to 64 characters of [A-Za-z0-9_]. */
  taskId: string;
  /** rtmp:// or rtmps://, up to 2048 characters. Who has it can push there: keep it from those who are no hosts. */
  streamUrl: string;
  /** Writes what is pushed into an MP4 file on the server too, where its operator permits that. */
  record: boolean;
  /** Comes back in `rtmp-state`, and has no other meaning; the uid of who has added the task unless it is given. */
  hostUid?: UID;
  layout: {
    /** Width and height in pixels, up to 1920 and at least 16, odd values rounded down; color = 65536·R + 256·G + B. */
    canvas: { width: number; height: number; color: number };
    /** Up to 21. A user is there once, or twice with the two values of `mediaType`. */
    users: Array<{
      uid: UID;
      /** The region in pixels of the canvas, which it must not reach over; odd values and fractions are rounded down. */
      x: number;
      y: number;
      width: number;
      height: number;
      /** 0 fit: all of the picture, with margins. 1 fill: the region is full, the picture is cut. Default 0. */
      adaption?: 0 | 1;
      /** Whether the user is heard and seen. Default true. */
      pushAudio?: boolean;
      pushVideo?: boolean;
      /** 0–100, the higher covers the lower. Default 0. */
      zOrder?: number;
      /** An extension: which picture; without it the shared screen while there is one, and the camera otherwise. */
      mediaType?: 'video' | 'screen';
    }>;
    /** Up to 16, below the users: a user without video leaves the region to them. PNG, JPEG or WebP at http:// or https://. */
    images?: Array<{ url: string; x: number; y: number; width: number; height: number; adaption?: 0 | 1 }>;
  };
  config?: {
    /** Passes the picture of the only user on without encoding it anew, where that is H.264. */
    singleVideoNoTrans?: boolean;
    audioParam?: {
      /** kbit/s, 10–192. */
      bitRate?: number;
      sampleRate?: 32000 | 44100 | 48000;
      channels?: 1 | 2;
      /** 0 LC-AAC, 1 HE-AAC. A server that cannot encode HE-AAC takes LC-AAC, and says so in `msg`. */
      codecProfile?: 0 | 1;
    };
  };
  /** Up to 4096 bytes that are sent along with the picture, as SEI of H.264. */
  extraInfo?: string;
}

/** State of a live task. */
export interface RTMPTaskState {
  taskId: string;
  streamUrl: string;
  hostUid: UID;
  /** 505 pushing, 506 push failed and is tried again, 511 over, 512 an image could not be used. */
  code: number;
  /** What is to be said of it, in English; may be empty. */
  msg: string;
  /** The same as `taskId` and `code`: pages use either spelling. */
  task_id: string;
  state: number;
}

/** Network quality of one member: 0 unknown, 1 excellent, 2 good, 3 poor, 4 bad, 5 very bad, 6 down. */
export interface NetStatusItem {
  uid: UID;
  uplinkNetworkQuality: number;
  downlinkNetworkQuality: number;
}

/** Something that is no error but may harm a call. */
export interface ClientExceptionEvt {
  code: number;
  msg: string;
  uid: UID;
}

/** Events of a Client: name to the arguments of its handlers. */
export interface ClientEvents {
  /** The connection state changed. `reconnect` is true while a lost connection is being restored. */
  'connection-state-change': [{ curState: ConnectionState; prevState: ConnectionState; reconnect: boolean }];
  /** A member joined, or was there already when this client joined. */
  'peer-online': [{ uid: UID }];
  /** What a member gave as `customData` at its join, right after its `peer-online`. */
  'custom-data': [{ uid: UID; customData: string }];
  /** The time of the permission key is over in 30 seconds at most: get another for `updatePermKey`. */
  'permkey-will-expire': [];
  /** The time of the permission key is over; this client has left the room. */
  'permkey-timeout': [];
  /** An own picture has begun to be sent in a second, smaller size, or could not be: see `enableDualStream`. */
  'track-low-init-success': [{ mediaType: 'video' | 'screen' }];
  'track-low-init-fail': [{ mediaType: 'video' | 'screen' }];
  /** A member left; the `stream-removed` of its tracks came before. */
  'peer-leave': [{ uid: UID }];
  /** A member published a track: once for each media type, with one Stream for a member as long as it stays. */
  'stream-added': [{ stream: Stream; mediaType: MediaType }];
  /** A track that was subscribed to is there and can be played. */
  'stream-subscribed': [{ stream: Stream; mediaType: MediaType }];
  /** A member's track is gone. */
  'stream-removed': [{ stream: Stream; mediaType: MediaType }];
  /** A member muted or unmuted a track. */
  'mute-audio': [{ uid: UID }];
  'unmute-audio': [{ uid: UID }];
  'mute-audio-slave': [{ uid: UID }];
  'unmute-audio-slave': [{ uid: UID }];
  'mute-video': [{ uid: UID }];
  'unmute-video': [{ uid: UID }];
  'mute-screen': [{ uid: UID }];
  'unmute-screen': [{ uid: UID }];
  /** The same uid joined elsewhere; this client has left the room. */
  'uid-duplicate': [];
  /**
   * The operator has muted this client's sound or picture, or has lifted that. `audio` and `video` are there for what
   * has changed: `true` is muted from now on, for `duration` seconds (0: until it is lifted), `false` is lifted. What is
   * muted reaches nobody, whatever this page does; `unmuteAudio()` and its siblings reject (code 10119, extraCode 4032).
   */
  audioVideoBanned: [{ uid: UID; audio?: boolean; video?: boolean; duration: number }];
  /** This client was removed and has left the room. */
  'client-banned': [{ uid: UID }];
  /** The room was closed; this client has left it. */
  'channel-closed': [];
  /** SOCKET_ERROR, RELOGIN_ERROR or MEDIA_TRANSPORT_DISCONNECT: the connection is lost for good. */
  error: [errorName: string];
  /** Sharing was ended from the browser's own bar. */
  stopScreenSharing: [{}];
  stopScreenAudio: [{}];
  /** A device was unplugged. */
  audioTrackEnded: [];
  videoTrackEnded: [];
  /** A microphone, a camera or a loudspeaker of the machine came, went or changed. */
  'recording-device-changed': [DeviceChange];
  'camera-changed': [DeviceChange];
  'playout-device-changed': [DeviceChange];
  /** Capture failed: not allowed, no device, device in use, other reason. The argument says which medium. */
  accessDenied: [mediaType: MediaType];
  notFound: [mediaType: MediaType];
  beOccupied: [mediaType: MediaType];
  deviceError: [mediaType: MediaType];
  /** The browser blocked playback with sound; `stream.resume()` from a click starts it. `getCode()` is 41030. */
  NotAllowedError: [NERtcError];
  /** The own role is another, in a room or before join. */
  'client-role-changed': [{ role: 'host' | 'audience' }];
  /**
   * The loudest of those whose sound is received, every second while one of them has a level of 1 (−40 dB of full scale)
   * or more.
   */
  'active-speaker': [{ uid: UID; level: number }];
  /**
   * How loud those are whose sound is received, louder first, without those who are muted, by themselves or here. Every
   * second from join to leave, also when that is nobody. The array answers `uid` and `level` with those of its first
   * element; an empty one with the uid that nobody has, 0 or '' as the own one is a number or a string, and the level 0.
   */
  'volume-indicator': [VolumeLevel[] & { uid: UID; level: number }];
  /**
   * The browser cannot decode a codec that somebody in the room publishes, who sends no other either: `code` is 406,
   * `reason` and `msg` are `ability not support`. Once for each codec, from join to leave.
   */
  warning: [{ code: number; reason: string; msg: string }];
  /** How a live task of the room goes on, told to every host; who becomes a host is told of those that there are. */
  'rtmp-state': [RTMPTaskState];
  /** Every two seconds from join to leave, the own first. docs/quality.md has the limits of each level. */
  'network-quality': [NetStatusItem[]];
  /** Something is wrong with a user's media: told once, and again only after it has recovered. docs/quality.md lists them. */
  exception: [ClientExceptionEvt];
  /** The room is encrypted in another way, or not, or this client is not; `cryptType` is what was tried. `join` rejects. */
  'crypt-error': [{ cryptType: EncryptionMode }];
  /** An encoded frame that is to be sent, after `enableCustomTransform`. `uid` is the own one. */
  'sender-transform': [CustomTransformEvt];
  /** An encoded frame that has arrived from `uid`, after `enableCustomTransform`. */
  'receiver-transform': [CustomTransformEvt];
}

/** A frame on its way through the page, see `enableCustomTransform`. */
export interface CustomTransformEvt {
  mediaType: 'audio' | 'audioSlave' | 'video' | 'screen';
  /** `low` for a picture whose longer side has 240 pixels or less: the low layer of one that is sent in two sizes. */
  streamType: 'high' | 'low';
  uid: UID;
  /** An RTCEncodedVideoFrame or RTCEncodedAudioFrame. */
  encodedFrame: { data: ArrayBuffer; readonly timestamp?: number; readonly type?: string; getMetadata(): object };
  /** Hands the frame on to the network or the decoder. */
  controller: { enqueue(encodedFrame: object): void };
}

/** Events of a Stream: name to the arguments of its handlers. */
export interface StreamEvents {
  /** The browser blocked playback with sound; `resume()` from a click starts it. `getCode()` is 41030. */
  notAllowedError: [NERtcError];
  /** Sharing was ended from the browser's own bar. */
  stopScreenSharing: [{}];
  stopScreenAudio: [{}];
  /** A device was unplugged. */
  audioTrackEnded: [];
  videoTrackEnded: [];
  /** Capture failed: not allowed, no device, device in use, other reason. The argument says which medium. */
  accessDenied: [mediaType: MediaType];
  notFound: [mediaType: MediaType];
  beOccupied: [mediaType: MediaType];
  deviceError: [mediaType: MediaType];
}

/**
 * An event emitter in Node's sense. Handlers run in the order of registration; one that throws does not stop the others:
 * its error is reported as an uncaught one. A handler that is no function throws 10000.
 */
export interface Emitter<Events extends { [event in keyof Events]: unknown[] }> {
  /** Adds a handler; the same one added twice is called twice. */
  on<E extends keyof Events & string>(event: E, handler: (...args: Events[E]) => void): this;
  on(event: string, handler?: (...args: any[]) => void): this;
  /** The same as `on`. */
  addListener<E extends keyof Events & string>(event: E, handler: (...args: Events[E]) => void): this;
  addListener(event: string, handler?: (...args: any[]) => void): this;
  /** Adds a handler for the next time only. */
  once<E extends keyof Events & string>(event: E, handler: (...args: Events[E]) => void): this;
  once(event: string, handler: (...args: any[]) => void): this;
  /** Removes a handler; without one, all handlers of the event. */
  off(event: (keyof Events & string) | (string & {}), handler?: (...args: any[]) => void): this;
  /** Removes a handler. */
  removeListener(event: (keyof Events & string) | (string & {}), handler: (...args: any[]) => void): this;
  /** Removes all handlers of an event; without one, of all events. */
  removeAllListeners(event?: (keyof Events & string) | (string & {})): this;
  /** Calls the handlers of an event; true if there is one. */
  emit<E extends keyof Events & string>(event: E, ...args: Events[E]): boolean;
  emit(event: string, ...args: unknown[]): boolean;
  /** The handlers of an event, in order. */
  listeners(event: (keyof Events & string) | (string & {})): Array<(...args: any[]) => void>;
  /** The events that have handlers. */
  eventNames(): string[];
}
