// The entry of nertc.js, for a script tag: defines window.NERTC and its older name.
import { browserEnvironment, wasmBeside } from './environment';
import { makeNERTC } from './nertc';

const script = (document.currentScript as HTMLScriptElement | null)?.src || undefined;
const NERTC = makeNERTC(browserEnvironment(script, wasmBeside(script)));
Object.assign(globalThis, { NERTC, WebRTC2: NERTC });
NERTC.ready.catch(() => {}); // begins to load; who needs the core hears of a failure
