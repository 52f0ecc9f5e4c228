// The toolchain's own wasm_exec.js, which scripts/build.mjs wraps into a function (see there why).
import { evaluate } from 'wasm_exec';

/** The toolchain's Go class, as far as the loader uses it. */
export interface Go {
  env: Record<string, string>;
  importObject: WebAssembly.Imports;
  /** The exit code, once the program has ended. */
  code: number;
  run(instance: WebAssembly.Instance): Promise<void>;
}

/** The globals that wasm_exec.js makes where a page has none, and that a program reads once, when it starts. */
const GLOBALS = ['Go', 'fs', 'process', 'path'] as const;

/**
 * Makes a Go whose globals the page never sees: they stand only while wasm_exec.js is evaluated and while the program
 * takes its references, both in one go. A page's own `process` (bundlers make one) is neither used nor replaced.
 */
export function newGo(): Go {
  let own: PropertyDescriptor[] = [];
  const scope = globalThis as any;
  let go: any;
  swap(scope, () => {
    evaluate();
    own = GLOBALS.map((name) => Object.getOwnPropertyDescriptor(scope, name)!);
    go = new scope.Go();
  });
  go.code = 0;
  go.exit = (code: number) => {
    go.code = code;
  };
  const start = go.run;
  go.run = (instance: WebAssembly.Instance) => {
    let ended: Promise<void>;
    swap(scope, () => {
      GLOBALS.forEach((name, i) => Object.defineProperty(scope, name, { ...own[i], configurable: true }));
      ended = start.call(go, instance);
    });
    return ended!;
  };
  return go;
}

/** Takes the page's globals of these names away while something runs. */
function swap(scope: any, run: () => void): void {
  const kept = GLOBALS.map((name) => Object.getOwnPropertyDescriptor(scope, name));
  for (const name of GLOBALS) Object.defineProperty(scope, name, { value: undefined, writable: true, configurable: true });
  try {
    run();
  } finally {
    GLOBALS.forEach((name, i) => {
      const descriptor = kept[i];
      if (descriptor) Object.defineProperty(scope, name, descriptor);
      else delete scope[name];
    });
  }
}
