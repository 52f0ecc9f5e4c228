import { Code, NERtcError } from './error';
import { wasmStart } from './loader';
import type { Environment } from './nertc';
import { inPage } from './page';

// Set by scripts/bundle.mjs.
declare const SDK_VERSION: string;
declare const SDK_BUILD: string;
declare const SDK_INTEGRITY: string;

/**
 * The browser's environment for an SDK whose files lie at an address. `wasm` gives the addresses of nertc.wasm to try, and
 * is asked when it is loaded; with `pinned` no other content than this build's is run. Where there is no page, what needs the core rejects 10001.
 */
export function browserEnvironment(script: string | undefined, wasm: () => string[], pinned = false): Environment {
  return {
    version: SDK_VERSION,
    build: SDK_BUILD,
    script,
    page: inPage ? globalThis.location?.href : undefined,
    start: (wasmUrl, log) => {
      if (!inPage) return () => Promise.reject(new NERtcError(Code.NotSupported, 'this needs a page in a browser; here is none'));
      const urls = wasmUrl ? [absolute(wasmUrl)] : wasm();
      const load = wasmStart({ urls, version: SDK_VERSION, log, integrity: pinned ? SDK_INTEGRITY : undefined });
      return async (again) => {
        const missing = NEEDED.find((name) => !globalThis[name]);
        // Nothing is loaded in vain: the pages of Jest and jsdom have no WebRTC, and browsers may have it switched off.
        if (missing) throw new NERtcError(Code.NotSupported, `this browser has no ${missing}`);
        return load(again);
      };
    },
  };
}

/** What there is no call without. */
const NEEDED = ['RTCPeerConnection', 'WebSocket', 'WebAssembly'] as const;

function absolute(wasmUrl: string): string {
  try {
    return new URL(wasmUrl, document.baseURI).href;
  } catch {
    throw new NERtcError(Code.InvalidArgument, `wasmUrl is no address: ${wasmUrl}`);
  }
}

/**
 * nertc.wasm beside a script, without one beside the page. With the build in the address a cache may keep the answer for
 * good, as far as the server knows that it is this build's: other servers pay no attention to it.
 */
export function wasmBeside(script: string | undefined): string[] {
  const base = script ?? globalThis.document?.baseURI;
  return base ? [new URL(`nertc.wasm?${SDK_BUILD}`, base).href] : [];
}
