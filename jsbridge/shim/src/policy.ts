import { Code, NERtcError } from './error';

// What a page's Content-Security-Policy lacks: https://www.w3.org/TR/CSP3/. Browsers tell an action that it failed, and the
// document, by an event, why.

/** The start of the reason of every error that a policy is to blame for. */
const FORBIDS = "the page's Content-Security-Policy forbids";

/** The name under which a page with Trusted Types permits the address of the frame worker. */
export const TRUSTED = 'nertc';

/** What is missing for WebAssembly. */
export const WASM_FORBIDDEN = `${FORBIDS} WebAssembly: add 'wasm-unsafe-eval' to its script-src`;

/** True for what a policy is to blame for. */
export const isForbidden = (error: unknown): error is NERtcError => error instanceof NERtcError && error.reason.startsWith(FORBIDS);

type Verdict = { error: NERtcError; sure: boolean };

/** What an event says is missing, null where it is about something of the page's own; `sure` unless it may be. */
function judge({ effectiveDirective, blockedURI, disposition, sample }: SecurityPolicyViolationEvent, address: string): Verdict | null {
  if (disposition !== 'enforce') return null;
  // The sample has who was given what: https://html.spec.whatwg.org/multipage/workers.html#dom-worker
  if (effectiveDirective === 'require-trusted-types-for' && sample.startsWith('Worker constructor|blob:')) {
    return { error: new NERtcError(Code.NotSupported, `${FORBIDS} the frame worker: add ${TRUSTED} to its trusted-types`), sure: false };
  }
  if (effectiveDirective === 'worker-src' && blockedURI.startsWith('blob')) {
    return { error: new NERtcError(Code.NotSupported, `${FORBIDS} the frame worker: add blob: to its worker-src`), sure: false };
  }
  const { protocol, origin } = new URL(address);
  const sure = `${blockedURI}/`.startsWith(`${origin}/`);
  // Of an address that is not http(s) an event may have the scheme only.
  if (effectiveDirective !== 'connect-src' || !(sure || blockedURI === protocol.slice(0, -1))) return null;
  return { error: new NERtcError(Code.Network, `${FORBIDS} a connection to ${origin}: add it to its connect-src`), sure };
}

/**
 * Does something that a policy may forbid, with a connection to an address. If it fails for that reason, the error says what
 * to add. `stop` is told at once where it is sure: to go on trying is of no use.
 */
export async function underPolicy<T>(run: () => Promise<T>, address: string, stop?: () => unknown): Promise<T> {
  const page = globalThis.document;
  if (!page?.addEventListener) return run();
  let verdict: Verdict | null = null;
  const watch = (event: SecurityPolicyViolationEvent) => {
    if (verdict) return;
    verdict = judge(event, address);
    if (verdict?.sure) stop?.();
  };
  page.addEventListener('securitypolicyviolation', watch);
  try {
    return await run();
  } catch (error) {
    await new Promise((done) => setTimeout(done)); // the event may stand in the queue behind the failure
    throw (verdict as Verdict | null)?.error ?? error;
  } finally {
    page.removeEventListener('securitypolicyviolation', watch);
  }
}
