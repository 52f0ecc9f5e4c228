// What a host sees on the canvas of a live programme, and what is asked of the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, CANVASES, LEAST, moved, resized, scaled, taskOf } from '../js/programme.js';

const inside = ({ x, y, width, height }, canvas) => {
  for (const n of [x, y, width, height]) assert.equal(n % 2, 0, 'even');
  assert.ok(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= canvas.width && y + height <= canvas.height, JSON.stringify({ x, y, width, height }));
};
const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

for (const [name, canvas] of Object.entries(CANVASES)) {
  for (let count = 0; count <= 12; count++) {
    test(`${count} people alike on ${name}`, () => {
      const regions = arrange(Array.from({ length: count }, (_, i) => i + 1), 'grid', canvas);
      assert.deepEqual(regions.map(({ uid }) => uid), Array.from({ length: count }, (_, i) => i + 1));
      regions.forEach((a, i) => {
        inside(a, canvas);
        for (const b of regions.slice(i + 1)) assert.ok(apart(a, b), 'no overlap');
      });
      const used = regions.reduce((sum, r) => sum + r.width * r.height, 0) / (canvas.width * canvas.height);
      if (count) assert.ok(used > 0.6, `only ${used} of the canvas is used`);
    });
    test(`one large of ${count} on ${name}`, () => {
      const regions = arrange(Array.from({ length: count }, (_, i) => i), 'large', canvas);
      regions.forEach((region) => inside(region, canvas));
      if (count) assert.deepEqual([regions[0].width, regions[0].height], [canvas.width, canvas.height]);
      const small = regions.slice(1);
      small.forEach((a, i) => { for (const b of small.slice(i + 1)) assert.ok(apart(a, b), 'no overlap'); });
    });
  }
}

test('regions stay on the canvas and can always be taken hold of', () => {
  const canvas = CANVASES.wide;
  const region = { uid: 1, x: 100, y: 100, width: 300, height: 200 };
  assert.deepEqual(moved(region, 33.4, -21, canvas), { ...region, x: 132, y: 78 });
  assert.deepEqual(moved(region, 1e6, -1e6, canvas), { ...region, x: 980, y: 0 });
  assert.deepEqual(resized(region, -1e6, 1e6, canvas), { ...region, width: LEAST, height: 620 });
  for (const [, to] of Object.entries(CANVASES)) for (const r of scaled([region], canvas, to)) inside(r, to);
});

test('a layout becomes the documented task', () => {
  const regions = [{ uid: 2, x: 0, y: 0, width: 640, height: 360 }, { uid: 'ann', x: 10, y: 10, width: 100, height: 100 }];
  assert.deepEqual(taskOf({ taskId: 't', streamUrl: 'rtmp://x/a/b', record: true, canvas: CANVASES.small, color: '#0102ff', regions }), {
    taskId: 't', streamUrl: 'rtmp://x/a/b', record: true,
    layout: {
      canvas: { width: 640, height: 360, color: 65536 + 512 + 255 },
      users: regions.map((r, zOrder) => ({ ...r, adaption: 1, pushAudio: true, pushVideo: true, zOrder })), images: [],
    },
  });
});
