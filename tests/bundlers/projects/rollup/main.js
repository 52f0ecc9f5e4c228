import NERTC from 'nertc-wasm-sdk';
import { call } from './call.js';

// rollup.config.js puts nertc.wasm beside the bundle, where it is looked for.
call(NERTC);
