// The package's part for servers: the source as it is, in both module forms, and what a page gets in its place.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = (name) => fileURLToPath(new URL(`../jsbridge/shim/server/${name}`, import.meta.url));

/** Writes server.mjs and server.cjs into a folder, and server.page.mjs and server.page.cjs. */
export async function buildServer(folder) {
  copyFileSync(source('tokens.mjs'), join(folder, 'server.mjs'));
  copyFileSync(source('in-a-page.mjs'), join(folder, 'server.page.mjs'));
  const required = (from, to) => build({ entryPoints: [source(from)], outfile: join(folder, to), format: 'cjs', platform: 'node', target: 'node18', charset: 'utf8' });
  await required('tokens.mjs', 'server.cjs');
  await required('in-a-page.mjs', 'server.page.cjs');
}
