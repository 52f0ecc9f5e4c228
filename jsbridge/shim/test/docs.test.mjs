// The types are the reference that editors show: each export and each member says what it is, in English and in Chinese.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const folder = fileURLToPath(new URL('../types/', import.meta.url));

/** The exports of a file and the members of its interfaces, each overload by itself, as [name, JSDoc]. */
function declarations(name, text) {
  const found = [];
  const take = (owner, node) => {
    const own = node.name?.getText() ?? node.declarationList?.declarations[0].name.getText();
    if (own) found.push([[...owner, own].join('.'), (node.jsDoc ?? []).map((doc) => doc.getText()).join('\n')]);
    if (ts.isInterfaceDeclaration(node)) node.members.forEach((member) => take([own], member));
    if (ts.isModuleDeclaration(node)) node.body.statements.forEach((statement) => take([own], statement));
  };
  for (const node of ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true).statements) {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isVariableStatement(node) || ts.isFunctionDeclaration(node)) take([], node);
    else if (ts.isModuleDeclaration(node)) node.body.statements.forEach((statement) => take(['global'], statement));
  }
  return found;
}

const english = (doc) => /\d|[A-Za-z]{2,}/.test(doc.replace(/\/\*\*|\*\/|^\s*\*/gm, ''));
const chinese = (doc) => /\p{Script=Han}/u.test(doc);
const lacking = (found) => found.filter(([, doc]) => !english(doc) || !chinese(doc)).map(([name]) => name);

for (const file of readdirSync(folder)) {
  test(`${file}: everything is said in both languages`, () => {
    const found = declarations(file, readFileSync(folder + file, 'utf8'));
    assert.ok(found.length >= 10, `${found.length} declarations`);
    assert.deepEqual(lacking(found), []);
  });
}

test('what is not said, or in one language only, is found', () => {
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
    }
    export const b: 1;
    /** Six. 六 */
    export type C = 6;`;
  assert.deepEqual(lacking(declarations('x.d.ts', text)), ['A.three', 'A.four', 'A.four', 'b']);
});
