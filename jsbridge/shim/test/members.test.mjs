import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { coverage, file } from '../../../scripts/coverage.mjs';
import { claimsIn } from '../../../scripts/proofs.mjs';
import { declarations, lacking } from './docs.mjs';
import { importBundled, running } from './shim.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => JSON.parse(readFileSync(here(path)));
const documented = read('../documented.json');

/** The members of the declared types, inherited ones too. */
function declared() {
  const program = ts.createProgram([here('../types/index.d.ts')], { module: ts.ModuleKind.NodeNext, lib: ['lib.es2020.d.ts', 'lib.dom.d.ts'] });
  const checker = program.getTypeChecker();
  const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(here('../types/index.d.ts'))));
  const members = (name) => {
    const symbol = exports.find((s) => s.name === name);
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return checker.getDeclaredTypeOfSymbol(target).getProperties().map((s) => s.name).sort();
  };
  // The namespace NERTC is exported as the default only; its interface has the same name.
  const values = exports.filter((s) => s.name !== 'default' && (s.flags & ts.SymbolFlags.Value || s.flags & ts.SymbolFlags.Alias) && s.valueDeclaration).map((s) => s.name).sort();
  return { members, values };
}

/** The public members of an object, its own and inherited ones. */
function present(object) {
  const names = new Set();
  for (let o = object; o && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    for (const name of Object.getOwnPropertyNames(o)) names.add(name);
  }
  return [...names].filter((name) => !name.startsWith('_') && name !== 'constructor').sort();
}

const { NERTC } = await running();
const objects = {
  Client: NERTC.createClient({ appkey: 'k' }),
  Stream: NERTC.createStream({}),
  NERTC,
  Logger: NERTC.Logger,
  Device: NERTC.Device,
};

test('the types and the running objects have the same members', () => {
  const { members } = declared();
  for (const [name, object] of Object.entries(objects)) assert.deepEqual(present(object), members(name), name);
});

test('the module exports what its types say', async () => {
  const module = await importBundled('../src/module.ts');
  const { values } = declared();
  assert.deepEqual(Object.keys(module).filter((name) => name !== 'default').sort(), values);
  for (const name of values) if (name !== 'ready') assert.ok(name in module.default, name);
});

test('the sources keep what the types promise', { timeout: 60_000 }, () => {
  execFileSync(process.execPath, [here('../../../node_modules/typescript/bin/tsc'), '-p', here('..')], { stdio: 'inherit' });
});

test('documented methods are there', () => {
  for (const [owner, object] of Object.entries(objects)) {
    const { methods = [], laterMethods = [] } = documented[owner];
    for (const name of [...methods, ...laterMethods]) assert.equal(typeof object[name], 'function', `${owner}.${name}`);
  }
});

test('documented events are in the types', () => {
  const { members } = declared();
  for (const owner of ['Client', 'Stream', 'Device']) {
    const { events = [], laterEvents } = documented[owner];
    assert.deepEqual(members(`${owner}Events`), [...events, ...laterEvents].sort());
  }
});

test('each export and each member of the types says what it is, in English and in Chinese', () => {
  const found = readdirSync(here('../types')).flatMap((file) => declarations(file, readFileSync(here(`../types/${file}`), 'utf8')));
  assert.ok(found.length >= 400, `${found.length} declarations`);
  assert.deepEqual(lacking(found), []);
});

test('what the types do not say, or in one language only, is found', () => {
  const text = `
    /** One. 一 */
    export interface A {
      /** Two. 二 */
      two: 2;
      three: 3;
      /** Four. */
      four(): void;
      /** 四 */
      four(n: number): void;
      /** Five. 五 */
      five(options: { one: 1; line: 2 } | {
        /** Inside. 里 */
        inside: Array<{
          deep: 1;
        }>;
      }): void;
    }
    export const b: 1;
    /** Six. 六 */
    export type C = 6;`;
  assert.deepEqual(lacking(declarations('x.d.ts', text)), ['A.three', 'A.four', 'A.four', 'A.five.inside.deep', 'b']);
});

test('docs/api-coverage.md is up to date (make coverage), and all of it is proved', () => {
  const [text, complaints] = coverage();
  assert.deepEqual(complaints, []);
  assert.equal(readFileSync(file, 'utf8'), text);
});

test('what proves nothing is not taken for a proof', () => {
  const wrong = {
    'claims Client.join and does not name it': "// covers: Client.join\ntest('a', () => { leave() })",
    'neither Owner.method nor Owner#event': "// covers: join\ntest('a', () => { join() })",
    'stands above no test': "// covers: Client.join\nconst join = 1",
    'stands above no test ': "// covers: Client.join\ntest.skip('a', () => { join() })",
    'may be skipped': "// covers: Client.join\ntest('a', () => { test.skip(slow); join() })",
  };
  for (const [text, source] of Object.entries(wrong)) assert.throws(() => claimsIn('a.mjs', source), { message: new RegExp(text.trim()) });
  assert.throws(() => claimsIn('a_test.go', '// covers: Client.join\nfunc TestA(t *testing.T) {\n}\n'), { message: /does not name it/ });
  assert.throws(() => claimsIn('a_test.go', '// covers: Client.join\nfunc helper() {\n}\n'), { message: /stands above no test/ });
  const good = "// covers: Client.join\n// covers: Client#peer-online\ntest('a, once', () => { c.join(); c.on('peer-online') })";
  assert.deepEqual(claimsIn('a.mjs', good).map(({ title, claims }) => [title, claims]), [['a, once', ['Client.join', 'Client#peer-online']]]);
  const claimed = new Map([['Client.join', [{ file: 'jsbridge/shim/test/x.test.mjs', title: 'x' }]], ['Client.addTask', [{ file: 'y', title: 'y' }]]]);
  const [, complaints] = coverage(claimed);
  assert.ok(complaints.includes('Client.join: no test in tests/specs covers it'));
  assert.ok(complaints.includes('y: y covers Client.addTask, which is not documented'));
});
