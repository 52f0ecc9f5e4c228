// The package's part for servers: the source as it is, in both module forms, and what a page gets in its place.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = (name) => fileURLToPath(new URL(`../jsbridge/shim/server/${name}`, import.meta.url));

/** Writes server.mjs, server.cjs and server.page.mjs into a folder. */
export async function buildServer(folder) {
  copyFileSync(source('tokens.mjs'), join(folder, 'server.mjs'));
  copyFileSync(source('in-a-page.mjs'), join(folder, 'server.page.mjs'));
  await build({
    entryPoints: [source('tokens.mjs')],
    outfile: join(folder, 'server.cjs'),
    format: 'cjs',
    platform: 'node',
    target: 'node18',
    charset: 'utf8',
  });
}
