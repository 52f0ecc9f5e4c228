// The figures of the drawer of statistics, the lines that are drawn of them, the bars and the log.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf } from '../js/bars.js';
import { EventLog, about } from '../js/event-log.js';
import { othersFigures, ownFigures, worseOf } from '../js/figures.js';
import { Series, sparkline } from '../js/series.js';

const box = { length: 5, width: 40, height: 20, least: 10 };

test('a series keeps the last values, and what is no number is a gap', () => {
  const series = new Series(3);
  assert.equal(series.latest, null);
  assert.equal(series.range, null);
  for (const value of [1, 5, undefined, 3]) series.push(value);
  assert.deepEqual(series.values, [5, null, 3]);
  assert.deepEqual(series.range, { min: 3, max: 5 });
  series.push(NaN);
  assert.equal(series.latest, null);
});

test('a line ends at the right edge, with 0 at the bottom and the largest value at the top', () => {
  assert.equal(sparkline([0, 20, 10], box), 'M20 20h0L30 0L40 10');
});

test('small values do not fill the height', () => {
  assert.equal(sparkline([1], box), 'M40 18h0');
});

test('a gap interrupts the line, and no values draw nothing', () => {
  assert.equal(sparkline([10, null, 10, 10], box), 'M10 0h0M30 0h0L40 0');
  assert.equal(sparkline([null, null], box), '');
  assert.equal(sparkline([], box), '');
});

const transport = { txRtt: 42, OutgoingAvailableBandwidth: 1500 };

test('the own figures are the sum of what is sent', () => {
  const stats = { transport, localAudio: [{ SendBitrate: 30 }], localVideo: [{ SendBitrate: 900, SendFrameRate: 20 }, { SendBitrate: 300, SendFrameRate: 5 }],
    remoteAudio: { 7: { RecvBitrate: 100, PacketLossRate: 0 } }, remoteVideo: { 7: { RecvBitrate: 300, PacketLossRate: 8 } }, remoteScreen: {} };
  assert.deepEqual(ownFigures(stats), { bitrate: 1230, fps: 20, rtt: 42, lossIn: 6, bandwidth: 1500 });
  assert.deepEqual(ownFigures({ transport: { txRtt: 0, OutgoingAvailableBandwidth: 0 }, localAudio: [], localVideo: [], remoteAudio: {}, remoteVideo: {}, remoteScreen: {} }), { bitrate: null, fps: null, rtt: 0, lossIn: null, bandwidth: null });
});

test('the figures of another take the worst loss and the longest delay of all that comes', () => {
  const stats = {
    remoteAudio: { 7: { RecvBitrate: 30, PacketLossRate: 1, End2EndDelay: 90, TransportDelay: 20 } },
    remoteVideo: { 7: { RecvBitrate: 800, PacketLossRate: 4.5, End2EndDelay: 60, RenderFrameRate: 24 } },
    remoteScreen: { 7: { RecvBitrate: 100, PacketLossRate: 0, End2EndDelay: 70, RenderFrameRate: 5 }, 8: { RecvBitrate: 50, PacketLossRate: 2, End2EndDelay: 10, TransportDelay: 4, RenderFrameRate: 6 } },
  };
  assert.deepEqual(othersFigures(7, stats), { bitrate: 930, fps: 24, rtt: 40, loss: 4.5, delay: 90 });
  assert.deepEqual(othersFigures(8, stats), { bitrate: 50, fps: 6, rtt: 8, loss: 2, delay: 10 });
  for (const nobody of [9, 'constructor', '__proto__']) {
    assert.deepEqual(othersFigures(nobody, stats), { bitrate: null, fps: null, rtt: null, loss: null, delay: null });
  }
});

test('bars: five of an excellent connection, none of one that is down, nothing of an unknown one', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, undefined].map(barsOf), [null, 5, 4, 3, 2, 1, 0, null, null]);
  assert.equal(worseOf({ uplinkNetworkQuality: 1, downlinkNetworkQuality: 3 }), 3);
  assert.equal(worseOf({ uplinkNetworkQuality: 2, downlinkNetworkQuality: 0 }), 2);
});

test('an event is told in a few words, and only what is meant to be kept', () => {
  assert.equal(about('connection-state-change', { prevState: 'CONNECTED', curState: 'CONNECTING', reconnect: true }), 'CONNECTED → CONNECTING, reconnect');
  assert.equal(about('stream-added', { stream: { getId: () => 5, token: 'secret' }, mediaType: 'audio' }), 'uid 5, audio');
  assert.equal(about('exception', { code: 2001, msg: 'AUDIO_INPUT_LEVEL_TOO_LOW', uid: 1, secret: 'x' }), 'uid 1, code 2001, msg AUDIO_INPUT_LEVEL_TOO_LOW');
  assert.equal(about('error', 'SOCKET_ERROR'), 'SOCKET_ERROR');
  assert.equal(about('channel-closed', undefined), '');
});

test('the log is a line for each event, oldest first, and does not grow without end', () => {
  const log = new EventLog();
  const seen = [];
  log.added = ({ name }) => seen.push(name);
  const at = new Date('2026-01-02T03:04:05.678Z');
  log.note('peer-online', { uid: 2 }, at);
  log.add('leave', '', at);
  assert.equal(log.toString(), '2026-01-02T03:04:05.678Z peer-online uid 2\n2026-01-02T03:04:05.678Z leave\n');
  assert.deepEqual(seen, ['peer-online', 'leave']);
  for (let i = 0; i < 1500; i++) log.note('peer-online', { uid: i });
  assert.equal(log.entries.length, 1000);
  assert.equal(log.entries.at(-1).text, 'uid 1499');
});
