// What the demo says when the server refuses and when the operator steps in.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byId } from '../fixtures/demo.mjs'
import { root, startGateway } from '../fixtures/gateway.mjs'
import { expect, test as base } from '../fixtures/test.mjs'

const secret = 'the secret of the tests operator'

const test = base.extend({
  config: [async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'nertc-demo-'))
    const file = join(folder, 'gateway.yaml')
    writeFileSync(file, 'apps:\n- {appkey: tests, appSecret: 5ec2e7, allowedOrigins: ["*"]}\n', { mode: 0o600 })
    await use(file)
    rmSync(folder, { recursive: true })
  }, { scope: 'worker' }],

  gateway: [async ({ config }, use) => {
    const gateway = await startGateway({ args: ['--config', config, '--admin-listen', '127.0.0.1:0'], env: { NERTC_ADMIN_SECRET: secret } })
    await use(gateway)
    await gateway.stop()
  }, { scope: 'worker' }],
})

test('a refused visitor is told why and where to enter what is missing; the operator is not silent either', async ({ context, gateway, config, room }) => {
  const operator = async (method, path, body) => {
    const answer = await fetch(`http://${gateway.ready.admin}/admin/v1/rooms/tests/${room}${path}`, {
      method, headers: { authorization: `Bearer ${secret}` }, body: body && JSON.stringify(body),
    })
    expect(answer.status, await answer.text()).toBeLessThan(300)
  }
  const page = await context.newPage()
  const error = byId(page, 'error')
  await page.goto(`${gateway.url}/?room=${room}&uid=7&lang=en`)
  await byId(page, 'join').click() // with the app key of the demo, which this server does not know
  await expect(error).toHaveAttribute('data-kind', 'err_appkey')
  await expect(byId(page, 'appkey')).toBeFocused()
  await byId(page, 'appkey').fill('tests')
  await byId(page, 'join').click()
  await expect(error).toHaveAttribute('data-kind', 'err_token')
  await expect(error).toContainText('(403)')
  await expect(byId(page, 'token')).toBeFocused()
  await byId(page, 'token').fill('bm90IGEgdG9rZW4=')
  await byId(page, 'join').click()
  await expect(error).toHaveAttribute('data-kind', 'err_badToken')
  const token = execFileSync(process.env.GATEWAY_BINARY ?? `${root}bin/nertc-gateway`,
    ['token', '--app', 'tests', '--channel', room, '--uid', '7', '--ttl', '600', '--config', config], { encoding: 'utf8' }).trim()
  await byId(page, 'token').fill(token)
  await byId(page, 'join').click()
  await expect(byId(page, 'call')).toBeVisible()
  await expect(error).toBeHidden()
  expect(page.url()).not.toContain(token)
  await expect(byId(page, 'mute')).toHaveAttribute('data-on', 'true')

  await operator('POST', '/members/7/mutes', { audio: true })
  await expect(error).toHaveAttribute('data-kind', 'op_muted_audio')
  await operator('DELETE', '/members/7/mutes')
  await expect(byId(page, 'notice')).toHaveText('You are heard again')

  await operator('POST', '/bans', { uid: '7', seconds: 3600 })
  await expect(byId(page, 'lobby')).toBeVisible()
  await expect(error).toHaveAttribute('data-kind', 'err_banned')
  await byId(page, 'join').click()
  await expect(error).toHaveAttribute('data-kind', 'err_bannedNow')
  await page.close()
})
