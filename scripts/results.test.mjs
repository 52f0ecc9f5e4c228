// What failed is counted and named, whichever runner said it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoCounter, failuresOfTap, sum, unexpected } from './results.mjs';

const event = (Action, Test, rest = {}) => JSON.stringify({ Action, Package: 'nertc/a', Test, ...rest });

test('Go: a parent of subtests is not counted, a failed subtest is named', () => {
  const counter = new GoCounter();
  counter.line(event('output', 'TestA/two', { Output: 'want 2, got 3\n' }));
  assert.equal(counter.line(event('fail', 'TestA/two')), 'want 2, got 3');
  for (const line of [event('pass', 'TestA/one'), event('fail', 'TestA'), event('skip', 'TestB'), event('fail')]) counter.line(line);
  assert.deepEqual(counter.count(), { passed: 1, failed: 1, skipped: 1, failures: ['nertc/a TestA/two'] });
});

test('Go: a package that does not build or panics is one failure by its name', () => {
  const counter = new GoCounter();
  counter.line(event('output', 'TestHangs', { Output: 'waiting\n' }));
  assert.match(counter.line(event('fail')), /waiting\nFAIL nertc\/a/);
  counter.line('FAIL\tnertc/b [build failed]');
  assert.deepEqual(counter.count(), { passed: 0, failed: 2, skipped: 0, failures: ['nertc/a', 'nertc/b'] });
});

test('Go in a browser: lines of a verbose run', () => {
  const counter = new GoCounter();
  for (const line of ['--- PASS: TestA (0.00s)', '    --- FAIL: TestB/one (0.00s)', '--- FAIL: TestB (0.00s)']) counter.line(line);
  assert.deepEqual(counter.count(), { passed: 1, failed: 1, skipped: 0, failures: ['TestB/one'] });
});

test('Playwright: what was not as expected, with its place and the beginning of its error', () => {
  const spec = (title, ok, ...messages) => ({
    title,
    ok,
    file: 'a.spec.mjs',
    line: 7,
    tests: [{ results: messages.map((message) => (message ? { error: { message } } : {})) }],
  });
  const report = {
    suites: [{ specs: [spec('good', true, '')], suites: [{ specs: [spec('bad', false, '\u001b[31mError: no\n\n  frame\u001b[39m')] }] }],
  };
  assert.deepEqual(unexpected(report), ['a.spec.mjs:7 bad: Error: no frame']);
  assert.deepEqual(unexpected({ specs: [spec('again', true, 'late', '')] }), ['a.spec.mjs:7 again: late']);
});

test('Node: the names in a TAP report', () => {
  assert.deepEqual(failuresOfTap('ok 1 - good\n    not ok 1 - inner\nnot ok 2 - outer\n'), ['inner', 'outer']);
});

test('counts add up, and a kind without names adds none', () => {
  const counts = [
    { passed: 1, failed: 0, skipped: 0 },
    { passed: 2, failed: 1, skipped: 1, failures: ['x'] },
  ];
  assert.deepEqual(sum(counts), { passed: 3, failed: 1, skipped: 1, failures: ['x'] });
});
