// NERTC.Device: microphones whose two sides do not fit together, and browsers that share a screen upon a gesture only.
import { expect, person, test } from '../fixtures/test.mjs'

// covers: Device.enableCompatMode Device.disableCompatMode
test('Device.enableCompatMode: a microphone whose sides cancel each other out is heard', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben', { wish: { audio: true } })
  await ann.join(room, 1)
  await ben.join(room, 2)
  // Stands in for the microphone: the same tone on both sides, with the sign turned round; then on the right one alone.
  await ann.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      window.asked = constraints
      const context = new AudioContext()
      const out = new MediaStreamAudioDestinationNode(context, { channelCount: 2, channelCountMode: 'explicit' })
      const [tone, merger] = [new OscillatorNode(context, { frequency: 700 }), new ChannelMergerNode(context, { numberOfInputs: 2 })]
      window.left = new GainNode(context, { gain: 0.5 })
      tone.connect(window.left).connect(merger, 0, 0)
      tone.connect(new GainNode(context, { gain: -0.5 })).connect(merger, 0, 1)
      merger.connect(out)
      tone.start()
      const track = out.stream.getAudioTracks()[0]
      const settings = track.getSettings()
      track.getSettings = () => ({ ...settings, channelCount: 2 })
      return out.stream
    }
    window.send = async () => {
      const me = people.ann
      me.stream = NERTC.createStream({ client: me.client, audio: true })
      await me.stream.init()
      await me.client.publish(me.stream)
    }
    return send()
  })
  await ben.until(['stream-subscribed'], ['stream-subscribed 1 audio'])
  const level = () => ben.page.evaluate(() => people.ben.streams.get(1).getAudioLevel())
  for (let i = 0; i < 5; i++) {
    expect(await level(), 'as it is: nothing').toBeLessThan(0.02)
    await ben.page.waitForTimeout(100)
  }
  await ann.page.evaluate(async () => {
    NERTC.Device.enableCompatMode()
    await people.ann.client.unpublish(people.ann.stream)
    people.ann.stream.destroy()
    await send()
  })
  expect(await ann.page.evaluate(() => asked.audio.channelCount)).toEqual({ ideal: 2 })
  await expect.poll(level, { timeout: 60_000 }).toBeGreaterThan(0.1)
  expect(Math.abs(await ben.hears(1, 700) - 700)).toBeLessThan(20)
  // The left side, which was taken, falls silent: the other one is.
  await ann.page.evaluate(() => { left.gain.value = 0 })
  await expect.poll(level).toBeLessThan(0.02)
  await expect.poll(level, { timeout: 60_000 }).toBeGreaterThan(0.1)

  // It is for streams that are made while it holds.
  await ann.page.evaluate(async () => {
    NERTC.Device.disableCompatMode()
    const stream = NERTC.createStream({ client: people.ann.client, audio: true })
    await stream.init()
    stream.destroy()
  })
  expect(await ann.page.evaluate(() => asked.audio.channelCount?.ideal ?? null)).not.toBe(2)
})

// covers: Device.emit Device#user-gesture-fired
test('Device.onUserGestureNeeded: a screen that a browser refuses without a gesture is shared in one', async ({ open }) => {
  const { page } = await person(await open(), 'ann')
  // Refuses as Safari does: what is not called in the handler of a click is no gesture.
  await page.evaluate(() => {
    let gesture = false
    addEventListener('click', () => { gesture = true; setTimeout(() => { gesture = false }) }, { capture: true })
    window.asked = 0
    navigator.mediaDevices.getDisplayMedia = async () => {
      asked++
      if (!gesture) throw new DOMException('must be called from a user gesture handler', 'InvalidStateError')
      return new MediaStream([media.picture('green').track])
    }
    window.results = []
    window.share = () => {
      const stream = NERTC.createStream({ client: people.ann.client, screen: true })
      results.push(stream.init().then(() => ({ screen: stream.hasScreen() }), ({ code }) => ({ code })))
      return stream
    }
  })
  const result = (n) => page.evaluate((n) => results[n], n)
  // A page that asks by itself.
  await page.evaluate(() => {
    NERTC.Device.onUserGestureNeeded = (e) => {
      window.needed = e.name
      const button = document.body.appendChild(document.createElement('button'))
      button.id = 'share'
      button.onclick = () => { button.remove(); window.fired = NERTC.Device.emit('user-gesture-fired') }
    }
    share()
  })
  await page.click('#share')
  expect(await result(0)).toEqual({ screen: true })
  expect(await page.evaluate(() => [needed, fired, asked])).toEqual(['InvalidStateError', true, 2])
  expect(await page.evaluate(() => NERTC.Device.emit('user-gesture-fired')), 'nothing waits any more').toBe(false)

  // What is no gesture, or does not come, ends as it always did.
  await page.evaluate(() => {
    NERTC.Device.onUserGestureNeeded = () => { setTimeout(() => NERTC.Device.emit('user-gesture-fired')) }
    share()
  })
  expect(await result(1)).toEqual({ code: 10212 })
  expect(await page.evaluate(() => asked)).toBe(4)

  // A page that does not know of it has a bar.
  const bar = page.locator('.nertc-user-gesture')
  await page.evaluate(() => { NERTC.Device.onUserGestureNeeded = null; share() })
  await bar.click()
  expect(await result(2)).toEqual({ screen: true })
  await expect(bar).toHaveCount(0)
  await page.evaluate(() => { window.gone = share() })
  await expect(bar).toHaveCount(1)
  await page.evaluate(() => gone.destroy())
  expect(await result(3)).toEqual({ code: 10008 })
  await expect(bar).toHaveCount(0)
})
