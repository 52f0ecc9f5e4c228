// The layout of a live programme: regions on a canvas, in its pixels. Nothing here knows the page or the SDK.

/** The canvases to choose from, in pixels. */
export const CANVASES = {
  wide: { width: 1280, height: 720 },
  small: { width: 640, height: 360 },
  tall: { width: 720, height: 1280 },
};

/** The shortest side of a region in pixels, so that it can still be taken hold of. */
export const LEAST = 80;

// Encoders count pixels in pairs.
const even = (n) => 2 * Math.floor(n / 2);
const within = (n, least, most) => Math.min(Math.max(n, least), most);

/** The regions of people: 'grid' is everybody alike, 'large' the first on the whole canvas and the others small above it. */
export function arrange(uids, mode, { width, height }) {
  if (mode === 'large') {
    const small = { width: even(width / 4), height: even(height / 4) };
    const room = Math.max(1, Math.floor(width / small.width));
    return uids.map((uid, i) => {
      if (i === 0) return { uid, x: 0, y: 0, width, height };
      const place = i - 1;
      return { uid, x: width - small.width * (1 + (place % room)), y: Math.max(0, height - small.height * (1 + Math.floor(place / room))), ...small };
    });
  }
  const [columns, rows] = rasterOf(uids.length, width / height);
  const cell = { width: even(width / columns), height: even(height / rows) };
  return uids.map((uid, i) => {
    const row = Math.floor(i / columns);
    // The last row stands in the middle.
    const missing = row === rows - 1 ? columns * rows - uids.length : 0;
    return { uid, x: even((i % columns) * cell.width + (missing * cell.width) / 2), y: row * cell.height, ...cell };
  });
}

// As many columns and rows as give the cells the shape that is nearest to a camera's.
function rasterOf(count, shape) {
  let best = [1, Math.max(1, count)];
  let least = Infinity;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const off = Math.abs(Math.log((shape * rows) / columns / (4 / 3))) + 0.4 * (columns * rows - count);
    if (off < least) [least, best] = [off, [columns, rows]];
  }
  return best;
}

/** A region moved by pixels, as far as the canvas goes. */
export function moved(region, dx, dy, canvas) {
  return {
    ...region,
    x: even(within(region.x + dx, 0, canvas.width - region.width)),
    y: even(within(region.y + dy, 0, canvas.height - region.height)),
  };
}

/** A region whose lower right corner is moved by pixels. */
export function resized(region, dx, dy, canvas) {
  return {
    ...region,
    width: even(within(region.width + dx, LEAST, canvas.width - region.x)),
    height: even(within(region.height + dy, LEAST, canvas.height - region.y)),
  };
}

/** Regions carried over from one canvas to another. */
export function scaled(regions, from, to) {
  const [right, down] = [to.width / from.width, to.height / from.height];
  return regions.map((region) => ({
    ...region, x: even(region.x * right), y: even(region.y * down), width: even(region.width * right), height: even(region.height * down),
  }));
}

/** The documented RTMPTask of a layout; color as an input of that type has it, '#rrggbb'. A later region covers an earlier one. */
export function taskOf({ taskId, streamUrl, record, canvas, color, regions }) {
  return {
    taskId,
    streamUrl,
    record,
    layout: {
      canvas: { ...canvas, color: parseInt(color.slice(1), 16) },
      users: regions.map((region, zOrder) => ({ ...region, adaption: 1, pushAudio: true, pushVideo: true, zOrder })),
      images: [],
    },
  };
}
