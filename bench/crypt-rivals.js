// A worker with the SM4 of others from npm and the browser's own AES-GCM, on the same frames as ours. bench/crypt.mjs bundles it.
import { SM4 } from 'gm-crypto'
import { sm4 as first } from 'sm-crypto'
import { sm4 as second } from 'sm-crypto-v2'

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')

// Each takes an ArrayBuffer, as a frame has one, and gives a Uint8Array or ArrayBuffer.
const rivals = {
  'sm-crypto ECB': (key) => (data) => Uint8Array.from(first.encrypt(Array.from(new Uint8Array(data)), hex(key), { output: 'array' })),
  'sm-crypto-v2 ECB': (key) => (data) => second.encrypt(new Uint8Array(data), hex(key), { output: 'array' }),
  'gm-crypto ECB': (key) => (data) => SM4.encrypt(data, hex(key), { mode: SM4.constants.ECB }),
  'sm-crypto-v2 GCM': (key) => (data) => {
    const { output } = second.encrypt(new Uint8Array(data), hex(key), { mode: 'gcm', iv: '000000000000000000000001', output: 'array', outputTag: true })
    return output
  },
  'WebCrypto AES-GCM': async (key) => {
    const aes = await crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['encrypt'])
    return (data) => crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, aes, data)
  },
}

onmessage = async ({ data: { name, key, size, milliseconds } }) => {
  if (!name) return postMessage(Object.keys(rivals))
  const encrypt = await rivals[name](key)
  const frame = Uint8Array.from({ length: size }, (_, i) => i * 7).buffer
  const sample = new Uint8Array(await encrypt(frame))
  const time = async (until) => {
    const begin = performance.now()
    let count = 0
    do {
      const out = encrypt(frame)
      if (out instanceof Promise) await out
      count++
    } while (performance.now() - begin < until)
    return (performance.now() - begin) / count
  }
  await time(milliseconds / 4)
  postMessage({ each: await time(milliseconds), sample })
}
