// Finds the tests that prove the documented members. A test says which in a comment right above it:
//
//   // covers: Client.publish Client#stream-added Stream.init
//   test('two pages see and hear each other', async ({ open, room }) => { …
//
// with a dot for a method and # for an event; several such lines are one. It is the same for Playwright (tests/specs),
// the tests of the shim (jsbridge/shim/test) and those of Go. What a test claims it has to name in its own text, and a
// test that is skipped proves nothing.
import { readFileSync, readdirSync } from 'node:fs';
import ts from 'typescript';

const root = new URL('..', import.meta.url);
const CLAIM = /^[ \t]*\/\/ covers:(.*)$/;

/** Where tests are: folders, with the ending of their names. The first are those with real pages. */
const places = [
  ['tests/specs', '.spec.mjs'],
  ['jsbridge/shim/test', '.test.mjs'],
  ['jsbridge', '_test.go'],
  ['internal', '_test.go'],
  ['tests/native', '_test.go'],
];

/** Whether a test runs in a browser against a gateway. */
export const inPages = (proof) => proof.file.startsWith('tests/specs/');

const names = (text, name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text);

/** The words of the claims in the lines right above a test. */
const claimed = (comment) => comment.split('\n').flatMap((line) => CLAIM.exec(line)?.[1].trim().split(/\s+/) ?? []);

/** The tests of one script of Playwright or node:test: {title, text, claims}. */
function inScript(path, source) {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const found = [];
  const visit = (node) => {
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression) && node.expression.expression.getText() === 'test') {
      const [title] = node.expression.arguments;
      found.push({
        title: title.getText().slice(1, -1).replaceAll(/\$\{[^}]*\}/g, '…').replaceAll("\\'", "'"),
        text: node.getText(),
        claims: claimed(source.slice(node.getFullStart(), node.getStart())),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The tests of one file of Go. */
function inGo(source) {
  return [...source.matchAll(/((?:^\/\/.*\n)*)^func (Test\w+)\([\s\S]*?^}/gm)].map(([text, comment, title]) =>
    ({ title, text: text.slice(comment.length), claims: claimed(comment) }));
}

/** What the tests of a file claim. Throws where a claim belongs to no test, or to one that cannot prove it. */
export function claimsIn(path, source) {
  const tests = path.endsWith('.go') ? inGo(source) : inScript(path, source);
  const lines = source.split('\n').filter((line) => CLAIM.test(line)).flatMap(claimed).length;
  if (lines !== tests.flatMap(({ claims }) => claims).length) throw new Error(`${path}: "covers" that stands above no test`);
  for (const { title, text, claims } of tests) {
    for (const claim of claims) {
      const [, name] = /^[A-Z]\w*[.#](.+)$/.exec(claim) ?? [];
      if (!name) throw new Error(`${path}: ${title}: "${claim}" is neither Owner.method nor Owner#event`);
      if (!names(text, name)) throw new Error(`${path}: ${title} claims ${claim} and does not name it`);
    }
    if (claims.length && /\.(skip|fixme|Skip|Skipf|SkipNow)\(|\bskip: /.test(text)) throw new Error(`${path}: ${title} may be skipped and proves nothing`);
  }
  return tests.filter(({ claims }) => claims.length);
}

/** All proofs, those with real pages first: a map from a member ("Client.join") to its tests, {file, title} each. */
export function proofs() {
  const found = new Map();
  for (const [folder, ending] of places) {
    const paths = readdirSync(new URL(folder, root), { recursive: true }).filter((name) => name.endsWith(ending)).sort();
    for (const name of paths) {
      const file = `${folder}/${name}`;
      for (const { title, claims } of claimsIn(file, readFileSync(new URL(file, root), 'utf8'))) {
        for (const claim of new Set(claims)) {
          if (!found.has(claim)) found.set(claim, []);
          found.get(claim).push({ file, title });
        }
      }
    }
  }
  return found;
}
