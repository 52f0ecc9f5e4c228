import { dirname } from 'node:path';

// Not needed for the SDK: here next itself is installed one folder above.
export default { turbopack: { root: dirname(import.meta.dirname) } };
