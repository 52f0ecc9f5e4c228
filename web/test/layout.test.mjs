// What a person would see of the grid: nobody outside, nobody over another, nobody tiny.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beside, layout } from '../js/layout.js';

const boxes = [[1240, 580], [920, 580], [1880, 900], [370, 680], [300, 560], [780, 1060], [824, 260], [600, 600]];

for (const [width, height] of boxes) {
  for (let count = 1; count <= 9; count++) {
    test(`${count} people in ${width}×${height}`, () => {
      const tiles = layout(count, width, height, 12);
      assert.equal(tiles.length, count);
      tiles.forEach((a, i) => {
        assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, 'inside the box');
        assert.ok(a.width / a.height <= 16 / 9 + 0.02 && a.width / a.height >= (count === 1 ? 9 / 16 : 3 / 4) - 0.02, 'a shape that suits faces');
        for (const b of tiles.slice(i + 1)) {
          assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, 'no overlap');
        }
      });
      const used = tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0) / (width * height);
      assert.ok(used > 0.4, `only ${Math.round(used * 100)} % of the box is used`);
    });
  }
}

test('two people on an upright phone sit one above the other, on a desktop side by side', () => {
  const [a, b] = layout(2, 370, 680);
  assert.equal(a.x, b.x);
  const [c, d] = layout(2, 1240, 580);
  assert.equal(c.y, d.y);
});

test('nothing fits into nothing', () => {
  assert.deepEqual(layout(0, 100, 100), []);
  assert.deepEqual(layout(3, 0, 100), []);
});

for (const [width, height] of boxes) {
  for (let count = 0; count <= 16; count++) {
    test(`one large and ${count} small in ${width}×${height}`, () => {
      for (const fill of [false, true]) {
        const { main, strip } = beside(count, width, height, { gap: 8, fill })
        assert.equal(strip.length, count)
        const all = [main, ...strip]
        all.forEach((a, i) => {
          assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, 'inside the box')
          for (const b of all.slice(i + 1)) {
            assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, 'no overlap')
          }
        })
        for (const small of strip) {
          if (count <= 8) assert.ok(Math.min(small.width, small.height) >= 48, `${small.width}×${small.height} shows nobody`)
          assert.ok(small.width * small.height * 2 < main.width * main.height, 'the large tile is the large one')
        }
        if (count <= 4) assert.ok(main.width * main.height > 0.3 * width * height, 'the large tile is large')
      }
    })
  }
}
