import { bufferOf, byteOffsetOf, type Elements } from "./elements.js";
import { byteCounts, type Engine } from "./engine.js";
import { ConvGradError } from "./errors.js";

/** The largest tensor: what a signed 32-bit difference of addresses can span. */
export const MAX_TENSOR_BYTES = 2 ** 31 - 1;

/** float32 or int32: every element is this large. */
export const ELEMENT_BYTES = 4;

/** The length of the block of parameters, as in cpp/bindings/parameters.h. */
const MAX_PARAMETERS = 18;

/** What an instance holds of wasm memory, in bytes. */
export interface MemoryUsage {
  /** The whole wasm memory. It grows and, by WebAssembly's rules, never shrinks. */
  readonly total: number;
  /** What is allocated in it: tensors, the two buffers below, and the allocator's rounding. */
  readonly live: number;
  /** The most that was ever live. */
  readonly peak: number;
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
  /** Bytes of each tensor, by its address. */
  readonly #tensors = new Map<number, number>();
  #tensorBytes = 0;
  #measurements = 0;
  /** The block of parameters, as long as the memory does not grow. */
  #block: Int32Array;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#parameters = engine.parameters();
    this.#block = this.#makeBlock();
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
    this.#block = new Int32Array();
    this.#tensors.clear();
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
  addressOf(view: Elements): number {
    return bufferOf(view) === this.#buffer() ? byteOffsetOf(view) : -1;
  }

  /** Whether `count` elements from `address` on belong to one tensor. */
  inTensor(address: number, count: number): boolean {
    const end = address + count * ELEMENT_BYTES;
    for (const [start, bytes] of this.#tensors) {
      if (start <= address && end <= start + bytes) return true;
    }
    return false;
  }

  /** The address of a new tensor of `count` elements, or -1 when there is no memory for it. */
  allocate(count: number, zeroed: boolean): number {
    if (count === 0) return 0;
    const bytes = count * ELEMENT_BYTES;
    const address = this.engine.allocate(bytes, zeroed);
    if (address === 0) return -1;
    this.#tensors.set(address, bytes);
    this.#tensorBytes += bytes;
    return address;
  }

  /** Frees a tensor, once; of a disposed instance there is nothing left to free. */
  release(address: number): void {
    const bytes = this.#tensors.get(address);
    if (bytes === undefined || this.#engine === null) return;
    this.#tensors.delete(address);
    this.#tensorBytes -= bytes;
    this.#engine.release(address);
  }

  /** Describes the next call to the engine. */
  writeParameters(parameters: readonly number[]): void {
    if (this.#block.buffer !== this.#buffer()) this.#block = this.#makeBlock();
    for (let i = 0; i < parameters.length; ++i) this.#block[i] = parameters[i] as number;
  }

  get tensorBytes(): number {
    return this.#tensorBytes;
  }

  get usage(): MemoryUsage {
    return {
      total: this.#buffer().byteLength,
      live: this.engine.countBytes(byteCounts.live),
      peak: this.engine.countBytes(byteCounts.peak),
      tensors: this.#tensorBytes,
      scratch: this.engine.countBytes(byteCounts.scratch),
      staging: this.engine.countBytes(byteCounts.staging),
    };
  }

  #makeBlock(): Int32Array {
    return this.integers(this.#parameters, MAX_PARAMETERS);
  }

  /** With threads a SharedArrayBuffer; and another one each time the memory has grown. */
  #buffer(): ArrayBufferLike {
    return this.engine.wasmMemory.buffer;
  }
}
