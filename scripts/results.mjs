// What the test runners say, read: how many tests passed, failed and were skipped, and what the failed ones are called.
import { stripVTControlCharacters } from 'node:util';

/** Counts what a Go test run says, as `go test -json` events or as the lines of `go test -v`. */
export class GoCounter {
  results = new Map();
  output = new Map();
  brokenPackages = [];

  /** Takes one line; returns what is worth showing of it, or null. */
  line(text) {
    let event;
    try {
      event = text.startsWith('{') ? JSON.parse(text) : null;
    } catch {
      event = null;
    }
    return event?.Action ? this.event(event) : this.plain(text);
  }

  event({ Action: action, Package: pkg = '', Test: test, Output: output = '', Elapsed: elapsed = 0 }) {
    const key = `${pkg} ${test ?? ''}`;
    if (action === 'output' || action === 'build-output') {
      this.output.set(key, (this.output.get(key) ?? '') + output);
      return action === 'build-output' ? output.trimEnd() : null;
    }
    if (!['pass', 'fail', 'skip'].includes(action)) return null;
    if (test) {
      this.results.set(key, action);
      const said = this.output.get(key) ?? '';
      this.output.delete(key);
      return action === 'fail' ? said.trimEnd() : null;
    }
    const failures = [...this.results].filter(([name, result]) => result === 'fail' && name.startsWith(`${pkg} `));
    const said = this.output.get(key) ?? '';
    this.output.delete(key);
    if (action === 'fail' && failures.length === 0) {
      this.brokenPackages.push(pkg); // did not compile, panicked or ran out of time
      // What a test said that never ended is the best hint there is.
      const open = [...this.output].filter(([name]) => name.startsWith(`${pkg} `)).map(([, text]) => text);
      return [...open, said].join('').trimEnd() + `\nFAIL ${pkg}`;
    }
    if (action === 'skip') return null; // no test files
    return `${action === 'pass' ? 'ok  ' : 'FAIL'} ${pkg} ${elapsed}s`;
  }

  plain(text) {
    const test = text.match(/^\s*--- (PASS|FAIL|SKIP): (\S+)/);
    if (test) this.results.set(` ${test[2]}`, test[1].toLowerCase());
    const broken = text.match(/^FAIL\s+(\S+) \[(?:build|setup) failed\]/);
    if (broken) this.brokenPackages.push(broken[1]);
    return text;
  }

  /** Tests without those that only hold subtests. */
  count() {
    const names = [...this.results.keys()];
    const parents = new Set(names.flatMap((name) => [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index))));
    const leaves = [...this.results].filter(([name]) => !parents.has(name));
    const of = (result) => leaves.filter(([, r]) => r === result).map(([name]) => name.trim());
    const failures = [...of('fail'), ...this.brokenPackages];
    return { passed: of('pass').length, failed: failures.length, skipped: of('skip').length, failures };
  }
}

/** "file:line title: beginning of the error" of each test of a Playwright report that was not as expected. */
export function unexpected(suite) {
  const ofSpec = ({ file, line, title, ok, tests }) => {
    const results = tests.flatMap((test) => test.results);
    if (ok && results.length < 2) return [];
    const said = results.find((result) => result.error)?.error.message ?? '';
    return [`${file}:${line} ${title}: ${stripVTControlCharacters(said).replace(/\s+/g, ' ').slice(0, 300)}`];
  };
  return [...(suite.specs ?? []).flatMap(ofSpec), ...(suite.suites ?? []).flatMap(unexpected)];
}

/** The names of what failed in a TAP report of Node's runner. */
export const failuresOfTap = (report) => [...report.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name);

/** Several counts as one. */
export const sum = (counts) =>
  counts.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
      failures: [...a.failures, ...(b.failures ?? [])],
    }),
    { passed: 0, failed: 0, skipped: 0, failures: [] },
  );
