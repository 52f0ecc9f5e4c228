import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catchReports, shim, withCode } from './shim.mjs';

const { Emitter } = shim;

test('handlers run in the order of registration, each as often as it was added', () => {
  const seen = [];
  const e = new Emitter();
  const a = () => seen.push('a');
  e.on('x', a).on('x', () => seen.push('b')).addListener('x', a);
  assert.equal(e.emit('x'), true);
  assert.deepEqual(seen, ['a', 'b', 'a']);
  assert.equal(e.emit('y'), false);
});

test('once runs once and can be removed by its handler', () => {
  const seen = [];
  const e = new Emitter();
  const handler = (value) => seen.push(value);
  e.once('x', handler);
  e.emit('x', 1);
  e.emit('x', 2);
  e.once('x', handler);
  assert.deepEqual(e.listeners('x'), [handler]);
  e.off('x', handler);
  e.emit('x', 3);
  assert.deepEqual(seen, [1]);
  assert.deepEqual(e.eventNames(), []);
});

test('off removes one handler, or all of an event', () => {
  const seen = [];
  const e = new Emitter();
  const a = () => seen.push('a');
  const b = () => seen.push('b');
  e.on('x', a).on('x', b).on('x', a);
  e.off('x', a);
  e.emit('x');
  assert.deepEqual(seen, ['a', 'b']);
  e.off('x');
  assert.equal(e.emit('x'), false);
  e.on('x', a).on('y', b).removeAllListeners();
  assert.deepEqual(e.eventNames(), []);
  e.on('x', a).on('y', b).removeAllListeners('x').removeListener('y', b);
  assert.deepEqual(e.eventNames(), []);
});

test('a handler that throws does not stop the others, and its error is reported', () => {
  const { reports, restore } = catchReports();
  try {
    const seen = [];
    const e = new Emitter();
    e.on('x', () => {
      throw new Error('mine');
    });
    e.on('x', () => seen.push('after'));
    e.emit('x');
    assert.deepEqual(seen, ['after']);
    assert.deepEqual(reports.map((r) => r.message), ['mine']);
  } finally {
    restore();
  }
});

test('handlers that are added or removed meanwhile do not change the round', () => {
  const seen = [];
  const e = new Emitter();
  const second = () => seen.push('second');
  e.on('x', () => {
    seen.push('first');
    e.off('x', second);
    e.on('x', () => seen.push('third'));
  });
  e.on('x', second);
  e.emit('x');
  assert.deepEqual(seen, ['first', 'second']);
});

test('what is no function is refused, except where the documented signature has no handler', () => {
  const e = new Emitter();
  assert.throws(() => e.on('x', 'handler'), withCode(10000));
  assert.throws(() => e.on('x'), withCode(10000));
  assert.throws(() => e.once('x', null), withCode(10000));
  e.on('audioTrackEnded');
  e.on('videoTrackEnded');
  assert.deepEqual(e.eventNames(), []);
});

test('event names that objects have by birth are names like others', () => {
  const e = new Emitter();
  assert.equal(e.emit('toString'), false);
  assert.equal(e.emit('__proto__'), false);
  assert.deepEqual(e.listeners('constructor'), []);
});
