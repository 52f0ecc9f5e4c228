// What the statistics calls of a Client give. Bitrates are in kbit/s, delays in ms, durations in seconds, levels from 0 to
// 100, losses in percent. What a figure says of a span of time, it says of about the last second.

/** `getSessionStats()`: the stay as a whole. The byte counters never fall, also where a lost connection was replaced. */
export interface SessionStats {
  /** Seconds since the join. */
  Duration: number;
  RecvBitrate: number;
  SendBitrate: number;
  /** Of everything that the connection carried since the join. */
  RecvBytes: number;
  SendBytes: number;
  /** Those in the room who are visible, oneself included. */
  UserCount: number;
}

/** `getTransportStats()`: the way between page and server. */
export interface TransportStats {
  /** Round-trip times in ms. */
  txRtt: number;
  rxRtt: number;
  /** As far as the browser tells, otherwise `unknown`. */
  NetworkType: 'bluetooth' | 'cellular' | 'ethernet' | 'none' | 'wifi' | 'wimax' | 'vpn' | 'other' | 'unknown' | (string & {});
  /** The browser's estimate for all that it sends, in kbit/s; 0 while it has none. */
  OutgoingAvailableBandwidth: number;
}

/** An element of `getLocalAudioStats()`. */
export interface LocalAudioStats {
  /** For example `opus`. */
  CodecType: string;
  MuteState: boolean;
  /** How loud the source is; a muted track gives silence. */
  RecordingLevel: number;
  /** In Hz. */
  SamplingRate: number;
  SendBitrate: number;
  /** How loud what is sent is: 0 while muted. */
  SendLevel: number;
  /** In ms, as the server's reports tell. */
  rtt: number;
}

/**
 * An element of `getLocalVideoStats()`. Of a picture that is sent in two layers, resolution and frame rate are those of the
 * highest that is sent, bitrates the sum.
 */
export interface LocalVideoStats {
  /** The highest layer that is sent: 1 high, 0 low. */
  LayerType: number;
  /** For example `VP8`. */
  CodecName: string;
  CaptureFrameRate: number;
  CaptureResolutionWidth: number;
  CaptureResolutionHeight: number;
  /** In ms, the mean. */
  EncodeDelay: number;
  MuteState: boolean;
  SendBitrate: number;
  SendFrameRate: number;
  SendResolutionWidth: number;
  SendResolutionHeight: number;
  /** What the encoder aims at. */
  TargetSendBitrate: number;
  /** Seconds of sending, and those of them in which the source gave frames and none was sent. */
  TotalDuration: number;
  TotalFreezeTime: number;
}

/** What `getRemoteAudioStats()` has for a user. */
export interface RemoteAudioStats {
  CodecType: string;
  /** In ms: TransportDelay and the time from a packet's arrival to its playing. */
  End2EndDelay: number;
  /** Whether the user has muted it. */
  MuteState: boolean;
  PacketLossRate: number;
  RecvBitrate: number;
  RecvLevel: number;
  /** Seconds that were played, and those of them that were made up for lost packets. */
  TotalPlayDuration: number;
  TotalFreezeTime: number;
  /** In ms: half the round trip between page and server. */
  TransportDelay: number;
}

/** What `getRemoteVideoStats()` has for a user. */
export interface RemoteVideoStats {
  CodecName: string;
  End2EndDelay: number;
  MuteState: boolean;
  PacketLossRate: number;
  RecvBitrate: number;
  RecvResolutionWidth: number;
  RecvResolutionHeight: number;
  /** Frames a second that were decoded and not dropped. */
  RenderFrameRate: number;
  /** Of the decoded picture; how large the page shows it is the page's own. */
  RenderResolutionWidth: number;
  RenderResolutionHeight: number;
  /** Seconds that were played, and those of them that stood still. */
  TotalPlayDuration: number;
  TotalFreezeTime: number;
  TransportDelay: number;
}
