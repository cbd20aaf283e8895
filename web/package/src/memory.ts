import type { Engine } from "./engine.js";
import { ConvGradError } from "./errors.js";

/** The largest tensor: what a signed 32-bit difference of addresses can span. */
export const MAX_TENSOR_BYTES = 2 ** 31 - 1;

/** float32 or int32: every element is this large. */
export const ELEMENT_BYTES = 4;

/** What an instance holds of wasm memory, in bytes. */
export interface MemoryUsage {
  /** The whole wasm memory. It grows and, by WebAssembly's rules, never shrinks. */
  readonly total: number;
  /** What is allocated in it: tensors, the two buffers below, and the allocator's rounding. */
  readonly live: number;
  /** Tensors that are not disposed yet. */
  readonly tensors: number;
  /** Intermediate results of the kernels: kept from call to call, freed by `releaseMemory()`. */
  readonly scratch: number;
  /** Copies of plain arguments and results: kept and freed in the same way. */
  readonly staging: number;
}

/** The memory of one instance of the module. */
export class Memory {
  #engine: Engine | null;
  readonly #parameters: number;
  #tensorBytes = 0;
  #measurements = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#parameters = engine.parameters();
  }

  get engine(): Engine {
    return this.#engine as Engine;
  }

  /** Throws once the instance has been disposed, on behalf of an operation. */
  assertLive(op: string): void {
    if (this.#engine === null) {
      throw new ConvGradError("disposed", `${op}: the instance has been disposed`);
    }
  }

  /** Lets go of the module, so that the engine can free it. */
  end(): void {
    this.#engine = null;
  }

  /** One measurement more (1) or less (-1): they nest. */
  measure(change: 1 | -1): void {
    this.#measurements += change;
    this.#engine?.measure(this.#measurements > 0);
  }

  /** Views are made anew for each use: when the memory grows, older ones go dead. */
  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.#buffer(), address, count);
  }

  integers(address: number, count: number): Int32Array {
    return new Int32Array(this.#buffer(), address, count);
  }

  /** Where a view of this very memory begins, or -1 for any other array. */
  addressOf(view: ArrayBufferView): number {
    return view.buffer === this.#buffer() ? view.byteOffset : -1;
  }

  /** The address of a new tensor of `count` elements, or -1 when there is no memory for it. */
  allocate(count: number, zeroed: boolean): number {
    if (count === 0) return 0;
    const bytes = count * ELEMENT_BYTES;
    const address = this.engine.allocate(bytes, zeroed);
    if (address === 0) return -1;
    this.#tensorBytes += bytes;
    return address;
  }

  release(address: number, count: number): void {
    if (count === 0 || this.#engine === null) return;
    this.#engine.release(address);
    this.#tensorBytes -= count * ELEMENT_BYTES;
  }

  /** Describes the next call to the engine. */
  writeParameters(parameters: readonly number[]): void {
    if (parameters.length > 0) this.integers(this.#parameters, parameters.length).set(parameters);
  }

  get usage(): MemoryUsage {
    return {
      total: this.#buffer().byteLength,
      live: this.engine.liveBytes(),
      tensors: this.#tensorBytes,
      scratch: this.engine.scratchBytes(),
      staging: this.engine.stagingBytes(),
    };
  }

  /** With threads a SharedArrayBuffer; and another one each time the memory has grown. */
  #buffer(): ArrayBufferLike {
    return this.engine.wasmMemory.buffer;
  }
}
