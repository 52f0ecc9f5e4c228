// Profile and role: what the shim does of them by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, running, scripted, ScriptedCore, withCode } from './shim.mjs';

test('profile and role are recorded in order while the core loads', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  const role = client.setClientRole('audience');
  assert.equal(client.setChannelProfile({ mode: 'rtc' }), undefined);
  client.setChannelProfile({ mode: 'live' });
  const joined = client.join({ channelName: 'room' });
  const back = client.setClientRole('host');
  const core = new ScriptedCore();
  loads[0].resolve(core.running);
  assert.equal(await role, undefined);
  await Promise.all([joined, back]);
  assert.deepEqual(
    core.calls.slice(1).map(([, method, argument]) => [method, argument.channelName ?? argument]),
    [['setClientRole', 'audience'], ['setChannelProfile', 'rtc'], ['setChannelProfile', 'live'], ['join', 'room'], ['setClientRole', 'host']],
  );
});

test('the profile cannot change in a room or on the way to one', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  const core = new ScriptedCore();
  const under = deferred();
  core.answers['client.join'] = () => under.promise;
  const refused = () => assert.throws(() => client.setChannelProfile({ mode: 'live' }), withCode(10008));
  const joining = client.join({ channelName: 'room' });
  refused(); // it waits for the core
  loads[0].resolve(core.running);
  await NERTC.ready;
  refused(); // the core is at it
  under.reject({ code: 403, reason: 'no' });
  await assert.rejects(joining, withCode(403));
  client.setChannelProfile({ mode: 'live' });
  core.answers['client.setChannelProfile'] = () => false; // in a room, as the core knows best
  refused();
});

test('bad arguments are refused before anything else, and change nothing', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const before = core.calls.length;
  assert.throws(() => client.setChannelProfile({ mode: 'party' }), withCode(10121));
  assert.throws(() => client.setChannelProfile(), withCode(10121));
  await assert.rejects(client.setClientRole('king'), withCode(10477));
  await assert.rejects(client.setClientRole(), withCode(10477));
  assert.equal(core.calls.length, before);
  client.destroy();
  assert.throws(() => client.setChannelProfile({ mode: 'rtc' }), withCode(10008));
  await assert.rejects(client.setClientRole('host'), withCode(10008));
});

test('a refusal of the core rejects with its code, and the event passes as it is', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const roles = [];
  client.on('client-role-changed', (evt) => roles.push(evt));
  core.clients[0].emit('client-role-changed', { role: 'audience' });
  assert.deepEqual(roles, [{ role: 'audience' }]);
  core.answers['client.setClientRole'] = () => Promise.reject({ code: 10119, extraCode: 503, reason: 'away' });
  await assert.rejects(client.setClientRole('host'), withCode(10119, /away/));
});
