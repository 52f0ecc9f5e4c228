// Puts files and lines into a stack trace of the core that somebody reports, read from standard input:
//   node scripts/trace.mjs < trace.txt
// It wants the last build in dist/, of the same sources and the same Go as the core that wrote the trace.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveTrace } from './linetables.mjs';
import { joinSegments } from './segments.mjs';

const linked = join(dirname(fileURLToPath(import.meta.url)), '../dist/.stamps/linked.wasm');
if (!existsSync(linked)) {
  console.error('trace: there is no build; run make build');
  process.exit(1);
}
process.stdout.write(resolveTrace(readFileSync(0, 'utf8'), joinSegments(readFileSync(linked))));
