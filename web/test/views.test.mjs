// Which layout there is, and who is large in it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Views, keyOf } from '../js/views.js'

const face = (uid, self = false) => ({ key: keyOf(uid), uid, type: 'video', self })
const screen = (uid, self = false) => ({ key: keyOf(uid, 'screen'), uid, type: 'screen', self })
const call = () => {
  const views = new Views()
  views.add(face(1, true))
  views.add(face(2))
  views.add(face(3))
  return views
}

test('a call begins as a grid', () => {
  assert.deepEqual(call().now, { mode: 'grid', wanted: 'grid', main: null, pinned: null, screens: false })
})

test('the speaker’s view follows who speaks, and never shows oneself large while others are there', () => {
  const views = call()
  views.choose('speaker')
  assert.equal(views.now.main, 'video/2')
  views.follow(3)
  assert.equal(views.now.main, 'video/3')
  views.follow(1)
  assert.equal(views.now.main, 'video/2')
  views.remove('video/2')
  views.remove('video/3')
  assert.equal(views.now.main, 'video/1')
})

test('a pin holds whoever speaks, until it is taken out or its person goes', () => {
  const views = call()
  views.follow(2)
  views.pin('video/3')
  assert.deepEqual([views.now.mode, views.now.main, views.now.pinned], ['speaker', 'video/3', 'video/3'])
  views.follow(2)
  assert.equal(views.now.main, 'video/3')
  views.pin(null)
  assert.equal(views.now.main, 'video/2')
  views.pin('video/3')
  views.remove('video/3')
  assert.equal(views.now.main, 'video/2')
  views.pin('video/9')
  assert.equal(views.now.pinned, null)
})

test('somebody’s screen comes to the front and gives the layout of before back', () => {
  const views = call()
  views.choose('speaker')
  views.add(screen(2))
  assert.deepEqual([views.now.mode, views.now.main], ['screen', 'screen/2'])
  views.remove('screen/2')
  assert.equal(views.now.mode, 'speaker')
})

test('what was chosen while a screen is shared stays', () => {
  const views = call()
  views.choose('speaker')
  views.add(screen(2))
  views.choose('grid')
  assert.equal(views.now.mode, 'grid')
  views.remove('screen/2')
  assert.equal(views.now.mode, 'grid')
})

test('one’s own screen changes no layout, and is large only when there is no other', () => {
  const views = call()
  views.add(screen(1, true))
  assert.equal(views.now.mode, 'grid')
  views.choose('screen')
  assert.equal(views.now.main, 'screen/1')
  views.add(screen(3))
  assert.equal(views.now.main, 'screen/3')
})

test('the shared screen cannot be chosen without one', () => {
  const views = call()
  views.choose('screen')
  assert.equal(views.now.mode, 'grid')
})

test('of two screens the later one is large, and a pin chooses', () => {
  const views = call()
  views.add(screen(2))
  views.add(screen(3))
  assert.equal(views.now.main, 'screen/3')
  views.pin('screen/2')
  assert.equal(views.now.main, 'screen/2')
  views.remove('screen/2')
  assert.deepEqual([views.now.mode, views.now.main], ['screen', 'screen/3'])
})
