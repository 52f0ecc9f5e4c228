// Gives the tests the shim, bundled as for delivery, and a core that does what a test tells it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from '../../../scripts/bundle.mjs';

export const VERSION = '1.2.3';

/** Bundles and imports an entry of this folder. */
export async function importBundled(entry) {
  const { script } = await bundle({
    entry: fileURLToPath(new URL(entry, import.meta.url)),
    format: 'esm',
    version: VERSION,
    build: '0123456789ab',
  });
  const dir = mkdtempSync(join(tmpdir(), 'nertc-shim-'));
  const file = join(dir, 'shim.mjs');
  writeFileSync(file, script);
  try {
    return await import(pathToFileURL(file));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export const shim = await importBundled('exports.ts');

/** A promise that a test settles. */
export function deferred() {
  const d = {};
  d.promise = new Promise((resolve, reject) => Object.assign(d, { resolve, reject }));
  return d;
}

/**
 * A core that writes down every call in `calls` as [object, method, ...arguments]. A test answers by `answers`, a map
 * of 'client.join' and the like to functions; without one, promises resolve and the rest gives undefined.
 */
export class ScriptedCore {
  calls = [];
  answers = {};
  clients = [];
  streams = [];
  end = deferred();
  /** What the core says that it holds. */
  held = { clients: 0, streams: 0, callbacks: 0 };

  get running() {
    const factory = {
      version: VERSION,
      createClient: (options, emit) => this.object('client', this.clients, [options], emit),
      createStream: (options, emit) => this.object('stream', this.streams, [options], emit),
      counts: () => this.held,
    };
    return { factory, exited: this.end.promise, memory: () => 65536 };
  }

  object(kind, list, args, emit) {
    const name = `${kind}${list.length + 1}`;
    this.calls.push([name, 'create', ...args]);
    const synchronous = new Set([
      'getConnectionState', 'setChannelProfile', 'setEncryptionMode', 'setEncryptionSecret', 'getUid', 'getChannelInfo', 'isPlaying', 'setRenderMode', 'stop', 'getTrack', 'has', 'uid',
    ]);
    const object = new Proxy(
      { name, emit },
      {
        get: (target, method) => {
          if (method in target || typeof method === 'symbol') return target[method];
          if (method === 'then') return undefined;
          return (...given) => {
            this.calls.push([name, method, ...given]);
            const answer = this.answers[`${kind}.${method}`];
            if (answer) return answer.call(object, ...given);
            if (synchronous.has(method) || (kind === 'stream' && method === 'destroy')) return undefined;
            return Promise.resolve();
          };
        },
      },
    );
    list.push(object);
    return object;
  }

  /** The calls without their arguments: 'client1.join'. */
  get names() {
    return this.calls.map(([object, method]) => `${object}.${method}`);
  }
}

/** A NERTC whose cores a test starts by hand: `loads` has one deferred for each attempt to load. */
export function scripted(environment = {}) {
  const loads = [];
  const NERTC = shim.makeNERTC({
    version: VERSION,
    build: 'b',
    script: 'http://127.0.0.1:8080/nertc.js',
    page: 'http://127.0.0.1:9090/page.html',
    start: (wasmUrl) => (again) => {
      const load = deferred();
      Object.assign(load, { wasmUrl, again });
      loads.push(load);
      return load.promise;
    },
    ...environment,
  });
  return { NERTC, loads };
}

/** The same with a core that runs. */
export async function running(environment) {
  const { NERTC, loads } = scripted(environment);
  const core = new ScriptedCore();
  const ready = NERTC.ready;
  loads[0].resolve(core.running);
  await ready;
  return { NERTC, loads, core };
}

/** Collects what handlers throw, which the shim gives to reportError. */
export function catchReports() {
  const reports = [];
  const before = globalThis.reportError;
  globalThis.reportError = (error) => reports.push(error);
  return { reports, restore: () => (globalThis.reportError = before) };
}

/** True for assert.rejects and assert.throws where the error has this code and, if given, matches the text. */
export function withCode(code, text) {
  return (error) => {
    if (error?.name !== 'NERtcError' || error.code !== code) throw new Error(`expected code ${code}, got ${error?.code}: ${error}`);
    if (text && !text.test(error.reason)) throw new Error(`expected ${text}, got: ${error.reason}`);
    return true;
  };
}
