// What the browser itself says that it can do: asked at each call, never taken from its name.

/** Codecs of a call, by the names that pages know; what repairs losses or fills silence is none. */
const CODECS = { audio: ['OPUS'], video: ['H264', 'VP8', 'VP9', 'AV1', 'H265'] } as const;
type Kind = keyof typeof CODECS;

/** The subtypes, in capitals, that one end of the browser's RTP handles; null where it does not say. */
function handled(end: 'RTCRtpSender' | 'RTCRtpReceiver', kind: Kind): string[] | null {
  try {
    const codecs = globalThis[end]?.getCapabilities?.(kind)?.codecs;
    return codecs ? codecs.map(({ mimeType }) => mimeType.split('/')[1].toUpperCase()) : null;
  } catch {
    return null;
  }
}

/** The same from an offer, for browsers that only say it there. */
async function offered(kind: Kind): Promise<string[]> {
  const { RTCPeerConnection } = globalThis;
  if (!RTCPeerConnection) return [];
  const peer = new RTCPeerConnection();
  try {
    peer.addTransceiver(kind);
    const { sdp = '' } = await peer.createOffer();
    return [...sdp.matchAll(/^a=rtpmap:\d+ ([^/\s]+)/gm)].map(([, name]) => name.toUpperCase());
  } catch {
    return [];
  } finally {
    peer.close();
  }
}

/** What the browser both sends and receives of what calls are made of. */
export async function getSupportedCodec(): Promise<{ audio: string[]; video: string[] }> {
  const both = async (kind: Kind): Promise<string[]> => {
    const sent = handled('RTCRtpSender', kind);
    const received = handled('RTCRtpReceiver', kind);
    const all = sent && received ? sent.filter((name) => received.includes(name)) : await offered(kind);
    return CODECS[kind].filter((name) => all.includes(name));
  };
  const [audio, video] = await Promise.all([both('audio'), both('video')]);
  return { audio, video };
}

/** True where a call can be made at all: WebRTC, capture, WebSocket and WebAssembly are there. */
export function checkSystemRequirements(): boolean {
  return transport() && Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}

function transport(): boolean {
  const { RTCPeerConnection, WebSocket, WebAssembly } = globalThis;
  return Boolean(RTCPeerConnection && WebSocket && WebAssembly);
}

/** A browser that does not say what it handles is taken to handle what every one must (RFC 7742, RFC 7874). */
function calls(end: 'RTCRtpSender' | 'RTCRtpReceiver'): boolean {
  const has = (kind: Kind, names: readonly string[]) => {
    const known = handled(end, kind);
    return !known || names.some((name) => known.includes(name));
  };
  return has('audio', ['OPUS']) && has('video', ['VP8', 'H264']);
}

export interface Compatibility {
  isPullStreamSupport: boolean;
  isPushStreamSupport: boolean;
  isScreenShareSupport: boolean;
}

/** For pages of both kinds: a promise of the answer that has the answer's members itself. */
export function checkBrowserCompatibility(): Promise<Compatibility> & Compatibility {
  const isPushStreamSupport = checkSystemRequirements() && calls('RTCRtpSender');
  const answer = {
    isPullStreamSupport: transport() && calls('RTCRtpReceiver'),
    isPushStreamSupport,
    isScreenShareSupport: isPushStreamSupport && Boolean(globalThis.navigator?.mediaDevices?.getDisplayMedia),
  };
  return Object.assign(Promise.resolve(answer), answer);
}
