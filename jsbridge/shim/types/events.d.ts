import type { Stream } from './stream.js';
import type {
  ClientExceptionEvt,
  ClientRole,
  ConnectionState,
  DeviceChange,
  EncryptionMode,
  MediaType,
  NERtcError,
  NetStatusItem,
  RTMPTaskState,
  UID,
  VolumeLevel,
} from './types.js';

/**
 * The argument of `error`. The first three: the connection is lost for good and the client has left the room. The others:
 * the permission key does not permit what was asked for, and the call goes on. 错误名称：前三个表示连接彻底断开，其余表示权限不足。
 */
export type ErrorName =
  | 'SOCKET_ERROR'
  | 'RELOGIN_ERROR'
  | 'MEDIA_TRANSPORT_DISCONNECT'
  | 'no-publish-audio-permission'
  | 'no-publish-video-permission'
  | 'no-subscribe-audio-permission'
  | 'no-subscribe-video-permission';

/** Events of `NERTC.Device`. 设备事件。 */
export interface DeviceEvents {
  /**
   * The page emits it in the handler of a gesture of the user: the browser is asked again for the screen that waits for
   * one. `emit` answers true if anything waited, or anybody listens. 用户已产生手势。
   */
  'user-gesture-fired': [];
}

/** Events of a Client: name to the arguments of its handlers. 客户端事件。 */
export interface ClientEvents {
  /**
   * The connection state changed. `reconnect` is true while a lost connection is being restored. 连接状态变化。
   */
  'connection-state-change': [{ curState: ConnectionState; prevState: ConnectionState; reconnect: boolean }];
  /** A member joined, or was there already when this client joined. 有成员加入房间。 */
  'peer-online': [{ uid: UID }];
  /** What a member gave as `customData` at its join, right after its `peer-online`. 成员加入时携带的自定义数据。 */
  'custom-data': [{ uid: UID; customData: string }];
  /** The time of the permission key is over in 30 seconds at most: get another for `updatePermKey`. 权限密钥即将过期。 */
  'permkey-will-expire': [];
  /** The time of the permission key is over; this client has left the room. 权限密钥已过期，已离开房间。 */
  'permkey-timeout': [];
  /** An own picture has begun to be sent in a second, smaller size: see `enableDualStream`. 小流发送成功。 */
  'track-low-init-success': [{ mediaType: 'video' | 'screen' }];
  /** It could not be sent so. 小流发送失败。 */
  'track-low-init-fail': [{ mediaType: 'video' | 'screen' }];
  /** A member left; the `stream-removed` of its tracks came before. 有成员离开房间。 */
  'peer-leave': [{ uid: UID }];
  /**
   * A member published a track: once for each media type, with one Stream for a member as long as it stays.
   * 远端成员发布了一路媒体。
   */
  'stream-added': [{ stream: Stream; mediaType: MediaType }];
  /** A track that was subscribed to is there and can be played. 订阅成功，可以播放。 */
  'stream-subscribed': [{ stream: Stream; mediaType: MediaType }];
  /** A member's track is gone. 远端成员停止发布一路媒体。 */
  'stream-removed': [{ stream: Stream; mediaType: MediaType }];
  /** A member muted the microphone. 成员关闭了麦克风。 */
  'mute-audio': [{ uid: UID }];
  /** A member unmuted the microphone. 成员打开了麦克风。 */
  'unmute-audio': [{ uid: UID }];
  /** A member muted the sound of the shared screen. 成员关闭了屏幕共享的声音。 */
  'mute-audio-slave': [{ uid: UID }];
  /** A member unmuted the sound of the shared screen. 成员打开了屏幕共享的声音。 */
  'unmute-audio-slave': [{ uid: UID }];
  /** A member muted the camera. 成员关闭了摄像头。 */
  'mute-video': [{ uid: UID }];
  /** A member unmuted the camera. 成员打开了摄像头。 */
  'unmute-video': [{ uid: UID }];
  /** A member muted the shared screen. 成员关闭了屏幕共享。 */
  'mute-screen': [{ uid: UID }];
  /** A member unmuted the shared screen. 成员打开了屏幕共享。 */
  'unmute-screen': [{ uid: UID }];
  /** The same uid joined elsewhere; this client has left the room. 相同用户 ID 在别处加入，已离开房间。 */
  'uid-duplicate': [];
  /**
   * The operator has muted this client's sound or picture, or has lifted that. `audio` and `video` are there for what
   * has changed: `true` is muted from now on, for `duration` seconds (0: until it is lifted), `false` is lifted. What is
   * muted reaches nobody, whatever this page does; `unmuteAudio()` and its siblings reject (code 10119, extraCode 4032).
   * 音频或视频被服务端禁用或解禁。
   */
  audioVideoBanned: [{ uid: UID; audio?: boolean; video?: boolean; duration: number }];
  /** This client was removed and has left the room. 被移出房间。 */
  'client-banned': [{ uid: UID }];
  /** The room was closed; this client has left it. 房间已关闭。 */
  'channel-closed': [];
  /** The connection is lost for good, or the permission key does not permit something. 连接彻底断开，或权限不足。 */
  error: [errorName: ErrorName];
  /** Sharing was ended from the browser's own bar. 用户在浏览器上停止了屏幕共享。 */
  stopScreenSharing: [{}];
  /** So was that of its sound. 用户在浏览器上停止了屏幕声音的共享。 */
  stopScreenAudio: [{}];
  /** The microphone was unplugged. 麦克风被拔出。 */
  audioTrackEnded: [];
  /** The camera was unplugged. 摄像头被拔出。 */
  videoTrackEnded: [];
  /** A microphone of the machine came, went or changed. 麦克风设备变化。 */
  'recording-device-changed': [DeviceChange];
  /** A camera of the machine came, went or changed. 摄像头设备变化。 */
  'camera-changed': [DeviceChange];
  /** A loudspeaker of the machine came, went or changed. 扬声器设备变化。 */
  'playout-device-changed': [DeviceChange];
  /** Capture failed, because it is not allowed; the argument says which medium. 没有采集权限。 */
  accessDenied: [mediaType: MediaType];
  /** Capture failed, because there is no device. 找不到采集设备。 */
  notFound: [mediaType: MediaType];
  /** Capture failed, because something else uses the device. 设备被占用。 */
  beOccupied: [mediaType: MediaType];
  /** Capture failed for another reason. 设备异常。 */
  deviceError: [mediaType: MediaType];
  /**
   * The browser blocked playback with sound; `stream.resume()` from a click starts it. `getCode()` is 41030.
   * 浏览器阻止了自动播放。
   */
  NotAllowedError: [NERtcError];
  /** The own role is another, in a room or before join. 自己的角色已改变。 */
  'client-role-changed': [{ role: ClientRole }];
  /**
   * The loudest of those whose sound is received, every second while one of them has a level of 1 (−40 dB of full scale)
   * or more. 当前说话声音最大的成员。
   */
  'active-speaker': [{ uid: UID; level: number }];
  /**
   * How loud those are whose sound is received, louder first, without those who are muted, by themselves or here. Every
   * second from join to leave, also when that is nobody. The array answers `uid` and `level` with those of its first
   * element; an empty one with the uid that nobody has, 0 or '' as the own one is a number or a string, and the level 0.
   * 成员的音量。
   */
  'volume-indicator': [VolumeLevel[] & { uid: UID; level: number }];
  /**
   * The browser cannot decode a codec that somebody in the room publishes, who sends no other either: `code` is 406,
   * `reason` and `msg` are `ability not support`. Once for each codec, from join to leave. Such a picture has no
   * `stream-subscribed`. 警告：浏览器无法解码某种编码格式。
   */
  warning: [{ code: number; reason: string; msg: string }];
  /**
   * How a live task of the room goes on, told to every host; who becomes a host is told of those that there are.
   * 旁路推流任务的状态变化。
   */
  'rtmp-state': [RTMPTaskState];
  /** Every two seconds from join to leave, the own first. docs/quality.md has the limits of each level. 成员的网络质量。 */
  'network-quality': [NetStatusItem[]];
  /**
   * Something is wrong with a user's media: told once, and again only after it has recovered. docs/quality.md lists them.
   * 音视频异常。
   */
  exception: [ClientExceptionEvt];
  /**
   * The room is encrypted in another way, or not, or this client is not; `cryptType` is what was tried. `join` rejects.
   * 加密方式与房间不一致。
   */
  'crypt-error': [{ cryptType: EncryptionMode }];
  /** An encoded frame that is to be sent, after `enableCustomTransform`. `uid` is the own one. 待发送的编码帧。 */
  'sender-transform': [CustomTransformEvt];
  /** An encoded frame that has arrived from `uid`, after `enableCustomTransform`. 收到的编码帧。 */
  'receiver-transform': [CustomTransformEvt];
}

/** A frame on its way through the page, see `enableCustomTransform`. 经过页面的编码帧。 */
export interface CustomTransformEvt {
  /** What it is a frame of. 媒体类型。 */
  mediaType: MediaType;
  /**
   * `low` for a picture whose longer side has 240 pixels or less: the low layer of one that is sent in two sizes.
   * 大流或小流。
   */
  streamType: 'high' | 'low';
  /** Whose frame it is. 用户 ID。 */
  uid: UID;
  /** An RTCEncodedVideoFrame or RTCEncodedAudioFrame. 编码帧。 */
  encodedFrame: { data: ArrayBuffer; readonly timestamp?: number; readonly type?: string; getMetadata(): object };
  /** Hands the frame on to the network or the decoder. 用于把帧交给网络或解码器。 */
  controller: { enqueue(encodedFrame: object): void };
}

/** Events of a Stream: name to the arguments of its handlers. 流事件。 */
export interface StreamEvents {
  /** The browser blocked playback with sound; `resume()` from a click starts it. `getCode()` is 41030. 浏览器阻止了自动播放。 */
  notAllowedError: [NERtcError];
  /** Sharing was ended from the browser's own bar. 用户在浏览器上停止了屏幕共享。 */
  stopScreenSharing: [{}];
  /** So was that of its sound. 用户在浏览器上停止了屏幕声音的共享。 */
  stopScreenAudio: [{}];
  /** The microphone was unplugged. 麦克风被拔出。 */
  audioTrackEnded: [];
  /** The camera was unplugged. 摄像头被拔出。 */
  videoTrackEnded: [];
  /** Capture failed, because it is not allowed; the argument says which medium. 没有采集权限。 */
  accessDenied: [mediaType: MediaType];
  /** Capture failed, because there is no device. 找不到采集设备。 */
  notFound: [mediaType: MediaType];
  /** Capture failed, because something else uses the device. 设备被占用。 */
  beOccupied: [mediaType: MediaType];
  /** Capture failed for another reason. 设备异常。 */
  deviceError: [mediaType: MediaType];
}

/** A handler of an event. 事件处理函数。 */
export type Handler<Arguments extends unknown[]> = (...args: Arguments) => void;

/** The arguments of an event for a page that knows its uids to be all numbers, or all strings. 用户 ID 类型已知时的事件参数。 */
export type WithUID<Arguments extends unknown[], ID extends UID> = {
  [Index in keyof Arguments]: (Arguments[Index] extends { uid: UID } ? Arguments[Index] & { uid: ID } : Arguments[Index]) &
    (Arguments[Index] extends Array<infer Item> ? (Item extends { uid: UID } ? Array<Item & { uid: ID }> : unknown) : unknown);
};

/** A handler that takes uids as numbers, or one that takes them as strings. 用户 ID 类型已知时的事件处理函数。 */
export type NarrowHandler<Arguments extends unknown[]> = Handler<WithUID<Arguments, number>> | Handler<WithUID<Arguments, string>>;

/** The events that have handlers without an argument. 处理函数没有参数的事件。 */
export type SilentEvent<Events extends { [event in keyof Events]: unknown[] }> = {
  [E in keyof Events & string]: Events[E] extends [] ? E : never;
}[keyof Events & string];

/** A name that is no documented event: a page's own, or one that is known at run time only. 未列出的事件名。 */
export type OtherEvent<Events, E extends string> = E extends keyof Events ? never : E;

/**
 * An event emitter in Node's sense. Handlers run in the order of registration; one that throws does not stop the others:
 * its error is reported as an uncaught one. A handler that is no function throws 10000. 与 Node.js 相同的事件接口。
 */
export interface Emitter<Events extends { [event in keyof Events]: unknown[] }> {
  /** Adds a handler; the same one added twice is called twice. 监听事件。 */
  on<E extends keyof Events & string>(event: E, handler: Handler<Events[E]>): this;
  /** Adds a handler that knows the uids to be numbers, or strings. 监听事件，用户 ID 类型已知。 */
  on<E extends keyof Events & string>(event: E, handler: NarrowHandler<Events[E]>): this;
  /** Registers nothing: the documented form of the events without an argument. 仅为兼容文档中的写法。 */
  on(event: SilentEvent<Events>): this;
  /** Adds a handler of an event of the page's own. 监听自定义事件。 */
  on<E extends string>(event: OtherEvent<Events, E>, handler: (...args: any[]) => void): this;
  /** The same as `on`. 监听事件。 */
  addListener<E extends keyof Events & string>(event: E, handler: Handler<Events[E]>): this;
  /** The same as `on`. 监听事件，用户 ID 类型已知。 */
  addListener<E extends keyof Events & string>(event: E, handler: NarrowHandler<Events[E]>): this;
  /** The same as `on`. 仅为兼容文档中的写法。 */
  addListener(event: SilentEvent<Events>): this;
  /** The same as `on`. 监听自定义事件。 */
  addListener<E extends string>(event: OtherEvent<Events, E>, handler: (...args: any[]) => void): this;
  /** Adds a handler for the next time only. 只监听一次。 */
  once<E extends keyof Events & string>(event: E, handler: Handler<Events[E]>): this;
  /** Adds such a handler for the next time only. 只监听一次，用户 ID 类型已知。 */
  once<E extends keyof Events & string>(event: E, handler: NarrowHandler<Events[E]>): this;
  /** Adds a handler of an event of the page's own for the next time only. 只监听一次自定义事件。 */
  once<E extends string>(event: OtherEvent<Events, E>, handler: (...args: any[]) => void): this;
  /** Removes a handler; without one, all handlers of the event. 取消监听。 */
  off(event: (keyof Events & string) | (string & {}), handler?: (...args: any[]) => void): this;
  /** Removes a handler. 取消监听。 */
  removeListener(event: (keyof Events & string) | (string & {}), handler: (...args: any[]) => void): this;
  /** Removes all handlers of an event; without one, of all events. 取消所有监听。 */
  removeAllListeners(event?: (keyof Events & string) | (string & {})): this;
  /** Calls the handlers of an event; true if there is one. 触发事件。 */
  emit<E extends keyof Events & string>(event: E, ...args: Events[E]): boolean;
  /** Calls the handlers of an event of the page's own. 触发自定义事件。 */
  emit<E extends string>(event: OtherEvent<Events, E>, ...args: unknown[]): boolean;
  /** The handlers of an event, in order. 事件的所有处理函数。 */
  listeners(event: (keyof Events & string) | (string & {})): Array<(...args: any[]) => void>;
  /** The events that have handlers. 已监听的事件名。 */
  eventNames(): string[];
}
