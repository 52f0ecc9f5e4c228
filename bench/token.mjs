// A token of the media engine for livekit-client: a JWT signed with HMAC-SHA-256 (RFC 7519, RFC 7515).
import { createHmac } from 'node:crypto'

export function engineToken({ key, secret }, room, identity) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({
    iss: key, sub: identity, nbf: now - 10, exp: now + 3600,
    video: { room, roomJoin: true, canPublish: true, canSubscribe: true },
  })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
