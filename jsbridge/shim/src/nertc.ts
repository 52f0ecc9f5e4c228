import type * as api from '../types/index';
import { Client } from './client';
import * as constants from './constants';
import { Core, type Start } from './core';
import { checkBrowserCompatibility, checkSystemRequirements, getSupportedCodec } from './browser';
import { Device } from './device';
import { getDevices } from './devices';
import { Code, NERtcError } from './error';
import { LEVELS, Log, newLogger } from './logger';
import { LogUpload } from './logupload';
import { unwrap } from './proxy';
import { check } from './rules';
import { defaultServer, signalling } from './server';
import { Stream } from './stream';

/** Where the SDK runs: what differs between a script tag, a bundle and a test. */
export interface Environment {
  version: string;
  build: string;
  /** The script's address, if it has one. */
  script?: string;
  /** The page's address, if there is a page: none where a server renders it. */
  page?: string;
  /** Makes the function that loads a core; without an address from where the SDK itself lies. */
  start: (wasmUrl?: string, log?: Log) => Start;
}

/** Makes the object that pages know as NERTC; types/index.d.ts documents it. */
export function makeNERTC(environment: Environment): api.NERTC {
  const { version, build, script, page, start } = environment;
  const clients: Client[] = [];
  const cores = new Map<string, Core>();
  const log = new Log();
  log.changed = (level) => {
    for (const core of cores.values()) core.setLogLevel(level);
  };
  const upload = new LogUpload(log, `sdk=${version} build=${build}`);
  const Logger = newLogger(log, upload);
  const device = new Device();

  /** Where nertc.wasm lies for what names no address: the first one that was named, unless a core has begun to load before. */
  let home = '';

  /** The core of an address; a fresh one where the last has stopped. */
  const coreAt = (wasmUrl?: string | null): Core => {
    const address = wasmUrl || home;
    const known = cores.get(address);
    if (known && !known.stopped) return known;
    const load = start(address || undefined, log);
    let core: Core | undefined;
    if (address && !home) {
      const early = cores.get('');
      // What was made before a page says where the file lies, and has not loaded it from elsewhere, has it from there.
      if (!early || early.stopped || early.redirect(load)) {
        home = address;
        cores.delete('');
        if (early && !early.stopped) core = early;
      }
    }
    core ??= new Core(load, log);
    cores.set(address, core);
    return core;
  };

  /** The first client made that is still of use: a stream without a client of its own belongs to it. */
  const firstClient = () => clients.find((client) => !client._core.stopped) ?? null;

  const resolve = (server: string) => signalling(server, page?.startsWith('https:') ?? false);

  const createClient = (options: { appkey: string; debug?: boolean; server?: string; wasmUrl?: string }): Client => {
    check('createClient', options);
    const { appkey, debug, server, wasmUrl } = options;
    if (debug !== undefined && debug !== null) log.setLevel(debug ? LEVELS.DEBUG : LEVELS.WARNING);
    const client = new Client({
      appkey,
      debug,
      server: server ? resolve(server) : defaultServer(script, page),
      resolve,
      core: coreAt(wasmUrl),
      upload,
      onDestroy: (gone) => clients.splice(clients.indexOf(gone), 1),
    });
    clients.push(client);
    if (page !== undefined) client._core.ready().catch(() => {}); // where there is no page, nothing is to be loaded
    return client;
  };

  const createStream = (options: Record<string, unknown>): Stream => {
    check('createStream', options);
    const { client, ...rest } = options;
    const own = client === undefined || client === null ? null : unwrap(Client, client);
    if (client && !own) throw new NERtcError(Code.InvalidArgument, 'client must be a Client');
    const core = (own ?? firstClient())?._core ?? coreAt();
    // What holds now holds for the stream: enableCompatMode is for those that are made after it.
    const how = { display: device._display(), oneChannel: device._compat };
    return new Stream({ core, options: { ...rest, ...how }, client: () => own ?? firstClient() });
  };

  const destroy = (client?: unknown): void => {
    const one = client === undefined || client === null ? clients[0] : unwrap(Client, client);
    if (client && !one) throw new NERtcError(Code.InvalidArgument, 'destroy needs a Client');
    one?.destroy();
  };

  const getParameters = () => {
    const counts = { clients: 0, streams: 0, callbacks: 0, memory: 0 };
    let running = false;
    for (const core of cores.values()) {
      const now = core.counts();
      if (!now) continue;
      running = true;
      for (const key of ['clients', 'streams', 'callbacks', 'memory'] as const) counts[key] += now[key] ?? 0;
    }
    return { version, build, server: defaultServer(script, page), running, ...counts };
  };

  const NERTC = {
    VERSION: version,
    BUILD: build,
    createClient,
    createStream,
    destroy,
    getDevices,
    getCameras: async () => (await getDevices()).video,
    getMicrophones: async () => (await getDevices()).audioIn,
    getSpeakers: async () => (await getDevices()).audioOut,
    checkSystemRequirements,
    checkBrowserCompatibility,
    getSupportedCodec,
    getParameters,
    Device: device,
    Logger,
    ...constants,
    // Guides of all releases name these by themselves.
    ...constants.VIDEO_QUALITY,
    ...constants.VIDEO_FRAME_RATE,
    ...constants.RECORD_VIDEO_QUALITY,
    ...constants.RECORD_VIDEO_FRAME_RATE,
    /** Resolves once the core runs; asked again after a failure, it tries again. */
    get ready(): Promise<void> {
      return (firstClient()?._core ?? coreAt()).ready();
    },
  };
  // The members that addStatistics defines are beyond the compiler; test/members.test.mjs compares them with the types.
  return NERTC as unknown as api.NERTC;
}
