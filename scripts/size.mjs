// The size gate: what a page has to load, in brotli. Exits with 1 and says by how much where a limit is broken.
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LIMITS = { 'nertc.wasm.br': 1_400_000, 'nertc.js.br': 25_000 };

let failed = 0;
for (const [name, limit] of Object.entries(LIMITS)) {
  const { size } = statSync(fileURLToPath(new URL(`../dist/${name}`, import.meta.url)));
  const fits = size <= limit;
  failed += fits ? 0 : 1;
  console.log(`${fits ? 'ok' : 'not ok'} size: dist/${name} has ${size} bytes of at most ${limit}`);
}
process.exit(failed ? 1 : 0);
