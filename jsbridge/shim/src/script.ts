// The entry of nertc.js, for a script tag: defines window.NERTC and its older name. Loaders of AMD and CommonJS get NERTC
// as the whole of the module (scripts/bundle.mjs).
import { browserEnvironment, wasmBeside } from './environment';
import { makeNERTC } from './nertc';
import { currentScript, defineGlobals, inPage, isPinned } from './page';

const script = currentScript();
// A page that pins the script trusts no other core either: the script alone would be half a promise.
const NERTC = makeNERTC(browserEnvironment(script, () => wasmBeside(script), isPinned()));
defineGlobals(NERTC);
if (inPage) NERTC.ready.catch(() => {}); // begins to load; who needs the core hears of a failure

export default NERTC;
