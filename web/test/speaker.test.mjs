// Whom the large picture follows: who goes on speaking, not who coughs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Speaker } from '../js/speaker.js'

const say = (...levels) => levels.map(([uid, level, type = 'audio']) => ({ uid, level, type }))

test('the first voice is the speaker at once', () => {
  const speaker = new Speaker()
  assert.equal(speaker.uid, null)
  assert.equal(speaker.hear(say([1, 0.4], [2, 0]), 0), false)
  assert.equal(speaker.uid, null)
  assert.equal(speaker.hear(say([1, 20]), 1000), true)
  assert.equal(speaker.uid, 1)
})

test('a cough moves nothing, somebody who goes on does', () => {
  const speaker = new Speaker()
  speaker.hear(say([1, 20]), 0)
  assert.equal(speaker.hear(say([2, 60]), 4000), false)
  assert.equal(speaker.hear(say([1, 20]), 5000), false)
  assert.equal(speaker.hear(say([2, 60]), 6000), false)
  assert.equal(speaker.hear(say([2, 60]), 7000), true)
  assert.equal(speaker.uid, 2)
})

test('two who are about as loud do not flicker', () => {
  const speaker = new Speaker()
  speaker.hear(say([1, 20]), 0)
  for (let s = 1; s < 20; s++) assert.equal(speaker.hear(say([2, 24], [1, 20]), s * 1000), false)
  assert.equal(speaker.uid, 1)
})

test('no change within the hold', () => {
  const speaker = new Speaker({ hold: 5000 })
  speaker.hear(say([1, 20]), 0)
  for (const at of [1000, 2000, 3000, 4000]) assert.equal(speaker.hear(say([2, 50]), at), false)
  assert.equal(speaker.hear(say([2, 50]), 5000), true)
})

test('silence keeps the speaker, and the sound of a screen is nobody’s voice', () => {
  const speaker = new Speaker()
  speaker.hear(say([1, 20]), 0)
  for (let s = 1; s < 9; s++) assert.equal(speaker.hear(say([2, 80, 'audioSlave'], [1, 0.1]), s * 1000), false)
  assert.equal(speaker.uid, 1)
  assert.deepEqual([...speaker.speaking], [])
})

test('who has gone is forgotten', () => {
  const speaker = new Speaker()
  speaker.hear(say([1, 20], [2, 5]), 0)
  assert.deepEqual([...speaker.speaking], [1, 2])
  speaker.forget(1)
  assert.equal(speaker.uid, null)
  assert.equal(speaker.hear(say([2, 5]), 1000), true)
})
