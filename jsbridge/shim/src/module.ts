// The entry of nertc.mjs. Bundlers know the pattern of the address below and carry the file along.
import { browserEnvironment } from './environment';
import { makeNERTC } from './nertc';

const inPage = typeof document !== 'undefined';
const NERTC = makeNERTC(browserEnvironment(import.meta.url, [new URL('./nertc.wasm', import.meta.url).href]));
if (inPage) {
  Object.assign(globalThis, { NERTC, WebRTC2: NERTC });
  NERTC.ready.catch(() => {}); // begins to load; who needs the core hears of a failure
}

export default NERTC;
/** As NERTC.ready; where there is no page (server-side rendering) it stays open. */
export const ready: Promise<void> = inPage ? NERTC.ready : new Promise(() => {});
export const {
  VERSION,
  BUILD,
  createClient,
  createStream,
  destroy,
  getDevices,
  getCameras,
  getMicrophones,
  getSpeakers,
  checkSystemRequirements,
  checkBrowserCompatibility,
  getSupportedCodec,
  getParameters,
  Logger,
  VIDEO_QUALITY,
  VIDEO_FRAME_RATE,
  LIVE_STREAM_AUDIO_SAMPLE_RATE,
  LIVE_STREAM_AUDIO_CODEC_PROFILE,
  STREAM_TYPE,
  RECORD_VIDEO_QUALITY,
  RECORD_VIDEO_FRAME_RATE,
  VIDEO_QUALITY_180p,
  VIDEO_QUALITY_480p,
  VIDEO_QUALITY_720p,
  VIDEO_QUALITY_1080p,
  CHAT_VIDEO_FRAME_RATE_NORMAL,
  CHAT_VIDEO_FRAME_RATE_5,
  CHAT_VIDEO_FRAME_RATE_10,
  CHAT_VIDEO_FRAME_RATE_15,
  CHAT_VIDEO_FRAME_RATE_20,
  CHAT_VIDEO_FRAME_RATE_25,
  CHAT_VIDEO_FRAME_RATE_30,
  RECORD_VIDEO_QUALITY_360p,
  RECORD_VIDEO_QUALITY_480p,
  RECORD_VIDEO_QUALITY_720p,
  RECORD_VIDEO_FRAME_RATE_15,
  RECORD_VIDEO_FRAME_RATE_30,
} = NERTC;
