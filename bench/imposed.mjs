// What is imposed on the way between page and engine against what the SDK reports: a relay of ours delays, loses and
// limits what the page sends and receives.
import { randomUUID } from 'node:crypto'
import { startMediaRelay } from '../tests/fixtures/media-relay.mjs'
import { median, ms, table } from './figures.mjs'

const SECONDS = 10 // of readings after those in which the call gets used to what is imposed
const NOISE = new URL('pages/imposed.js', import.meta.url).pathname

const CASES = [
  { name: 'nothing', impose: {}, settle: 2, figures: { 'SendBitrate, kbit/s': ['sent', 'sent'] } },
  { name: '100 ms of delay each way', impose: { up: { delay: 100 }, down: { delay: 100 } }, settle: 5, falls: 'up', figures: { 'txRtt, ms': [200, 'rtt'] } },
  { name: '5 % of loss down', impose: { down: { loss: 0.05 } }, settle: 3, falls: 'down', figures: { 'PacketLossRate of sound, %': [5, 'audioLoss'], 'PacketLossRate of the picture, %': [5, 'videoLoss'] } },
  { name: '5 % of loss up', impose: { up: { loss: 0.05 } }, settle: 3, falls: 'up', figures: { 'PacketLossRate of sound, %': [0, 'audioLoss'] } },
  { name: '500 kbit/s up', impose: { up: { rate: 500_000 } }, settle: 12, falls: 'up', figures: { 'OutgoingAvailableBandwidth, kbit/s': [500, 'bandwidth'], 'SendBitrate, kbit/s': ['sent', 'sent'] } },
]

// In the page: all figures of one second.
const read = () => (async () => {
  const { client } = people.me
  const [transport, session, audio, video] = await Promise.all([
    client.getTransportStats(), client.getSessionStats(), client.getRemoteAudioStats(), client.getRemoteVideoStats(),
  ])
  const quality = told.at(-1)?.find(({ uid }) => uid === client.getUid())
  return {
    rtt: transport.txRtt, bandwidth: transport.OutgoingAvailableBandwidth, sent: session.SendBitrate, received: session.RecvBitrate,
    audioLoss: audio[2]?.PacketLossRate, videoLoss: video[2]?.PacketLossRate,
    up: quality?.uplinkNetworkQuality, down: quality?.downlinkNetworkQuality,
  }
})()

// Waits until the own quality in a direction satisfies `ok`; answers after how many ms, or NaN.
const reaches = async (page, direction, least, most, patience = 60_000) => {
  const began = performance.now()
  const handle = await page.waitForFunction(([direction, least, most]) => {
    const own = told.at(-1)?.find(({ uid }) => uid === people.me.client.getUid())
    const level = own?.[`${direction}linkNetworkQuality`]
    return level >= least && level <= most
  }, [direction, least, most], { timeout: patience, polling: 50 }).catch(() => null)
  return handle ? performance.now() - began : NaN
}

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
        people.me.client.on('network-quality', (users) => told.push(users))
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
    await page.waitForFunction(() => people.me.streams.get(2) && told.at(-1)?.[0]?.uplinkNetworkQuality === 1 && told.at(-1)[0].downlinkNetworkQuality === 1, null, { timeout: 60_000 })
    for (const one of CASES) {
      if (one.falls) await reaches(page, one.falls, 1, 1)
      relay.impose(one.impose)
      const fell = one.falls ? await reaches(page, one.falls, 2, 6) : NaN
      await page.waitForTimeout(1000 * one.settle)
      const readings = []
      const before = { at: performance.now(), up: relay.sent().up }
      for (let i = 0; i < SECONDS; i++) {
        readings.push(await page.evaluate(read))
        await page.waitForTimeout(1000)
      }
      const sent = (relay.sent().up - before.up) * 8 / (performance.now() - before.at)
      const mean = (key) => readings.reduce((sum, r) => sum + (r[key] ?? 0), 0) / readings.length
      const reported = {
        rtt: median(readings.map((r) => r.rtt)), bandwidth: median(readings.map((r) => r.bandwidth)), sent: mean('sent'), received: mean('received'),
        audioLoss: mean('audioLoss'), videoLoss: mean('videoLoss'), up: median(readings.map((r) => r.up)), down: median(readings.map((r) => r.down)),
      }
      relay.impose()
      const back = one.falls ? await reaches(page, one.falls, 1, 1) : NaN
      rows.push({ name: one.name, fell, back, reported, sent, figures: one.figures })
      progress(`imposed ${one.name}: ${JSON.stringify({ ...reported, relay: sent })}`)
    }
  } finally {
    for (const page of pages) await page.close()
    relay.stop()
  }
  const lines = rows.flatMap(({ name, figures, reported, sent }) => Object.entries(figures).map(([figure, [imposed, key]]) => {
    const truth = imposed === 'sent' ? sent : imposed
    return [name, figure, truth.toFixed(0), reported[key].toFixed(1), truth ? (reported[key] / truth).toFixed(2) : '–']
  }))
  table(`Imposed against reported, ${SECONDS} s each`, ['imposed', 'figure', 'true', 'reported', 'ratio'], lines)
  table('Own network-quality', ['imposed', 'level', 'fell after', 'excellent again after'], rows.filter(({ fell }) => !Number.isNaN(fell)).map(({ name, fell, back, reported }) =>
    [name, Math.max(reported.up, reported.down).toFixed(1), ms(fell), ms(back)]))
  return rows
}
