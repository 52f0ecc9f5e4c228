// The entry of nertc.js, for a script tag: defines window.NERTC and its older name. Loaders of AMD and CommonJS get NERTC
// as the whole of the module (scripts/bundle.mjs).
import { browserEnvironment, wasmBeside } from './environment';
import { makeNERTC } from './nertc';
import { currentScript, defineGlobals, inPage } from './page';

const script = currentScript();
const NERTC = makeNERTC(browserEnvironment(script, () => wasmBeside(script)));
defineGlobals(NERTC);
if (inPage) NERTC.ready.catch(() => {}); // begins to load; who needs the core hears of a failure

export default NERTC;
