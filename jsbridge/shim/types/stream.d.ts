import type { Client } from './client.js';
import type {
  AudioProfile,
  Emitter,
  MediaChoice,
  MediaTypeForAPI,
  OpenOptions,
  RenderMode,
  StreamEvents,
  SubscribeOptions,
  UID,
  VideoEncoderConfiguration,
  VideoProfile,
} from './types.js';

/**
 * The tracks of one user: an own stream, made by `NERTC.createStream`, or a remote one, handed out by `stream-added`.
 * After `destroy()` calls throw or reject 10008. What this browser cannot do throws or rejects 10001.
 * 一个用户的音视频流：本地流由 `NERTC.createStream` 创建，远端流来自 `stream-added`。
 */
export interface Stream extends Emitter<StreamEvents> {
  /** The same as `getId()`. 流所属用户的 ID。 */
  readonly streamID: UID | null;
  /** `getId()` as text; empty before it is known. 字符串形式的用户 ID。 */
  readonly stringStreamID: string;
  /**
   * Whether there is a microphone track. An own stream answers what it was made for until `init()` or an `open()` is done.
   * 是否有麦克风音频。
   */
  readonly audio: boolean;
  /** Whether there is a camera track, as `audio`. 是否有摄像头视频。 */
  readonly video: boolean;
  /** Whether there is a screen track, as `audio`. 是否有屏幕共享。 */
  readonly screen: boolean;
  /** The client that the stream belongs to; null while there is none. 流所属的客户端。 */
  readonly client: Client | null;

  /**
   * The user: of an own stream the uid that it was made with, otherwise the client's, once joined; null before.
   * 获取流所属用户的 ID。
   */
  getId(): UID | null;
  /** The same as `audio`. 是否有麦克风音频。 */
  hasAudio(): boolean;
  /** Whether there is the sound of a shared screen. 是否有屏幕共享的声音。 */
  hasAudioSlave(): boolean;
  /** The same as `video`. 是否有摄像头视频。 */
  hasVideo(): boolean;
  /** The same as `screen`. 是否有屏幕共享。 */
  hasScreen(): boolean;
  /** The track of the microphone, or of the screen's sound; null if there is none. Throws 10012 for an unknown type. 获取音频轨道。 */
  getAudioTrack(type?: 'audio' | 'audioSlave' | 'screenAudio'): MediaStreamTrack | null;
  /** The track of the camera, or of the screen; null if there is none. Throws 10012 for an unknown type. 获取视频轨道。 */
  getVideoTrack(type?: 'video' | 'screen'): MediaStreamTrack | null;

  /**
   * Opens what an own stream was made for: the screen first, then microphone and camera with one question. All or
   * nothing: where one cannot be had, it rejects 10212 with `accessDenied`, `notFound`, `beOccupied` or `deviceError` and
   * the media type on stream and client, and nothing is open; `open` may then open the others. Only the screen's sound
   * may be missing, where the user shares the screen without it. 初始化本地流，打开所需设备。
   */
  init(): Promise<void>;

  /** Ends playback, closes the devices of an own stream and frees everything. May be called again. 销毁流并关闭设备。 */
  destroy(): void;

  /**
   * Plays into a view: an element, or the id of one. A second call moves or adds, it never doubles. By default a remote
   * stream plays all it has, an own one its pictures. `null` with `{audio: true}` plays the sound alone. 在指定元素中播放。
   *
   * The view gets a `div.nertc-video-container` whose first child is the `<video>`.
   *
   * Rejects: 10000 no such element, though a picture is wanted · 41030 the browser blocks sound before a click: then
   * `notAllowedError` fires too, and `resume()` from a click starts it.
   */
  play(view?: Element | string | null, options?: MediaChoice | null): Promise<void>;

  /** Starts what the browser blocked; to be called from a click. Rejects 41030 if it still does. 在用户点击后恢复被浏览器阻止的播放。 */
  resume(): Promise<void>;

  /** Ends playback of one media type, or of all, and takes its elements away. Throws 10012 for an unknown type. 停止播放。 */
  stop(type?: MediaTypeForAPI | null): void;

  /** Whether a media type is being played. Throws 10012 for an unknown type. 是否正在播放。 */
  isPlaying(type: MediaTypeForAPI): boolean;

  /**
   * Whether `play` of a media type would show or sound at once: its track is there and goes on. If not, `reason` says why
   * in a sentence; otherwise it is empty. What the browser thinks of autoplay is not asked. Throws 10012 for an unknown
   * type. 是否可以播放，以及原因。
   */
  canPlay(type: MediaTypeForAPI): { result: boolean; reason: string };

  /**
   * Saves the present picture, in its own size and uncut, as a PNG where the browser saves downloads. Resolves with the
   * file's name: `name` and `.png`; without a name the uid and a number, as in `7-1.png`. The picture need not be played.
   * 截图并保存为 PNG 文件。
   *
   * Rejects: 10008 there is no picture, or none comes within 10 seconds · 10000 · 10012 a bad argument.
   */
  takeSnapshot(options?: { name?: string; mediaType?: 'video' | 'screen' } | null): Promise<string>;

  /**
   * The present picture, in its own size and uncut, as a PNG in a `data:image/png;base64,…` address, fit for the `src` of
   * an image. Throws 10008 where it is not played or has no frame yet, 10000 and 10012 for a bad argument.
   * 截图并返回 Base64 地址。
   */
  takeSnapshotBase64(options?: { mediaType?: 'video' | 'screen' } | null): string;

  /**
   * The pixels of the present picture: `width` and `height` are the picture's own, `data` has four bytes, red, green, blue
   * and opacity, for each pixel, row by row from the top left. null where the picture is not played or has no frame yet.
   * Throws 10000 and 10012 for a bad argument. 获取当前画面的像素数据。
   */
  getCurrentFrameData(options?: { mediaType?: 'video' | 'screen' } | null): ImageData | null;

  /**
   * Records this stream into a WebM file of its own, and resolves with the number of the recording. `video`, the default,
   * is the camera with the microphone's sound, `screen` the screen with its sound, `audio` and `audioSlave` are sound
   * alone. A picture has the size that it had at the beginning. `reset: true` removes earlier recordings of the type.
   * Recordings of an own stream last until they are cleaned or the stream is destroyed; those of a remote one, also when
   * the user has gone, until they are cleaned or the client is destroyed. Where they are kept: as
   * `client.startMediaRecording`. 录制本流。
   *
   * Rejects: 10008 no such track, or it is being recorded · 10012 unknown type · 10001 · 41030 as there.
   */
  startMediaRecording(options?: { type?: MediaTypeForAPI; reset?: boolean } | null): Promise<number>;
  /** Ends one recording, or all. Rejects 10000 for a number that there is not. 停止录制。 */
  stopMediaRecording(options?: { recordId?: number } | null): Promise<void>;
  /**
   * Saves one recording, or the newest, where the browser saves downloads. Resolves with the file's name. Rejects 10000 for
   * a number that there is not, 10008 if nothing is recorded. 下载录制文件。
   */
  downloadMediaRecording(options?: { recordId?: number } | null): Promise<string>;
  /** Ends and removes one recording, or all. Rejects 10000 for a number that there is not. 结束并清除录制内容。 */
  cleanMediaRecording(options?: { recordId?: number } | null): Promise<void>;

  /**
   * How loud the microphone of this stream is played here, from 0 (silence) to 100 (as it comes, the default), now or
   * when it is. `client.setPlaybackVolume` multiplies: 50 there and 50 here is a quarter. Where the system does not let
   * pages decide, as on iPhones, nothing changes. Throws 10250 for no number from 0 to 100. 设置本流麦克风声音的播放音量。
   */
  setAudioVolume(volume: number): void;
  /** As `setAudioVolume`, for the sound of a shared screen. 设置屏幕共享声音的播放音量。 */
  setAudioSlaveVolume(volume: number): void;

  /**
   * Plays this stream's sound by a loudspeaker of `NERTC.getSpeakers()`, now and when it is played; `''` is the machine's
   * own choice. Rejects: 10001 the browser does not let pages choose · 10212 no such device, or not allowed; then
   * everything plays where it did · 10000 no text. 选择播放声音的扬声器。
   */
  setAudioOutput(deviceId: string): Promise<void>;

  /** The box of an own picture, also before `play`. Throws 10216 for a bad mode, 10012 for an unknown type. 设置本地画面的渲染方式。 */
  setLocalRenderMode(mode: RenderMode, type?: 'video' | 'screen' | null): void;

  /** The box of a remote picture, also before `play`. Throws 10216 for a bad mode, 10012 for an unknown type. 设置远端画面的渲染方式。 */
  setRemoteRenderMode(mode: RenderMode, type?: 'video' | 'screen' | null): void;

  /** What `client.subscribe(stream)` will receive. Throws 10000 for a bad argument. 设置订阅哪些媒体。 */
  setSubscribeConfig(config: SubscribeOptions): void;

  /** Own stream: the others get `mute-audio` and hear nothing. Remote stream: it is silent here only. 关闭麦克风声音。 */
  muteAudio(): Promise<void>;
  /** Takes `muteAudio` back. 恢复麦克风声音。 */
  unmuteAudio(): Promise<void>;
  /** As `muteAudio`, for the sound of a shared screen. 关闭屏幕共享的声音。 */
  muteAudioSlave(): Promise<void>;
  /** Takes `muteAudioSlave` back. 恢复屏幕共享的声音。 */
  unmuteAudioSlave(): Promise<void>;
  /** Own stream: the others get `mute-video` and see black. Remote stream: it is hidden here only. 关闭摄像头画面。 */
  muteVideo(): Promise<void>;
  /** Takes `muteVideo` back. 恢复摄像头画面。 */
  unmuteVideo(): Promise<void>;
  /** As `muteVideo`, for the screen. 关闭屏幕共享画面。 */
  muteScreen(): Promise<void>;
  /** Takes `muteScreen` back. 恢复屏幕共享画面。 */
  unmuteScreen(): Promise<void>;

  /**
   * A MediaStream of the microphone's track, the same one as long as the track is; null if there is none.
   * 获取麦克风轨道的 MediaStream。
   */
  getAudioStream(): MediaStream | null;

  /**
   * Opens a media type of an own stream that is not open: with a device, or with a track of the page's own. Where the
   * stream is published it is published too, unless `enableMediaPub: false`. Of a `screen`, `screenAudio: true` brings the
   * sound along if the user shares it. A microphone or camera that was pulled out counts as not open.
   * 打开一种媒体，已发布时随即发布。
   *
   * Rejects, and nothing has changed: 10221 the microphone is open already, 10222 the screen's sound, 10223 the camera,
   * 10224 the screen · 10212 with `accessDenied`, `notFound`, `beOccupied` or `deviceError` on stream and client, also
   * where the user has cancelled the choice of a screen · 10001 the browser shares no screens · 10000, 10012 arguments ·
   * 10008 a remote stream · what `client.publish` rejects with.
   */
  open(options: OpenOptions): Promise<void>;

  /**
   * Closes a media type of an own stream: its device goes off and its publication ends. A page's own track is not stopped.
   * With a screen goes the sound that was shared with it. Rejects 10228 the microphone is not open, 10229 the screen's
   * sound, 10230 the camera, 10231 the screen · 10000, 10012 arguments · 10008 a remote stream. 关闭一种媒体。
   */
  close(options: { type: MediaTypeForAPI }): Promise<void>;

  /**
   * Puts another microphone (`audio`) or camera (`video`) in the place of the open one; the publication goes on, as muted
   * as it is. The new device is open before the old one goes off, where the machine can do that. 切换麦克风或摄像头。
   *
   * Rejects, and the old device stays: 10254 arguments · 10011 nothing is open · 10212 with the device events of `open` ·
   * 10008 a remote stream, or a track of the page's own.
   */
  switchDevice(type: 'audio' | 'video', deviceId: string): Promise<void>;

  /**
   * How the microphone of an own stream is sent. Its bitrate takes effect at once, the rest when the microphone is opened
   * and published next. Default `speech_standard`. Two channels come from a microphone only without `audioProcessing`.
   * Throws 10000 for an unknown name, 10008 on a remote stream. 设置音频质量。
   */
  setAudioProfile(profile: AudioProfile): void;

  /**
   * How loud an own stream sends its sound: 0 (silence) to 100 (as it is captured, the default). `source` is `audio` or
   * `microphone`, or `audioSlave` or `screenAudio`; without it both are meant. Also before anything is open. From the first
   * value below 100 on, the sound goes through Web Audio. Throws 10250, 10012, and 10008 on a remote stream. 设置采集音量。
   */
  setCaptureVolume(volume: number, source?: 'audio' | 'microphone' | 'audioSlave' | 'screenAudio' | null): void;

  /**
   * How loud it is now: the largest sample of the last 43 ms, 0 to 1, which for a tone is its amplitude. Of an own stream
   * what it sends, of a remote one what is received, whatever it is played with; a remote one must be played for it. The
   * first call begins to measure and gives 0. Throws 10012 for an unknown type. 获取当前音量。
   */
  getAudioLevel(type?: 'audio' | 'audioSlave' | 'screenAudio'): number;

  /**
   * The size and frame rate of the camera of an own stream, wished for: the browser takes what comes nearest. Before
   * `init`, or of an open camera at once. Default 480p and 15 frames/s. A page's own track stays as it is. Throws 10000,
   * and 10008 on a remote stream. 设置摄像头的分辨率和帧率。
   */
  setVideoProfile(options: VideoProfile): void;

  /**
   * The largest size and frame rate of a shared screen of an own stream, as `setVideoProfile`. Default 1080p and
   * 5 frames/s, for text; up to 15 the encoder keeps detail, above that motion. 设置屏幕共享的分辨率和帧率。
   */
  setScreenProfile(options: VideoProfile): void;

  /**
   * How a picture of an own stream is encoded, from now on. Throws 10012 for an unknown `mediaType`, 10000 for any other
   * argument, 10008 on a remote stream. 设置视频编码参数。
   */
  setVideoEncoderConfiguration(options: VideoEncoderConfiguration): void;
}
