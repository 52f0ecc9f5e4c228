// Builds everything that is delivered: dist/ (the SDK), gateway/site/assets (the same for the gateway to embed) and
// bin/nertc-gateway. What is up to date is left alone: brotli at its best takes half a minute for the wasm.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants as zlib, gzipSync } from 'node:zlib';
import { bundle } from './bundle.mjs';
import { integrityOf } from './integrity.mjs';
import { dropLineTables } from './linetables.mjs';
import { version } from './package.mjs';
import { joinSegments } from './segments.mjs';
import { buildServer } from './server.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);
const dist = at('dist');
const assets = at('gateway/site/assets');
/** What gateways serve. The rest is for the npm package alone (scripts/pack.mjs). */
const served = ['nertc.js', 'nertc.js.map', 'nertc.mjs', 'nertc.mjs.map', 'nertc.wasm', 'integrity.json'];
const say = (what, how) => console.log(`build: ${what.padEnd(24)} ${how}`);

/** Builds a program for a platform; Go's own cache decides what there is to do. */
function go(program, output, env, ...more) {
  const GOFLAGS = process.env.GOFLAGS || '-trimpath';
  execFileSync('go', ['build', '-trimpath', '-ldflags', `-s -w -X main.version=${version}`, ...more, '-o', output, program], { cwd: root, stdio: 'inherit', env: { ...process.env, GOFLAGS, ...env } });
}

/** Writes a file only if its content is another: what depends on it by time or hash then stays valid. */
function write(path, content) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return false;
  writeFileSync(path, content);
  return true;
}

/** Makes path.br and path.gz, unless they are there already for the same content. */
function compress(path) {
  const content = readFileSync(path);
  const stamp = createHash('sha256').update(content).digest('hex');
  const stampFile = join(dist, '.stamps', path.slice(dist.length + 1));
  if (existsSync(`${path}.br`) && existsSync(`${path}.gz`) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return;
  }
  const brotli = brotliCompressSync(content, {
    params: {
      [zlib.BROTLI_PARAM_QUALITY]: 11,
      [zlib.BROTLI_PARAM_LGWIN]: 24,
      [zlib.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
  say(path.slice(root.length + 1), `${content.length} bytes, ${brotli.length} in brotli`);
}

mkdirSync(join(dist, '.stamps'), { recursive: true });
mkdirSync(assets, { recursive: true });

// The core. Its hash goes into the scripts as BUILD, which they ask for it by: that answer caches may keep for good.
// Without the commit in it, the same sources make the same file: a commit alone changes no hash and compresses nothing.
// Inlining is off where nothing is hot: copies of small functions are bytes that every visitor loads. The cryptography here
// comes with net/http and with pion, and is never used in a page. What is hot has to be taken out again behind the list.
const unused = ['nistec/...', 'edwards25519/...', 'bigmod', 'ecdsa'].map((name) => `crypto/internal/fips140/${name}`);
const hot = ['nertc/internal/framecrypt', 'nertc/internal/sm4'].map((pattern) => `-gcflags=${pattern}=`);
const cold = ['fmt', 'reflect', 'strings', 'time', 'math/big', 'github.com/hack-pad/...', ...unused, 'nertc/...'].map((pattern) => `-gcflags=${pattern}=-l`);
const linked = join(dist, '.stamps/linked.wasm');
go('./wasm', linked, { GOOS: 'js', GOARCH: 'wasm' }, '-buildvcs=false', ...cold, ...hot);
const wasm = dropLineTables(joinSegments(readFileSync(linked)));
write(join(dist, 'nertc.wasm'), wasm);
const build = createHash('sha256').update(wasm).digest('hex').slice(0, 12);
const integrity = { 'nertc.wasm': integrityOf(wasm) };
compress(join(dist, 'nertc.wasm'));

// The scripts.
for (const [entry, format, name] of [
  ['script', 'umd', 'nertc.js'],
  ['module', 'esm', 'nertc.mjs'],
  ['commonjs', 'cjs', 'nertc.cjs'],
]) {
  const { script, map } = await bundle({ entry: at(`jsbridge/shim/src/${entry}.ts`), format, version, build, integrity: integrity['nertc.wasm'], minify: true, file: name });
  for (const [file, content] of [[name, script], [`${name}.map`, map]]) {
    write(join(dist, file), content);
    if (served.includes(file)) compress(join(dist, file));
  }
}

// What pages name in the attribute `integrity`: docs/integrity.md.
for (const name of ['nertc.js', 'nertc.mjs']) integrity[name] = integrityOf(readFileSync(join(dist, name)));
write(join(dist, 'integrity.json'), `${JSON.stringify({ version, ...integrity }, null, 2)}\n`);
compress(join(dist, 'integrity.json'));

await buildServer(dist);

// The gateway embeds and serves the same.
const embedded = served.flatMap((name) => [name, `${name}.br`, `${name}.gz`]);
for (const name of readdirSync(assets)) {
  if (name !== '.gitkeep' && !embedded.includes(name)) rmSync(join(assets, name));
}
for (const name of embedded) write(join(assets, name), readFileSync(join(dist, name)));

go('./cmd/nertc-gateway', at('bin/nertc-gateway'), { CGO_ENABLED: '0' });
say('dist, bin/nertc-gateway', `version ${version}, build ${build}`);
