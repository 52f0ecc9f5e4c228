// The entry of nertc.mjs. Nothing is loaded before it is needed: an import is no call, and wasmUrl may name another file.
import { browserEnvironment, wasmBeside } from './environment';
import { makeNERTC } from './nertc';
import { defineGlobals } from './page';

// Set by scripts/bundle.mjs.
declare const SDK_PACKAGE: string;

/**
 * Bundlers know the pattern of the address and carry the file along; a bundle that is no module has no such address. The
 * development server of Vite 4 to 7 moves this script to a folder of its own in node_modules, `.vite/deps` or what a framework
 * says (`.cache/vite/client/deps`), and not the file with it.
 */
function carried(): string[] {
  try {
    const address = new URL('./nertc.wasm', import.meta.url).href;
    const moved = address.replace(/\/node_modules\/\.(?!.*\/node_modules\/).*/, `/node_modules/${SDK_PACKAGE}/nertc.wasm`);
    return moved === address ? [address] : [moved, address];
  } catch {
    return wasmBeside(undefined);
  }
}

const NERTC = makeNERTC(browserEnvironment(import.meta.url, carried));
defineGlobals(NERTC);

/** NERTC.ready, asked for when somebody waits for it and not by the import alone. */
class Ready extends Promise<void> {
  override then<A = void, B = never>(
    done?: ((value: void) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return NERTC.ready.then(done, failed);
  }
}

export default NERTC;
export const ready: Promise<void> = new Ready(() => {});
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
  Device,
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
