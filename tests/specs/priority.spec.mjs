// Who keeps the picture when the way to a page is too narrow for all.
import { expect, person, test } from '../fixtures/test.mjs'
import { startNarrow } from '../fixtures/narrow.mjs'

const HIGH = 600 // kbit/s of a high layer
const NARROW = 1_100_000 // bit/s: one high layer with headers, key frames and what is sent again; not two

// Three senders in one page, the first one with the options of setLocalMediaPriority, if any.
async function senders(page, room, priority) {
  for (const uid of [1, 2, 3]) {
    await person(page, `p${uid}`, { auto: false })
    await page.evaluate(async ([uid, room, priority, high]) => {
      const me = people[`p${uid}`]
      if (priority && uid === 1) me.client.setLocalMediaPriority(priority)
      await me.join(room, uid)
      me.picture = media.noise(640, 480)
      me.picture.fields = 12
      me.stream = NERTC.createStream({ client: me.client, uid, audio: false, video: true, videoSource: me.picture.track })
      me.stream.setVideoEncoderConfiguration({ mediaType: 'video', streamType: 'high', maxBitrate: high })
      await me.stream.init()
      await me.client.publish(me.stream)
    }, [uid, room, priority, HIGH])
  }
}

// What is received of each sender: width, decoded frames, and freezes by the standard's definition (a frame that comes later
// than three times the average, and than 150 ms more than it), their number and their seconds; packets that were lost.
// https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount
const seen = (page) => page.evaluate(async () => {
  const all = {}
  for (const [uid, stream] of people.me.streams) {
    const id = stream.getVideoTrack()?.id
    for (const report of (await probe.peers[0].getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video' && report.trackIdentifier === id) {
        all[uid] = { width: report.frameWidth ?? 0, frames: report.framesDecoded ?? 0,
          freezes: report.freezeCount ?? 0, frozen: report.totalFreezesDuration ?? 0, lost: report.packetsLost ?? 0 }
      }
    }
  }
  return all
})

const WINDOW = 10 // seconds from the moment at which the way becomes narrow

// Somebody who wants all pictures large, and how the first sender's fares from the moment on at which the way is narrow.
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
    await expect.poll(async () => Object.values(await seen(page)).filter((s) => s.width > 240).length, { timeout: 80_000 }).toBe(3)
    await page.waitForTimeout(1500) // what three key frames have put in the way is gone
    const samples = [(await seen(page))[1]]
    narrow.limit(NARROW)
    const began = Date.now()
    while (Date.now() < began + WINDOW * 1000) {
      await page.waitForTimeout(200)
      samples.push((await seen(page))[1])
    }
    const of = (key) => samples.at(-1)[key] - samples[0][key]
    return { small: samples.filter((s) => s.width <= 240).length, freezes: of('freezes'), frozen: of('frozen'), frames: of('frames'), lost: of('lost') }
  } finally {
    narrow.stop()
  }
}

// covers: Client.setLocalMediaPriority
test('setLocalMediaPriority: who has it keeps the large picture on a narrow way', async ({ open, room }) => {
  const all = await squeeze(open, room, { priority: 50 })
  // It is the large picture nearly always, without a freeze. Where the browser sees the queue late, or the machine is busy, the others are
  // stopped later than the queue lasts: that costs a second or two. Without a priority it is small for five seconds and more.
  expect(all.small, `times the picture was small, of five in a second: ${JSON.stringify(all)}`).toBeLessThanOrEqual(8)
  expect(all.freezes, JSON.stringify(all)).toBeLessThanOrEqual(6)
  expect(all.frozen, `seconds of ${WINDOW}: ${JSON.stringify(all)}`).toBeLessThan(3)
  expect(all.frames, 'decoded of 15 in a second').toBeGreaterThan(15 * WINDOW / 2)
})

test('without a priority nobody keeps it', async ({ open, room }) => {
  const all = await squeeze(open, room)
  expect(all.freezes, JSON.stringify(all)).toBeGreaterThan(0)
  expect(all.frozen > 3 || all.small > 10, JSON.stringify(all)).toBe(true)
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
