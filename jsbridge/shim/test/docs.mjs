// What the types say of their exports and members: they are the reference that editors show.
import ts from 'typescript';

/**
 * The exports of a file and the members of its interfaces, each overload by itself, as [name, JSDoc]; also the members of
 * objects that are written out within them, unless the whole object stands in one line, and what is around it explains it.
 */
export function declarations(name, text) {
  const found = [];
  const take = (owner, node) => {
    const own = node.name?.getText() ?? node.declarationList?.declarations[0].name.getText();
    if (own) found.push([[...owner, own].join('.'), (node.jsDoc ?? []).map((doc) => doc.getText()).join('\n')]);
    if (ts.isInterfaceDeclaration(node)) node.members.forEach((member) => take([own], member));
    else if (own) ts.forEachChild(node, (child) => within([...owner, own], child));
    if (ts.isModuleDeclaration(node)) node.body.statements.forEach((statement) => take([own], statement));
  };
  const within = (owner, node) => {
    if (!ts.isTypeLiteralNode(node)) ts.forEachChild(node, (child) => within(owner, child));
    else if (node.getText().includes('\n')) node.members.forEach((member) => take(owner, member));
  };
  for (const node of ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true).statements) {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isVariableStatement(node) || ts.isFunctionDeclaration(node)) take([], node);
    else if (ts.isModuleDeclaration(node)) node.body.statements.forEach((statement) => take(['global'], statement));
  }
  return found;
}


const english = (doc) => /[A-Za-z]{2,}/.test(doc.replace(/\/\*\*|\*\/|^\s*\*/gm, ''));
const chinese = (doc) => /\p{Script=Han}/u.test(doc);
/** Which of these do not say what they are, or in one language only. */
export const lacking = (found) => found.filter(([, doc]) => !english(doc) || !chinese(doc)).map(([name]) => name);
