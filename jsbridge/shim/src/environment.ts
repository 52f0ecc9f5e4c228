import type { Environment } from './nertc';
import { wasmStart } from './loader';

// Set by scripts/build.mjs.
declare const SDK_VERSION: string;
declare const SDK_BUILD: string;

/** The browser's environment for an SDK whose files lie at an address; without one they are looked for beside the page. */
export function browserEnvironment(script: string | undefined, wasm: string[]): Environment {
  return {
    version: SDK_VERSION,
    build: SDK_BUILD,
    script,
    page: globalThis.location?.href,
    start: (wasmUrl, log) => {
      const base = globalThis.document?.baseURI;
      const urls = wasmUrl ? [new URL(wasmUrl, base).href] : wasm;
      return wasmStart({ urls, version: SDK_VERSION, log });
    },
  };
}

/** The files of this build beside a script: the one whose name holds its hash, which caches keep for good, then the plain one. */
export function wasmBeside(script: string | undefined): string[] {
  const base = script ?? globalThis.document?.baseURI;
  if (!base) return [];
  return [`nertc.${SDK_BUILD}.wasm`, 'nertc.wasm'].map((name) => new URL(name, base).href);
}
