// A tenth of what a visitor loads of the core are tables that say which line of which file an instruction comes from. The
// runtime reads them for the traces of panics alone; a trace without them still names its functions. Here they are made
// zeros, which compress to nothing. What collecting garbage and unwinding stacks need is in other tables and stays.
//
// The layout is that of runtime.pcHeader and runtime._func, the same from Go 1.20 on to the version that this project is
// built with; what begins otherwise is refused, so that another Go version is noticed.

const MAGIC = Buffer.from([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8]); // little-endian, pad, instructions of 1 byte, pointers of 8
// Offsets in bytes within runtime._func.
const PCSP = 16;
const PCFILE = 20;
const PCLN = 24;
const NPCDATA = 28;
const CU = 32;
const PCDATA = 44;

/** Where a table ends: behind the first step of 0 that is not the first. Each step is two numbers in LEB128. */
function tableEnd(bytes, begin) {
  const skip = (at) => {
    while (bytes[at] >= 0x80) at++;
    return at + 1;
  };
  let at = begin;
  for (let first = true; first || bytes[at] !== 0; first = false) {
    at = skip(skip(at));
    if (at >= bytes.length) throw new Error('linetables: a table has no end');
  }
  return at + 1;
}

/** Where the header of the tables is. */
function header(bytes) {
  const at = bytes.indexOf(MAGIC);
  if (at < 0) throw new Error('linetables: no tables of a known layout; is this another version of Go?');
  if (bytes.indexOf(MAGIC, at + 1) >= 0) throw new Error('linetables: more than one header');
  const word = (i) => Number(bytes.readBigUInt64LE(at + 8 + 8 * i));
  const [functions, pctab, pclntab] = [word(0), word(6), word(7)];
  if (!(functions > 0 && pctab > 0 && pclntab > pctab && at + pclntab + 8 * functions <= bytes.length)) {
    throw new Error('linetables: the header makes no sense');
  }
  return {
    functions, pctab: at + pctab, pclntab: at + pclntab,
    names: at + word(3), units: at + word(4), files: at + word(5),
  };
}

/** The value of a table at so many instructions behind the function's entry; as runtime.pcvalue does it. */
function valueAt(bytes, table, offset) {
  let at = table;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  let value = -1;
  for (let pc = 0, first = true; first || bytes[at] !== 0; first = false) {
    const step = number();
    value += step % 2 ? -(step + 1) / 2 : step / 2;
    pc += number();
    if (offset < pc) return value;
  }
  return -1;
}

const text = (bytes, at) => bytes.toString('utf8', at, bytes.indexOf(0, at));

/**
 * Puts files and lines back into a trace of a core without them, from the same build with them. What is not found stays
 * as it is; of a function that was inlined into another the trace says too little.
 */
export function resolveTrace(trace, module) {
  const bytes = Buffer.from(module);
  const { functions, pctab, pclntab, names, units, files } = header(bytes);
  const known = new Map();
  for (let i = 0; i < functions; i++) {
    const f = pclntab + bytes.readUInt32LE(pclntab + 8 * i + 4);
    known.set(text(bytes, names + bytes.readInt32LE(f + 4)), f);
  }
  return trace.replace(/^(?:created by )?(\S.*?)(?:\([^()]*\)(?: in goroutine \d+)?|(?: in goroutine \d+))\n(\s+)\?:0 \+0x([0-9a-f]+)/gm, (all, name, space, hex) => {
    const f = known.get(name);
    if (f === undefined) return all;
    // As the runtime prints it, the offset is that of the instruction to return to.
    const at = (offset) => valueAt(bytes, pctab + bytes.readUInt32LE(f + offset), parseInt(hex, 16) - 1);
    const [file, line] = [at(PCFILE), at(PCLN)];
    if (file < 0 || line < 0) return all;
    const place = bytes.readUInt32LE(units + 4 * (bytes.readUInt32LE(f + CU) + file));
    return all.replace('?:0', `${text(bytes, files + place)}:${line}`);
  });
}

/**
 * Gives a copy of a linked wasm, its data segments joined before, without line tables. Throws on what Go's linker does
 * not write.
 */
export function dropLineTables(module) {
  const bytes = Buffer.from(module);
  const { functions, pctab, pclntab } = header(bytes);
  const lines = new Set();
  const others = new Set();
  for (let i = 0; i < functions; i++) {
    const f = pclntab + bytes.readUInt32LE(pclntab + 8 * i + 4);
    if (f + PCDATA > bytes.length) throw new Error('linetables: a function outside of the file');
    for (const offset of [PCFILE, PCLN]) {
      lines.add(bytes.readUInt32LE(f + offset));
      bytes.writeUInt32LE(0, f + offset);
    }
    others.add(bytes.readUInt32LE(f + PCSP));
    for (let n = bytes.readUInt32LE(f + NPCDATA), d = 0; d < n; d++) others.add(bytes.readUInt32LE(f + PCDATA + 4 * d));
  }
  // Equal tables are there once, and serve both.
  for (const table of lines) {
    if (table === 0 || others.has(table)) continue;
    const begin = pctab + table;
    bytes.fill(0, begin, tableEnd(bytes.subarray(0, pclntab), begin));
  }
  return bytes;
}
