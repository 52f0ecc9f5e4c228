// CommonJS in TypeScript.
import NERTC = require('nertc-wasm-sdk')
import tokens = require('nertc-wasm-sdk/server')

const client: NERTC.Client = NERTC.createClient({ appkey: 'k' })
const same: NERTC.Client = NERTC.default.createClient({ appkey: 'k' })
const stream: NERTC.Stream = NERTC.createStream({ audio: true })
const token: string = tokens.makeToken({ appkey: 'k', appSecret: 's', channelName: 'room' })
// @ts-expect-error no such member
NERTC.createChannel()
export = { client, same, stream, token }
