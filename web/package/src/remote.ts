import type { Client } from "./client.js";
import type { Conv2dBackwardOptions, Conv2dGradients, Conv2dOptions } from "./conv2d.js";
import type { Info } from "./convgrad.js";
import type { LoweringOptions } from "./lowering.js";
import type { MemoryUsage } from "./memory.js";
import type { Pair } from "./options.js";
import type {
  AvgPool2dOptions,
  MaxPool2dBackwardOptions,
  MaxPool2dOptions,
  MaxPool2dResult,
} from "./pool2d.js";
import type { PhaseTime, Profiled } from "./profile.js";
import type { RemoteTensor } from "./remote-tensor.js";
import { disposeKey, type PlainTensor } from "./tensor.js";

type Any = PlainTensor | RemoteTensor;
type Indices = RemoteTensor<Int32Array>;
type AnyIndices = PlainTensor<Int32Array> | Indices;
/** Where a result that is not resident goes. */
type Out<T> = { readonly out?: T | undefined };
type All = { readonly need?: undefined };

/**
 * `ConvGrad` in a worker: the same methods with the same arguments, each with a promise of the same
 * result. Calls run one after the other, in the order in which they were made.
 *
 * In the signatures `Any` is a `RemoteTensor` or a `PlainTensor`, `Indices` a `RemoteTensor<Int32Array>`,
 * and `AnyIndices` that or a `PlainTensor<Int32Array>`.
 */
export class RemoteConvGrad {
  readonly info: Info;
  readonly #client: Client;

  /** @internal */
  constructor(client: Client, info: Info) {
    this.#client = client;
    this.info = Object.freeze(info);
  }

  tensor(shape: readonly number[], data: Int32Array): Promise<Indices>;
  tensor(shape: readonly number[], data?: Float32Array): Promise<RemoteTensor>;
  tensor(...args: readonly unknown[]): Promise<never> {
    return this.#call("tensor", args);
  }

  conv2d(
    x: RemoteTensor,
    w: RemoteTensor,
    options?: Conv2dOptions<RemoteTensor>,
  ): Promise<RemoteTensor>;
  conv2d(x: Any, w: Any, options?: Conv2dOptions<Any> & Out<PlainTensor>): Promise<PlainTensor>;
  conv2d(...args: readonly unknown[]): Promise<never> {
    return this.#call("conv2d", args);
  }

  conv2dBackward(
    dy: RemoteTensor,
    x: RemoteTensor,
    w: RemoteTensor,
    options?: Conv2dBackwardOptions<RemoteTensor> & All,
  ): Promise<Conv2dGradients<RemoteTensor>>;
  conv2dBackward(
    dy: RemoteTensor,
    x: RemoteTensor,
    w: RemoteTensor,
    options: Conv2dBackwardOptions<RemoteTensor>,
  ): Promise<Partial<Conv2dGradients<RemoteTensor>>>;
  conv2dBackward(
    dy: Any,
    x: Any,
    w: Any,
    options?: Conv2dBackwardOptions<Any> & Out<Partial<Conv2dGradients>> & All,
  ): Promise<Conv2dGradients>;
  conv2dBackward(
    dy: Any,
    x: Any,
    w: Any,
    options: Conv2dBackwardOptions<Any> & Out<Partial<Conv2dGradients>>,
  ): Promise<Partial<Conv2dGradients>>;
  conv2dBackward(...args: readonly unknown[]): Promise<never> {
    return this.#call("conv2dBackward", args);
  }

  maxPool2d(
    x: RemoteTensor,
    options: MaxPool2dOptions<RemoteTensor, Indices>,
  ): Promise<MaxPool2dResult<RemoteTensor, Indices>>;
  maxPool2d(x: Any, options: MaxPool2dOptions): Promise<MaxPool2dResult>;
  maxPool2d(...args: readonly unknown[]): Promise<never> {
    return this.#call("maxPool2d", args);
  }

  maxPool2dBackward(
    dy: RemoteTensor,
    indices: Indices,
    inputShape: readonly number[],
    options: MaxPool2dBackwardOptions<RemoteTensor>,
  ): Promise<RemoteTensor>;
  maxPool2dBackward(
    dy: Any,
    indices: AnyIndices,
    inputShape: readonly number[],
    options: MaxPool2dBackwardOptions,
  ): Promise<PlainTensor>;
  maxPool2dBackward(...args: readonly unknown[]): Promise<never> {
    return this.#call("maxPool2dBackward", args);
  }

  avgPool2d(x: RemoteTensor, options: AvgPool2dOptions<RemoteTensor>): Promise<RemoteTensor>;
  avgPool2d(x: Any, options: AvgPool2dOptions): Promise<PlainTensor>;
  avgPool2d(...args: readonly unknown[]): Promise<never> {
    return this.#call("avgPool2d", args);
  }

  avgPool2dBackward(
    dy: RemoteTensor,
    inputShape: readonly number[],
    options: AvgPool2dOptions<RemoteTensor>,
  ): Promise<RemoteTensor>;
  avgPool2dBackward(
    dy: Any,
    inputShape: readonly number[],
    options: AvgPool2dOptions,
  ): Promise<PlainTensor>;
  avgPool2dBackward(...args: readonly unknown[]): Promise<never> {
    return this.#call("avgPool2dBackward", args);
  }

  im2col(x: RemoteTensor, options: LoweringOptions): Promise<RemoteTensor>;
  im2col(x: Any, options: LoweringOptions): Promise<PlainTensor>;
  im2col(...args: readonly unknown[]): Promise<never> {
    return this.#call("im2col", args);
  }

  col2im(
    col: RemoteTensor,
    inputShape: readonly number[],
    options: LoweringOptions,
  ): Promise<RemoteTensor>;
  col2im(col: Any, inputShape: readonly number[], options: LoweringOptions): Promise<PlainTensor>;
  col2im(...args: readonly unknown[]): Promise<never> {
    return this.#call("col2im", args);
  }

  rot180(w: RemoteTensor): Promise<RemoteTensor>;
  rot180(w: Any): Promise<PlainTensor>;
  rot180(...args: readonly unknown[]): Promise<never> {
    return this.#call("rot180", args);
  }

  zeroInsert(dy: RemoteTensor, stride: Pair): Promise<RemoteTensor>;
  zeroInsert(dy: Any, stride: Pair): Promise<PlainTensor>;
  zeroInsert(...args: readonly unknown[]): Promise<never> {
    return this.#call("zeroInsert", args);
  }

  memory(): Promise<MemoryUsage> {
    return this.#call("memory", []);
  }

  releaseMemory(): Promise<void> {
    return this.#call("releaseMemory", []);
  }

  /**
   * As `ConvGrad.profile`; all calls are measured until the promise of `run` is fulfilled.
   * @param run a function, which may wait
   */
  async profile<T>(run: () => T | Promise<T>): Promise<Profiled<T>> {
    const id = await this.#call("startProfile", []);
    let phases: readonly PhaseTime[] = [];
    let result: T;
    try {
      result = await run();
    } finally {
      phases = await this.#call("endProfile", [id]);
    }
    return { result, phases };
  }

  /** Ends the worker with its threads and memory; promises that wait for it are refused "disposed". */
  dispose(): void {
    this.#client.end();
  }

  /** `using cg = await load()` disposes of it at the end of the block. */
  [disposeKey](): void {
    this.dispose();
  }

  /** Typed by the overloads. */
  #call(op: string, args: readonly unknown[]): Promise<never> {
    return this.#client.call(op, args) as Promise<never>;
  }
}
