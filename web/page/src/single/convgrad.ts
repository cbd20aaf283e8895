// The package for the page in one file: the same, on one thread.
import { type ConvGrad, type LoadOptions, load as loadAny } from "../../../../dist/index.js";

export * from "../../../../dist/index.js";

export const load = (options?: LoadOptions): Promise<ConvGrad> =>
  loadAny({ ...options, threads: 1 });
