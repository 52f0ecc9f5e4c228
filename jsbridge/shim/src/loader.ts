import type { Factory, Running, Start } from './core';
import { Code, NERtcError } from './error';
import { newGo } from './go';
import type { Log } from './logger';
import { underPolicy, WASM_FORBIDDEN } from './policy';
import { spawnFrames } from './spawn';

/** What a loader is made of. */
export interface LoaderOptions {
  /** Addresses of nertc.wasm; the next one is tried where one is not found, or is something else. */
  urls: string[];
  /** The version that the core must have. */
  version: string;
  /** What nertc.wasm has to be, as `sha384-…`: nothing else is compiled. Without it the file is compiled while it arrives. */
  integrity?: string;
  /** The longest time without a byte, and for a start of the program, in milliseconds. */
  stall?: number;
  /** Takes the lines of the core's journal. */
  log?: Log;
}

/** How long a page waits at most for the next byte: with the attempt's other steps it stays below ten seconds. */
const STALL = 8000;

/** What every WebAssembly file begins with: https://webassembly.github.io/spec/core/binary/modules.html#binary-magic */
const MAGIC = 0x0061736d;

/** Makes the function that fetches, compiles and starts nertc.wasm. */
export function wasmStart({ urls, version, integrity, stall = STALL, log }: LoaderOptions): Start {
  return async (again) => {
    for (const [i, url] of urls.entries()) {
      const module = await underPolicy(() => load(url, { again, stall, integrity, hasNext: i < urls.length - 1 }), url);
      if (module) return run(module, version, stall, log);
    }
    throw new NERtcError(Code.Network, 'the address of nertc.wasm is not known: pass wasmUrl to createClient');
  };
}

type Loading = { again: boolean; stall: number; integrity: string | undefined; hasNext: boolean };

/** Fetches and compiles; null if there is no such file and the caller has another address. */
async function load(url: string, { again, stall, integrity, hasNext }: Loading): Promise<WebAssembly.Module | null> {
  const stalled = new AbortController();
  let timer: ReturnType<typeof setTimeout>;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), stall);
  };
  alive();
  let response: Response;
  try {
    // After a failure the HTTP cache is not trusted: it may hold the very file that was cut short.
    response = await fetch(url, { signal: stalled.signal, cache: again ? 'reload' : 'default' });
    if (!response.ok) {
      if (hasNext && (response.status === 404 || response.status === 410)) return null;
      throw new NERtcError(Code.Network, `${url} answered ${response.status}`);
    }
    watch(response, alive);
    const module = await compile(response, integrity);
    if (module || hasNext) return module;
    throw new NERtcError(Code.Network, `${url} is no WebAssembly but ${response.headers.get('Content-Type')}: nertc.wasm has to lie there, or wasmUrl to name where it does`);
  } catch (error) {
    throw explain(url, error, stalled.signal.aborted);
  } finally {
    clearTimeout(timer!);
  }
}

/** Tells of every piece that arrives, from a copy of the body: the compiler needs the browser's own response. */
function watch(response: Response, alive: () => void): void {
  const reader = response.clone().body?.getReader();
  const next = (): void => void reader?.read().then(({ done }) => done || (alive(), next()), () => {});
  next();
}

/** Null where the answer is something else: hosts of applications with one page answer unknown addresses with that page. */
async function compile(response: Response, integrity: string | undefined): Promise<WebAssembly.Module | null> {
  const type = response.headers.get('Content-Type') ?? '';
  // compileStreaming refuses any other type; a server that does not know .wasm is no reason to fail.
  if (!integrity && WebAssembly.compileStreaming && /^application\/wasm\b/i.test(type)) return WebAssembly.compileStreaming(response);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength < 4 || new DataView(bytes).getUint32(0) !== MAGIC) return null;
  if (integrity) await verify(bytes, integrity);
  return WebAssembly.compile(bytes);
}

/** Not by fetch's own option: a response with it gives no sign of life before it is there as a whole. */
async function verify(bytes: ArrayBuffer, integrity: string): Promise<void> {
  if (!globalThis.crypto?.subtle) throw new NERtcError(Code.NotSupported, 'the integrity of nertc.wasm can be checked in https: pages only');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', bytes));
  const found = `sha384-${btoa(String.fromCharCode(...digest))}`;
  if (found !== integrity) {
    throw new NERtcError(Code.Network, `nertc.wasm has the integrity ${found}, and this script wants ${integrity}: both must come from one build`);
  }
}

function explain(url: string, error: unknown, stalled: boolean): NERtcError {
  if (error instanceof NERtcError) return error;
  const text = String((error as Error)?.message ?? error);
  if (stalled) return new NERtcError(Code.Network, `${url} did not arrive in time`);
  if (/content security policy|unsafe-eval|blocked by CSP/i.test(text)) return new NERtcError(Code.NotSupported, WASM_FORBIDDEN);
  if (error instanceof WebAssembly.CompileError) {
    return new NERtcError(Code.Network, `${url} is damaged, cut short or no WebAssembly (${text})`);
  }
  return new NERtcError(Code.Network, `${url} could not be loaded (${text})`);
}

/** Starts the program and waits for its factory, which it hands over through a function of a fresh global name. */
async function run(module: WebAssembly.Module, version: string, stall: number, log?: Log): Promise<Running> {
  const go = newGo();
  const name = `nertc_${crypto.getRandomValues(new Uint32Array(4)).join('_')}`;
  const scope = globalThis as Record<string, unknown>;
  go.env.NERTC_BOOT = name;
  let timer: ReturnType<typeof setTimeout>;
  try {
    const booted = new Promise<Factory>((resolve) => {
      const boot = Object.assign((factory: Factory) => resolve(factory), {
        spawnFrames: () => spawnFrames(module),
        log: log?.write,
        logLevel: log?.detail,
      });
      Object.defineProperty(scope, name, { value: boot, configurable: true, enumerable: false });
    });
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NERtcError(Code.NotSupported, 'nertc.wasm did not start in time')), stall);
    });
    const instance = await WebAssembly.instantiate(module, go.importObject).catch((error) => {
      throw new NERtcError(Code.NotSupported, `nertc.wasm does not fit this nertc.js (${String(error)})`);
    });
    const exited = go.run(instance).then(
      () => `it exited with code ${go.code}`,
      (error) => String(error),
    );
    const early = exited.then((why) => {
      throw new NERtcError(Code.NotSupported, `nertc.wasm did not start: ${why}`);
    });
    early.catch(() => {}); // an exit after the start is the core's to tell
    const factory = await Promise.race([booted, early, late]);
    if (factory.version !== version) {
      throw new NERtcError(
        Code.NotSupported,
        `nertc.wasm is version ${factory.version}, nertc.js is version ${version}: both must come from one build`,
      );
    }
    const { mem } = instance.exports as { mem?: WebAssembly.Memory };
    return { factory, exited, memory: () => mem?.buffer.byteLength ?? 0 };
  } finally {
    clearTimeout(timer!);
    delete scope[name];
  }
}
