/** What the import of a module gives, the bundler says: its address, its bytes, or the module compiled. */
declare const wasm: unknown;
export default wasm;
