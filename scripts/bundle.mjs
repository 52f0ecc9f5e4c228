// Bundles the shim with esbuild, for delivery (scripts/build.mjs) and for its own tests.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { name } from './package.mjs';

/** The wasm_exec.js of the toolchain in use: program and runtime script must be of one version, so no copy is kept. */
function wasmExec() {
  const goroot = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  const file = ['lib/wasm', 'misc/wasm'].map((dir) => join(goroot, dir, 'wasm_exec.js')).find((path) => existsSync(path));
  if (!file) throw new Error('the Go toolchain has no wasm_exec.js');
  // The script speaks of the global fs once the program runs. Inside this function that name is a variable of its own,
  // so that the globals can be taken away from the page again (jsbridge/shim/src/go.ts).
  return `export function evaluate() { let fs; ${readFileSync(file, 'utf8')}\n; fs = globalThis.fs; }`;
}

const wasmExecPlugin = {
  name: 'wasm_exec',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^wasm_exec$/ }, () => ({ path: 'wasm_exec', namespace: 'go' }));
    onLoad({ filter: /.*/, namespace: 'go' }, () => ({ contents: wasmExec(), loader: 'js' }));
  },
};

/** The frame worker as a text: bundled by itself, so that nothing that happens to the script around it reaches into it. */
const frameWorkerPlugin = {
  name: 'frame_worker',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^frame_worker$/ }, () => ({ path: 'frame_worker', namespace: 'frames' }));
    onLoad({ filter: /.*/, namespace: 'frames' }, async () => {
      const { outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL('../jsbridge/shim/src/frames.ts', import.meta.url))],
        bundle: true,
        write: false,
        format: 'iife',
        minify: true,
        target: 'es2020',
        charset: 'utf8',
        legalComments: 'none',
        plugins: [wasmExecPlugin],
      });
      return { contents: outputFiles[0].text, loader: 'text' };
    });
  },
};

/**
 * What stands around each format. The UMD build evaluates at once, so that the global is there whoever asks for the module
 * (or nobody); the CommonJS build makes NERTC the whole of module.exports, which also answers to `default`, because compiled
 * `import NERTC` asks for that.
 */
const AROUND = {
  esm: { banner: '', footer: '' },
  cjs: { banner: '', footer: COMMONJS('module.exports.default') },
  umd: {
    banner: `(function(make){var NERTC=make();if(typeof exports==="object"&&typeof module!=="undefined"){${COMMONJS('NERTC')}}else if(typeof define==="function"&&define.amd)define([],function(){return NERTC})})(function(){`,
    footer: 'return nertc.default});',
  },
};

function COMMONJS(value) {
  return `module.exports=${value};Object.defineProperty(module.exports,"__esModule",{value:true});Object.defineProperty(module.exports,"default",{value:module.exports});`;
}

/**
 * Bundles one entry.
 *
 * The UMD build has no syntax beyond ES2018: it is what bundlers of that age take.
 * @param {{entry: string, format: 'esm'|'cjs'|'umd', version: string, build: string, integrity?: string, minify?: boolean, file?: string}} options
 *   with `file`, the name under which the script is delivered, a source map comes along
 * @returns {Promise<{script: string, map?: string}>}
 */
export async function bundle({ entry, format, version, build: hash, integrity = '', minify = false, file }) {
  const { banner, footer } = AROUND[format];
  const licence = `/*! ${name} ${version} (${hash}) | Apache-2.0 | has wasm_exec.js of the Go authors, BSD-3-Clause */\n`;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    outfile: file ?? 'bundle.js',
    sourcemap: file ? 'linked' : false,
    format: format === 'umd' ? 'iife' : format,
    globalName: format === 'umd' ? 'nertc' : undefined,
    minify,
    target: format === 'umd' ? 'es2018' : 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    platform: 'browser',
    define: {
      SDK_VERSION: JSON.stringify(version),
      SDK_BUILD: JSON.stringify(hash), SDK_INTEGRITY: JSON.stringify(integrity),
      SDK_PACKAGE: JSON.stringify(name),
      ...(format === 'esm' ? {} : { 'import.meta.url': 'undefined' }),
    },
    plugins: [wasmExecPlugin, frameWorkerPlugin],
    banner: { js: (minify ? licence : '') + banner },
    footer: { js: footer },
  });
  const text = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text;
  return file ? { script: text(file), map: text('.map') } : { script: outputFiles[0].text };
}

