/**
 * What an import of `nertc.wasm` gives in a bundler that carries the file along and gives its address, as by esbuild's loader `file`: the `wasmUrl` of
 * `createClient`. 打包后 nertc.wasm 的地址，用作 `createClient` 的 `wasmUrl`。
 */
declare const wasmUrl: string;
export default wasmUrl;
