// What the tests see of the shim; bundled by shim.mjs.
export { choose, EVERYTHING } from '../src/choice';
export { Client } from '../src/client';
export { checkDevices } from '../src/connectivity';
export { Core } from '../src/core';
export { Emitter } from '../src/emitter';
export { fromCore, NERtcError } from '../src/error';
export { newGo } from '../src/go';
export { wasmStart } from '../src/loader';
export { makeNERTC } from '../src/nertc';
export { check } from '../src/rules';
export { defaultServer, signalling } from '../src/server';
export { Stream } from '../src/stream';
export { Log, quoted } from '../src/logger';
export { LogUpload } from '../src/logupload';
export { excess, LogStore, outgoing } from '../src/logstore';
