import type { Client } from './client.js';
import type {
  Emitter,
  MediaChoice,
  MediaTypeForAPI,
  RenderMode,
  StreamEvents,
  SubscribeOptions,
  UID,
} from './types.js';

/**
 * The tracks of one user: an own stream, made by `NERTC.createStream`, or a remote one, handed out by `stream-added`.
 * After `destroy()` calls throw or reject 10008. Members marked "not available yet" throw or reject 10001.
 */
export interface Stream extends Emitter<StreamEvents> {
  /** The same as `getId()`. */
  readonly streamID: UID | null;
  /** `getId()` as text; empty before it is known. */
  readonly stringStreamID: string;
  /** Whether there is a microphone track. An own stream answers what it was made for until `init()` is done. */
  readonly audio: boolean;
  /** Whether there is a camera track, as `audio`. */
  readonly video: boolean;
  /** Whether there is a screen track, as `audio`. */
  readonly screen: boolean;
  /** The client that the stream belongs to; null while there is none. */
  readonly client: Client | null;

  /** The user: of an own stream the uid that it was made with, otherwise the client's, once joined; null before. */
  getId(): UID | null;
  /** The same as `audio`. */
  hasAudio(): boolean;
  /** Whether there is the sound of a shared screen. */
  hasAudioSlave(): boolean;
  /** The same as `video`. */
  hasVideo(): boolean;
  /** The same as `screen`. */
  hasScreen(): boolean;
  /** The track of the microphone, or of the screen's sound; null if there is none. Throws 10012 for an unknown type. */
  getAudioTrack(type?: 'audio' | 'audioSlave' | 'screenAudio'): MediaStreamTrack | null;
  /** The track of the camera, or of the screen; null if there is none. Throws 10012 for an unknown type. */
  getVideoTrack(type?: 'video' | 'screen'): MediaStreamTrack | null;

  /**
   * Opens the devices of an own stream. Rejects 10212 with `accessDenied`, `notFound`, `beOccupied` or `deviceError` on
   * stream and client where one cannot be had.
   */
  init(): Promise<void>;

  /** Ends playback, closes the devices of an own stream and frees everything. May be called again. */
  destroy(): void;

  /**
   * Plays into a view: an element, or the id of one. A second call moves or adds, it never doubles. By default a remote
   * stream plays all it has, an own one its pictures. `null` with `{audio: true}` plays the sound alone.
   *
   * The view gets a `div.nertc-video-container` whose first child is the `<video>`.
   *
   * Rejects: 10000 no such element, though a picture is wanted · 41030 the browser blocks sound before a click: then
   * `notAllowedError` fires too, and `resume()` from a click starts it.
   */
  play(view?: Element | string | null, options?: MediaChoice | null): Promise<void>;

  /** Starts what the browser blocked; to be called from a click. Rejects 41030 if it still does. */
  resume(): Promise<void>;

  /** Ends playback of one media type, or of all, and takes its elements away. Throws 10012 for an unknown type. */
  stop(type?: MediaTypeForAPI | null): void;

  /** Whether a media type is being played. Throws 10012 for an unknown type. */
  isPlaying(type: MediaTypeForAPI): boolean;

  /**
   * Whether `play` of a media type would show or sound at once: its track is there and goes on. If not, `reason` says why
   * in a sentence; otherwise it is empty. What the browser thinks of autoplay is not asked. Throws 10012 for an unknown
   * type.
   */
  canPlay(type: MediaTypeForAPI): { result: boolean; reason: string };

  /**
   * Saves the present picture, in its own size and uncut, as a PNG where the browser saves downloads. Resolves with the
   * file's name: `name` and `.png`; without a name the uid and a number, as in `7-1.png`. The picture need not be played.
   *
   * Rejects: 10008 there is no picture, or none comes within 10 seconds · 10000 · 10012 a bad argument.
   */
  takeSnapshot(options?: { name?: string; mediaType?: 'video' | 'screen' } | null): Promise<string>;

  /**
   * The present picture, in its own size and uncut, as a PNG in a `data:image/png;base64,…` address, fit for the `src` of
   * an image. Throws 10008 where it is not played or has no frame yet, 10000 and 10012 for a bad argument.
   */
  takeSnapshotBase64(options?: { mediaType?: 'video' | 'screen' } | null): string;

  /**
   * The pixels of the present picture: `width` and `height` are the picture's own, `data` has four bytes, red, green, blue
   * and opacity, for each pixel, row by row from the top left. null where the picture is not played or has no frame yet.
   * Throws 10000 and 10012 for a bad argument.
   */
  getCurrentFrameData(options?: { mediaType?: 'video' | 'screen' } | null): ImageData | null;

  /**
   * Records this stream into a WebM file of its own, and resolves with the number of the recording. `video`, the default,
   * is the camera with the microphone's sound, `screen` the screen with its sound, `audio` and `audioSlave` are sound
   * alone. A picture has the size that it had at the beginning. `reset: true` removes earlier recordings of the type.
   * Recordings of an own stream last until they are cleaned or the stream is destroyed; those of a remote one, also when
   * the user has gone, until they are cleaned or the client is destroyed. Where they are kept: as
   * `client.startMediaRecording`.
   *
   * Rejects: 10008 no such track, or it is being recorded · 10012 unknown type · 10001 · 41030 as there.
   */
  startMediaRecording(options?: { type?: MediaTypeForAPI; reset?: boolean } | null): Promise<number>;
  /** Ends one recording, or all. Rejects 10000 for a number that there is not. */
  stopMediaRecording(options?: { recordId?: number } | null): Promise<void>;
  /**
   * Saves one recording, or the newest, where the browser saves downloads. Resolves with the file's name. Rejects 10000 for
   * a number that there is not, 10008 if nothing is recorded.
   */
  downloadMediaRecording(options?: { recordId?: number } | null): Promise<string>;
  /** Ends and removes one recording, or all. Rejects 10000 for a number that there is not. */
  cleanMediaRecording(options?: { recordId?: number } | null): Promise<void>;

  /**
   * How loud the microphone of this stream is played here, from 0 (silence) to 100 (as it comes, the default), now or
   * when it is. `client.setPlaybackVolume` multiplies: 50 there and 50 here is a quarter. Where the system does not let
   * pages decide, as on iPhones, nothing changes. Throws 10250 for no number from 0 to 100.
   */
  setAudioVolume(volume: number): void;
  /** As `setAudioVolume`, for the sound of a shared screen. */
  setAudioSlaveVolume(volume: number): void;

  /**
   * Plays this stream's sound by a loudspeaker of `NERTC.getSpeakers()`, now and when it is played; `''` is the machine's
   * own choice. Rejects: 10001 the browser does not let pages choose · 10212 no such device, or not allowed; then
   * everything plays where it did · 10000 no text.
   */
  setAudioOutput(deviceId: string): Promise<void>;

  /** The box of an own picture, also before `play`. Throws 10216 for a bad mode, 10012 for an unknown type. */
  setLocalRenderMode(mode: RenderMode, type?: 'video' | 'screen' | null): void;

  /** The box of a remote picture, also before `play`. Throws 10216 for a bad mode, 10012 for an unknown type. */
  setRemoteRenderMode(mode: RenderMode, type?: 'video' | 'screen' | null): void;

  /** What `client.subscribe(stream)` will receive. Throws 10000 for a bad argument. */
  setSubscribeConfig(config: SubscribeOptions): void;

  /** Own stream: the others get `mute-audio` and hear nothing. Remote stream: it is silent here only. */
  muteAudio(): Promise<void>;
  /** Takes `muteAudio` back. */
  unmuteAudio(): Promise<void>;
  /** As `muteAudio`, for the sound of a shared screen. */
  muteAudioSlave(): Promise<void>;
  /** Takes `muteAudioSlave` back. */
  unmuteAudioSlave(): Promise<void>;
  /** Own stream: the others get `mute-video` and see black. Remote stream: it is hidden here only. */
  muteVideo(): Promise<void>;
  /** Takes `muteVideo` back. */
  unmuteVideo(): Promise<void>;
  /** As `muteVideo`, for the screen. */
  muteScreen(): Promise<void>;
  /** Takes `muteScreen` back. */
  unmuteScreen(): Promise<void>;

  /** Not available yet: throws 10001. */
  getAudioStream(): MediaStream | null;
  /** Not available yet: rejects 10001. */
  open(options: { type: MediaTypeForAPI; deviceId?: string; [key: string]: unknown }): Promise<void>;
  /** Not available yet: rejects 10001. */
  close(options: { type: MediaTypeForAPI }): Promise<void>;
  /** Not available yet: rejects 10001. */
  switchDevice(type: 'audio' | 'video', deviceId: string): Promise<void>;
  /** Not available yet: throws 10001. */
  setAudioProfile(profile: string): void;
  /** Not available yet: throws 10001. */
  setCaptureVolume(volume: number, source?: string): void;
  /** Not available yet: throws 10001. */
  getAudioLevel(): number;
  /** Not available yet: throws 10001. */
  setVideoProfile(options: { resolution?: number; frameRate?: number }): void;
  /** Not available yet: throws 10001. */
  setScreenProfile(options: { resolution?: number; frameRate?: number }): void;
  /** Not available yet: throws 10001. */
  setVideoEncoderConfiguration(options: {
    mediaType: 'video' | 'screen';
    streamType: 'high' | 'low';
    maxBitrate?: number;
    contentHint?: string;
  }): void;
}
