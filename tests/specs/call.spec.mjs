// Media truth: what one page shows and plays is what the other one sends.
import { readFileSync } from 'node:fs'
import { expect, person, test } from '../fixtures/test.mjs'

// near: within 3 %.
const near = (hertz, expected) => {
  expect(hertz, `${hertz} Hz instead of ${expected}`).toBeGreaterThan(expected * 0.97)
  expect(hertz, `${hertz} Hz instead of ${expected}`).toBeLessThan(expected * 1.03)
}

const moving = (seen, colour) => {
  expect(seen.frames, 'frames shown').toBeGreaterThanOrEqual(15)
  expect(seen.different, 'numbers read from the frames').toBeGreaterThanOrEqual(10)
  expect(seen.colours, 'whose picture it is').toEqual([colour])
}

// covers: Client.join Client.publish Client#peer-online
test('two pages see and hear each other', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  expect(await ann.join(room, 1)).toBe(1)
  expect(await ben.join(room, 2)).toBe(2)
  await ann.until(['peer-online'], ['peer-online 2'])
  await ben.until(['peer-online'], ['peer-online 1'])
  await ann.publish({ colour: 'red', hertz: 440 })
  await ben.publish({ colour: 'blue', hertz: 880 })
  moving(await ann.sees(2), 'blue')
  moving(await ben.sees(1), 'red')
  near(await ann.hears(2, 880), 880)
  near(await ben.hears(1, 440), 440)
  expect([...await ann.failures(), ...await ben.failures()]).toEqual([])
})

// covers: Stream.init NERTC.createStream Stream.getAudioTrack
test('the browser’s camera and microphone through stream.init()', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.page.evaluate(async () => {
    const me = people.ann
    me.stream = NERTC.createStream({ audio: true, video: true, uid: 1, client: me.client })
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  const seen = await ben.sees(1)
  expect(seen.frames).toBeGreaterThanOrEqual(15)
  // The fake camera shows a moving figure and a clock.
  expect(seen.differentPixels).toBeGreaterThanOrEqual(10)
  expect(seen.width).toBeGreaterThan(0)
  // The fake microphone beeps once a second.
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio', 'stream-subscribed 1 video'])
  const beep = await ben.page.evaluate(() => media.loudness(people.ben.streams.get(1).getAudioTrack(), 2500))
  expect(beep).toBeGreaterThan(0.01)
})

// covers: Client.leave Client#peer-leave
test('three people: each sees the two others', async ({ open, room }) => {
  const colours = ['red', 'green', 'blue']
  const all = []
  for (let i = 0; i < 3; i++) {
    const one = await person(await open(), `p${i + 1}`)
    await one.join(room, i + 1)
    await one.publish({ colour: colours[i], hertz: 400 + 300 * i })
    all.push(one)
  }
  for (const [i, one] of all.entries()) {
    for (const other of [0, 1, 2].filter((o) => o !== i)) {
      moving(await one.sees(other + 1), colours[other])
      near(await one.hears(other + 1, 400 + 300 * other), 400 + 300 * other)
    }
  }
  await all[2].leave()
  await all[0].until(['peer-leave'], ['peer-leave 3'])
  moving(await all[0].sees(2), 'green')
})

test('two clients of one page in two rooms do not mix', async ({ open, room }) => {
  const page = await open()
  const left = await person(page, 'left')
  const right = await person(page, 'right')
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await Promise.all([left.join(`${room}-l`, 1), right.join(`${room}-r`, 1), ann.join(`${room}-l`, 2), ben.join(`${room}-r`, 2)])
  await ann.publish({ colour: 'green', hertz: 500 })
  await ben.publish({ colour: 'yellow', hertz: 900 })
  moving(await left.sees(2), 'green')
  moving(await right.sees(2), 'yellow')
  near(await left.hears(2, 500), 500)
  near(await right.hears(2, 900), 900)
  expect(await left.story('peer-online')).toEqual(['peer-online 2'])
  await left.leave()
  expect(await right.state()).toBe('CONNECTED')
  moving(await right.sees(2), 'yellow')
})

const text = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the README’s page makes a call, and nothing in it is left uncaught when its client is destroyed while it subscribes', async ({ open, gateway }) => {
  const shown = text('web/minimal.html')
  for (const readme of ['README.md', 'README.zh-CN.md']) expect(text(readme)).toContain(shown.replace('src="', 'src="http://localhost:8080'))
  const ben = await person(await open(), 'ben', { options: { appkey: 'demo' } })
  await ben.join('hello', 2)
  const page = await open()
  await page.goto(`${gateway.url}/healthz`) // anything of that origin
  // Its client goes behind the page's own handler, whose call is under way then.
  await page.setContent(shown.replace(/<\/script>\s*$/, "client.on('stream-added', () => client.destroy()); document.title = `in a call as ${client.getUid()}`</script>"))
  await expect(page).toHaveTitle(/in a call as \d+/)
  const uid = Number((await page.title()).split(' ').pop())
  expect((await ben.sees(uid)).differentPixels).toBeGreaterThan(5)
  const told = page.waitForEvent('console', (message) => message.type() === 'warning' && /^NERtcError: .*destroyed/.test(message.text()))
  await ben.publish({ colour: 'red' })
  await told
  await ben.until(['peer-leave'], [`peer-leave ${uid}`])
})

// covers: NERTC.createClient Client.on Client.subscribe Stream.play
test('a page of the server’s own origin needs nothing but the script', async ({ context, gateway, room, open }) => {
  const ben = await person(await open(), 'ben')
  await ben.join(room, 2)
  await ben.publish({ colour: 'blue', hertz: 700 })
  const page = await context.newPage()
  await page.goto(`${gateway.url}/healthz`) // anything of that origin
  await page.setContent('<!doctype html><body><div id="v" style="width:320px;height:240px"></div><script src="/nertc.js"></script>')
  const shown = await page.evaluate(async (channelName) => {
    const client = NERTC.createClient({ appkey: 'tests' })
    const shown = new Promise((resolve) => {
      client.on('stream-added', (e) => client.subscribe(e.stream))
      client.on('stream-subscribed', async (e) => {
        if (e.mediaType !== 'video') return
        await e.stream.play('v', { video: true })
        const video = document.querySelector('#v video')
        video.requestVideoFrameCallback(() => resolve(video.videoWidth))
      })
    })
    await client.join({ channelName })
    const uid = client.getUid()
    const width = await shown
    await client.leave()
    return { uid, width }
  }, room)
  expect(shown.width).toBeGreaterThan(0)
  expect(Number.isSafeInteger(shown.uid) && shown.uid > 0).toBe(true)
  await page.close()
})

test('through a Proxy, as a reactive framework wraps what it is given', async ({ open, room }) => {
  const ann = await person(await open(), 'ann', { proxy: true })
  const ben = await person(await open(), 'ben')
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.page.evaluate(async () => {
    const me = people.ann
    me.picture = media.picture('green')
    me.stream = new Proxy(NERTC.createStream({ client: me.client, uid: 1, video: true, audio: false, videoSource: me.picture.track }), {})
    await me.stream.init()
    await me.client.publish(me.stream)
  })
  moving(await ben.sees(1), 'green')
  await ann.mute('muteVideo')
  await ben.until(['mute-video'], ['mute-video 1'])
})

test('string uids: each page gets the type of its own', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  expect(await ann.join(room, 'ann')).toBe('ann')
  expect(await ben.join(room, 7)).toBe(7)
  const seen = await ann.page.waitForFunction(() => people.ann.events('peer-online')[0]?.uid)
  expect(await seen.jsonValue()).toBe('7')
  await ben.until(['peer-online'], ['peer-online ann'])
})
