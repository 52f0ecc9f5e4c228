// A browser that plays no sound before its user has touched the page.
import { args, executablePath } from '../fixtures/chromium.mjs'
import { expect, person, test } from '../fixtures/test.mjs'

test.use({ launchOptions: { executablePath, args: args.filter((flag) => !flag.startsWith('--autoplay-policy')) } })

// What the driver evaluates counts as a touch, so the page acts and tells by itself.
const script = ({ room, sdk }) => {
  if (location.pathname !== '/call.html') return
  window.addEventListener('load', async () => {
    const told = (...what) => console.log(`told ${JSON.stringify(what)}`)
    const client = NERTC.createClient({ appkey: 'tests', server: sdk })
    window.client = client
    const got = new Promise((resolve) => client.on('stream-subscribed', (e) => resolve(e.stream)))
    client.on('stream-added', (e) => client.subscribe(e.stream))
    client.on('NotAllowedError', (e) => told('client', e.getCode()))
    await client.join({ channelName: room, uid: 1 })
    const stream = window.remote = await got
    stream.on('notAllowedError', (e) => told('stream', e.getCode()))
    await stream.play(null, { audio: true, video: false }).then(() => told('played'), (e) => told('refused', e.code, e.getCode()))
    told('playing', stream.isPlaying('audio'))
    document.addEventListener('click', async () => {
      await stream.resume().catch((e) => told('resume failed', String(e)))
      told('playing', stream.isPlaying('audio'))
    })
    told('ready')
  })
}

// covers: Stream.resume Stream#notAllowedError Client#NotAllowedError
test('sound that the browser blocks: told as notAllowedError and NotAllowedError, and resume() after a click starts it', async ({ open, room, gateway }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  await ben.publish({ video: false, hertz: 500 })
  const told = []
  const heard = (what) => expect.poll(() => told.at(-1)).toEqual(what)
  const page = await open({
    prepare: async (page) => {
      page.on('console', (m) => { if (m.text().startsWith('told ')) told.push(JSON.parse(m.text().slice(5))) })
      await page.addInitScript(script, { room, sdk: gateway.url })
    },
  })
  await heard(['ready'])
  expect(told).toEqual([['stream', 41030], ['client', 41030], ['refused', 41030, 41030], ['playing', false], ['ready']])
  await page.mouse.click(10, 10)
  await heard(['playing', true])
  const hertz = await page.evaluate(() => media.pitch(remote.getAudioTrack(), { near: 500 }))
  expect(Math.abs(hertz - 500)).toBeLessThan(15)
  await page.evaluate(() => client.leave())
})

// Sounds of two people, one with the sound of a screen besides, and a picture.
const several = ({ room, sdk }) => {
  if (location.pathname !== '/call.html') return
  window.addEventListener('load', async () => {
    const told = (...what) => console.log(`told ${JSON.stringify(what)}`)
    const client = NERTC.createClient({ appkey: 'tests', server: sdk })
    window.client = client
    const streams = new Map()
    const refusals = []
    let settled = 0
    const playing = () => [...streams].sort(([a], [b]) => a - b)
      .map(([uid, s]) => [uid, ...['audio', 'audioSlave', 'video', 'screen'].filter((type) => s.isPlaying(type))])
    client.on('stream-added', (e) => client.subscribe(e.stream))
    client.on('NotAllowedError', (e) => refusals.push(`client ${e.getCode()}`))
    client.on('stream-subscribed', async ({ stream, mediaType }) => {
      if (!streams.has(stream.getId())) stream.on('notAllowedError', (e) => refusals.push(`stream ${e.getCode()}`))
      streams.set(stream.getId(), stream)
      const view = document.body.appendChild(document.createElement('div'))
      await stream.play(view, { [mediaType]: true }).catch((e) => refusals.push(`play ${e.code}`))
      // Three sounds refused, each told three times; the picture of the screen plays.
      if (++settled === 4) told('blocked', refusals.sort(), playing())
    })
    document.addEventListener('click', async () => {
      const all = await Promise.allSettled([...streams.values()].map((s) => s.resume()))
      told('resumed', all.map((r) => r.status))
    })
    window.playing = playing
    await client.join({ channelName: room, uid: 1 })
  })
}

test('sounds of several streams that the browser blocks, a screen’s among them: one click resumes them all', async ({ open, room, gateway }) => {
  const ben = await person(await open(), 'ben')
  const carl = await person(await open(), 'carl')
  await ben.join(room, 2)
  await carl.join(room, 3)
  await carl.publish({ video: false, hertz: 700 })
  await ben.page.evaluate(async () => {
    const stream = NERTC.createStream({ client: people.ben.client, uid: 2, audio: true, screen: true, screenAudio: true,
      audioSource: media.tone(500).track, screenVideoSource: media.picture('blue').track, screenAudioSource: media.tone(1100).track })
    await stream.init()
    await people.ben.client.publish(stream)
  })
  const told = []
  const page = await open({
    prepare: async (page) => {
      page.on('console', (m) => { if (m.text().startsWith('told ')) told.push(JSON.parse(m.text().slice(5))) })
      await page.addInitScript(several, { room, sdk: gateway.url })
    },
  })
  const refused = ['client 41030', 'client 41030', 'client 41030', 'play 41030', 'play 41030', 'play 41030', 'stream 41030', 'stream 41030', 'stream 41030']
  await expect.poll(() => told.map(([what]) => what)).toContain('blocked')
  const [, refusals, before] = told.at(-1)
  expect(refusals).toEqual(refused)
  expect(before.flatMap(([, ...types]) => types.filter((type) => type !== 'screen'))).toEqual([])
  await page.mouse.click(10, 10)
  await expect.poll(() => told.at(-1)).toEqual(['resumed', ['fulfilled', 'fulfilled']])
  await expect.poll(() => page.evaluate(() => playing())).toEqual([[2, 'audio', 'audioSlave', 'screen'], [3, 'audio']])
  await page.evaluate(() => client.leave())
})
