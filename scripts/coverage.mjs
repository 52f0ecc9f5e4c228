// Writes docs/api-coverage.md: which documented members work, from the list of the documented ones
// (jsbridge/shim/documented.json) and the table of those that are not available yet (jsbridge/shim/src/later.json), and
// for each that works the tests that prove it (proofs.mjs). It fails when one that works has no test with real pages, or
// a test claims one that does not. That the table tells the truth is tested against the running classes in
// jsbridge/shim/test/members.test.mjs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inPages, proofs } from './proofs.mjs';

const root = new URL('..', import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, root)));

export const file = fileURLToPath(new URL('docs/api-coverage.md', root));

const link = ({ file, title }) => `[${title.replaceAll('|', '\\|')}](../${file})`;

/** The text of the page, and what is wrong with it: [text, complaints]. */
export function coverage(found = proofs()) {
  const documented = json('jsbridge/shim/documented.json');
  const later = json('jsbridge/shim/src/later.json');
  const complaints = [];
  const working = new Set();
  const lines = [
    '# API coverage',
    '',
    'Made by `make coverage`; do not edit. A test fails when it is out of date, or when a member that works is proved by no',
    'test with real pages. A test says above itself what it covers.',
    '',
    'What is not available yet exists all the same: it throws (synchronous) or rejects (with a promise) an error with',
    'code 10001, or has nothing to act on yet. Events that are not available yet never fire.',
  ];
  for (const [owner, members] of Object.entries(documented)) {
    // Idle ones are there, but nothing that they could act on is available yet.
    const missing = new Set([...later[owner].throws, ...later[owner].rejects, ...(later[owner].idle ?? [])]);
    const missingEvents = new Set(later[owner].events);
    const parts = [
      ['methods', members.methods, missing, '.'],
      ['events', members.events, missingEvents, '#'],
      ['methods of later releases', members.laterMethods, missing, '.'],
      ['events of later releases', members.laterEvents, missingEvents, '#'],
    ];
    lines.push('', `## ${owner}`);
    for (const [title, names, not, sign] of parts) {
      if (!names?.length) continue;
      const works = names.filter((name) => !not.has(name));
      lines.push('', `### ${title}: ${works.length} of ${names.length}`, '', '| name | | proved by |', '| --- | --- | --- |');
      for (const name of [...names].sort()) {
        const member = `${owner}${sign}${name}`;
        if (not.has(name)) {
          lines.push(`| \`${name}\` | not available yet | |`);
          continue;
        }
        working.add(member);
        const tests = found.get(member) ?? [];
        if (!tests.some(inPages)) complaints.push(`${member} works, and no test in tests/specs covers it`);
        lines.push(`| \`${name}\` | works | ${tests.map(link).join('<br>')} |`);
      }
    }
  }
  for (const [member, [{ file, title }]] of found) {
    if (!working.has(member)) complaints.push(`${file}: ${title} covers ${member}, which is not documented or not available yet`);
  }
  return [lines.join('\n') + '\n', complaints];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [text, complaints] = coverage();
  writeFileSync(file, text);
  console.log('wrote docs/api-coverage.md');
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length ? 1 : 0;
}
