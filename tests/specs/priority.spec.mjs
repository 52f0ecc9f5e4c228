// Who keeps the picture when the way to a page is too narrow for all.
import { expect, person, test } from '../fixtures/test.mjs'
import { startNarrow } from '../fixtures/narrow.mjs'

const NARROW = 1_500_000 // bit/s: one high layer of 640×480 with headers, what is sent again and key frames

// Three senders in one page, the first one with the options of setLocalMediaPriority, if any.
async function senders(page, room, priority) {
  for (const uid of [1, 2, 3]) {
    await person(page, `p${uid}`, { auto: false })
    await page.evaluate(async ([uid, room, priority]) => {
      const me = people[`p${uid}`]
      if (priority && uid === 1) me.client.setLocalMediaPriority(priority)
      await me.join(room, uid)
      me.picture = media.noise(640, 480)
      me.picture.fields = 12
      me.stream = NERTC.createStream({ client: me.client, uid, audio: false, video: true, videoSource: me.picture.track })
      await me.stream.init()
      await me.client.publish(me.stream)
    }, [uid, room, priority])
  }
}

// What is received of each sender: width, decoded frames, freezes.
const seen = (page) => page.evaluate(async () => {
  const all = {}
  for (const [uid, stream] of people.me.streams) {
    const id = stream.getVideoTrack()?.id
    for (const report of (await probe.peers[0].getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video' && report.trackIdentifier === id) {
        all[uid] = { width: report.frameWidth ?? 0, frames: report.framesDecoded ?? 0, freezes: report.freezeCount ?? 0 }
      }
    }
  }
  return all
})

// Somebody with a narrow way who wants all pictures large, and how the first sender's fared once it was narrow.
async function squeeze(open, room, priority) {
  const narrow = await startNarrow()
  try {
    await senders(await open(), room, priority)
    const page = await open({ prepare: narrow.prepare })
    const me = await person(page, 'me', { auto: false })
    await me.join(room, 9)
    await page.bringToFront()
    await page.waitForFunction(() => [1, 2, 3].every((uid) => people.me.streams.get(uid)?.hasVideo()))
    await page.evaluate(() => Promise.all([1, 2, 3].map((uid) => people.me.take(people.me.streams.get(uid), { video: true, highOrLow: 1 }))))
    await expect.poll(async () => Object.values(await seen(page)).filter((s) => s.width > 240).length, { timeout: 20_000 }).toBe(3)
    narrow.limit(NARROW)
    // What follows is given the time to find its order.
    await page.waitForTimeout(8000)
    const samples = []
    for (let i = 0; i <= 8; i++) {
      samples.push(await seen(page))
      await page.waitForTimeout(1000)
    }
    const first = samples.map((s) => s[1])
    return {
      large: first.filter((s) => s.width > 240).length / first.length,
      freezes: first.at(-1).freezes - first[0].freezes,
      frames: first.at(-1).frames - first[0].frames,
    }
  } finally {
    narrow.stop()
  }
}

// covers: Client.setLocalMediaPriority
test('setLocalMediaPriority: who has it keeps the large picture on a narrow way', async ({ open, room }) => {
  test.setTimeout(90_000)
  const { large, freezes, frames } = await squeeze(open, room, { priority: 50 })
  expect(large, 'share of the time with the high layer').toBe(1)
  expect(freezes, 'in 8 s; a busy machine has one by itself').toBeLessThan(2)
  expect(frames, 'decoded in 8 s').toBeGreaterThan(50)
})

test('without a priority nobody keeps it', async ({ open, room }) => {
  test.setTimeout(90_000)
  const { large, freezes } = await squeeze(open, room)
  expect(large < 1 || freezes > 0, JSON.stringify({ large, freezes })).toBe(true)
})

test('setLocalMediaPriority: bad arguments and a wrong moment throw and change nothing', async ({ open, room }) => {
  const me = await person(await open(), 'me')
  const codes = await me.page.evaluate(async (room) => {
    const { client } = people.me
    const code = async (...args) => (await refused(async () => client.setLocalMediaPriority(...args))).code
    const codes = [await code(), await code(50), await code({ priority: 75 }), await code({ priority: 50, preemtiveMode: 'x' }),
      await code({ priority: 50, preemtiveMode: true }), await code({ priority: 100 })]
    const joining = client.join({ channelName: room, uid: 1 })
    codes.push(await code({ priority: 50 }))
    await joining
    codes.push(await code({ priority: 50 }))
    await client.leave()
    codes.push(await code({ priority: 50 }))
    return codes.map((c) => c ?? null)
  }, room)
  expect(codes).toEqual([10445, 10445, 10445, 10445, null, null, 10008, 10008, null])
})
