// The fuzzing finds what is wrong, says so in its count, and takes its own end for no failure.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fuzz } from './fuzz.mjs';

const target = (name, body) => `
func ${name}(f *testing.F) {
	f.Add([]byte("seed"))
	f.Fuzz(func(t *testing.T, b []byte) {
		${body}
	})
}
`;

test('fuzzing counts a crash as failed and a good target as passed', async () => {
  const root = mkdtempSync(join(tmpdir(), 'nertc-fuzzed-'));
  try {
    writeFileSync(join(root, 'go.mod'), 'module fuzzed\n\ngo 1.26\n');
    writeFileSync(
      join(root, 'fuzzed_test.go'),
      `package fuzzed\n\nimport "testing"\n${target('FuzzGood', '_ = b')}${target('FuzzBad', 'if len(b) > 4 {\n\t\t\tpanic("too long")\n\t\t}')}`,
    );
    const said = [];
    const count = await fuzz({ root, folders: ['.'], seconds: 10, say: (line) => said.push(line) });
    const { failures, ...numbers } = count;
    assert.deepEqual(numbers, { passed: 1, failed: 1, skipped: 0 }, said.join('\n'));
    assert.match(failures.join(), /^ FuzzBad 10 s, \d+ inputs$/);
    assert.match(said.find((line) => line.startsWith('FAIL')), /FuzzBad[^]*too long[^]*Failing input written to testdata/);
    assert.match(said.find((line) => line.startsWith('ok')), /FuzzGood 10 s, [1-9]/);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
