import script from 'frame_worker';
import { TRUSTED } from './policy';

/** What is used here of https://w3c.github.io/trusted-types/dist/spec/; the browser's own type is opaque. */
interface Policy {
  createScriptURL(input: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

// A Blob, because nertc.js is one file, and a worker of another origin is not allowed.
// A content security policy needs `worker-src blob:` for it.
const own: Policy = { createScriptURL: () => URL.createObjectURL(new Blob([script], { type: 'text/javascript' })) };

/** Made once: pages permit each name once. */
let policy: Policy | undefined;

/** Makes the address of the frame worker, as one that the page's Trusted Types take: this policy makes no other, whatever it is given. */
function address(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy(TRUSTED, own);
  } catch {
    // The page permits no policy of this name. It may do without Trusted Types all the same, or have a default policy.
  }
  return (policy ?? own).createScriptURL('');
}

/** Starts a frame worker on a compiled core. Throws where a worker cannot be made. */
export function spawnFrames(module: WebAssembly.Module): Worker {
  const url = address();
  try {
    const worker = new Worker(url, { name: 'nertc frames' });
    worker.postMessage({ module });
    return worker;
  } finally {
    // The fetch has begun with the constructor: https://html.spec.whatwg.org/multipage/workers.html#dom-worker
    URL.revokeObjectURL(`${url}`);
  }
}
