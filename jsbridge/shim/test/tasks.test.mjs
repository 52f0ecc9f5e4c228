import assert from 'node:assert/strict';
import { test } from 'node:test';
import { running, scripted, ScriptedCore, withCode } from './shim.mjs';

const task = () => ({ taskId: 'a', streamUrl: 'rtmp://x/a/b', record: false, layout: { canvas: { width: 640, height: 360, color: 0 }, users: [{ uid: 1, x: 0, y: 0 }] } });

test('what is asked while the core loads is what the page had then, in plain values', async () => {
  const { NERTC, loads } = scripted();
  const client = NERTC.createClient({ appkey: 'k' });
  const reactive = new Proxy(task(), {}); // as a framework's state is
  const asked = [client.addTasks({ rtmpTasks: [reactive] }), client.updateTasks({ rtmpTasks: [reactive] }), client.deleteTasks({ taskIds: ['a'] })];
  reactive.taskId = 'changed';
  reactive.layout.users.push({ uid: 2 });
  const core = new ScriptedCore();
  loads[0].resolve(core.running);
  assert.deepEqual(await Promise.all(asked), [undefined, undefined, undefined]);
  assert.deepEqual(core.calls.slice(1), [
    ['client1', 'addTasks', [task()]], ['client1', 'updateTasks', [task()]], ['client1', 'deleteTasks', ['a']],
  ]);
});

test('a number that is none does not turn into one that is', async () => {
  const { NERTC, core } = await running();
  const odd = task();
  Object.assign(odd.layout.users[0], { x: NaN, y: Infinity });
  await NERTC.createClient({ appkey: 'k' }).addTasks({ rtmpTasks: [odd] });
  const [, , [given]] = core.calls.find(([, method]) => method === 'addTasks');
  assert.deepEqual(given.layout.users[0], { uid: 1, x: 'NaN', y: 'Infinity' });
});

test('what has no plain values is refused, and does not reach the core', async () => {
  const { NERTC, core } = await running();
  const client = NERTC.createClient({ appkey: 'k' });
  const before = core.calls.length;
  const round = task();
  round.self = round;
  const thrower = { get taskId() { throw new Error('no'); } };
  for (const bad of [round, thrower, { taskId: 1n }]) {
    await assert.rejects(client.addTasks({ rtmpTasks: [bad] }), withCode(10132));
    await assert.rejects(client.updateTasks({ rtmpTasks: [bad] }), withCode(10136));
    await assert.rejects(client.deleteTasks({ taskIds: [bad] }), withCode(10134));
  }
  assert.equal(core.calls.length, before);
});
