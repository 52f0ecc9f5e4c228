// What pages write, compiled in strict mode against the packed package and never run. types.test.mjs says by which settings.
import NERTC, { createClient, ready, VIDEO_QUALITY_720p } from 'nertc-wasm-sdk'
import * as all from 'nertc-wasm-sdk'
import type { Client, ClientOptions, JoinOptions, MediaType, NERtcError, Stream, StreamOptions, UID } from 'nertc-wasm-sdk'
import type { Client as SubClient } from 'nertc-wasm-sdk/types/client'
import type { Stream as SubStream } from 'nertc-wasm-sdk/types/stream'
import type { ClientEvents, ConnectionState, MediaTypeForAPI, RTMPTask, StreamEvents } from 'nertc-wasm-sdk/types/types'
import { makeToken } from 'nertc-wasm-sdk/server'
import wasmUrl from 'nertc-wasm-sdk/nertc.wasm'

/** Compiles where A and B are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const yes = <T extends true>(_?: T) => {}

// The default, the namespace and the names are one.
yes<Same<typeof all.default, typeof NERTC>>()
yes<Same<typeof all.createStream, typeof NERTC.createStream>>()
yes<Same<SubClient, Client>>()
yes<Same<SubStream, Stream>>()
yes<Same<all.Client, Client>>()
const quality: 8 = VIDEO_QUALITY_720p
const alsoQuality: 8 = NERTC.VIDEO_QUALITY.VIDEO_QUALITY_720p
const loaded: Promise<void> = Promise.all([ready, NERTC.ready, window.NERTC.ready, window.WebRTC2.ready]).then(() => {})
const options: ClientOptions = { appkey: 'k', debug: true, server: 'calls.example.com', wasmUrl }
const client: Client = NERTC.createClient(options)
const other: Client = createClient({ appkey: 'k' })

// What createStream gives is used at once, and in a chain.
const streamOptions: StreamOptions = { audio: true, video: true, screen: false, uid: 7, client, audioProcessing: { AEC: true } }
NERTC.createStream(streamOptions).init().then(() => {})
NERTC.createStream({ audio: true }).muteAudio()
let local: Stream | null = null
local = all.createStream({ audio: true, video: true, client })
local.setVideoProfile({ resolution: NERTC.VIDEO_QUALITY_720p, frameRate: NERTC.CHAT_VIDEO_FRAME_RATE_30 })

// Each event has its own argument.
client.on('stream-added', ({ stream, mediaType }) => {
  yes<Same<typeof stream, Stream>>()
  yes<Same<typeof mediaType, MediaType>>()
  stream.setSubscribeConfig({ [mediaType]: true })
  void client.subscribe(stream).catch((error: NERtcError) => error.getCode() === 10360 && error.extraCode)
})
client.on('connection-state-change', (evt) => {
  yes<Same<typeof evt.curState, ConnectionState>>()
  if (evt.curState === 'CONNECTING' && evt.reconnect) console.log(evt.prevState)
})
client.on('peer-online', (evt) => yes<Same<typeof evt, { uid: UID }>>())
client.on('error', (name) => name === 'SOCKET_ERROR' || name === 'no-publish-audio-permission')
client.on('network-quality', (evt) => evt.forEach(({ uid, uplinkNetworkQuality }) => console.log(uid, uplinkNetworkQuality >= 3)))
client.on('volume-indicator', (evt) => evt.map(({ uid, level, type }) => [uid, level, type === 'audioSlave', evt.level]))
client.on('client-role-changed', ({ role }) => role === 'audience')
client.on('crypt-error', ({ cryptType }) => cryptType === 'sm4-128-gcm')
client.on('NotAllowedError', (error) => error.getCode() === 41030)
client.on('rtmp-state', ({ taskId, code, msg }) => [taskId, code === 505, msg])
client.on('sender-transform', ({ encodedFrame, controller }) => controller.enqueue(encodedFrame))
client.once('uid-duplicate', () => {})
client.on('audioTrackEnded') // as documented: without a handler
local.on('notAllowedError', (error) => [error.reason, local?.resume()])

// Handlers that are kept in variables: typed by hand, by the event, as methods, asynchronous, and taking less.
const onPeer = (evt: { uid: number }) => evt.uid.toFixed()
const onPeerByName = (evt: { uid: string }) => evt.uid.toUpperCase()
const onAdded = async (evt: ClientEvents['stream-added'][0]) => { await client.subscribe(evt.stream) }
const onVolume = (evt: Array<{ uid: number; level: number }>) => evt.map(({ uid }) => uid + 1)
const onVolumeOfOne = (evt: { uid: number; level: number }) => evt.level > 50 && evt.uid + 1
const onAny = (evt: any) => evt.whatever
const onState = (evt: { curState: string }) => evt.curState.length
const onNothing = () => {}
const onDenied: (...args: StreamEvents['accessDenied']) => void = (type) => type === 'video'
client.on('peer-online', onPeer).on('peer-leave', onPeerByName).once('mute-audio', onPeer).addListener('active-speaker', onVolumeOfOne)
client.on('stream-added', onAdded).on('stream-removed', onAny).on('channel-closed', onNothing).on('warning', onNothing)
client.on('volume-indicator', onVolume).on('volume-indicator', onVolumeOfOne).on('connection-state-change', onState)
local.on('accessDenied', onDenied)
client.off('peer-online', onPeer).off('peer-leave').removeListener('stream-added', onAdded).removeAllListeners()
class Call {
  readonly muted = new Set<number>()
  constructor(readonly client: Client) { client.on('mute-audio', this.onMute.bind(this)) }
  onMute(evt: { uid: number }): void { this.muted.add(evt.uid) }
}
void new Call(other)

// Several events in one loop, names that are known at run time only, and events of the page's own.
for (const name of ['mute-audio', 'unmute-audio', 'mute-video'] as const) client.on(name, (evt) => yes<Same<typeof evt.uid, UID>>())
for (const name of client.eventNames()) client.on(name, (evt) => console.log(name, evt))
client.on('page:ready', (count: number) => count).emit('page:ready', 1)
const heard: boolean = client.emit('peer-online', { uid: 1 })

// A call from its beginning to its end.
export async function call(token: string): Promise<unknown[]> {
  const join: JoinOptions = { channelName: 'room', uid: 7, token, neRtcServerAddresses: { channelServer: 'other.example.com' }, permkey: new URLSearchParams('').get('permkey'), customData: null, wssArr: null }
  client.setChannelProfile({ mode: 'live' })
  await client.setClientRole('host')
  client.setEncryptionMode('sm4-128-gcm')
  client.setEncryptionSecret('secret')
  await client.join(join)
  if (!local) return []
  await local.init()
  await local.play(document.querySelector('#view'))
  await local.play('view', { audio: false, video: true })
  await local.play(document.getElementById('view')!, { video: true })
  local.setLocalRenderMode({ width: 320, height: 180, cut: true })
  await client.publish(local)
  await local.open({ type: 'screen', screenAudio: true })
  await local.switchDevice('video', (await NERTC.getCameras())[0].deviceId)
  const types: MediaTypeForAPI[] = ['audio', 'video', 'screen', 'screenAudio', 'audioSlave']
  for (const type of types) await local.close({ type })
  const task: RTMPTask = { taskId: 't', streamUrl: 'rtmp://live.example.com/a', record: false, layout: { canvas: { width: 1280, height: 720, color: 0 }, users: [] } }
  await client.addTasks({ rtmpTasks: [task] })
  const [audio] = await client.getLocalAudioStats()
  const remote = await client.getRemoteVideoStats('video')
  const track: MediaStreamTrack | null = local.getAudioTrack()
  await client.leave().catch((error: { code: number }) => error.code)
  client.destroy()
  NERTC.destroy(other)
  return [audio.rtt, remote['7'].RenderFrameRate, track, await client.getSystemStats() > 20]
}

export const token: string = makeToken({ appkey: 'k', appSecret: 's', channelName: 'room', uid: 7 })
export { alsoQuality, heard, loaded, quality }
