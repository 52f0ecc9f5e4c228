// Writes docs/api-coverage.md: which documented members work, from the list of the documented ones
// (jsbridge/shim/documented.json) and the table of those that are not available yet (jsbridge/shim/src/later.json).
// That the table tells the truth is tested against the running classes in jsbridge/shim/test/members.test.mjs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, root)));

export const file = fileURLToPath(new URL('docs/api-coverage.md', root));

/** The text of the page. */
export function coverage() {
  const documented = json('jsbridge/shim/documented.json');
  const later = json('jsbridge/shim/src/later.json');
  const lines = [
    '# API coverage',
    '',
    'Made by `make coverage`; do not edit. A test fails when it is out of date.',
    '',
    'What is not available yet exists all the same: it throws (synchronous) or rejects (with a promise) an error with',
    'code 10001. Events that are not available yet never fire.',
  ];
  for (const [owner, members] of Object.entries(documented)) {
    const missing = new Set([...later[owner].throws, ...later[owner].rejects]);
    const missingEvents = new Set(later[owner].events);
    const parts = [
      ['methods', members.methods, missing],
      ['events', members.events, missingEvents],
      ['methods of later releases', members.laterMethods, missing],
      ['events of later releases', members.laterEvents, missingEvents],
    ];
    lines.push('', `## ${owner}`);
    for (const [title, names, not] of parts) {
      if (!names?.length) continue;
      const works = names.filter((name) => !not.has(name)).length;
      lines.push('', `### ${title}: ${works} of ${names.length}`, '', '| name | |', '| --- | --- |');
      for (const name of [...names].sort()) lines.push(`| \`${name}\` | ${not.has(name) ? 'not available yet' : 'works'} |`);
    }
  }
  return lines.join('\n') + '\n';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(file, coverage());
  console.log('wrote docs/api-coverage.md');
}
