import script from 'frame_worker';

/** Starts a frame worker on a compiled core. Throws where a worker cannot be made. */
export function spawnFrames(module: WebAssembly.Module): Worker {
  // A Blob, because nertc.js is one file, and a worker of another origin is not allowed.
  // A content security policy needs `worker-src blob:` for it.
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url, { name: 'nertc frames' });
    worker.postMessage({ module });
    return worker;
  } finally {
    // The fetch has begun with the constructor: https://html.spec.whatwg.org/multipage/workers.html#dom-worker
    URL.revokeObjectURL(url);
  }
}
