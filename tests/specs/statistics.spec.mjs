// The documented statistics against what was fed, and the events that follow from them.
import { expect, person, test } from '../fixtures/test.mjs'

const stats = (who, name, ...args) => who.page.evaluate(([n, name, args]) => people[n].client[name](...args), [who.name, name, args])
// until: asks again until what is given satisfies `ok`; a figure needs a report or two to be there.
const until = async (who, name, ok, ...args) => {
  let last
  await expect.poll(async () => (ok(last = await stats(who, name, ...args)) ? 'as wanted' : JSON.stringify(last)), { message: name }).toBe('as wanted')
  return last
}
const about = (figure, fed, by) => Math.abs(figure - fed) <= by

const FIELDS = {
  session: ['Duration', 'RecvBitrate', 'RecvBytes', 'SendBitrate', 'SendBytes', 'UserCount'],
  transport: ['NetworkType', 'OutgoingAvailableBandwidth', 'rxRtt', 'txRtt'],
  localAudio: ['CodecType', 'MuteState', 'RecordingLevel', 'SamplingRate', 'SendBitrate', 'SendLevel', 'rtt'],
  localVideo: ['CaptureFrameRate', 'CaptureResolutionHeight', 'CaptureResolutionWidth', 'CodecName', 'EncodeDelay', 'LayerType', 'MuteState',
    'SendBitrate', 'SendFrameRate', 'SendResolutionHeight', 'SendResolutionWidth', 'TargetSendBitrate', 'TotalDuration', 'TotalFreezeTime'],
  remoteAudio: ['CodecType', 'End2EndDelay', 'MuteState', 'PacketLossRate', 'RecvBitrate', 'RecvLevel', 'TotalFreezeTime', 'TotalPlayDuration', 'TransportDelay'],
  remoteVideo: ['CodecName', 'End2EndDelay', 'MuteState', 'PacketLossRate', 'RecvBitrate', 'RecvResolutionHeight', 'RecvResolutionWidth',
    'RenderFrameRate', 'RenderResolutionHeight', 'RenderResolutionWidth', 'TotalFreezeTime', 'TotalPlayDuration', 'TransportDelay'],
}
const has = (object, fields) => expect(Object.keys(object).sort()).toEqual([...fields].sort())

// covers: Client.getSessionStats Client.getTransportStats Client.getLocalAudioStats Client.getLocalVideoStats
// covers: Client.getRemoteAudioStats Client.getRemoteVideoStats
test('getSessionStats and the other statistics have every documented field, and agree with what was fed', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  expect(await stats(ann, 'getSessionStats')).toEqual({ Duration: 0, RecvBitrate: 0, RecvBytes: 0, SendBitrate: 0, SendBytes: 0, UserCount: 0 })
  expect(await stats(ann, 'getTransportStats')).toEqual({ NetworkType: 'unknown', OutgoingAvailableBandwidth: 0, rxRtt: 0, txRtt: 0 })
  for (const name of ['getLocalAudioStats', 'getLocalVideoStats']) expect(await stats(ann, name)).toEqual([])
  for (const name of ['getRemoteAudioStats', 'getRemoteVideoStats']) expect(await stats(ann, name)).toEqual({})

  const ben = await person(await open(), 'ben', { wish: { audio: true, video: true, screen: true } })
  await ann.join(room, 'list') // a name like any other
  await ben.join(room, 'ben')
  expect(await stats(ben, 'getSessionStats'), 'before the first report').toMatchObject({ UserCount: 2, RecvBitrate: 0 })
  await ann.publish({ colour: 'red', hertz: 440, amplitude: 0.5, fps: 15, scale: 2 })
  await ben.until(['stream-subscribed'], ['stream-subscribed list audio', 'stream-subscribed list video'])

  const [mic] = await until(ann, 'getLocalAudioStats', ([a]) => a?.SendBitrate > 0 && about(a.RecordingLevel, 50, 8))
  has(mic, FIELDS.localAudio)
  expect(mic).toMatchObject({ CodecType: 'opus', MuteState: false, SamplingRate: 48000 })
  expect(mic.SendLevel).toBe(mic.RecordingLevel)

  const [camera] = await until(ann, 'getLocalVideoStats', ([v]) => v?.SendResolutionWidth === 640 && about(v.CaptureFrameRate, 15, 3) && about(v.SendFrameRate, 15, 3))
  has(camera, FIELDS.localVideo)
  expect(camera).toMatchObject({
    CodecName: 'VP8', CaptureResolutionWidth: 640, CaptureResolutionHeight: 480, SendResolutionHeight: 480, LayerType: 1, MuteState: false,
  })
  expect(camera.SendBitrate).toBeGreaterThan(0)
  expect(camera.TargetSendBitrate).toBeGreaterThan(0)
  expect(camera.EncodeDelay).toBeGreaterThan(0)

  const heard = (await until(ben, 'getRemoteAudioStats', (u) => about(u.list?.RecvLevel, 50, 8) && u.list.TotalPlayDuration > 0 && u.list.PacketLossRate === 0)).list
  has(heard, FIELDS.remoteAudio)
  expect(heard).toMatchObject({ CodecType: 'opus', MuteState: false })
  expect(heard.End2EndDelay).toBeGreaterThan(heard.TransportDelay)

  const seen = (await until(ben, 'getRemoteVideoStats', (u) => about(u.list?.RenderFrameRate, 15, 3) && u.list.RecvResolutionWidth === 640 && u.list.PacketLossRate === 0)).list
  has(seen, FIELDS.remoteVideo)
  expect(seen).toMatchObject({ CodecName: 'VP8', RecvResolutionHeight: 480, RenderResolutionWidth: 640, RenderResolutionHeight: 480, MuteState: false })
  // What one side sends the other receives: nobody else is here.
  const [sent, received] = await Promise.all([stats(ann, 'getLocalVideoStats'), stats(ben, 'getRemoteVideoStats')])
  expect(received.list.RecvBitrate).toBeGreaterThan(sent[0].SendBitrate / 4)

  expect(await stats(ann, 'getLocalVideoStats', 'screen')).toEqual([])
  expect(await stats(ben, 'getRemoteVideoStats', 'screen')).toEqual({})
  expect(await stats(ben, 'getRemoteVideoStats', { odd: true })).toHaveProperty('list')

  // A screen beside the camera has figures of its own.
  await ann.page.evaluate(async () => {
    people.ann.slides = media.picture('green', { scale: 3, fps: 5 })
    await people.ann.stream.open({ type: 'screen', screenVideoSource: people.ann.slides.track })
  })
  const [beside, screen] = await until(ann, 'getLocalVideoStats', ([, s]) => s?.SendFrameRate > 0 && s.SendResolutionWidth === 960)
  has(screen, FIELDS.localVideo)
  expect(screen).toMatchObject({ CaptureResolutionWidth: 960, CaptureResolutionHeight: 720, SendResolutionHeight: 720, MuteState: false })
  expect(beside.CaptureResolutionWidth).toBe(640)
  expect(await stats(ann, 'getLocalVideoStats', 'screen')).toMatchObject([{ CaptureResolutionWidth: 960 }])
  const slides = (await until(ben, 'getRemoteVideoStats', (u) => u.list?.RenderFrameRate > 0 && u.list.RecvResolutionWidth === 960, 'screen')).list
  has(slides, FIELDS.remoteVideo)
  for (const type of ['video', undefined]) await until(ben, 'getRemoteVideoStats', (u) => u.list?.RecvResolutionWidth === 640, type)

  const session = await stats(ann, 'getSessionStats')
  has(session, FIELDS.session)
  expect(session.UserCount).toBe(2)
  expect(session.SendBytes).toBeGreaterThan(1000)
  expect(session.SendBitrate).toBeGreaterThanOrEqual(camera.SendBitrate / 2)
  const transport = await stats(ann, 'getTransportStats')
  has(transport, FIELDS.transport)
  expect(transport.txRtt).toBeGreaterThanOrEqual(0)
  expect(transport.OutgoingAvailableBandwidth).toBeGreaterThan(0)

  await ann.mute('muteAudio')
  await until(ann, 'getLocalAudioStats', ([a]) => a.MuteState && a.SendLevel === 0)
  await until(ben, 'getRemoteAudioStats', (u) => u.list.MuteState && u.list.RecvLevel === 0)
  // They are there whatever happens meanwhile.
  await Promise.all([ann.leave(), ...Object.keys(FIELDS).map((name) => stats(ann, `get${name[0].toUpperCase()}${name.slice(1)}Stats`))])
  expect(await stats(ann, 'getLocalVideoStats')).toEqual([])
  await until(ben, 'getRemoteVideoStats', (u) => Object.keys(u).length === 0)
})

// covers: Client.getSystemStats
test('getSystemStats is a plain number, and 10480 without a battery interface', async ({ open }) => {
  const ann = await person(await open(), 'ann')
  const percent = await ann.page.evaluate(() => {
    navigator.getBattery = async () => ({ level: 0.734 })
    return people.ann.client.getSystemStats()
  })
  expect(percent).toBe(73)
  const refused = await ann.page.evaluate(() => {
    navigator.getBattery = undefined
    return window.refused(() => people.ann.client.getSystemStats())
  })
  expect(refused).toMatchObject({ ok: false, code: 10480 })
})

// covers: Client#network-quality
test('network-quality tells of everybody in the room every two seconds', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  await ann.page.evaluate(() => {
    window.told = []
    people.ann.client.on('network-quality', (users) => told.push({ at: performance.now(), users }))
  })
  await ann.join(room, 1)
  await ben.join(room, 2)
  await ann.publish({ video: false }) // and nobody receives anything of ben
  await ann.page.waitForFunction(() => told.some(({ users }) => users.length === 2 && users[0].uplinkNetworkQuality === 1 && users[0].downlinkNetworkQuality === 1), null, { timeout: 60_000 })
  // The server's judgement of the other.
  await ann.page.waitForFunction(() => [1, 2].includes(told.at(-1).users.find((u) => u.uid === 2)?.uplinkNetworkQuality), null, { timeout: 60_000 })
  const { users } = await ann.page.evaluate(() => told.at(-1))
  expect(users.map((u) => u.uid)).toEqual([1, 2])
  for (const user of users) expect(Object.keys(user).sort()).toEqual(['downlinkNetworkQuality', 'uid', 'uplinkNetworkQuality'])
  const n = await ann.page.evaluate(() => told.length)
  await ann.page.waitForFunction((n) => told.length >= n + 2, n, { timeout: 30_000 })
  const times = await ann.page.evaluate(() => told.map(({ at }) => at))
  // A busy machine's timer may be late once, and the next in time again.
  expect((times.at(-1) - times[0]) / (times.length - 1), `ms between ${times.length}`).toBeGreaterThan(1500)
  await ann.leave()
})

// covers: Client#exception
test('exception tells once of a microphone that gives no sound, of none whose level the browser does not tell, and of none at volume 0', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open({ prepare: (page) => page.addInitScript(() => {
    // As Firefox: a source of sound has no level.
    const { getStats } = RTCPeerConnection.prototype
    const of = ({ audioLevel, totalAudioEnergy, totalSamplesDuration, ...source }) => source
    RTCPeerConnection.prototype.getStats = async function (...args) {
      return new Map([...await getStats.apply(this, args)].map(([id, s]) => [id, s.type === 'media-source' ? of(s) : s]))
    }
  }) }), 'ben')
  for (const one of [ann, ben]) {
    await one.page.evaluate((n) => {
      window.told = []
      people[n].client.on('exception', (e) => told.push(e))
    }, one.name)
  }
  await ben.join(room, 2)
  await ben.publish({ amplitude: 0.5, video: false })
  const [loud] = await until(ben, 'getLocalAudioStats', ([a]) => a?.RecordingLevel > 20)
  expect(loud.SendLevel).toBe(loud.RecordingLevel)
  await ann.page.evaluate(() => people.ann.client.setPlaybackVolume(0)) // Chromium measures silence then
  await ann.join(room, 1)
  await ann.publish({ amplitude: 0, video: false })
  await ann.page.waitForFunction(() => told.some((e) => e.code === 2001), null, { timeout: 60_000 })
  // Silence is sent sparingly, but it is sent: there is nothing else to tell.
  const silent = (await ann.page.evaluate(() => told)).filter((e) => e.uid === 1)
  expect(silent).toEqual([{ code: 2001, msg: 'AUDIO_INPUT_LEVEL_TOO_LOW', uid: 1 }])
  expect((await ben.page.evaluate(() => told)).filter((e) => e.uid === 2), 'of ben, who is not silent').toEqual([])
  await until(ann, 'getRemoteAudioStats', (u) => u[2].TotalPlayDuration > 13 && u[2].RecvBitrate > 5)
  expect((await ann.page.evaluate(() => told)).filter((e) => e.uid === 2), 'of ben, whom ann plays at volume 0').toEqual([])
})
