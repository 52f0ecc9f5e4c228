// Bundles the shim with esbuild, for delivery (scripts/build.mjs) and for its own tests.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

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
 * Bundles one entry.
 * @param {{entry: string, format: 'iife'|'esm'|'cjs', version: string, build: string, minify?: boolean}} options
 * @returns {Promise<string>} the script
 */
export async function bundle({ entry, format, version, build: hash, minify = false }) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    minify,
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    platform: 'browser',
    define: { SDK_VERSION: JSON.stringify(version), SDK_BUILD: JSON.stringify(hash) },
    plugins: [wasmExecPlugin, frameWorkerPlugin],
    footer: format === 'cjs' ? { js: 'module.exports = module.exports.default;' } : {},
    banner: minify ? { js: `/*! nertc-web ${version} (${hash}) | Apache-2.0 | has wasm_exec.js of the Go authors, BSD-3-Clause */` } : {},
  });
  return outputFiles[0].text;
}
