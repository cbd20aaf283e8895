/// <reference lib="esnext.disposable" preserve="true" />
import { ConvGradError, describe, refuse } from "./errors.js";
import type { Memory } from "./memory.js";
import { elementCount, readShape } from "./shapes.js";

/** A tensor owned by JavaScript: contiguous, the last extent runs fastest. */
export interface PlainTensor<A extends Float32Array | Int32Array = Float32Array> {
  /** Exactly as many elements as the shape says. */
  readonly data: A;
  /** The extents, outermost first. */
  readonly shape: readonly number[];
}

// Engines without explicit resource management get the key that compilers' helpers fall back to.
export const disposeKey: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

/**
 * A tensor in wasm memory: calls on resident tensors copy nothing. Made by `cg.tensor()` and by
 * calls whose tensor arguments were all resident; belongs to the instance that made it, and takes
 * memory there until `dispose()`.
 */
export class Tensor<A extends Float32Array | Int32Array = Float32Array> implements PlainTensor<A> {
  /** The extents, outermost first. */
  readonly shape: readonly number[];
  /** @internal */
  readonly integers: boolean;
  /** @internal */
  readonly count: number;
  /** @internal */
  readonly memory: Memory;
  #address: number;

  /**
   * Takes over what `memory.allocate(count)` gave.
   * @internal
   */
  constructor(memory: Memory, shape: readonly number[], integers: boolean, address: number) {
    this.shape = Object.freeze([...shape]);
    this.integers = integers;
    this.count = elementCount("tensor", "shape", shape);
    this.memory = memory;
    this.#address = address;
  }

  /**
   * A view of the elements, made anew at each access: reading and writing it reads and writes the
   * tensor. Do not keep it: any later call may grow the wasm memory, and then it goes dead.
   * @throws ConvGradError "disposed"
   */
  get data(): A {
    const address = this.address("tensor", "data");
    const view = this.integers
      ? this.memory.integers(address, this.count)
      : this.memory.floats(address, this.count);
    return view as Float32Array | Int32Array as A;
  }

  /** Gives the memory back. A second time does nothing. */
  dispose(): void {
    if (this.#address < 0) return;
    this.memory.release(this.#address, this.count);
    this.#address = -1;
  }

  /** `using t = cg.tensor(…)` disposes of it at the end of the block. */
  [disposeKey](): void {
    this.dispose();
  }

  /**
   * Where the elements are, on behalf of an operation's argument.
   * @internal
   */
  address(op: string, argument: string): number {
    if (this.#address < 0) {
      throw new ConvGradError("disposed", `${op}: ${argument} is a tensor that has been disposed`);
    }
    this.memory.assertLive(op);
    return this.#address;
  }
}

/** Implements `cg.tensor`: zeros, or a copy of data. */
export function makeTensor(
  memory: Memory,
  givenShape: unknown,
  data: unknown,
): Tensor<Float32Array> | Tensor<Int32Array> {
  memory.assertLive("tensor");
  const shape = readShape("tensor", "shape", givenShape);
  const count = elementCount("tensor", "shape", shape);
  const integers = isInt32Array(data);
  if (data !== undefined && !integers && !isFloat32Array(data)) {
    refuse("bad-argument", "tensor", "data", describe(data), "a Float32Array or an Int32Array");
  }
  if (data !== undefined && data.length !== count) {
    const expected = `${count}, as shape ${describe(shape)} says`;
    refuse("shape-mismatch", "tensor", "data.length", String(data.length), expected);
  }
  // Data may be a view of this very memory, and that goes dead if the allocation grows it.
  const source = data === undefined ? -1 : memory.addressOf(data);
  const address = memory.allocate(count, data === undefined);
  if (address < 0) {
    throw new ConvGradError(
      "out-of-memory",
      `tensor: no memory for ${describe(shape)}; ${memory.usage.tensors} bytes of tensors are live`,
    );
  }
  if (integers) {
    memory.integers(address, count).set(source < 0 ? data : memory.integers(source, count));
    return new Tensor<Int32Array>(memory, shape, true, address);
  }
  if (data !== undefined) {
    memory.floats(address, count).set(source < 0 ? data : memory.floats(source, count));
  }
  return new Tensor<Float32Array>(memory, shape, false, address);
}

// By their tag where `instanceof` fails: an array may come from another realm, such as a frame.

export function isFloat32Array(value: unknown): value is Float32Array {
  return value instanceof Float32Array || tagOf(value) === "[object Float32Array]";
}

export function isInt32Array(value: unknown): value is Int32Array {
  return value instanceof Int32Array || tagOf(value) === "[object Int32Array]";
}

function tagOf(value: unknown): string {
  return ArrayBuffer.isView(value) ? Object.prototype.toString.call(value) : "";
}
