// The frame worker: it pumps encoded frames through the core, which runs here once more from the module that the page has
// compiled. Bundled into a text by scripts/bundle.mjs, because nertc.js is one file; the page starts it from a Blob.
//
// The core does the rest (jsbridge/transform). Frames go through its own memory, by two functions that the WebAssembly exports:
// calls and copies through the bridge of syscall/js took longer than the encryption of a sound.
import { evaluate } from 'wasm_exec';

/** The core's end, see jsbridge/transform/worker.go. */
interface Frames {
  /** Begins a track under a number of the page's, which is for the calls below. */
  open(track: number, room: number, sending: boolean): void;
  close(track: number): void;
  message(data: unknown): void;
}

/** What the WebAssembly exports beside, see jsbridge/transform/exports.go. */
interface Exports {
  mem: WebAssembly.Memory;
  /** Makes space for frames of up to `size` bytes: its address. The result of a call stands `size` bytes behind. */
  nertcSpace(size: number): number;
  /** Encrypts or decrypts the first `length` bytes of the space: the length of the result, below 0 to drop the frame. */
  nertcFrame(track: number, codec: number, length: number): number;
}

interface EncodedFrame {
  data: ArrayBuffer;
  getMetadata(): { mimeType?: string };
}

interface Track {
  track: number;
  room: number;
  sending: boolean;
  video: boolean;
}

/** Framecrypt's numbers for codecs; what is not here is a codec that nobody on the way looks into. */
const CODECS: Record<string, number> = { 'audio/opus': 1, 'video/vp8': 2, 'video/vp9': 3, 'video/av1': 4, 'video/h264': 5 };
const UNKNOWN = -1;
/** Encrypted frames are longer, those of H.264 by up to half: emulation prevention. */
const room = (length: number) => length + (length >> 1) + 256;

const scope = globalThis as any;
let frames: Frames | null = null;
/** The program; it tells when it has stopped. */
let go: any;
let core: Exports;
let address = 0;
let size = 0;
/** The space, while the core's memory is where it was. */
let space = new Uint8Array(0);
const early: unknown[] = [];
/** Nothing goes through any more. */
let over = false;
let begin: () => void;
const running = new Promise<void>((resolve) => (begin = resolve));

function codecOf(frame: EncodedFrame, video: boolean): number {
  const mime = frame.getMetadata().mimeType;
  if (mime === undefined) return video ? UNKNOWN : CODECS['audio/opus'];
  return CODECS[mime.toLowerCase()] ?? 0;
}

/** The space as it is now: when the core's memory grows it moves, and what was seen of it is empty. */
function seen(): Uint8Array {
  if (!space.length) space = new Uint8Array(core.mem.buffer, address, 2 * size);
  return space;
}

/** Tells the page that the core has stopped, which it cannot do itself: another worker has to take over. */
function stop(why: unknown): void {
  if (over) return;
  over = true;
  scope.postMessage({ stopped: String(why) });
}

/** What a frame becomes; null to drop it. Whatever goes wrong, nothing passes as it is. */
function pass(track: number, codec: number, frame: ArrayBuffer): ArrayBuffer | null {
  if (over) return null;
  try {
    const data = convert(track, codec, new Uint8Array(frame));
    // A core that has stopped in the middle of it answers anything.
    if (!go.exited) return data;
    stop('the core ended');
  } catch (error) {
    stop(error);
  }
  return null;
}

function convert(track: number, codec: number, data: Uint8Array): ArrayBuffer | null {
  if (go.exited) return null;
  if (room(data.length) > size) {
    size = 2 * room(data.length);
    address = core.nertcSpace(size) >>> 0;
    space = new Uint8Array(0);
  }
  seen().set(data);
  const length = core.nertcFrame(track, codec, data.length);
  return length >= 0 ? seen().slice(size, size + length).buffer : null;
}

async function pump(readable: ReadableStream, writable: WritableStream, { track, room: of, sending, video }: Track): Promise<void> {
  await running;
  frames!.open(track, of, sending);
  const reader = readable.getReader();
  const writer = writable.getWriter();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const frame = value as EncodedFrame;
      const data = pass(track, sending ? codecOf(frame, video) : 0, frame.data);
      if (!data) continue;
      frame.data = data;
      writer.write(frame).catch(() => {}); // the next one finds the end
    }
  } catch {
    // The sender or receiver is gone.
  } finally {
    if (!over) frames!.close(track);
  }
}

async function start(module: WebAssembly.Module): Promise<void> {
  evaluate();
  go = new scope.Go();
  const name = 'nertcFrames';
  go.env.NERTC_ROLE = 'frames';
  go.env.NERTC_BOOT = name;
  const booted = new Promise<Frames>((resolve) => (scope[name] = resolve));
  const instance = await WebAssembly.instantiate(module, go.importObject);
  const ended = go.run(instance);
  frames = await Promise.race([booted, ended.then(() => Promise.reject(new Error('the core ended')))]);
  core = instance.exports as unknown as Exports;
  for (const data of early.splice(0)) frames!.message(data);
  begin();
  scope.postMessage({ ready: true });
  ended.then(() => stop('the core ended'), stop);
}

scope.onrtctransform = ({ transformer }: any) => void pump(transformer.readable, transformer.writable, transformer.options);

scope.onmessage = ({ data }: MessageEvent) => {
  if (data.module) start(data.module).catch((error) => scope.postMessage({ failed: String(error) }));
  else if (data.readable) void pump(data.readable, data.writable, data.track);
  else if (frames) frames.message(data);
  else early.push(data);
};
