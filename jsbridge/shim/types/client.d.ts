import type {
  LocalAudioStats,
  LocalVideoStats,
  RemoteAudioStats,
  RemoteVideoStats,
  SessionStats,
  TransportStats,
} from './statistics.js';
import type { Stream } from './stream.js';
import type {
  ChannelInfo,
  ChannelMode,
  ClientEvents,
  ClientRecordingOptions,
  ClientRole,
  ConnectionState,
  Connectivity,
  Emitter,
  EncryptionMode,
  EncryptionStats,
  JoinOptions,
  MediaTypeForAPI,
  RTMPTask,
  SubscribeOptions,
  UID,
} from './types.js';

/**
 * One user's place in a room, made by `NERTC.createClient`. Every member may be called before the SDK's core has loaded:
 * synchronous calls return at once and take effect in order, the others wait. After `destroy()` all but `destroy` and
 * the emitter's methods throw or reject 10008. What this browser cannot do throws or rejects 10001.
 * 一个用户在房间中的客户端，由 `NERTC.createClient` 创建。
 */
export interface Client extends Emitter<ClientEvents> {
  /**
   * Enters a room, which is made if it is not there: DISCONNECTED → CONNECTING → CONNECTED, then `peer-online` and
   * `stream-added` for those who are there. After a rejection the client is DISCONNECTED and can join again. 加入房间。
   *
   * Rejects: 10000 no options, no server known · 10110 channelName · 10112 uid · 10101 joined or joining already · 403 no
   * token in secure mode · 414 bad token · 10119 refused · 10002 network.
   */
  join(options: JoinOptions): Promise<undefined>;

  /** Leaves the room: → DISCONNECTING → DISCONNECTED. Own streams stay usable. Resolves also when there is no room. 离开房间。 */
  leave(): Promise<void>;

  /** Leaves if needed and frees everything. May be called again. 销毁客户端并释放资源。 */
  destroy(): void;

  /**
   * Tries whether signalling and media get through, and by which ways, and looks at the devices. Outside of a room give it
   * what a join would have where the app asks for tokens; in one it needs nothing. It takes up to ten seconds, enters no room, and
   * disturbs no call. This SDK's own. 检测信令、媒体通路与设备是否可用，不进入房间，也不影响通话。
   *
   * `devices: true` opens microphone and camera for a moment, for which the browser may ask the user; otherwise nobody is asked.
   *
   * Rejects: 10000, 10110, 10112 arguments · 10008 destroyed. What does not get through is no rejection.
   */
  checkConnectivity(options?: {
    /** As for `join`. 房间名。 */
    channelName?: string | number;
    /** As for `join`. 用户 ID。 */
    uid?: UID | null;
    /** As for `join`. 安全模式下的 Token。 */
    token?: string | null;
    /** As for `join`. 权限密钥。 */
    permkey?: string | null;
    /** As for `join`. 使用的其他网关。 */
    neRtcServerAddresses?: { channelServer?: string } | null;
    /** Whether to open microphone and camera for a moment. 是否短暂打开麦克风和摄像头。 */
    devices?: boolean;
  } | null): Promise<Connectivity>;
  /**
   * Publishes the tracks of an own stream that are not published yet; the others get `stream-added` for each. 发布本地流。
   *
   * Rejects: 10000 no own stream · 10009 not joined · 10351 as audience · 10355 refused. Of several tracks those that the
   * permission key permits are published all the same.
   */
  publish(stream: Stream): Promise<undefined>;

  /**
   * Ends the publication of an own stream, or of one media type of it; the others get `stream-removed` for each.
   * 取消发布本地流，或其中一种媒体。
   *
   * Rejects: 10000 no own stream · 10009 not joined · 10012 unknown media type.
   */
  unpublish(stream: Stream, type?: MediaTypeForAPI | null): Promise<undefined>;

  /**
   * Receives a remote stream: what it has now and what it publishes later, of the media types chosen here or by
   * `stream.setSubscribeConfig`; without a choice, all. A later call replaces the choice. `stream-subscribed` tells of
   * each track that arrives. 订阅远端流。
   *
   * Rejects: 10000 no remote stream of this client · 10009 not joined · 10104 the user is gone · 10360 refused.
   */
  subscribe(stream: Stream, options?: SubscribeOptions | null): Promise<void>;

  /** Receives nothing of a remote stream any more. Rejects as `subscribe` does. 取消订阅远端流。 */
  unsubscribe(stream: Stream): Promise<void>;

  /**
   * How loud all remote sound is played here, from 0 (silence) to 100 (as it comes, the default): now, of streams that
   * come later, and after another join. `volume-indicator` goes on to tell how loud it came; at 0 Chromium measures
   * nothing, and the levels are 0. Where the system does not let pages decide, as on iPhones, nothing changes.
   * 设置所有远端声音的播放音量。
   *
   * Throws: 10250 no number from 0 to 100.
   */
  setPlaybackVolume(volume: number): void;

  /**
   * Records the room, or the own streams alone, into one WebM file: all sounds as one, all pictures side by side on black,
   * those of a screen before those of a camera. Who comes, goes, mutes or changes a camera meanwhile is followed. Recorded
   * is what is published here and what is subscribed to, played or not, at full volume. One recording goes on at a time;
   * it ends with the room. What was recorded before is removed. 开始在浏览器中录制房间或本地流。
   *
   * It is written to the browser's private file system where there is one (Chromium, Firefox), and kept in memory
   * elsewhere; it lasts until it is cleaned, the client destroyed or the page closed.
   *
   * Rejects: 10009 not joined · 10008 a recording is under way · 10001 this browser records no WebM · 41030 the browser
   * wants a click before · 10000 a bad option.
   */
  startMediaRecording(options?: ClientRecordingOptions | null): Promise<undefined>;

  /** Ends the recording; resolves when it is complete. Rejects 10008 if there is none. 停止录制。 */
  stopMediaRecording(): Promise<void>;

  /**
   * Saves the recording where the browser saves downloads, as often as it is called: what there is so far, if it goes on.
   * Resolves with the file's name, `recordName` or the channel and the time, and `.webm`. Rejects 10008 if there is none.
   * 下载录制文件。
   */
  downloadMediaRecording(): Promise<string>;

  /** Ends the recording and removes what is recorded. Resolves also when there is nothing. 结束并清除录制内容。 */
  cleanMediaRecording(): Promise<void>;

  /** The connection state; DISCONNECTED while the core has not loaded. 获取连接状态。 */
  getConnectionState(): ConnectionState;

  /** The own uid, given or assigned; null before it is known. 获取自己的用户 ID。 */
  getUid(): UID | null;

  /** The present room. 获取当前房间信息。 */
  getChannelInfo(): ChannelInfo;

  /**
   * What the next rooms are used for: calls (`rtc`, the default) or live streams. In both, roles are as `setClientRole`
   * says. 设置房间场景：通话或直播。
   *
   * Throws: 10121 no such mode · 10008 in a room or on the way to one.
   */
  setChannelProfile(options: { mode: ChannelMode }): void;
  /**
   * Makes the user a `host`, which everybody is at first, or an `audience`: one who only receives and whom the others are
   * not told of. Before a join the role is that of the join; in a room `client-role-changed` fires here and `peer-leave`
   * or `peer-online` at the others. An audience stops sending what is published; back as host, exactly that is published
   * again, as muted as it is by then. The role outlives rooms. Calls take effect in their order. 设置角色：主播或观众。
   *
   * Rejects: 10477 no such role · 10119 refused · 10355 host again, but something could not be published again.
   */
  setClientRole(role: ClientRole): Promise<undefined>;
  /**
   * How the next room is encrypted end to end, once there is a secret too; `leave` and every other end of the stay clear
   * both. The first member of a room fixes mode and secret for all: who differs gets `crypt-error` and a rejected join,
   * and may set another secret and join again. Where the browser cannot encrypt, `join` rejects with 10471; nothing is
   * ever sent unencrypted instead. 设置端到端加密模式。
   *
   * Throws: 10472 no such mode · 10008 in a room or on the way to one.
   */
  setEncryptionMode(encryptionMode: EncryptionMode): void;
  /**
   * The secret for the mode, 1 to 128 bytes of UTF-8. It never leaves the browser; the server gets a value by which it
   * only sees whether all have the same. Best is a long random one, another for each call. Needs a page of https or localhost.
   * 设置加密密钥。
   *
   * Throws: 10473 before `setEncryptionMode` · 10000 a length that is none · 10008 in a room or on the way to one.
   */
  setEncryptionSecret(encryptionSecret: string): void;
  /**
   * Takes another secret in a room with `sm4-128-gcm`. When all members do so within 5 seconds nothing is lost: the former secret
   * is good for decrypting for 10 seconds, and encrypts for the first 5 of them. This SDK's own.
   * 通话中更换加密密钥（本 SDK 特有）。
   *
   * Rejects: 10009 not in a room · 10008 not encrypted so, or the members are changing to yet another secret · 10000 a length that is none.
   */
  rotateEncryptionSecret(encryptionSecret: string): Promise<undefined>;
  /**
   * How many frames were encrypted and decrypted in this room, and how many were dropped; 0 without encryption. This SDK's own.
   * 获取加密统计（本 SDK 特有）。
   */
  getEncryptionStats(): Promise<EncryptionStats>;
  /**
   * Asks with the next joins that the own media go before those of the others (`priority` 50; 100, the default, is
   * normal): whoever has too narrow a way for all gets the others' pictures small, or for a while not at all, before the
   * own picture suffers; sound is kept always. Of a room one host has this, the first who has asked; when that one leaves
   * the next. With `preemtiveMode` the newcomer takes it, and who had it is normal for good. 设置本地媒体的优先级。
   *
   * Throws: 10445 no 50 or 100, no boolean · 10008 in a room or on the way to one.
   */
  setLocalMediaPriority(options: { priority: number; preemtiveMode?: boolean }): void;
  /**
   * Chooses which size of a remote camera picture is received, before or after it is subscribed to: 0 is the low layer, of
   * about 240×180 pixels and 100 kbit/s, 1 the high one. It takes effect within two seconds, holds for as long as the user
   * is in the room, and ends the choice that the SDK makes by itself: a `<video>` that is small gets the low
   * layer, one that cannot be seen gets nothing. Where the sender has only one layer, that one comes. On a bad way to here
   * less may come for a while. null (ours) ends the choice: the SDK chooses again. 选择接收远端摄像头画面的大流或小流。
   *
   * Rejects: 10000 no remote stream of this client, no 0, 1 or null · 10009 not joined · 10104 the user is gone.
   */
  setRemoteVideoStreamType(stream: Stream, highOrLow: number | null): Promise<void>;
  /**
   * `setRemoteVideoStreamType` for the camera (`video`) or the shared screen. Rejects besides: 10012 another media type.
   * 选择接收远端摄像头或屏幕画面的大流或小流。
   */
  setRemoteStreamType(stream: Stream, highOrLow: number | null, mediaType: 'video' | 'screen'): Promise<void>;
  /**
   * Sends the pictures of the given media types, of the camera without an argument, in two sizes: beside the picture as it
   * is a low layer whose longer side is 240 pixels, with at most 100 kbit/s (a screen 200 kbit/s), while somebody
   * receives the picture. It may be called at any time, also before `join`, and holds for all that is published. Without a
   * call a camera of 480 lines and more is sent so as long as more than two are in the room. `track-low-init-success`
   * or `track-low-init-fail` with `{mediaType}` tells when a published picture has begun to be sent so. 开启大小流双流发送。
   *
   * Rejects: 10000 bad argument · 10001 the browser cannot.
   */
  enableDualStream(options?: { video?: boolean; screen?: boolean } | null): Promise<void>;
  /**
   * Sends pictures of the given media types, of all without an argument, in one size only. Rejects: 10000 bad argument.
   * 关闭双流发送。
   */
  disableDualStream(options?: { video?: boolean; screen?: boolean } | null): Promise<void>;
  /**
   * Has the server push the room, composed to one picture and one sound, to an RTMP server: one task a call, up to three
   * in a room at once. It resolves when the task has begun; `rtmp-state` tells every host of the room how it goes on. Tasks
   * are the room's: every host may change and end them, and they end 30 s after the last member has left. They need
   * `setChannelProfile({mode: 'live'})` before the join, which must not have `liveEnable: false`, and a room that is not encrypted.
   * 添加旁路推流任务。
   *
   * Rejects: 10010 not joined · 10131 as audience · 10132 bad argument · 10133 refused, with extraCode 4037 no live room ·
   * 4038 the room has a task of this id · 4040 it has three · 4041 it is encrypted · 4042 the server carries as much as it
   * may · 4043 the server has no live tasks · 4044 the reason says why.
   */
  addTasks(options: { rtmpTasks: RTMPTask[] }): Promise<undefined>;
  /**
   * Ends up to three tasks, all or none; each tells `rtmp-state` 511. It resolves when nothing is left of them.
   * 删除旁路推流任务。
   *
   * Rejects: 10010 not joined · 10131 as audience · 10134 bad argument · 10135 refused, with extraCode 4039 for an id that
   * the room does not have.
   */
  deleteTasks(options: { taskIds: string[] }): Promise<void>;
  /**
   * Puts up to three tasks, each whole, in the place of those with their ids, all or none. The stream goes on without a break: layout,
   * users, images and colour change within a second, and another `streamUrl` moves it. 更新旁路推流任务。
   *
   * Rejects: 10010 not joined · 10131 as audience · 10136 bad argument · 10137 refused, with extraCode 4039 for an id that
   * the room does not have, and those of `addTasks`.
   */
  updateTasks(options: { rtmpTasks: RTMPTask[] }): Promise<void>;
  /** The stay as a whole; zeros before a join. Never rejects, like the other statistics. 获取会话统计。 */
  getSessionStats(): Promise<SessionStats>;
  /** The way between page and server. 获取网络传输统计。 */
  getTransportStats(): Promise<TransportStats>;
  /**
   * The charge of the battery in percent, a plain number. Rejects 10480 where the browser has no battery interface.
   * 获取电池电量百分比。
   */
  getSystemStats(): Promise<number>;
  /** The microphone, and behind it the shared sound; of what is not published there is no element. 获取本地音频统计。 */
  getLocalAudioStats(): Promise<LocalAudioStats[]>;
  /** The camera, and behind it the screen; or the one that is named. 获取本地视频统计。 */
  getLocalVideoStats(mediaType?: 'audio' | 'video' | 'screen'): Promise<LocalVideoStats[]>;
  /** The microphones that are received, by uid. 获取远端音频统计。 */
  getRemoteAudioStats(): Promise<Record<string, RemoteAudioStats>>;
  /**
   * The cameras that are received, by uid, and the screens of those who show no camera; or those of the type that is named.
   * 获取远端视频统计。
   */
  getRemoteVideoStats(mediaType?: 'audio' | 'video' | 'screen'): Promise<Record<string, RemoteVideoStats>>;
  /**
   * From the next join on, until it is called with `false`, each encoded frame goes through the page, which brings a
   * cipher of its own: `sender-transform` and `receiver-transform` have the frame, whose `data` the handler replaces before
   * it hands it on with `controller.enqueue(encodedFrame)`, at once or later but in order. A frame that nobody hands on is
   * dropped: without a handler nothing is sent or played. The first byte of a sound and the first 10 of a picture must
   * stay as they are: by them the server tells key frames. Pictures are sent in VP8 and H.264 only, and the room does
   * not know of it: who has another cipher is let in and decodes nothing. 开启自定义加解密：每个编码帧交给页面处理。
   *
   * Throws: 10471 the browser does not bring frames to a page (Chromium does) · 10008 in a room or on the way to
   * one, or with `setEncryptionSecret` · 10000 bad argument.
   */
  enableCustomTransform(enable?: boolean): void;
  /**
   * Puts another permission key in the place of the present one. What it does not permit ends, what it permits can be
   * done, once the promise resolves. Rejects 414 for a key that is not valid for this user and room (the present one
   * stays), 403 for one that does not permit to join, 10009 outside of a room. 更新权限密钥。
   */
  updatePermKey(permkey: string): Promise<undefined>;
  /**
   * From the next join on, media goes through the server's relay and no other way: over UDP, or over TLS where UDP does not
   * get through. For networks that let nothing else out; without it the relay is used all the same when nothing else works.
   * Before join only: rejects 10008 in a room. A join to a server without a relay rejects 10119, with extraCode 4035.
   * `type` is taken for the sake of pages that pass one: every number means the same.
   * 下次加入房间起，媒体只经服务端中继传输。
   */
  startProxyServer(type?: number | null): Promise<undefined>;
  /** From the next join on, media goes the shortest way again. Rejects 10008 in a room. 下次加入房间起，不再强制使用中继。 */
  stopProxyServer(type?: number | null): Promise<undefined>;
}
