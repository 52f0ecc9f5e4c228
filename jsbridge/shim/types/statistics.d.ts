// What the statistics calls of a Client give. Bitrates are in kbit/s, delays in ms, durations in seconds, levels from 0 to
// 100, losses in percent. What a figure says of a span of time, it says of about the last second.

/** `getSessionStats()`: the stay as a whole. The byte counters never fall, also where a lost connection was replaced. 会话统计。 */
export interface SessionStats {
  /** Seconds since the join. 通话时长（秒）。 */
  Duration: number;
  /** Received now, in kbit/s. 接收码率（kbit/s）。 */
  RecvBitrate: number;
  /** Sent now, in kbit/s. 发送码率（kbit/s）。 */
  SendBitrate: number;
  /** Of everything that the connection carried since the join. 累计接收字节数。 */
  RecvBytes: number;
  /** As RecvBytes, of what was sent. 累计发送字节数。 */
  SendBytes: number;
  /** Those in the room who are visible, oneself included. 房间内可见人数，含自己。 */
  UserCount: number;
}

/** `getTransportStats()`: the way between page and server. 网络传输统计。 */
export interface TransportStats {
  /** Round-trip times in ms. 上行往返时延（毫秒）。 */
  txRtt: number;
  /** The same for what is received, in ms. 下行往返时延（毫秒）。 */
  rxRtt: number;
  /** As far as the browser tells, otherwise `unknown`. 网络类型。 */
  NetworkType: 'bluetooth' | 'cellular' | 'ethernet' | 'none' | 'wifi' | 'wimax' | 'vpn' | 'other' | 'unknown' | (string & {});
  /** The browser's estimate for all that it sends, or what arrived in the best of the last 8 s, if that is more; kbit/s, 0 while there is no estimate. 估计的可用上行带宽（kbit/s）。 */
  OutgoingAvailableBandwidth: number;
}

/** An element of `getLocalAudioStats()`. 本地音频统计。 */
export interface LocalAudioStats {
  /** For example `opus`. 编码格式。 */
  CodecType: string;
  /** Whether it is muted. 是否静音。 */
  MuteState: boolean;
  /** How loud the source is; a muted track gives silence. 采集音量。 */
  RecordingLevel: number;
  /** In Hz. 采样率（Hz）。 */
  SamplingRate: number;
  /** In kbit/s. 发送码率（kbit/s）。 */
  SendBitrate: number;
  /** How loud what is sent is: 0 while muted. 发送音量。 */
  SendLevel: number;
  /** In ms, as the server's reports tell. 往返时延（毫秒）。 */
  rtt: number;
}

/**
 * An element of `getLocalVideoStats()`. Of a picture that is sent in two layers, resolution and frame rate are those of the
 * highest that is sent, bitrates the sum. 本地视频统计。
 */
export interface LocalVideoStats {
  /** The highest layer that is sent: 1 high, 0 low. 发送的最高层：1 大流，0 小流。 */
  LayerType: number;
  /** For example `VP8`. 编码格式。 */
  CodecName: string;
  /** Frames a second of the source. 采集帧率。 */
  CaptureFrameRate: number;
  /** Pixels of the source. 采集宽度（像素）。 */
  CaptureResolutionWidth: number;
  /** Pixels of the source. 采集高度（像素）。 */
  CaptureResolutionHeight: number;
  /** In ms, the mean. 平均编码耗时（毫秒）。 */
  EncodeDelay: number;
  /** Whether it is muted. 是否关闭画面。 */
  MuteState: boolean;
  /** In kbit/s. 发送码率（kbit/s）。 */
  SendBitrate: number;
  /** Frames a second that are sent. 发送帧率。 */
  SendFrameRate: number;
  /** Pixels of what is sent. 发送宽度（像素）。 */
  SendResolutionWidth: number;
  /** Pixels of what is sent. 发送高度（像素）。 */
  SendResolutionHeight: number;
  /** What the encoder aims at. 编码器的目标码率（kbit/s）。 */
  TargetSendBitrate: number;
  /** Seconds of the publication, without those in which it is muted. 发送总时长（秒）。 */
  TotalDuration: number;
  /** Of TotalDuration, the seconds in which the source gave frames, somebody wanted them, and none was sent; 0 in Firefox, which does not tell what is wanted. 其中卡顿的时长（秒）。 */
  TotalFreezeTime: number;
}

/** What `getRemoteAudioStats()` has for a user. 远端音频统计。 */
export interface RemoteAudioStats {
  /** For example `opus`. 编码格式。 */
  CodecType: string;
  /** In ms: TransportDelay and the time from a packet's arrival to its playing. 端到端时延（毫秒）。 */
  End2EndDelay: number;
  /** Whether the user has muted it. 对方是否静音。 */
  MuteState: boolean;
  /** In percent. 丢包率（%）。 */
  PacketLossRate: number;
  /** In kbit/s. 接收码率（kbit/s）。 */
  RecvBitrate: number;
  /** How loud it came, 0 to 100. 接收音量。 */
  RecvLevel: number;
  /** Seconds that were played, and those of them that were made up for lost packets. 播放总时长（秒）。 */
  TotalPlayDuration: number;
  /** Of TotalPlayDuration, the seconds that were made up. 其中卡顿的时长（秒）。 */
  TotalFreezeTime: number;
  /** In ms: half the round trip between page and server. 传输时延（毫秒）。 */
  TransportDelay: number;
}

/** What `getRemoteVideoStats()` has for a user. 远端视频统计。 */
export interface RemoteVideoStats {
  /** For example `VP8`. 编码格式。 */
  CodecName: string;
  /** In ms: TransportDelay and the time from a packet's arrival to the decoded frame. 端到端时延（毫秒）。 */
  End2EndDelay: number;
  /** Whether the user has muted it. 对方是否关闭画面。 */
  MuteState: boolean;
  /** In percent. 丢包率（%）。 */
  PacketLossRate: number;
  /** In kbit/s. 接收码率（kbit/s）。 */
  RecvBitrate: number;
  /** Pixels of what is received. 接收宽度（像素）。 */
  RecvResolutionWidth: number;
  /** Pixels of what is received. 接收高度（像素）。 */
  RecvResolutionHeight: number;
  /** Frames a second that were decoded and not dropped. 渲染帧率。 */
  RenderFrameRate: number;
  /** Of the decoded picture; how large the page shows it is the page's own. 渲染宽度（像素）。 */
  RenderResolutionWidth: number;
  /** As RenderResolutionWidth. 渲染高度（像素）。 */
  RenderResolutionHeight: number;
  /** Seconds since the first frame, without those in which it is muted or nobody sees it. 播放总时长（秒）。 */
  TotalPlayDuration: number;
  /** Of TotalPlayDuration, the seconds that stood still. 其中卡顿的时长（秒）。 */
  TotalFreezeTime: number;
  /** In ms: half the round trip between page and server. 传输时延（毫秒）。 */
  TransportDelay: number;
}
