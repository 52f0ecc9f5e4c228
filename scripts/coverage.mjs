// Writes docs/api-coverage.md: the documented members (jsbridge/shim/documented.json), each with the tests that prove it
// (proofs.mjs). It fails when one has no test with real pages, or a test claims one that is not documented. That all of
// them are there is tested against the running classes in jsbridge/shim/test/members.test.mjs.
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
  const complaints = [];
  const known = new Set();
  const lines = [
    '# API coverage',
    '',
    'Made by `make coverage`; do not edit. A test fails when it is out of date, or when a documented member is proved by no',
    'test with real pages. A test says above itself what it covers.',
  ];
  for (const [owner, members] of Object.entries(documented)) {
    const parts = [
      ['methods', members.methods, '.'],
      ['events', members.events, '#'],
      ['methods of later releases', members.laterMethods, '.'],
      ['events of later releases', members.laterEvents, '#'],
    ];
    lines.push('', `## ${owner}`);
    for (const [title, names, sign] of parts) {
      if (!names?.length) continue;
      lines.push('', `### ${title}: ${names.length}`, '', '| name | proved by |', '| --- | --- |');
      for (const name of [...names].sort()) {
        const member = `${owner}${sign}${name}`;
        known.add(member);
        const tests = found.get(member) ?? [];
        if (!tests.some(inPages)) complaints.push(`${member}: no test in tests/specs covers it`);
        lines.push(`| \`${name}\` | ${tests.map(link).join('<br>')} |`);
      }
    }
  }
  for (const [member, [{ file, title }]] of found) {
    if (!known.has(member)) complaints.push(`${file}: ${title} covers ${member}, which is not documented`);
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
