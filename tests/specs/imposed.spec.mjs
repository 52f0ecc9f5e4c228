// What a relay of ours imposes on the way of media, against what the statistics report, and the quality that follows from it.
// bench/imposed.mjs prints the exact ratios; here the bounds are wide enough for a machine that has other work.
import { expect, person, test } from '../fixtures/test.mjs'
import { startMediaRelay } from '../fixtures/media-relay.mjs'

// Two people who send each other a tone and a picture; ann's media goes through the relay.
async function call(open, room, relay, settings) {
  const ann = await person(await open({ prepare: relay.prepare }), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.page.evaluate(() => {
    window.told = []
    people.ann.client.on('network-quality', (users) => told.push({ at: performance.now(), ...users[0] }))
  })
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish(settings)
  await ben.publish(settings)
  await ann.until(['stream-subscribed'], ['stream-subscribed 2 audio', 'stream-subscribed 2 video'])
  return { ann, ben }
}

// within: the own quality in `direction` has a level of `levels` once from now on.
const within = async (who, direction, levels) => {
  const from = await who.page.evaluate(() => performance.now())
  await who.page.waitForFunction(([direction, levels, from]) => told.some((own) => own.at > from && levels.includes(own[`${direction}linkNetworkQuality`])),
    [direction, levels, from], { timeout: 60_000, polling: 100 })
}
// mean of a figure over some seconds, one reading each.
const mean = (who, seconds, figure) => who.page.evaluate(async ([n, seconds, figure]) => {
  let sum = 0
  for (let i = 0; i < seconds; i++) {
    const { client } = people[n]
    const stats = figure === 'txRtt' ? (await client.getTransportStats()).txRtt
      : figure === 'SendBitrate' ? (await client.getSessionStats()).SendBitrate
        : (await client.getRemoteAudioStats())[2].PacketLossRate
    sum += stats
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  return sum / seconds
}, [who.name, seconds, figure])

// covers: Client.getTransportStats Client#network-quality
test('200 ms of round trip: getTransportStats tells them, and network-quality falls and recovers, as it does when the way is cut', async ({ open, room }) => {
  const relay = await startMediaRelay()
  try {
    const { ann, ben } = await call(open, room, relay, { fps: 5, scale: 0.5 })
    await within(ann, 'up', [1])
    relay.impose({ up: { delay: 100 }, down: { delay: 100 } })
    await within(ann, 'up', [2, 3])
    // The browser measures it anew every few seconds; what a late timer adds, it adds to each reading.
    const rtt = () => ann.page.evaluate(() => people.ann.client.getTransportStats().then((t) => t.txRtt))
    await expect.poll(async () => {
      const ms = await rtt()
      return ms >= 195 && ms < 300 ? 'as imposed' : ms
    }).toBe('as imposed')
    relay.impose()
    await within(ann, 'up', [1])
    await expect.poll(rtt).toBeLessThan(100)
    // Of a way that is cut it is the one who has it that is told so, and not the other, who hears nothing of her.
    await ben.page.evaluate(() => {
      window.told = []
      people.ben.client.on('network-quality', (users) => told.push({ at: performance.now(), ...users[0] }))
    })
    await within(ben, 'down', [1])
    relay.cut()
    await within(ann, 'up', [6])
    await within(ben, 'down', [1])
    expect(await ben.page.evaluate(() => told.map((own) => own.downlinkNetworkQuality))).not.toContain(6)
    relay.mend()
    await within(ann, 'up', [1])
    await within(ann, 'down', [1])
  } finally {
    relay.stop()
  }
})

// covers: Client.getRemoteAudioStats Client#network-quality
test('5 % of loss: getRemoteAudioStats tells PacketLossRate, and network-quality falls in that direction and recovers', async ({ open, room }) => {
  const relay = await startMediaRelay()
  try {
    const { ann } = await call(open, room, relay, { fps: 5, scale: 0.5 })
    await within(ann, 'down', [1])
    relay.impose({ down: { loss: 0.05 } })
    await within(ann, 'down', [3, 4])
    const loss = await mean(ann, 8, 'PacketLossRate')
    expect(loss).toBeGreaterThan(3)
    expect(loss).toBeLessThan(8)
    relay.impose()
    await within(ann, 'down', [1])
    relay.impose({ up: { loss: 0.05 } })
    await within(ann, 'up', [3, 4])
    expect(await mean(ann, 2, 'PacketLossRate')).toBeLessThan(3) // nothing of what is received is lost
  } finally {
    relay.stop()
  }
})

// covers: Client.getSessionStats Client.getTransportStats Client#network-quality
test('500 kbit/s of uplink: SendBitrate is what the page sends, OutgoingAvailableBandwidth and network-quality fall', async ({ open, room }) => {
  const relay = await startMediaRelay()
  try {
    const { ann } = await call(open, room, relay, { fps: 20, scale: 2 })
    // Noise asks for all the bits that it can get.
    await ann.page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
      const context = canvas.getContext('2d')
      const small = new ImageData(160, 120)
      const words = new Uint32Array(small.data.buffer)
      setInterval(async () => {
        for (let i = 0; i < words.length; i++) words[i] = 0xff000000 | (Math.random() * 0xffffff)
        context.drawImage(await createImageBitmap(small), 0, 0, 640, 480)
      }, 50)
      return people.ann.stream.close({ type: 'video' }).then(() =>
        people.ann.stream.open({ type: 'video', videoSource: canvas.captureStream(20).getVideoTracks()[0] })).then(() => null)
    })
    await expect.poll(() => ann.page.evaluate(() => people.ann.client.getSessionStats().then((s) => s.SendBitrate))).toBeGreaterThan(600)
    relay.impose({ up: { rate: 500_000 } })
    await within(ann, 'up', [3, 4, 5])
    await expect.poll(() => ann.page.evaluate(() => people.ann.client.getTransportStats().then((t) => t.OutgoingAvailableBandwidth))).toBeLessThan(600)
    // What the page says that it sends is what comes to the relay.
    const before = { at: performance.now(), ...relay.sent() }
    const reported = await mean(ann, 8, 'SendBitrate')
    const sent = (relay.sent().up - before.up) * 8 / (performance.now() - before.at)
    expect(reported).toBeLessThan(700)
    expect(reported / sent, `${reported} kbit/s of ${sent}`).toBeGreaterThan(0.7)
    expect(reported / sent, `${reported} kbit/s of ${sent}`).toBeLessThan(1.4)
  } finally {
    relay.stop()
  }
})
