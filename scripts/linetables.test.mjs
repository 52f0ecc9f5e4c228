import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dropLineTables, resolveTrace } from './linetables.mjs';
import { joinSegments } from './segments.mjs';

// Deep stacks that grow, goroutines, collections in between, unwinding by a recovered panic, and at last one that is not.
const PROGRAM = `package main

import (
	"fmt"
	"runtime"
)

type tree struct{ left, right *tree }

func grow(n int) *tree {
	if n == 0 {
		runtime.GC()
		return &tree{}
	}
	return &tree{grow(n - 1), nil}
}

func (t *tree) depth() int {
	if t == nil {
		return 0
	}
	return 1 + max(t.left.depth(), t.right.depth())
}

func recovered() (said any) {
	defer func() { said = recover() }()
	var t *tree
	_ = t.left.right
	return nil
}

//go:noinline
func crash(s []int) int { return s[len(s)] }

//go:noinline
func cause() int { return crash(make([]int, 3)) }

func main() {
	done := make(chan int)
	for i := range 20 {
		go func() { done <- grow(200 + i).depth() }()
	}
	sum := 0
	for range 20 {
		sum += <-done
	}
	fmt.Println(sum, recovered() != nil)
	cause()
}
`;

let folder, linked;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'linetables-'));
  writeFileSync(join(folder, 'go.mod'), 'module program\n\ngo 1.26\n');
  writeFileSync(join(folder, 'main.go'), PROGRAM);
  const out = join(folder, 'linked.wasm');
  execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', out, '.'], {
    cwd: folder, env: { ...process.env, GOOS: 'js', GOARCH: 'wasm', GOFLAGS: '-trimpath' },
  });
  linked = joinSegments(readFileSync(out));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(wasm) {
  const file = join(folder, 'run.wasm');
  writeFileSync(file, wasm);
  const goroot = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(goroot, 'lib/wasm/wasm_exec_node.js'), file], { encoding: 'utf8' });
  return { stdout, stderr, status };
}

test('a program without line tables does the same, and its traces name functions', () => {
  const before = run(linked);
  const after = run(dropLineTables(linked));
  assert.equal(after.stdout, '4210 true\n');
  assert.equal(after.stdout, before.stdout);
  assert.equal(after.status, before.status);
  assert.match(before.stderr, /main\.go:\d+/);
  assert.match(after.stderr, /index out of range \[3\] with length 3/);
  assert.match(after.stderr, /main\.crash/);
  assert.doesNotMatch(after.stderr, /main\.go:\d+/);
});

test('a trace is resolved by the same build with its tables', () => {
  const { stderr } = run(dropLineTables(linked));
  const want = run(linked).stderr;
  const resolved = resolveTrace(stderr, linked);
  const places = (trace) => trace.match(/\S+\.go:\d+ \+0x[0-9a-f]+/g);
  assert.ok(places(want).length >= 2);
  assert.deepEqual(places(resolved), places(want));
  assert.equal(resolveTrace('nothing of the kind', linked), 'nothing of the kind');
  assert.equal(resolveTrace('main.unknown()\n\t?:0 +0x1', linked), 'main.unknown()\n\t?:0 +0x1');
});

test('nothing but the tables changes', () => {
  const dropped = dropLineTables(linked);
  assert.equal(dropped.length, linked.length);
  assert.notDeepEqual(dropped, linked);
  assert.deepEqual(dropLineTables(dropped), dropped);
});

test('what Go does not write is refused', () => {
  assert.throws(() => dropLineTables(Buffer.alloc(1000)), /linetables: no tables/);
  assert.throws(() => dropLineTables(Buffer.concat([linked, linked])), /linetables: more than one/);
  const magic = linked.indexOf(Buffer.from([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8]));
  const odd = Buffer.from(linked);
  odd.writeBigUInt64LE(1n << 40n, magic + 8 + 8 * 7);
  assert.throws(() => dropLineTables(odd), /linetables: the header/);
});
