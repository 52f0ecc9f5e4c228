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
  Logger,
  VIDEO_QUALITY,
  VIDEO_FRAME_RATE,
  LIVE_STREAM_AUDIO_SAMPLE_RATE,
  LIVE_STREAM_AUDIO_CODEC_PROFILE,
  STREAM_TYPE,
} = NERTC;
