declare module 'wasm_exec' {
  /** Evaluates the toolchain's wasm_exec.js, which sets globalThis.Go. */
  export function evaluate(): void;
}
