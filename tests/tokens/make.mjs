// Makes what tokens_test.go asks for with the package's part for servers: one JSON object in, one out, line by line.
import { createInterface } from 'node:readline'
import { makePermkey, makeToken } from '../../jsbridge/shim/server/tokens.mjs'

const attempt = (make) => {
  try {
    return { text: make() }
  } catch (error) {
    return { error: String(error) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const options = JSON.parse(line)
  const secret = options.secret
  const answer = {
    token: attempt(() => makeToken({ ...options, appSecret: secret })),
    permkey: attempt(() => makePermkey({ ...options, permSecret: secret })),
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
