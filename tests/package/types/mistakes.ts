// What must not compile. Each expectation that is not met is an error itself.
import NERTC from 'nertc-wasm-sdk'
import type { Client, ConnectionState, MediaType, Stream } from 'nertc-wasm-sdk'

declare const client: Client
declare const stream: Stream

// @ts-expect-error an app key is needed
NERTC.createClient({})
// @ts-expect-error an app key is a text
NERTC.createClient({ appkey: 1 })
// @ts-expect-error no such option
NERTC.createClient({ appkey: 'k', sever: 'calls.example.com' })
// @ts-expect-error no such option
NERTC.createStream({ microphone: true })
// @ts-expect-error a room needs a name
client.join({ uid: 1 })
// @ts-expect-error a uid is a number or a text
client.join({ channelName: 'room', uid: true })
// @ts-expect-error no such role
client.setClientRole('guest')
// @ts-expect-error no such mode
client.setChannelProfile({ mode: 'call' })
// @ts-expect-error no such cipher
client.setEncryptionMode('aes-128')
// @ts-expect-error no such media type
client.unpublish(stream, 'camera')
// @ts-expect-error no such media type
stream.close({ type: 'microphone' })
// @ts-expect-error a stream, not its uid
client.subscribe(7)
// @ts-expect-error no such profile
stream.setAudioProfile('loud')
// @ts-expect-error screens have no camera
stream.switchDevice('screen', 'id')
// @ts-expect-error no such state
const state: ConnectionState = 'CLOSED'
// @ts-expect-error not a state that there is
if (client.getConnectionState() === 'ONLINE') throw state
// @ts-expect-error read only
stream.audio = true
// @ts-expect-error read only
NERTC.VIDEO_QUALITY.VIDEO_QUALITY_180p = 3
// @ts-expect-error no such member
NERTC.createChannel()
// @ts-expect-error what join gives is undefined
client.join({ channelName: 'room' }).then((uid) => uid.toFixed())

// Handlers that can never fit what comes.
// @ts-expect-error the argument has a uid
client.on('peer-online', (evt: { user: number }) => evt.user)
// @ts-expect-error a uid is a number or a text
client.on('peer-online', (evt: { uid: boolean }) => evt.uid)
// @ts-expect-error it is one object
client.on('stream-added', (added: Stream, type: MediaType) => [added, type])
// @ts-expect-error it has no such member
client.on('stream-added', ({ uid }) => uid)
// @ts-expect-error it is a list
client.on('network-quality', (evt: { uplinkNetworkQuality: number }) => evt)
// @ts-expect-error it has no argument
client.on('channel-closed', (reason: string) => reason)
// @ts-expect-error no such error
client.on('error', (name) => name === 'CONNECTION_LOST')
// @ts-expect-error a handler is a function
client.on('peer-online', 'handler')
// @ts-expect-error this event has an argument, so a handler is meant
client.on('peer-online')
// @ts-expect-error the event of a stream is written in another way
stream.on('accessDenied', (error: Error) => error.message)
// @ts-expect-error what is told is the argument of the event
client.emit('peer-online', 7)

const onPeer = (evt: { uid: number; name: string }) => evt.name
// @ts-expect-error nobody gives a name
client.on('peer-online', onPeer)

export {}
