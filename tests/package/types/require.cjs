// CommonJS in JavaScript, as editors check it.
const NERTC = require('nertc-wasm-sdk')
const { createClient, VIDEO_QUALITY } = require('nertc-wasm-sdk')
const { makeToken } = require('nertc-wasm-sdk/server')

/** @type {import('nertc-wasm-sdk').Client} */
const client = NERTC.createClient({ appkey: 'k' })
/** @param {{ uid: number }} evt */
const onPeer = (evt) => evt.uid
client.on('peer-online', onPeer)
NERTC.createStream({ audio: true, client: createClient({ appkey: 'k' }) }).init()
// @ts-expect-error no such role
client.setClientRole('guest')
module.exports = { client, quality: VIDEO_QUALITY.VIDEO_QUALITY_480p, token: makeToken({ appkey: 'k', appSecret: 's', channelName: 'room' }) }
