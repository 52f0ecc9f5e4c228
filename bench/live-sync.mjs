// How far sound and picture are apart in what a live task pushes: a page flashes and beeps at once, and the server's file is searched for both.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startGateway } from '../tests/fixtures/gateway.mjs'
import { startRTMP, times } from '../tests/fixtures/rtmp.mjs'
import { median, percentile, table } from './figures.mjs'

const EVERY = 2 // seconds from one flash to the next
const RATE = 48_000

// In the page: a canvas that is white while a tone sounds, 0.3 s each time. Both follow the clock of the sound.
async function flashing([room, every]) {
  const audio = new AudioContext()
  await audio.resume()
  const tone = new OscillatorNode(audio, { frequency: 1000 })
  const gain = new GainNode(audio, { gain: 0 })
  const to = new MediaStreamAudioDestinationNode(audio)
  tone.connect(gain).connect(to)
  tone.start()
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 })
  const paint = canvas.getContext('2d')
  let begin = audio.currentTime + 1
  let frame = 0
  const schedule = () => {
    for (; begin < audio.currentTime + 1; begin += every) {
      gain.gain.setValueAtTime(0.5, begin)
      gain.gain.setValueAtTime(0, begin + 0.3)
    }
    const since = (audio.currentTime - begin + 10 * every) % every
    paint.fillStyle = since < 0.3 ? '#fff' : '#000'
    paint.fillRect(0, 0, 320, 240)
    paint.fillStyle = frame++ % 2 ? '#111' : '#222' // so that each frame is another
    paint.fillRect(0, 0, 8, 8)
  }
  setInterval(schedule, 10)
  schedule()
  const { client } = person('me')
  window.states = []
  client.on('rtmp-state', ({ code }) => states.push(code))
  client.setChannelProfile({ mode: 'live' })
  await people.me.join(room, 1)
  const [sound] = to.stream.getAudioTracks()
  const [picture] = canvas.captureStream(25).getVideoTracks()
  // What the browser itself makes of both, before anything is sent.
  const recorder = new MediaRecorder(new MediaStream([sound, picture]), { mimeType: 'video/webm;codecs=vp8,opus' })
  const parts = []
  recorder.ondataavailable = ({ data }) => parts.push(data)
  window.recorded = async () => {
    await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop() })
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
    let text = ''
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
    return btoa(text)
  }
  window.record = () => recorder.start(1000)
  const stream = NERTC.createStream({ client, uid: 1, audio: true, video: true, audioSource: sound, videoSource: picture })
  await stream.init()
  await client.publish(stream)
}

// The moments at which something begins: of values over a threshold, after some time below it.
function onsets(values, timeOf, over) {
  const found = []
  let last = -Infinity
  values.forEach((v, i) => {
    if (v < over) return
    const t = timeOf(i)
    if (t - last > 0.5) found.push(t)
    last = t
  })
  return found
}

function offsets(file) {
  const options = { maxBuffer: 2 ** 31 - 1 }
  const gray = execFileSync('ffmpeg', ['-v', 'fatal', '-i', file, '-an', '-vf', 'crop=iw/2:ih/2,scale=1:1:flags=area', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], options)
  const shown = times(file).video.toSorted((a, b) => a - b)
  const pcm = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-vn', '-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-'], options)
  const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1)
  const flashes = onsets([...gray], (i) => shown[i], 128)
  const beeps = onsets(samples, (i) => i / RATE, 4000)
  // Of each flash the beep that is nearest. The first may have been cut off.
  return flashes.slice(1).map((t) => ({ t, off: beeps.reduce((best, b) => (Math.abs(b - t) < Math.abs(best) ? b - t : best), Infinity) })).filter(({ off }) => Math.abs(off) < EVERY / 2)
}

function judge(all, seconds, progress) {
  progress(JSON.stringify(all.map(({ off }) => Math.round(off * 1000))))
  if (all.length < seconds / EVERY / 2) throw new Error(`only ${all.length} flashes were found`)
  const off = all.map((o) => o.off)
  const tenth = Math.max(1, off.length / 10 | 0)
  return {
    flashes: off.length, median: median(off), least: Math.min(...off), most: Math.max(...off), p5: percentile(off, 0.05), p95: percentile(off, 0.95),
    drift: median(off.slice(-tenth)) - median(off.slice(0, tenth)),
  }
}

const show = (seconds) => `${(seconds * 1000).toFixed(0)} ms`

// sync watches a programme for so many seconds. Positive: the sound is late. A busy machine's browser lets sound and picture slip apart before anything
// is sent, so what its own recorder makes of them stands beside.
export async function sync({ context, site }, { seconds, progress = () => {} }) {
  const gateway = await startGateway({ args: ['--live-allow', '127.0.0.0/8'] })
  const rtmp = await startRTMP()
  const page = await context.newPage()
  try {
    await page.goto(site.page('call.html', gateway.url))
    await page.evaluate(flashing, [`sync-${randomUUID().slice(0, 12)}`, EVERY])
    await page.evaluate((url) => people.me.client.addTasks({ rtmpTasks: [{
      taskId: 'sync', streamUrl: url, record: false,
      layout: { canvas: { width: 320, height: 240, color: 0 }, users: [{ uid: 1, x: 0, y: 0, width: 320, height: 240, adaption: 0, pushAudio: true, pushVideo: true, zOrder: 0 }] },
    }] }), rtmp.url('sync'))
    await page.waitForFunction(() => states.includes(505))
    await page.evaluate(() => record())
    await pause(seconds * 1000)
    const own = join(rtmp.folder, 'own.webm')
    writeFileSync(own, Buffer.from(await page.evaluate(() => recorded()), 'base64'))
    await page.evaluate(() => people.me.client.deleteTasks({ taskIds: ['sync'] }))
    const figures = { seconds, page: judge(offsets(own), seconds, progress), server: judge(offsets(rtmp.arrived('sync')[0]), seconds, progress) }
    const row = ({ median, least, most, drift }) => [show(median), show(least), show(most), show(drift)]
    table(`Sound after picture, ${figures.server.flashes} flashes in ${seconds} s`, ['', 'median', 'least', 'most', 'last tenth against first'],
      [['in the page, as its browser records it', ...row(figures.page)], ['at the RTMP server', ...row(figures.server)]])
    return figures
  } finally {
    await page.close()
    await rtmp.stop()
    await gateway.stop()
  }
}
