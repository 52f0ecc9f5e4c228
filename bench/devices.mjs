// How long the others are without picture or sound when somebody changes the device in a call.
import { randomUUID } from 'node:crypto'
import { chromium } from '@playwright/test'
import { args, executablePath } from '../tests/fixtures/chromium.mjs'
import { ms, summary, table } from './figures.mjs'

export const LIMIT = 500 // ms, what a change of the device may cost

// Of Chromium's fake cameras the second gives depth, which WebRTC does not take: there have to be three.
const flags = args.map((a) => (a.startsWith('--use-fake-device') ? '--use-fake-device-for-media-stream=device-count=3,fps=30' : a))

// In the page that watches: the longest time between two frames that its <video> presents, and the longest silence of
// the sound that it gets, each since restart().
const watch = async (page) => page.evaluate(async () => {
  const video = people.me.video(1)
  const gaps = (window.gaps = { frame: 0, silence: 0 })
  let last = 0
  const next = (now) => {
    if (last) gaps.frame = Math.max(gaps.frame, now - last)
    last = now
    video.requestVideoFrameCallback(next)
  }
  video.requestVideoFrameCallback(next)
  // A worklet sees every sample; below 1 % of full scale for a whole block of 128 is silence.
  const context = new AudioContext()
  const source = `registerProcessor('silence', class extends AudioWorkletProcessor {
    process([[samples]]) {
      const silent = !samples || samples.every((s) => Math.abs(s) < 0.01)
      this.run = silent ? (this.run ?? 0) + 128 : 0
      if (this.run) this.port.postMessage(1000 * this.run / sampleRate)
      return true
    }
  })`
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })))
  const node = new AudioWorkletNode(context, 'silence')
  node.port.onmessage = ({ data }) => { gaps.silence = Math.max(gaps.silence, data) }
  context.createMediaStreamSource(new MediaStream([people.me.streams.get(1).getAudioTrack()])).connect(node).connect(context.destination)
  await context.resume()
  window.context = context
})
const restart = (page) => page.evaluate(() => { Object.assign(gaps, { frame: 0, silence: 0 }) })
const settle = 1000 // ms of an undisturbed call before and after each change

const CHANGES = [
  ['camera', 'another camera: longest time without a frame', 'frame', (n) => `people.me.stream.switchDevice('video', cameras[${n % 2}])`],
  ['microphone', 'another microphone: longest silence', 'silence', (n) => `people.me.stream.switchDevice('audio', ['desk', 'headset'][${n % 2}])`],
  ['volume', 'the first setCaptureVolume: longest silence', 'silence', () => 'people.me.stream.setCaptureVolume(60)'],
]

// devices makes each change `tries` times and answers all figures in ms.
export async function devices({ site, gateway }, { tries, progress = () => {} }) {
  const browser = await chromium.launch({ executablePath, args: flags })
  const figures = {}
  try {
    const context = await browser.newContext()
    const room = `devices-${randomUUID().slice(0, 12)}`
    const [sender, watcher] = await Promise.all([1, 2].map(async (uid) => {
      const page = await context.newPage()
      await page.goto(site.page('call.html', gateway.url))
      await page.evaluate(async ([room, uid]) => { person('me'); await people.me.join(room, uid) }, [room, uid])
      return page
    }))
    await sender.evaluate(async () => {
      // The cameras are the browser's own, at their 30 frames/s; its microphones only beep, so tones stand in for them.
      const media = navigator.mediaDevices
      const own = media.getUserMedia.bind(media)
      const list = (await media.enumerateDevices()).filter((d) => d.kind === 'videoinput')
      window.cameras = [list[0].deviceId, list[2].deviceId]
      window.media.machine({ cameras: {}, microphones: { desk: 440, headset: 880 } })
      const tones = media.getUserMedia
      media.getUserMedia = async ({ audio, video }) =>
        new MediaStream([...(audio ? (await tones({ audio })).getTracks() : []), ...(video ? (await own({ video })).getTracks() : [])])
      people.me.stream = NERTC.createStream({ client: people.me.client, audio: true, video: true })
      people.me.stream.setVideoProfile({ frameRate: NERTC.VIDEO_FRAME_RATE.CHAT_VIDEO_FRAME_RATE_30 })
      await people.me.stream.init()
      await people.me.client.publish(people.me.stream)
    })
    await watcher.bringToFront()
    await watcher.waitForFunction(() => people.me.video(1)?.readyState >= 2 && people.me.streams.get(1).isPlaying('audio'))
    await watch(watcher)
    await trust(sender, watcher)
    for (const [key, title, figure, change] of CHANGES) {
      const all = []
      for (let n = 1; n <= tries; n++) {
        if (key === 'volume') await fresh(sender, watcher)
        await watcher.waitForTimeout(settle)
        await restart(watcher)
        await sender.evaluate((code) => new Function(`return ${code}`)(), change(n))
        await watcher.waitForTimeout(settle)
        all.push(await watcher.evaluate((figure) => gaps[figure], figure))
        if (key === 'microphone') await hears(watcher, [440, 880][n % 2])
        progress(`try ${n}, ${title}: ${ms(all.at(-1))}`)
      }
      figures[key] = { ...summary(all), all }
    }
  } finally {
    await browser.close()
  }
  table(`Change of the device, ${tries} tries each (at most ${LIMIT} ms)`, ['', 'median', 'p90', 'max'],
    CHANGES.map(([key, title]) => [title, ms(figures[key].median), ms(figures[key].p90), ms(figures[key].max)]))
  return figures
}

// trust: what listens hears half a second of silence, and what watches is called for frames.
async function trust(sender, watcher) {
  await watcher.waitForTimeout(settle)
  await restart(watcher)
  await sender.evaluate(async () => {
    const track = people.me.stream.getAudioTrack()
    track.enabled = false
    await new Promise((r) => setTimeout(r, 500))
    track.enabled = true
  })
  await watcher.waitForTimeout(settle)
  const { frame, silence } = await watcher.evaluate(() => gaps)
  if (silence < 300 || frame === 0) throw new Error(`half a second of silence was heard as ${ms(silence)}, frames came every ${ms(frame)}`)
}

// hears: the watcher has the tone of the other microphone.
async function hears(watcher, hertz) {
  const heard = await watcher.evaluate((near) => media.pitch(people.me.streams.get(1).getAudioTrack(), { near }), hertz)
  if (Math.abs(heard - hertz) > hertz * 0.03) throw new Error(`${heard} Hz instead of ${hertz}`)
}

// fresh: a microphone that is sent as it was captured, which the volume of an opened one may not be any more.
async function fresh(sender, watcher) {
  await sender.evaluate(async () => {
    const { stream } = people.me
    stream.setCaptureVolume(100)
    await stream.close({ type: 'audio' })
    await stream.open({ type: 'audio' })
  })
  await watcher.waitForFunction(() => people.me.streams.get(1).isPlaying('audio'))
  await watcher.evaluate(() => context.close())
  await watch(watcher)
}
