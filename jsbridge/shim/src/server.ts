import { Code, NERtcError } from './error';

/** The path of the signalling WebSocket on a gateway (internal/protocol has the same). */
const PATH = '/nertc/v1';

/**
 * The signalling address of a server: `host`, `host:port`, or an address of any of http, https, ws and wss, with or
 * without a path before /nertc/v1. A name without a scheme is spoken to as securely as the page itself is. Throws 10000.
 */
export function signalling(server: string, secure: boolean): string {
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `${secure ? 'wss' : 'ws'}://${server}`);
  } catch {
    throw new NERtcError(Code.InvalidArgument, `server is no address: ${server}`);
  }
  const scheme = { 'http:': 'ws:', 'ws:': 'ws:', 'https:': 'wss:', 'wss:': 'wss:' }[url.protocol];
  if (!scheme || url.host === '') throw new NERtcError(Code.InvalidArgument, `server is no address: ${server}`);
  const path = url.pathname.replace(/\/+$/, '');
  return `${scheme}//${url.host}${path.endsWith(PATH) ? path : path + PATH}`;
}

/** The address where a client without `server` finds its gateway: the script's origin, then the page's; empty if neither has one. */
export function defaultServer(script: string | undefined, page: string | undefined): string {
  for (const address of [script, page]) {
    if (address && /^https?:\/\//.test(address)) return signalling(new URL(address).origin, false);
  }
  return '';
}
