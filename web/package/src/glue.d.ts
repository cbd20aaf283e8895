// The JavaScript that Emscripten writes beside the module; build.mjs puts it next to this.
import type { ThreadedEngine } from "./engine.js";

export interface GlueOptions {
  /** Instantiates the module with these imports and hands the instance to `done`. */
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): object;
}

export default function createEngine(options: GlueOptions): Promise<ThreadedEngine>;
