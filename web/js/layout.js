// Where each tile goes. Plain arithmetic: no element is touched here.

const WIDE = 16 / 9;
const UPRIGHT = 3 / 4;

/** In px: smaller tiles show nobody, so the rows of a strip are folded before they get there. */
const SMALLEST = 48;

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
  const upright = count === 1 ? 9 / 16 : UPRIGHT;
  let best = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const roomX = (width - gap * (columns - 1)) / columns;
    const roomY = (height - gap * (rows - 1)) / rows;
    if (roomX <= 0 || roomY <= 0) continue;
    const w = Math.min(roomX, roomY * WIDE);
    const h = Math.min(roomY, w / upright);
    const score = seen(w, h) * count;
    // A full grid reads better than one with a lonely tile: let it win a near tie.
    const weighed = columns * rows === count ? score * 1.08 : score;
    if (!best || weighed > best.weighed) best = { columns, w: Math.floor(w), h: Math.floor(h), weighed };
  }
  return best ? rows(count, best.columns, best.w, best.h, { x: 0, y: 0, width, height }, gap) : [];
}

/**
 * Places one large tile and count small ones in a strip beside or below it.
 *
 * A large face keeps a shape that suits faces; a shared screen (fill) takes all the
 * room there is, because its picture is shown whole. Answers {main, strip}: boxes as
 * layout makes them.
 */
export function beside(count, width, height, { gap = 12, fill = false } = {}) {
  if (width <= 0 || height <= 0) return { main: null, strip: [] };
  let best = null;
  for (let lines = 1; lines <= Math.max(1, count); lines++) {
    const each = Math.ceil(count / lines);
    for (const plan of count === 0 ? [{ w: 0, h: 0, area: { x: 0, y: 0, width, height } }] : plans(lines, each, width, height, gap)) {
      const main = fill ? plan.area : face(plan.area);
      // What a picture gets of the large tile, and what the small ones have: beside a screen that counts less.
      const picture = Math.min(main.width, main.height * WIDE) * Math.min(main.height, main.width / (fill ? WIDE : UPRIGHT));
      const readable = count === 0 || Math.min(plan.w, plan.h) >= SMALLEST;
      const score = (picture + (fill ? 0.4 : 1) * count * plan.w * plan.h) * (readable ? 1 : 0.05);
      if (!best || score > best.score) best = { ...plan, main, score };
    }
  }
  const strip = count === 0 ? [] : rows(count, best.columns, Math.floor(best.w), Math.floor(best.h), best.strip, gap);
  return { main: whole(best.main), strip };
}

// The two ways to put a strip of so many lines: at the right, or below.
function plans(lines, each, width, height, gap) {
  const ways = [];
  {
    let w = Math.min(232, (0.3 * width) / lines);
    const h = Math.min(w / WIDE, (height - gap * (each - 1)) / each);
    w = Math.min(w, h * WIDE);
    const thick = lines * w + (lines - 1) * gap;
    const area = { x: 0, y: 0, width: width - thick - gap, height };
    ways.push({ w, h, columns: lines, area, strip: { x: width - thick, y: 0, width: thick, height } });
  }
  {
    let h = Math.min(132, (0.34 * height) / lines);
    const w = Math.min(h * WIDE, (width - gap * (each - 1)) / each);
    h = Math.min(h, w);
    const thick = lines * h + (lines - 1) * gap;
    const area = { x: 0, y: 0, width, height: height - thick - gap };
    ways.push({ w, h, columns: each, area, strip: { x: 0, y: height - thick, width, height: thick } });
  }
  return ways.filter(({ w, h, area }) => w >= 1 && h >= 1 && area.width > 0 && area.height > 0);
}

// The largest box of a shape that suits a face, in the middle of a box.
function face({ x, y, width, height }) {
  const w = Math.min(width, height * WIDE);
  const h = Math.min(height, w / UPRIGHT);
  return { x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h };
}

// Boxes of one size in rows, in the middle of a box; whole pixels.
function rows(count, columns, w, h, box, gap) {
  const lines = Math.ceil(count / columns);
  const top = Math.floor(box.y + (box.height - lines * h - gap * (lines - 1)) / 2);
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = Math.floor(box.x + (box.width - inRow * w - gap * (inRow - 1)) / 2);
    return { x: left + (i % columns) * (w + gap), y: top + row * (h + gap), width: w, height: h };
  });
}

function whole({ x, y, width, height }) {
  return { x: Math.ceil(x), y: Math.ceil(y), width: Math.floor(width), height: Math.floor(height) };
}

// How much a tile shows: its area, less a little for what is cut off a 16:9 picture
// that fills it. Area alone would prefer narrow tiles that cut faces.
function seen(w, h) {
  const shown = Math.min(w / h, WIDE) / WIDE;
  return w * h * (0.75 + 0.25 * shown);
}
