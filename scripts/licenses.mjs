// Lists the dependencies and their licences: the Go modules that are linked into what is delivered, and the npm
// packages, which are for development only. Exits with 1 where a licence is not recognised.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The modules of a program for a platform, without this one: path to directory and version. */
function modules(program, env) {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const out = execFileSync('go', ['list', '-deps', '-f', format, program], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, ...env },
  });
  return [...new Set(out.split('\n').filter(Boolean))].map((line) => line.split('\t'));
}

const KINDS = [
  ['Apache-2.0', /Apache License\s+Version 2\.0|apache\.org\/licenses\/LICENSE-2\.0/i],
  ['MPL-2.0', /Mozilla Public License,? (Version|v\.?) ?2\.0/i],
  ['BSD-3-Clause', /Redistribution and use[^]*(Neither|name of)[^]*endorse or promote/i],
  ['BSD-2-Clause', /Redistribution and use in source and binary forms/i],
  ['ISC', /Permission to use, copy, modify, and\/?o?r? distribute this software for any/i],
  ['MIT', /Permission is hereby granted, free of charge/i],
  ['Unlicense', /This is free and unencumbered software/i],
  ['CC0-1.0', /CC0 1\.0/i],
];

function license(dir) {
  const file = readdirSync(dir).find((name) => /^(licen[cs]e|copying|unlicense)/i.test(name));
  if (!file) return 'unknown';
  const text = readFileSync(join(dir, file), 'utf8');
  return KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}

let unknown = 0;
function print(title, rows) {
  console.log(`\n${title} (${rows.length})`);
  for (const [name, version, kind] of rows.sort()) {
    unknown += kind === 'unknown' ? 1 : 0;
    console.log(`  ${kind.padEnd(14)} ${name} ${version}`);
  }
}

const go = (program, env) => modules(program, env).map(([path, version, dir]) => [path, version, license(dir)]);
print('linked into nertc.wasm', go('./wasm', { GOOS: 'js', GOARCH: 'wasm' }));
print('linked into nertc-gateway', go('./cmd/nertc-gateway', {}));

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json')));
const npm = Object.entries(packages).filter(([path]) => path !== '');
print(
  'npm, for development only',
  npm.map(([path, { version, license: kind }]) => [path.replace(/^.*node_modules\//, ''), version, kind ?? 'unknown']),
);
process.exit(unknown ? 1 : 0);
