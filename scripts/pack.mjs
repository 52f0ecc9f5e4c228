// Makes the npm package, dist/NAME-VERSION.tgz, of what scripts/build.mjs has built.
// All that is said of the package is in npm/: its manifest with the name, and its own README in both languages.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifest, name, version } from './package.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The name that stands in the texts and types; an owner who changes npm/package.json changes it there by that alone. */
const WRITTEN = 'nertc-wasm-sdk';

/** How npm calls the tarball; a scope becomes a part of the name. */
const tarball = `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;

/** Largest tarball that is let through, in bytes: what an install loads. */
export const LIMIT = 2_500_000;

const text = (...parts) => readFileSync(join(root, ...parts), 'utf8').replaceAll(WRITTEN, name);

/** The rows of the table of sizes in the README: what these very files weigh. */
function sizes() {
  const bytes = (file) => statSync(join(root, 'dist', file)).size.toLocaleString('en');
  return ['nertc.wasm', 'nertc.js', 'nertc.mjs'].map((file) => `| \`${file}\` | ${['', '.gz', '.br'].map((end) => bytes(file + end)).join(' | ')} |`).join('\n');
}

/** The types as hand-kept, for require as they are and for import under the ending that TypeScript wants there. */
function putTypes(put) {
  const folder = 'jsbridge/shim/types';
  for (const file of readdirSync(join(root, folder))) {
    const types = text(folder, file);
    put(`types/${file}`, types);
    put(`types/${file.replace('.d.ts', '.d.mts')}`, types.replaceAll(/(from '\.\/\w+)\.js'/g, "$1.mjs'"));
  }
  // An `export * from 'NAME/types/client'` is kept by compilers that look at one file alone: it finds an empty module.
  for (const part of ['client', 'stream', 'types']) {
    put(`types/${part}.mjs`, 'export {};\n');
    put(`types/${part}.js`, "'use strict';\n");
  }
}

/** Puts the package together and packs it; gives the tarball's path. */
export function pack() {
  const built = ['nertc.js', 'nertc.js.map', 'nertc.mjs', 'nertc.mjs.map', 'nertc.cjs', 'nertc.cjs.map', 'nertc.wasm', 'integrity.json', 'server.mjs', 'server.cjs', 'server.page.mjs', 'server.page.cjs'];
  for (const file of built) if (!existsSync(join(root, 'dist', file))) throw new Error(`dist/${file} is missing: run make build`);
  // A folder of its own: tests pack side by side.
  const staged = mkdtempSync(join(root, 'dist/.package-'));
  const put = (to, content) => writeFileSync(join(staged, to), content);
  try {
    mkdirSync(join(staged, 'types'));
    for (const file of built) copyFileSync(join(root, 'dist', file), join(staged, file));
    for (const file of ['LICENSE', 'NOTICE', 'CHANGELOG.md']) copyFileSync(join(root, file), join(staged, file));
    for (const file of ['README.md', 'README.zh-CN.md']) put(file, text('npm', file).replaceAll('%tarball%', tarball).replace('%sizes%', sizes()));
    putTypes(put);
    put('package.json', `${JSON.stringify({ name, version, ...manifest }, null, 2)}\n`);
    const said = execFileSync('npm', ['pack', '--json', '--ignore-scripts'], { cwd: staged, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const { filename } = JSON.parse(said)[0];
    if (filename !== tarball) throw new Error(`npm calls the tarball ${filename}, and the README ${tarball}`);
    renameSync(join(staged, tarball), join(root, 'dist', tarball));
    return join(root, 'dist', tarball);
  } finally {
    rmSync(staged, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { size } = statSync(pack());
  console.log(`pack: dist/${tarball} has ${size} bytes of at most ${LIMIT}`);
  if (size > LIMIT) process.exit(1);
}
