// The entry of nertc.cjs: require gives NERTC itself, and compiled `import NERTC` finds it as the default.
import { browserEnvironment, wasmBeside } from './environment';
import { makeNERTC } from './nertc';

const inPage = typeof document !== 'undefined';
// In a bundle the running script is the page's own; the file is then expected beside it.
const script = (inPage && (document.currentScript as HTMLScriptElement | null)?.src) || undefined;
const NERTC = makeNERTC(browserEnvironment(script, wasmBeside(script)));
Object.defineProperty(NERTC, '__esModule', { value: true });
Object.defineProperty(NERTC, 'default', { value: NERTC });
if (inPage) {
  Object.assign(globalThis, { NERTC, WebRTC2: NERTC });
  NERTC.ready.catch(() => {}); // begins to load; who needs the core hears of a failure
}

// scripts/bundle.mjs makes this the whole of module.exports.
export default NERTC;
