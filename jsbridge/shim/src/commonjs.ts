// The entry of nertc.cjs: require gives NERTC itself. Nothing is loaded before it is needed.
import { browserEnvironment, wasmBeside } from './environment';
import { makeNERTC } from './nertc';
import { currentScript, defineGlobals } from './page';

// In a bundle the running script is the page's own; the file is then expected beside it. Bundlers that know the condition
// `module` of package.json take nertc.mjs instead, which carries the file along.
const script = currentScript();
const NERTC = makeNERTC(browserEnvironment(script, () => wasmBeside(script)));
defineGlobals(NERTC);

// scripts/bundle.mjs makes this the whole of module.exports.
export default NERTC;
