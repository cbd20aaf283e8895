import type { Conv2dBackwardOptions, Conv2dGradients, Conv2dOptions } from "./conv2d.js";
import * as convolution from "./conv2d.js";
import type { Engine } from "./engine.js";
import type { LoweringOptions } from "./lowering.js";
import * as lowering from "./lowering.js";
import { Memory, type MemoryUsage } from "./memory.js";
import type { Pair } from "./options.js";
import type {
  AvgPool2dOptions,
  MaxPool2dBackwardOptions,
  MaxPool2dOptions,
  MaxPool2dResult,
} from "./pool2d.js";
import * as pooling from "./pool2d.js";
import { type PhaseTime, type Profiled, profile, startProfile } from "./profile.js";
import { disposeKey, makeTensor, type PlainTensor, type Tensor } from "./tensor.js";

/** What runs. */
export interface Info {
  /** Of this package, and of the module, which is the same. */
  readonly version: string;
  /** The build: baseline SIMD, or with the relaxed operations (fused multiply-add). */
  readonly simd: "baseline" | "relaxed";
  /** Threads that large calls share their work among, the caller's own included. */
  readonly threads: number;
  /** Whether the page is cross-origin isolated, which threads need; Node is not a page. */
  readonly isolated: boolean;
}

/** Ends the threads of an instance that nobody can use any more. */
const abandoned = new FinalizationRegistry<() => void>((endThreads) => endThreads());

/**
 * One instance of the module with its memory; `load()` makes it.
 *
 * All tensors are NCHW float32 and contiguous. A tensor argument is a resident `Tensor` of this
 * instance or any plain `{ data, shape }`. With `out` given, the result is written there and returned;
 * else it is resident if every tensor argument was, and plain otherwise. N may be 0: results over the
 * batch are empty then, dw and db zero.
 *
 * Every method throws ConvGradError and, when it does, has written nothing and kept no memory:
 * "bad-argument" and "shape-mismatch" for what it was given, "empty-output", "too-large" and
 * "out-of-memory" for what would come of it, "disposed" for tensors and instances that are no more.
 */
export class ConvGrad {
  /** What runs: version, build, threads. */
  readonly info: Info;
  readonly #memory: Memory;
  #endThreads: (() => void) | null;

  /** @internal */
  constructor(engine: Engine, info: Info, endThreads: (() => void) | null = null) {
    this.#memory = new Memory(engine);
    this.info = Object.freeze(info);
    this.#endThreads = endThreads;
    if (endThreads) abandoned.register(this, endThreads, this);
  }

  /**
   * A resident tensor of any rank: a copy of `data`, of as many elements as the shape says, or zeros.
   * Int32Array data make an int32 tensor, for indices. Dispose of it when done.
   * @param shape the extents, outermost first; of at most 2³¹ − 1 bytes in all
   * @param data its elements; zeros without
   * @throws ConvGradError "bad-argument", "shape-mismatch", "too-large", "out-of-memory", "disposed"
   */
  tensor(shape: readonly number[], data: Int32Array): Tensor<Int32Array>;
  tensor(shape: readonly number[], data?: Float32Array): Tensor;
  tensor(shape: readonly number[], data?: Float32Array | Int32Array): Tensor | Tensor<Int32Array> {
    return makeTensor(this.#memory, shape, data);
  }

  /**
   * Convolution (cross-correlation, as in every CNN library), the chapter's formulas 0-4:
   * y[n,k,oh,ow] = b[k] + Σ x[n, c, oh·stride + r·dilation − padding, …] · w[k,c,r,s].
   * @param x [N, C, H, W]
   * @param w [K, C/groups, R, S]
   * @param options how the window moves, bias, groups, algorithm, and where to write
   * @returns y [N, K, OH, OW], OH = floor((H + padding − dilation·(R − 1) − 1) / stride) + 1
   */
  conv2d(x: Tensor, w: Tensor, options?: Conv2dOptions<Tensor>): Tensor;
  conv2d(x: PlainTensor, w: PlainTensor, options?: Conv2dOptions): PlainTensor;
  conv2d(x: PlainTensor, w: PlainTensor, options?: Conv2dOptions): PlainTensor {
    return convolution.conv2d(this.#memory, x, w, options);
  }

  /**
   * Gradients of a loss J, given dy = ∂J/∂y (the chapter's delta_in), with the forward call's options:
   * dx = zero-inserted, padded dy ⋆ rot180(w) (formula 8), dw = x ⋆ dy, db = Σ dy. dw and db are summed
   * over the batch, or averaged with reduction "mean"; dx never is.
   * @param dy [N, K, OH, OW]
   * @param x [N, C, H, W], whose elements are read for dw only
   * @param w [K, C/groups, R, S], whose elements are read for dx only
   * @param options the forward call's, which gradients, how to reduce them, and where to write
   * @returns dx [N, C, H, W], dw [K, C/groups, R, S], db [K]
   */
  conv2dBackward(
    dy: Tensor,
    x: Tensor,
    w: Tensor,
    options?: Conv2dBackwardOptions<Tensor> & { readonly need?: undefined },
  ): Conv2dGradients<Tensor>;
  conv2dBackward(
    dy: Tensor,
    x: Tensor,
    w: Tensor,
    options: Conv2dBackwardOptions<Tensor>,
  ): Partial<Conv2dGradients<Tensor>>;
  conv2dBackward(
    dy: PlainTensor,
    x: PlainTensor,
    w: PlainTensor,
    options?: Conv2dBackwardOptions & { readonly need?: undefined },
  ): Conv2dGradients;
  conv2dBackward(
    dy: PlainTensor,
    x: PlainTensor,
    w: PlainTensor,
    options: Conv2dBackwardOptions,
  ): Partial<Conv2dGradients>;
  conv2dBackward(
    dy: PlainTensor,
    x: PlainTensor,
    w: PlainTensor,
    options?: Conv2dBackwardOptions,
  ): Partial<Conv2dGradients> {
    return convolution.conv2dBackward(this.#memory, dy, x, w, options);
  }

  /**
   * The maximum of each window and where it stood. The first maximum in row-major order wins, the
   * first NaN over everything, padding never.
   * @param x [N, C, H, W]
   * @param options the window, how it moves, and where to write
   * @returns y and indices [N, C, OH, OW]
   */
  maxPool2d(
    x: Tensor,
    options: MaxPool2dOptions<Tensor, Tensor<Int32Array>>,
  ): MaxPool2dResult<Tensor, Tensor<Int32Array>>;
  maxPool2d(x: PlainTensor, options: MaxPool2dOptions): MaxPool2dResult;
  maxPool2d(x: PlainTensor, options: MaxPool2dOptions): MaxPool2dResult {
    return pooling.maxPool2d(this.#memory, x, options);
  }

  /**
   * dx[indices[i]] += dy[i], plane by plane, with the forward call's options: where windows overlap,
   * gradients add.
   * @param dy [N, C, OH, OW]
   * @param indices [N, C, OH, OW], as maxPool2d gave them; each inside its plane of the input
   * @param inputShape [N, C, H, W]
   * @param options the forward call's, and where to write
   * @returns dx [N, C, H, W]
   */
  maxPool2dBackward(
    dy: Tensor,
    indices: Tensor<Int32Array>,
    inputShape: readonly number[],
    options: MaxPool2dBackwardOptions<Tensor>,
  ): Tensor;
  maxPool2dBackward(
    dy: PlainTensor,
    indices: PlainTensor<Int32Array>,
    inputShape: readonly number[],
    options: MaxPool2dBackwardOptions,
  ): PlainTensor;
  maxPool2dBackward(
    dy: PlainTensor,
    indices: PlainTensor<Int32Array>,
    inputShape: readonly number[],
    options: MaxPool2dBackwardOptions,
  ): PlainTensor {
    return pooling.maxPool2dBackward(this.#memory, dy, indices, inputShape, options);
  }

  /**
   * The mean of each window's taps inside the input; with countIncludePad inside the padded input.
   * @param x [N, C, H, W]
   * @param options the window, how it moves, what it divides by, and where to write
   * @returns y [N, C, OH, OW]
   */
  avgPool2d(x: Tensor, options: AvgPool2dOptions<Tensor>): Tensor;
  avgPool2d(x: PlainTensor, options: AvgPool2dOptions): PlainTensor;
  avgPool2d(x: PlainTensor, options: AvgPool2dOptions): PlainTensor {
    return pooling.avgPool2d(this.#memory, x, options);
  }

  /**
   * Each dy spread evenly over its window, with the forward call's options: where windows overlap,
   * gradients add.
   * @param dy [N, C, OH, OW]
   * @param inputShape [N, C, H, W]
   * @param options the forward call's, and where to write
   * @returns dx [N, C, H, W]
   */
  avgPool2dBackward(
    dy: Tensor,
    inputShape: readonly number[],
    options: AvgPool2dOptions<Tensor>,
  ): Tensor;
  avgPool2dBackward(
    dy: PlainTensor,
    inputShape: readonly number[],
    options: AvgPool2dOptions,
  ): PlainTensor;
  avgPool2dBackward(
    dy: PlainTensor,
    inputShape: readonly number[],
    options: AvgPool2dOptions,
  ): PlainTensor {
    return pooling.avgPool2dBackward(this.#memory, dy, inputShape, options);
  }

  /**
   * The chapter's img2col: row (n, oh, ow) holds the window under that output, channel by channel;
   * taps in the padding are 0.
   * @param x [N, C, H, W]
   * @param options the window and how it moves
   * @returns col [N·OH·OW, C·R·S]
   */
  im2col(x: Tensor, options: LoweringOptions): Tensor;
  im2col(x: PlainTensor, options: LoweringOptions): PlainTensor;
  im2col(x: PlainTensor, options: LoweringOptions): PlainTensor {
    return lowering.im2col(this.#memory, x, options);
  }

  /**
   * The chapter's col2img, the adjoint of im2col: what falls on the same pixel adds up, what falls on
   * the padding is dropped.
   * @param col [N·OH·OW, C·R·S]
   * @param inputShape [N, C, H, W]
   * @param options the window and how it moves
   * @returns dx [N, C, H, W]
   */
  col2im(col: Tensor, inputShape: readonly number[], options: LoweringOptions): Tensor;
  col2im(col: PlainTensor, inputShape: readonly number[], options: LoweringOptions): PlainTensor;
  col2im(col: PlainTensor, inputShape: readonly number[], options: LoweringOptions): PlainTensor {
    return lowering.col2im(this.#memory, col, inputShape, options);
  }

  /**
   * The chapter's Rotate180: every R×S plane turned by half a turn.
   * @param w [K, C, R, S]
   * @returns the same shape
   */
  rot180(w: Tensor): Tensor;
  rot180(w: PlainTensor): PlainTensor;
  rot180(w: PlainTensor): PlainTensor {
    return lowering.rot180(this.#memory, w);
  }

  /**
   * The chapter's expand_delta_map: dy with stride − 1 zeros between its elements, which is the dy of
   * a convolution with stride 1.
   * @param dy [N, K, OH, OW]
   * @param stride of the forward call
   * @returns [N, K, (OH − 1)·stride + 1, (OW − 1)·stride + 1]
   */
  zeroInsert(dy: Tensor, stride: Pair): Tensor;
  zeroInsert(dy: PlainTensor, stride: Pair): PlainTensor;
  zeroInsert(dy: PlainTensor, stride: Pair): PlainTensor {
    return lowering.zeroInsert(this.#memory, dy, stride);
  }

  /** What this instance holds of wasm memory now. */
  memory(): MemoryUsage {
    this.#memory.assertLive("memory");
    return this.#memory.usage;
  }

  /**
   * Frees the buffers that calls keep for the next one (`scratch` and `staging` of `memory()`). Tensors
   * stay; the next call takes what it needs anew.
   */
  releaseMemory(): void {
    this.#memory.assertLive("releaseMemory");
    this.#memory.engine.releaseBuffers();
  }

  /**
   * Runs `run`, and tells on what phases of their work the calls in it spent their time, as seen by the
   * calling thread. Outside of it nothing is measured, which costs nothing.
   * @param run a function that waits for nothing; what it throws is thrown on
   * @returns what `run` returned, and the milliseconds of each phase
   */
  profile<T>(run: () => T): Profiled<T> {
    this.#memory.assertLive("profile");
    return profile(this.#memory, run);
  }

  /**
   * The same for calls that others make: until the function that it returns is called.
   * @internal
   */
  startProfile(): () => readonly PhaseTime[] {
    this.#memory.assertLive("profile");
    return startProfile(this.#memory);
  }

  /**
   * Ends the instance with its threads and lets go of its memory. Whatever is called afterwards, its
   * tensors included, throws "disposed"; a second `dispose()` does nothing.
   */
  dispose(): void {
    this.#memory.end();
    if (this.#endThreads === null) return;
    abandoned.unregister(this);
    this.#endThreads();
    this.#endThreads = null;
  }

  /** `using cg = await load()` disposes of it at the end of the block. */
  [disposeKey](): void {
    this.dispose();
  }
}
