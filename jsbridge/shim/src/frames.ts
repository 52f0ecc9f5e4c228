// The frame worker: it pumps encoded frames through the core, which runs here once more from the module that the page has
// compiled. Bundled into a text by scripts/bundle.mjs, because nertc.js is one file; the page starts it from a Blob.
//
// The core does the rest (jsbridge/transform): it is called once for each frame, with numbers, and frames go through one
// buffer that both sides keep.
import { evaluate } from 'wasm_exec';

/** The core's end, see jsbridge/transform/worker.go. */
interface Frames {
  /** Takes the buffer for frames, a new one each time it has to grow. */
  buffer(buffer: Uint8Array): void;
  /** Begins a track; its number is for the calls below. */
  open(room: number, sending: boolean): number;
  /** Encrypts or decrypts the first `length` bytes of the buffer in place: the new length, below 0 to drop the frame. */
  frame(track: number, codec: number, length: number): number;
  close(track: number): void;
  message(data: unknown): void;
}

interface EncodedFrame {
  data: ArrayBuffer;
  getMetadata(): { mimeType?: string };
}

interface Track {
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
let buffer = new Uint8Array(0);
const early: unknown[] = [];
let begin: () => void;
const running = new Promise<void>((resolve) => (begin = resolve));

function codecOf(frame: EncodedFrame, video: boolean): number {
  const mime = frame.getMetadata().mimeType;
  if (mime === undefined) return video ? UNKNOWN : CODECS['audio/opus'];
  return CODECS[mime.toLowerCase()] ?? 0;
}

async function pump(readable: ReadableStream, writable: WritableStream, { room: of, sending, video }: Track): Promise<void> {
  await running;
  const core = frames!;
  const track = core.open(of, sending);
  const reader = readable.getReader();
  const writer = writable.getWriter();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const frame = value as EncodedFrame;
      const data = new Uint8Array(frame.data);
      if (room(data.length) > buffer.length) {
        buffer = new Uint8Array(2 * room(data.length));
        core.buffer(buffer);
      }
      buffer.set(data);
      const length = core.frame(track, sending ? codecOf(frame, video) : 0, data.length);
      if (!(length >= 0)) continue; // also when the core has stopped: nothing passes as it is
      frame.data = buffer.slice(0, length).buffer;
      writer.write(frame).catch(() => {}); // the next one finds the end
    }
  } catch {
    // The sender or receiver is gone.
  } finally {
    core.close(track);
  }
}

async function start(module: WebAssembly.Module): Promise<void> {
  evaluate();
  const go = new scope.Go();
  const name = 'nertcFrames';
  go.env.NERTC_ROLE = 'frames';
  go.env.NERTC_BOOT = name;
  const booted = new Promise<Frames>((resolve) => (scope[name] = resolve));
  const ended = go.run(await WebAssembly.instantiate(module, go.importObject));
  frames = await Promise.race([booted, ended.then(() => Promise.reject(new Error('the core ended')))]);
  buffer = new Uint8Array(64 << 10);
  frames!.buffer(buffer);
  for (const data of early.splice(0)) frames!.message(data);
  begin();
  scope.postMessage({ ready: true });
}

scope.onrtctransform = ({ transformer }: any) => void pump(transformer.readable, transformer.writable, transformer.options);

scope.onmessage = ({ data }: MessageEvent) => {
  if (data.module) start(data.module).catch((error) => scope.postMessage({ failed: String(error) }));
  else if (data.readable) void pump(data.readable, data.writable, data.track);
  else if (frames) frames.message(data);
  else early.push(data);
};
