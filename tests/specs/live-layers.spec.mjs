// Live tasks receive no more of a picture than they show.
import { expect, person, test as base } from '../fixtures/test.mjs'
import { startGateway } from '../fixtures/gateway.mjs'

const test = base.extend({
  gateway: [async ({}, use) => {
    const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8'] })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],
})

test('a live task takes the low layer for a small region, and the high one when the region grows', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  await ann.page.evaluate(() => people.ann.client.setChannelProfile({ mode: 'live' }))
  await ann.join(room, 1)
  await ann.page.evaluate(async () => {
    const me = people.ann
    await me.client.enableDualStream()
    me.picture = media.noise(640, 480)
    me.stream = NERTC.createStream({ client: me.client, uid: 1, audio: false, video: true, videoSource: me.picture.track })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  // Nobody listens there: the programme is made all the same.
  const task = (width, height) => ({ rtmpTasks: [{
    taskId: 'small', streamUrl: 'rtmp://127.0.0.1:9/live/nobody', record: false, layout: {
      canvas: { width: 640, height: 480, color: 0 },
      users: [{ uid: 1, x: 0, y: 0, width, height, adaption: 0, pushAudio: true, pushVideo: true, zOrder: 0 }],
    },
  }] })
  const ask = (method, argument) => ann.page.evaluate(([method, argument]) => people.ann.client[method](argument), [method, argument])
  // Whatever nobody receives is not sent.
  const sent = () => ann.page.evaluate(async () => {
    const before = await probe.layers()
    await new Promise((r) => setTimeout(r, 1000))
    const after = await probe.layers()
    return Object.values(after).map((l) => l.width).filter((_, i) => Object.values(after)[i].bytes > Object.values(before)[i].bytes + 1000)
  })
  await ask('addTasks', task(160, 120))
  await expect.poll(sent).toEqual([240])
  await ask('updateTasks', task(640, 480))
  await expect.poll(sent).toContainEqual(640)
  await ask('updateTasks', task(160, 120))
  await expect.poll(sent).toEqual([240])
  await ask('deleteTasks', { taskIds: ['small'] })
  await expect.poll(sent).toEqual([])
})
