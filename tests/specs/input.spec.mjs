// Bad input for each setter and call: the documented code, thrown by what is synchronous and rejected by the rest, and
// nothing has changed for anybody. What join refuses is in refusal.spec.mjs.
import { expect, person, test } from '../fixtures/test.mjs'

const ODD = 'undefined, null, NaN, "", [], {}, 7, true, () => {}'

// [call, odd values for $, codes]. `own` is the published stream, `remote` that of the other one, `gone` of one who has left,
// `empty` a stream with nothing in it, `spare` one that is not published.
const everywhere = [
  ['sync client.setChannelProfile($)', `${ODD}, {mode: 'party'}, {mode: 1}`, 10121],
  ['client.setClientRole($)', `${ODD}, 'king', 'HOST'`, 10477],
  ['sync client.setPlaybackVolume($)', 'undefined, null, NaN, "50", -1, 100.5, 101, Infinity, {}', 10250],
  ['client.updatePermKey($)', 'undefined, null, 7, "", {}', 10000],
  ['client.publish($)', `${ODD}, client, NERTC`, 10000],
  ['client.unpublish($)', ODD, 10000],
  ['client.unpublish(own, $)', '"smell", 7, {}, true', 10012],
  ['client.subscribe($)', `${ODD}, client, own`, 10000],
  ['client.unsubscribe($)', `${ODD}, client, own`, 10000],
  ['sync client.on("peer-online", $)', 'undefined, null, 7, "handler", {}', 10000],
  ['sync client.once("peer-online", $)', 'undefined, null, 7, "handler", {}', 10000],
  ['sync own.setLocalRenderMode($)', 'undefined, null, 7, "wide", [], {}, {width: "1", height: 2}, {width: NaN, height: 1}, {width: -1, height: 1}', 10216],
  ['sync own.isPlaying($)', 'undefined, "smell", 7', 10012],
  ['sync own.stop($)', '"smell", 7, {}', 10012],
  ['sync own.getAudioTrack($)', '"smell", 7, {}', 10012],
  ['own.play($)', '7, true, {}, "no-such-view", [], () => {}', 10000],
  ['own.play(document.body, $)', '7, "video", {video: "yes"}', 10000],
  ['empty.muteAudio($)', 'undefined', 10011],
  ['empty.unmuteVideo($)', 'undefined', 10011],
  ['sync NERTC.createClient($)', 'undefined, null, 7, "appkey", {}, {appkey: ""}, {appkey: 7}, {appkey: "a", server: 7}', 10000],
  ['sync NERTC.createStream($)', 'undefined, null, 7, "audio", {audio: "yes"}, {client: {}}, {audio: true, audioSource: {}, microphoneId: "m"}', 10000],
  ['sync NERTC.destroy($)', '7, {}, "client"', 10000],
]

const before = [
  ['client.publish($)', 'spare', 10009],
  ['client.unpublish($)', 'spare', 10009],
  ['client.publish($)', 'empty', 10009],
]

const inRoom = [
  ['client.join($)', '{channelName: room, uid: 5}, {channelName: room + "x"}', 10101],
  ['sync client.setChannelProfile($)', "{mode: 'live'}, {mode: 'rtc'}", 10008],
  ['client.publish($)', 'remote', 10000],
  ['client.unpublish($)', 'remote', 10000],
  ['client.subscribe($)', 'gone', 10104],
  ['client.unsubscribe($)', 'gone', 10104],
  ['sync remote.setSubscribeConfig($)', 'undefined, null, 7, "all", {audio: "yes"}', 10000],
  ['sync remote.setRemoteRenderMode($)', 'undefined, null, 7, {width: "1", height: 2}', 10216],
]

// Runs the rows in the page and gives those that did not answer with their codes.
const wrong = (who, rows, room) => who.page.evaluate(async ([name, rows, room]) => {
  const { client, stream: own, local, remote, gone } = people[name]
  const scope = { client, own: own ?? local.spare, room, remote, gone, ...local }
  const names = Object.keys(scope)
  const values = Object.values(scope)
  const failures = []
  for (const [line, list, code] of rows) {
    const synchronous = line.startsWith('sync ')
    const call = line.replace('sync ', '')
    const odd = new Function(...names, `return [${list}]`)(...values)
    for (const [i, value] of odd.entries()) {
      let kind = 'threw'
      let got
      try {
        const answer = new Function(...names, '$', `return ${call}`)(...values, value)
        kind = answer?.then ? 'rejected' : 'answered'
        got = await answer
        kind = answer?.then ? 'resolved' : 'answered'
      } catch (e) {
        got = e
      }
      const expected = synchronous ? 'threw' : 'rejected'
      if (kind !== expected || got?.name !== 'NERtcError' || got?.code !== code) {
        failures.push(`${call} with ${list} [${i}]: ${kind} ${got?.code ?? got}, expected: ${expected} ${code}`)
      }
    }
  }
  return failures
}, [who.name, rows, room])

// state: all that somebody could notice of a client, its page and the others.
const state = (who) => who.page.evaluate((name) => {
  const { client } = people[name]
  return [client.getConnectionState(), client.getUid(), client.getChannelInfo(), client.eventNames().map((e) => [e, client.listeners(e).length]),
    probe.openPeers(), probe.sockets.length, document.querySelectorAll('video, audio').length, people[name].story()]
}, who.name)

test('bad input before a join: each call refuses with its code, and nothing has changed', async ({ open }) => {
  const ann = await person(await open(), 'ann')
  await ann.page.evaluate(async () => {
    await NERTC.ready
    people.ann.local = { empty: NERTC.createStream({}), spare: NERTC.createStream({ video: true, videoSource: media.picture('red').track }) }
    for (const one of Object.values(people.ann.local)) await one.init()
  })
  const was = await state(ann)
  expect(await wrong(ann, [...everywhere, ...before], 'room')).toEqual([])
  expect(await state(ann)).toEqual(was)
})

test('bad input in a room: each call refuses with its code, and nobody notices anything', async ({ open, room }) => {
  const ann = await person(await open(), 'ann')
  const ben = await person(await open(), 'ben')
  const cat = await person(await open(), 'cat')
  for (const [i, one] of [ann, ben, cat].entries()) await one.join(room, i + 1)
  await cat.publish({ colour: 'green' })
  await ann.until(['stream-subscribed'], ['stream-subscribed 3 audio', 'stream-subscribed 3 video'])
  await ann.page.evaluate(() => { people.ann.gone = people.ann.streams.get(3) })
  await cat.leave()
  await ann.until(['peer-leave'], ['peer-leave 3'])
  await ann.publish({ colour: 'red' })
  await ben.publish({ colour: 'blue' })
  await ann.sees(2)
  await ben.sees(1)
  for (const [one, uid] of [[ann, 2], [ben, 1]]) { // sound may come after its picture
    await expect.poll(() => one.page.evaluate(([n, uid]) => people[n].streams.get(uid).isPlaying('audio'), [one.name, uid])).toBe(true)
  }
  await ann.page.evaluate(async () => {
    people.ann.remote = people.ann.streams.get(2)
    people.ann.local = { empty: NERTC.createStream({}), spare: NERTC.createStream({}) }
    for (const one of Object.values(people.ann.local)) await one.init()
  })
  const was = [await state(ann), await state(ben)]
  expect(await wrong(ann, [...everywhere, ...inRoom], room)).toEqual([])
  expect([await state(ann), await state(ben)]).toEqual(was)
  for (const [who, uid, colour] of [[ann, 2, 'blue'], [ben, 1, 'red']]) {
    const seen = await who.sees(uid)
    expect(seen.colours).toEqual([colour])
    expect(seen.different).toBeGreaterThanOrEqual(10)
  }
  // And an audience may look only.
  await ann.role('audience')
  expect(await wrong(ann, [['client.publish($)', 'own', 10351]], room)).toEqual([])
})
