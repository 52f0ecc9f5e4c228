import * as NERTC from 'nertc-wasm-sdk';
import { call } from './call.js';

call(NERTC);
