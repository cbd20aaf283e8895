/**
 * 2-D convolution and pooling on the CPU, forward and backward, in WebAssembly with SIMD.
 *
 * ```ts
 * import { load } from "convgrad";
 * const cg = await load();
 * const y = cg.conv2d(x, w, { padding: 1 });
 * const { dx, dw, db } = cg.conv2dBackward(dy, x, w, { padding: 1 });
 * ```
 * @module
 */
export type {
  Conv2dBackwardOptions,
  Conv2dGradients,
  Conv2dNeed,
  Conv2dOptions,
} from "./conv2d.js";
export type { ConvGrad, Info } from "./convgrad.js";
export type { PhaseName } from "./engine.js";
export { ConvGradError, type ErrorCode } from "./errors.js";
export { type LoadOptions, load } from "./load.js";
export type { LoweringOptions } from "./lowering.js";
export type { MemoryUsage } from "./memory.js";
export type { Algorithm, Conv2dAlgorithm, Padding, Pair, WindowOptions } from "./options.js";
export type {
  AvgPool2dOptions,
  MaxPool2dBackwardOptions,
  MaxPool2dOptions,
  MaxPool2dResult,
} from "./pool2d.js";
export type { PhaseTime, Profiled } from "./profile.js";
export type { PlainTensor, Tensor } from "./tensor.js";
export { version } from "./version.js";
