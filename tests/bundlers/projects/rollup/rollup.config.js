import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import resolve from '@rollup/plugin-node-resolve';

const wasm = createRequire(import.meta.url).resolve('nertc-wasm-sdk/nertc.wasm');

export default {
  input: 'main.js',
  output: { dir: 'dist', format: 'es' },
  plugins: [resolve(), { name: 'nertc.wasm', writeBundle: ({ dir }) => copyFileSync(wasm, `${dir}/nertc.wasm`) }],
};
