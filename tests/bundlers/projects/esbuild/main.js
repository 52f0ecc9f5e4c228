import { createClient, createStream } from 'nertc-wasm-sdk';
import wasmUrl from 'nertc-wasm-sdk/nertc.wasm'; // the loader "file" copies it and gives its address
import { call } from './call.js';

call({ createClient, createStream }, { wasmUrl });
