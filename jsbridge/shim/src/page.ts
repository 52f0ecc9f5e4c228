import type { NERTC } from '../types/index';

/** True in a page. Elsewhere, where a server renders or in a worker, nothing is loaded and no global is made. */
export const inPage = typeof document !== 'undefined';

/** The address of the script that runs now, if it is one of the page's own and has an address. */
export const currentScript = (): string | undefined => (inPage && (document.currentScript as HTMLScriptElement | null)?.src) || undefined;

/** True where the page says which content the script that runs now must have. */
export const isPinned = (): boolean => inPage && Boolean((document.currentScript as HTMLScriptElement | null)?.integrity);

/** Gives a page its global and the older name of it. */
export function defineGlobals(NERTC: NERTC): void {
  if (inPage) Object.assign(globalThis, { NERTC, WebRTC2: NERTC });
}
