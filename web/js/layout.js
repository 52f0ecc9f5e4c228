// Where each tile of the grid goes. Plain arithmetic: no element is touched here.

/**
 * Places count tiles into a box of width × height pixels.
 *
 * Every number of columns is tried; the one that shows the most picture wins. A
 * tile's shape may move between upright 3:4 (9:16 for one person alone) and wide
 * 16:9, so that the tiles fill boxes of any shape; a last row that is not full is
 * centred. Answers [{x, y, width, height}], whole pixels.
 */
export function layout(count, width, height, gap = 12) {
  if (count <= 0 || width <= 0 || height <= 0) return [];
  const upright = count === 1 ? 9 / 16 : 3 / 4;
  const wide = 16 / 9;
  let best = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const roomX = (width - gap * (columns - 1)) / columns;
    const roomY = (height - gap * (rows - 1)) / rows;
    if (roomX <= 0 || roomY <= 0) continue;
    const w = Math.min(roomX, roomY * wide);
    const h = Math.min(roomY, w / upright);
    const score = seen(w, h) * count;
    // A full grid reads better than one with a lonely tile: let it win a near tie.
    const weighed = columns * rows === count ? score * 1.08 : score;
    if (!best || weighed > best.weighed) best = { columns, rows, w: Math.floor(w), h: Math.floor(h), weighed };
  }
  if (!best) return [];
  const { columns, rows, w, h } = best;
  const top = Math.floor((height - rows * h - gap * (rows - 1)) / 2);
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = Math.floor((width - inRow * w - gap * (inRow - 1)) / 2);
    return { x: left + (i % columns) * (w + gap), y: top + row * (h + gap), width: w, height: h };
  });
}

// How much a tile shows: its area, less a little for what is cut off a 16:9 picture
// that fills it. Area alone would prefer narrow tiles that cut faces.
function seen(w, h) {
  const shown = Math.min(w / h, 16 / 9) / (16 / 9);
  return w * h * (0.75 + 0.25 * shown);
}
