// What is imposed on the way between page and engine against what the SDK reports: a relay of ours delays, loses and
// limits what the page sends and receives.
import { randomUUID } from 'node:crypto'
import { startMediaRelay } from '../tests/fixtures/media-relay.mjs'
import { median, ms, table } from './figures.mjs'

const SECONDS = 10 // of readings after those in which the call gets used to what is imposed
const RELEASES = 6 // of each thing that is imposed, after which the quality is to recover
const NOISE = new URL('pages/imposed.js', import.meta.url).pathname

const CASES = [
  { name: 'nothing', impose: {}, settle: 2, figures: { 'SendBitrate, kbit/s': ['sent', 'sent'] } },
  { name: '100 ms of delay each way', impose: { up: { delay: 100 }, down: { delay: 100 } }, settle: 5, falls: 'up', figures: { 'txRtt, ms': [200, 'rtt'] } },
  { name: '5 % of loss down', impose: { down: { loss: 0.05 } }, settle: 3, falls: 'down', figures: { 'PacketLossRate of sound, %': ['audio', 'audioLoss'], 'PacketLossRate of the picture, %': ['video', 'videoLoss'] } },
  { name: '5 % of loss up', impose: { up: { loss: 0.05 } }, settle: 3, falls: 'up', figures: { 'PacketLossRate of sound, %': [0, 'audioLoss'] } },
  { name: '500 kbit/s up', impose: { up: { rate: 500_000 } }, settle: 12, falls: 'up', figures: { 'OutgoingAvailableBandwidth, kbit/s': [500, 'bandwidth'], 'SendBitrate, kbit/s': ['sent', 'sent'] } },
]

// In the page: all figures of one second.
const read = () => (async () => {
  const { client } = people.me
  const [transport, session, audio, video] = await Promise.all([
    client.getTransportStats(), client.getSessionStats(), client.getRemoteAudioStats(), client.getRemoteVideoStats(),
  ])
  const quality = told.at(-1)?.users.find(({ uid }) => uid === client.getUid())
  return {
    rtt: transport.txRtt, bandwidth: transport.OutgoingAvailableBandwidth, sent: session.SendBitrate, received: session.RecvBitrate,
    audioLoss: audio[2]?.PacketLossRate, videoLoss: video[2]?.PacketLossRate,
    up: quality?.uplinkNetworkQuality, down: quality?.downlinkNetworkQuality,
  }
})()

// Waits until the own quality in a direction, as told since `began`, is from `least` to `most`, `times` in a row; answers after how
// many ms that began, or NaN. The page's own clock stamps what is told: the page may be asked late.
const reaches = async (page, direction, least, most, { began = Date.now(), times = 1 } = {}) => {
  const handle = await page.waitForFunction(([direction, least, most, began, times]) => {
    const fits = told.map(({ at, users }) => {
      const level = users.find(({ uid }) => uid === people.me.client.getUid())?.[`${direction}linkNetworkQuality`]
      return at >= began && level >= least && level <= most
    })
    return told.find((_, i) => fits.slice(i, i + times).filter(Boolean).length === times)?.at
  }, [direction, least, most, began, times], { timeout: 60_000, polling: 50 }).catch(() => null)
  return handle ? await handle.jsonValue() - began : NaN
}

// The RTP sources of what a page receives, sound and picture.
const sources = (page) => page.evaluate(async () => {
  const sources = {}
  for (const peer of probe.peers) {
    for (const s of (await peer.getStats()).values()) if (s.type === 'inbound-rtp' && s.packetsReceived) sources[s.kind] = s.ssrc
  }
  return sources
})

/** imposed measures each case, prints the tables and answers all figures. */
export async function imposed({ context, site, gateway }, { progress = () => {} }) {
  const relay = await startMediaRelay()
  const room = `imposed-${randomUUID().slice(0, 12)}`
  const rows = []
  const pages = []
  try {
    const enter = async (uid, prepare) => {
      const page = await context.newPage()
      pages.push(page)
      await page.addInitScript({ path: NOISE })
      await prepare?.(page)
      await page.goto(site.page('call.html', gateway.url))
      await page.evaluate(async ([room, uid]) => {
        person('me')
        window.told = []
        people.me.client.on('network-quality', (users) => told.push({ at: Date.now(), users }))
        await people.me.join(room, uid)
        const stream = people.me.stream = NERTC.createStream({ client: people.me.client, uid, audio: true, video: true, audioSource: media.tone(440, 0.3).track, videoSource: noise() })
        await stream.init()
        await people.me.client.publish(stream)
      }, [room, uid])
      return page
    }
    await enter(2)
    const page = await enter(1, relay.prepare)
    await page.bringToFront()
    await page.waitForFunction(() => people.me.streams.get(2) && told.at(-1)?.users[0]?.uplinkNetworkQuality === 1 && told.at(-1).users[0].downlinkNetworkQuality === 1, null, { timeout: 60_000 })
    for (const one of CASES) {
      const fell = [], back = []
      const fall = async () => {
        await reaches(page, one.falls, 1, 1)
        await page.waitForTimeout(2000 * Math.random()) // it is told every two seconds, and nothing begins just then
        const began = Date.now()
        relay.impose(one.impose)
        fell.push(await reaches(page, one.falls, 2, 6, { began }))
      }
      const release = async () => {
        await page.waitForTimeout(2000 * Math.random())
        const began = Date.now()
        relay.impose()
        back.push(await reaches(page, one.falls, 1, 1, { began, times: 2 }))
      }
      if (one.falls) await fall()
      else relay.impose(one.impose)
      await page.waitForTimeout(1000 * one.settle)
      const readings = []
      const kinds = await sources(page)
      const before = { at: performance.now(), up: relay.sent().up, counts: relay.counts().down }
      for (let i = 0; i < SECONDS; i++) {
        readings.push(await page.evaluate(read))
        await page.waitForTimeout(1000)
      }
      const sent = (relay.sent().up - before.up) * 8 / (performance.now() - before.at)
      const counts = relay.counts().down
      // Of each kind the share that the relay took, in percent.
      const taken = Object.fromEntries(Object.entries(kinds).map(([kind, source]) => {
        const since = (key) => (counts[source]?.[key] ?? 0) - (before.counts[source]?.[key] ?? 0)
        return [kind, 100 * since('lost') / since('came')]
      }))
      const mean = (key) => readings.reduce((sum, r) => sum + (r[key] ?? 0), 0) / readings.length
      const reported = {
        rtt: median(readings.map((r) => r.rtt)), bandwidth: median(readings.map((r) => r.bandwidth)), sent: mean('sent'), received: mean('received'),
        audioLoss: mean('audioLoss'), videoLoss: mean('videoLoss'), up: median(readings.map((r) => r.up)), down: median(readings.map((r) => r.down)),
      }
      for (let i = 0; one.falls && i < RELEASES; i++) {
        if (i > 0) {
          await fall()
          await page.waitForTimeout(1000 * one.settle)
        }
        await release()
      }
      relay.impose()
      rows.push({ name: one.name, fell, back, reported, truths: { sent, ...taken }, figures: one.figures })
      progress(`imposed ${one.name}: ${JSON.stringify({ ...reported, relay: { sent, ...taken }, fell, back })}`)
    }
  } finally {
    for (const page of pages) await page.close()
    relay.stop()
  }
  const lines = rows.flatMap(({ name, figures, reported, truths }) => Object.entries(figures).map(([figure, [imposed, key]]) => {
    const truth = truths[imposed] ?? imposed
    return [name, figure, truth.toFixed(1), reported[key].toFixed(1), truth ? (reported[key] / truth).toFixed(2) : '–']
  }))
  table(`Imposed against reported, ${SECONDS} s each`, ['imposed', 'figure', 'true', 'reported', 'ratio'], lines)
  const most = (values) => ms(Math.max(...values))
  const level = ({ up, down }) => Math.max(up, down).toFixed(1)
  table(`Own network-quality, ${RELEASES} times each`, ['imposed', 'level', 'fell after: median', 'most', 'excellent again after: median', 'most', 'of which within 6 s'],
    rows.filter(({ fell }) => fell.length > 0).map(({ name, fell, back, reported }) =>
      [name, level(reported), ms(median(fell)), most(fell), ms(median(back)), most(back), `${back.filter((t) => t <= 6000).length} of ${back.length}`]))
  return rows
}
