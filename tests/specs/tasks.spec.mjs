// Live tasks: who may have them, and what is refused. What they push is in live.spec.mjs.
import { expect, person, test } from '../fixtures/test.mjs'

const task = (more = {}, layout = {}) => ({
  taskId: 'main', streamUrl: 'rtmp://192.0.2.1/app/key', record: false,
  layout: { canvas: { width: 640, height: 360, color: 0 }, users: [{ uid: 1, x: 0, y: 0, width: 640, height: 360 }], ...layout },
  ...more,
})

// covers: Client.addTasks Client.updateTasks Client.deleteTasks
test('tasks are refused with the code of what is wrong, and nothing changes', async ({ open, room }) => {
  const page = await open()
  const me = await person(page, 'me', { auto: false })
  const ask = (name, options) => page.evaluate(([name, options]) => refused(() => people.me.client[name](options)), [name, options])
  const add = (...tasks) => ask('addTasks', { rtmpTasks: tasks })
  const each = async (codes, extraCode) => {
    const calls = [['addTasks', { rtmpTasks: [task()] }], ['updateTasks', { rtmpTasks: [task()] }], ['deleteTasks', { taskIds: ['main'] }]]
    for (const [i, [name, options]] of calls.entries()) {
      expect(await ask(name, options), name).toMatchObject({ ok: false, isError: true, name: 'NERtcError', code: codes[i], ...extraCode && { extraCode } })
    }
  }

  // Arguments, before anything is asked of anybody.
  for (const bad of [undefined, null, [], {}, { rtmpTasks: [] }, { rtmpTasks: {} }]) {
    expect((await ask('addTasks', bad)).code, JSON.stringify(bad)).toBe(10132)
    expect((await ask('updateTasks', bad)).code, JSON.stringify(bad)).toBe(10136)
  }
  for (const bad of [undefined, {}, { taskIds: 'main' }, { taskIds: [] }, { taskIds: [7] }, { taskIds: ['a b'] }, { taskIds: ['a', 'a'] }]) {
    expect((await ask('deleteTasks', bad)).code, JSON.stringify(bad)).toBe(10134)
  }
  const user = { uid: 1, x: 0, y: 0, width: 2, height: 2 }
  const wrong = {
    taskId: task({ taskId: 'a-b' }), streamUrl: task({ streamUrl: 'http://example.com/a/b' }), record: task({ record: 'yes' }),
    hostUid: task({ hostUid: {} }), extraInfo: task({ extraInfo: 7 }), layout: task({ layout: null }), canvas: task({}, { canvas: [] }),
    width: task({}, { canvas: { width: 1921, height: 360, color: 0 } }), color: task({}, { canvas: { width: 640, height: 360, color: 2 ** 24 } }),
    users: task({}, { users: {} }), uid: task({}, { users: [{ ...user, uid: 0 }] }), 'x,': task({}, { users: [{ ...user, x: -1 }] }),
    'users[0].y': task({}, { users: [{ ...user, y: '1' }] }), edge: task({}, { users: [{ ...user, x: 640 }] }),
    adaption: task({}, { users: [{ ...user, adaption: 2 }] }), zOrder: task({}, { users: [{ ...user, zOrder: 101 }] }),
    pushAudio: task({}, { users: [{ ...user, pushAudio: 'no' }] }), mediaType: task({}, { users: [{ ...user, mediaType: 'audio' }] }),
    already: task({}, { users: [user, { ...user, uid: '1' }] }), url: task({}, { images: [{ url: 'file:///x', width: 2, height: 2 }] }),
    bitRate: task({ config: { audioParam: { bitRate: 0 } } }), sampleRate: task({ config: { audioParam: { sampleRate: 8000 } } }),
    channels: task({ config: { audioParam: { channels: 3 } } }), codecProfile: task({ config: { audioParam: { codecProfile: 0.5 } } }),
  }
  for (const [what, one] of Object.entries(wrong)) {
    const answer = await add(one)
    expect(answer, what).toMatchObject({ ok: false, code: 10132 })
    expect(answer.message, what).toContain(what)
  }
  expect((await add(task(), task({ taskId: 'b' }))).code, 'one task a call').toBe(10132)
  expect((await page.evaluate(() => refused(() => people.me.client.addTasks({ rtmpTasks: [{ get taskId() { throw new Error('no') } }] })))).code).toBe(10132)
  await each([10010, 10010, 10010])
  expect(await page.evaluate(() => probe.sockets.length), 'no network traffic').toBe(0)

  // Where and as whom.
  await me.join(room, 1)
  await each([10133, 10137, 10135], 4037) // not a live room
  await me.leave()
  await page.evaluate(() => people.me.client.setChannelProfile({ mode: 'live' }))
  await me.join(room, 1, { joinChannelLiveConfig: { liveEnable: false } })
  await each([10133, 10137, 10135], 4037)
  await me.leave()
  await page.evaluate(() => people.me.client.setClientRole('audience'))
  await me.join(room, 1, { joinChannelLiveConfig: { liveEnable: true } })
  await each([10131, 10131, 10131])
  await me.role('host')
  expect(await ask('updateTasks', { rtmpTasks: [task()] }), 'an unknown task').toMatchObject({ code: 10137, extraCode: 4039 })
  expect(await ask('deleteTasks', { taskIds: ['main'] }), 'an unknown task').toMatchObject({ code: 10135, extraCode: 4039 })
  await me.leave()
  await page.evaluate(() => {
    people.me.client.setEncryptionMode('sm4-128-gcm')
    people.me.client.setEncryptionSecret('a secret of the room')
  })
  await me.join(room, 1)
  await each([10133, 10137, 10135], 4041)
  expect(await me.state()).toBe('CONNECTED')
})
